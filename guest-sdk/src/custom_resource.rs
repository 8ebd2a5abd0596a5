/// Makes a type of one's own an [`Object`](crate::Object): `custom_resource!(Car: group, version, kind, plural)` for a
/// struct with a field `metadata` of type `ObjectMeta`. `custom_resource!(cluster Car: ..)` where the kind has no
/// namespaces.
///
/// ```
/// use sluice_sdk::k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
/// use sluice_sdk::serde::{Deserialize, Serialize};
///
/// #[derive(Clone, PartialEq, Serialize, Deserialize)]
/// #[serde(crate = "sluice_sdk::serde")]
/// struct Car {
///     metadata: ObjectMeta,
///     spec: CarSpec,
/// }
///
/// #[derive(Clone, PartialEq, Serialize, Deserialize)]
/// #[serde(crate = "sluice_sdk::serde", rename_all = "camelCase")]
/// struct CarSpec {
///     seat_count: u8,
/// }
///
/// sluice_sdk::custom_resource!(Car: "example.loft.sh", "v1", "Car", "cars");
///
/// // A Syncer with `type Object = Car` knows its kind.
/// assert_eq!(<Car as sluice_sdk::Object>::KIND.map(|kind| kind.group), Some("example.loft.sh"));
/// ```
///
/// The type must know every field of the kind, as what it does not know is lost on the way to the copy. Where that is
/// too much to ask, [`Dynamic`](crate::Dynamic), [`Handle`](crate::Handle) or a `#[serde(flatten)]` map keeps the rest.
#[macro_export]
macro_rules! custom_resource {
    (cluster $Object:ty: $group:literal, $version:literal, $kind:literal, $plural:literal) => {
        $crate::custom_resource!(@ClusterResourceScope $Object: $group, $version, $kind, $plural);
    };
    (@$Scope:ident $Object:ty: $group:literal, $version:literal, $kind:literal, $plural:literal) => {
        impl $crate::k8s_openapi::Resource for $Object {
            const API_VERSION: &'static str = concat!($group, "/", $version);
            const GROUP: &'static str = $group;
            const KIND: &'static str = $kind;
            const VERSION: &'static str = $version;
            const URL_PATH_SEGMENT: &'static str = $plural;
            type Scope = $crate::k8s_openapi::$Scope;
        }

        impl $crate::k8s_openapi::Metadata for $Object {
            type Ty = $crate::k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

            fn metadata(&self) -> &Self::Ty {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut Self::Ty {
                &mut self.metadata
            }
        }
    };
    ($Object:ty: $group:literal, $version:literal, $kind:literal, $plural:literal) => {
        $crate::custom_resource!(@NamespaceResourceScope $Object: $group, $version, $kind, $plural);
    };
}

#[cfg(test)]
mod tests {
    use k8s_openapi::Resource;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
    use serde::{Deserialize, Serialize};

    use crate::{Gvk, Object, Whole};

    #[derive(Clone, Serialize, Deserialize)]
    struct Garage {
        metadata: ObjectMeta,
    }

    custom_resource!(cluster Garage: "example.com", "v1", "Garage", "garages");

    #[test]
    fn a_type_of_ones_own_knows_its_kind_and_takes_metadata() {
        assert_eq!(<Garage as Object>::KIND.map(Gvk::from), Some(Gvk::from_api_version(Garage::API_VERSION, "Garage")));
        let mut garage = Garage { metadata: ObjectMeta::default() };
        garage.set_metadata(r#"{"name":"g"}"#).expect("metadata");
        assert_eq!(garage.metadata.name.as_deref(), Some("g"));
    }
}
