//! Bringing a copy up to date by single fields: nothing of either object is parsed but labels and annotations.

use serde::Deserialize;

use super::{Map, parse};
use crate::bindings::imports::sluice::plugin::metadata;
use crate::{Answer, Body, Context, Handle, Intents, Object, Physical, Side, Virtual};

const LABELS: &str = "/metadata/labels";
const ANNOTATIONS: &str = "/metadata/annotations";

impl Context {
    /// Brings the physical object up to date: its labels and annotations, and what stands at these JSON pointers, such
    /// as `["/spec"]`. Where the virtual object has nothing, it is taken away. If nothing differs, nothing is asked for.
    ///
    /// The status is not among what can be carried: see [`Intents::copy_status_up`].
    ///
    /// # Errors
    /// None; it is an [`Answer`] so that a syncer can return it as it is.
    pub fn carry_down<T: Object>(
        &self,
        physical: &Physical<T>,
        virtual_object: &Virtual<T>,
        pointers: impl IntoIterator<Item: AsRef<str>>,
    ) -> Answer {
        let (physical, virtual_object) = (physical.handle(), virtual_object.handle());
        let metadata = metadata::translate(virtual_object.raw(), Some(physical.raw()));
        Ok(carry(virtual_object, physical, Side::Physical, &metadata, pointers))
    }

    /// The other way: brings the virtual object up to date with the physical one.
    ///
    /// # Errors
    /// None; it is an [`Answer`] so that a syncer can return it as it is.
    pub fn carry_up<T: Object>(
        &self,
        physical: &Physical<T>,
        virtual_object: &Virtual<T>,
        pointers: impl IntoIterator<Item: AsRef<str>>,
    ) -> Answer {
        let (physical, virtual_object) = (physical.handle(), virtual_object.handle());
        let metadata = metadata::translate_up(physical.raw(), Some(virtual_object.raw()));
        Ok(carry(physical, virtual_object, Side::Virtual, &metadata, pointers))
    }
}

fn carry(
    source: &Handle,
    copy: &Handle,
    side: Side,
    metadata: &str,
    pointers: impl IntoIterator<Item: AsRef<str>>,
) -> Intents {
    let pointers: Vec<String> = pointers.into_iter().map(|pointer| pointer.as_ref().to_owned()).collect();
    let standing: Vec<_> = [LABELS, ANNOTATIONS].map(String::from).into_iter().chain(pointers.clone()).collect();
    let mut current = copy.raw().get_many(&standing).into_iter();
    let [labels, annotations] = std::array::from_fn(|_| current.next().flatten());
    let contents = pointers.iter().zip(source.raw().get_many(&pointers)).zip(current);
    let changed = contents.filter(|((_, wanted), current)| wanted != current);
    let fields: Vec<_> = metadata_fields(metadata, labels, annotations)
        .into_iter()
        .chain(changed.map(|((pointer, wanted), _)| (pointer.as_str(), wanted)))
        .collect();
    if fields.is_empty() { Intents::none() } else { Intents::none().desire(side, Body::fields(fields)) }
}

/// What of the labels and annotations has to change. Their texts may differ where they do not.
fn metadata_fields(
    updated: &str,
    labels: Option<String>,
    annotations: Option<String>,
) -> Vec<(&'static str, Option<String>)> {
    #[derive(Deserialize)]
    struct Metadata {
        labels: Option<Map>,
        annotations: Option<Map>,
    }
    let updated: Metadata = parse(updated);
    let field = |pointer, updated: Option<Map>, current: Option<String>| {
        let updated = updated.unwrap_or_default();
        let current: Map = current.and_then(|json| parse::<Option<Map>>(&json)).unwrap_or_default();
        let json = || serde_json::to_string(&updated).expect("texts have JSON");
        (updated != current).then(|| (pointer, (!updated.is_empty()).then(json)))
    };
    [field(LABELS, updated.labels, labels), field(ANNOTATIONS, updated.annotations, annotations)]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_annotations_are_set_whole_where_they_differ() {
        let of = |updated: &str, labels: Option<&str>, annotations: Option<&str>| {
            metadata_fields(updated, labels.map(Into::into), annotations.map(Into::into))
        };
        let both = r#"{"name":"x","labels":{"a":"<"},"annotations":{"b":"2"}}"#;
        assert_eq!(of(both, Some(r#"{ "a": "\u003c" }"#), Some(r#"{"b":"2"}"#)), []);
        assert_eq!(of(both, None, Some(r#"{"b":"2"}"#)), [(LABELS, Some(r#"{"a":"<"}"#.into()))]);
        assert_eq!(of(r#"{"labels":{}}"#, None, Some(r#"{"b":"2"}"#)), [(ANNOTATIONS, None)]);
    }
}
