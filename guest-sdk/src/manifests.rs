//! Manifests as intents.

use serde::Serialize;
use serde_json::Value;

use crate::{Body, Failure, Gvk, Intents, Key, Side, Target};

impl Intents {
    /// [`apply`](Self::apply) for an object that says itself which one it is: it has apiVersion, kind and metadata.name,
    /// and metadata.namespace unless its kind is cluster-scoped.
    ///
    /// # Errors
    /// It lacks one of these.
    pub fn apply_object(self, side: Side, object: &impl Serialize) -> Result<Self, Failure> {
        let object = serde_json::to_value(object)?;
        let target =
            target(side, &object).map_err(|field| Failure::permanent(format!("the object to apply has no {field}")))?;
        Ok(self.apply(target, Body::Whole(object.to_string())))
    }

    /// [`apply`](Self::apply) for every document of a YAML file, in order, such as what `include_str!` brings in. Each
    /// has apiVersion, kind and metadata.name, and metadata.namespace unless its kind is cluster-scoped.
    ///
    /// ```no_run
    /// # use sluice_sdk::{Answer, Intents, Side};
    /// # fn init() -> Answer {
    /// Intents::none().apply_all(
    ///     Side::Physical,
    ///     "
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: { name: garage }
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: { name: mechanic, namespace: garage }
    /// ",
    /// )
    /// # }
    /// ```
    ///
    /// # Errors
    /// It is no YAML, or a document lacks one of these.
    pub fn apply_all(self, side: Side, yaml: &str) -> Result<Self, Failure> {
        // What YAML 1.1 takes 0644 for is what Kubernetes does, and modes of files are written so.
        let options = serde_saphyr::options! { legacy_octal_numbers: true, with_snippet: false };
        let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(yaml, options)
            .map_err(|error| Failure::permanent(format!("the manifests are no YAML: {error}")))?;
        (1..).zip(documents).try_fold(self, |intents, (number, document)| {
            let target = target(side, &document)
                .map_err(|field| Failure::permanent(format!("manifest {number} has no {field}")))?;
            Ok(intents.apply(target, Body::Whole(document.to_string())))
        })
    }
}

/// Which object a manifest is about, or which field it lacks.
fn target(side: Side, manifest: &Value) -> Result<Target, &'static str> {
    let text = |pointer: &'static str, field| {
        manifest.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or(field)
    };
    let gvk = Gvk::from_api_version(text("/apiVersion", "apiVersion")?, text("/kind", "kind")?);
    let namespace = text("/metadata/namespace", "metadata.namespace").ok().map(String::from);
    Ok(Target { side, gvk, key: Key { namespace, name: text("/metadata/name", "metadata.name")?.to_owned() } })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bindings::imports::sluice::plugin::intents::Intent;

    fn applied(yaml: &str) -> Vec<(String, Value)> {
        let intents = Intents::none().apply_all(Side::Virtual, yaml).expect("manifests");
        let applied = |intent| match intent {
            Intent::Apply(placed) => {
                let Target { gvk, key, .. } = placed.target;
                let Body::Whole(body) = placed.body else { panic!("not whole") };
                let key = [key.namespace.unwrap_or_default(), key.name].join("/");
                (
                    format!("{}/{} {} {key}", gvk.group, gvk.version, gvk.kind),
                    serde_json::from_str(&body).expect("JSON"),
                )
            }
            other => panic!("{other:?}"),
        };
        Vec::from(intents).into_iter().map(applied).collect()
    }

    #[test]
    fn every_document_is_applied_in_order() {
        let yaml = "---\n# nothing\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n---\n\
            apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: b\n  namespace: a\nspec: { replicas: 2 }\n";
        let applied = applied(yaml);
        let places: Vec<_> = applied.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["/v1 Namespace /a", "apps/v1 Deployment a/b"]);
        assert_eq!(applied[1].1["spec"], json!({ "replicas": 2 }));
    }

    #[test]
    fn scalars_are_what_kubernetes_takes_them_for() {
        let yaml = "apiVersion: v1\nkind: X\nmetadata: { name: a }\nspec:\n  defaultMode: 0644\n  on: \"on\"\n  \
            port: 80\n  cpu: 100m\n  text: |\n    a\n    b\n";
        let expected = json!({ "defaultMode": 420, "on": "on", "port": 80, "cpu": "100m", "text": "a\nb\n" });
        assert_eq!(applied(yaml)[0].1["spec"], expected);
    }

    #[test]
    fn a_manifest_that_lacks_something_says_what() {
        let failure = |yaml: &str| Intents::none().apply_all(Side::Virtual, yaml).expect_err("refused");
        let first = "apiVersion: v1\nkind: X\nmetadata: { name: a }\n---\n";
        for (second, said) in [
            ("kind: X\nmetadata: { name: a }", "manifest 2 has no apiVersion"),
            ("apiVersion: v1\nmetadata: { name: a }", "manifest 2 has no kind"),
            ("apiVersion: v1\nkind: List\nitems: []", "manifest 2 has no metadata.name"),
            ("just text", "manifest 2 has no apiVersion"),
        ] {
            assert_eq!(failure(&format!("{first}{second}")), Failure::permanent(said));
        }
        let Failure::Permanent(said) = failure("a: [") else { panic!("it may get better") };
        assert!(said.starts_with("the manifests are no YAML: ") && !said.contains('\n'), "{said}");
    }
}
