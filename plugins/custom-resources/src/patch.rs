//! One change on the way between the clusters.

use sluice_sdk::schemars::JsonSchema;
use sluice_sdk::serde::Deserialize;
use sluice_sdk::serde_json::{self, Value};
use sluice_sdk::{Context, Failure, Key};

use crate::expression::Expression;

/// A change: of a path and one of expression, reference and selector.
#[derive(Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", deny_unknown_fields)]
#[schemars(crate = "sluice_sdk::schemars")]
pub(crate) struct Patch {
    /// A JSON pointer, with * for every element of a list or map: /spec/hosts/*.
    pub(crate) path: String,
    /// CEL: what stands there then. It sees value (what stands there, or null), object (all of what is copied), key
    /// (namespace and name of the copy), virtualCluster and namespace (where copies go). null takes it away.
    #[serde(default)]
    expression: Option<String>,
    /// What stands there is the name of such an object in the same namespace: it becomes that of its copy, and the
    /// object is copied as well. Down alone.
    #[serde(default)]
    pub(crate) reference: Option<Kind>,
    /// What stands there is a label selector, or a map of labels: its keys are translated. Down alone.
    #[serde(default)]
    selector: Option<Selector>,
}

/// What can be referred to.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde")]
#[schemars(crate = "sluice_sdk::schemars")]
pub(crate) enum Kind {
    /// A Secret.
    Secret,
    /// A ConfigMap.
    ConfigMap,
}

/// How labels are written.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", rename_all = "camelCase")]
#[schemars(crate = "sluice_sdk::schemars")]
pub(crate) enum Selector {
    /// With matchLabels and matchExpressions.
    LabelSelector,
    /// From key to value.
    Labels,
}

/// What a patch can look at beside the value.
pub(crate) struct Scene<'a> {
    pub(crate) ctx: &'a Context,
    /// All of what is copied.
    pub(crate) source: &'a Value,
    /// Where the copy stands.
    pub(crate) copy: &'a Key,
}

impl Patch {
    /// `down`: whether it is one of what is copied down.
    pub(crate) fn check(&self, down: bool) -> Result<(), String> {
        let Self { path, expression, reference, selector } = self;
        if !path.starts_with('/') {
            return Err(".path: write a JSON pointer, such as /spec/host".into());
        }
        if ["/metadata", "/apiVersion", "/kind"].iter().any(|own| path == own || path.starts_with(&format!("{own}/"))) {
            return Err(".path: the runtime translates metadata, apiVersion and kind; name another field".into());
        }
        let all = [expression.is_some(), reference.is_some(), selector.is_some()];
        if all.into_iter().filter(|&there| there).count() != 1 {
            return Err(": say one of expression, reference and selector".into());
        }
        if !down && expression.is_none() {
            return Err(": references and selectors are for what is copied down; write an expression".into());
        }
        expression
            .as_ref()
            .map_or(Ok(()), |text| Expression::parse(text).map(drop).map_err(|why| format!(".expression: {why}")))
    }

    /// Changes what stands at its path. A path without `*` that leads nowhere is made, if the expression gives something.
    pub(crate) fn apply(&self, scene: &Scene<'_>, content: &mut Value) -> Result<(), Failure> {
        let expression = self.expression.as_deref().map(Expression::parse).transpose().map_err(Failure::permanent)?;
        let change = |value: &Value| -> Result<Option<Value>, Failure> {
            match (&expression, self.reference, self.selector) {
                (Some(expression), ..) => expression
                    .evaluate(value, scene)
                    .map(|value| Some(value).filter(|value| !value.is_null()))
                    .map_err(|why| Failure::permanent(format!("the expression for {}: {why}", self.path))),
                _ if value.is_null() => Ok(None),
                (_, Some(_), _) => Ok(Some(renamed(scene, value))),
                (.., Some(Selector::Labels)) => {
                    read(value).map(|labels| Some(json(&scene.ctx.translate_labels(&labels))))
                }
                (.., Some(Selector::LabelSelector)) => {
                    read(value).map(|selector| Some(json(&scene.ctx.translate_label_selector(&selector))))
                }
                _ => Ok(Some(value.clone())),
            }
        };
        let tokens: Vec<String> =
            self.path.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
        walk(content, &tokens, &change)
    }
}

/// Changes every value that the tokens lead to.
fn walk(
    value: &mut Value,
    tokens: &[String],
    change: &impl Fn(&Value) -> Result<Option<Value>, Failure>,
) -> Result<(), Failure> {
    let Some((token, rest)) = tokens.split_first() else { return Ok(()) };
    match value {
        Value::Array(list) if token == "*" => list.iter_mut().try_for_each(|element| step(element, rest, change)),
        Value::Object(map) if token == "*" => map.values_mut().try_for_each(|element| step(element, rest, change)),
        Value::Array(list) => match token.parse().ok().and_then(|at: usize| list.get_mut(at)) {
            Some(element) => step(element, rest, change),
            None => Ok(()),
        },
        Value::Object(map) if rest.is_empty() => {
            match change(map.get(token).unwrap_or(&Value::Null))? {
                Some(changed) => map.insert(token.clone(), changed),
                None => map.remove(token),
            };
            Ok(())
        }
        Value::Object(map) => match map.get_mut(token) {
            Some(inner) => walk(inner, rest, change),
            None if rest.iter().any(|token| token == "*") => Ok(()),
            None => {
                let mut made = Value::Object(serde_json::Map::new());
                walk(&mut made, rest, change)?;
                if made.as_object().is_some_and(|made| !made.is_empty()) {
                    map.insert(token.clone(), made);
                }
                Ok(())
            }
        },
        _ => Ok(()),
    }
}

/// An element of a list or map: it is changed where the path ends.
fn step(
    element: &mut Value,
    rest: &[String],
    change: &impl Fn(&Value) -> Result<Option<Value>, Failure>,
) -> Result<(), Failure> {
    if rest.is_empty() {
        *element = change(element)?.unwrap_or(Value::Null);
        return Ok(());
    }
    walk(element, rest, change)
}

/// The physical name of a virtual object of the same namespace.
fn renamed(scene: &Scene<'_>, name: &Value) -> Value {
    let Some(name) = name.as_str().filter(|name| !name.is_empty()) else { return name.clone() };
    let namespace = scene.source["metadata"]["namespace"].as_str().map(Into::into);
    scene.ctx.physical_key(&Key { namespace, name: name.into() }).name.into()
}

fn read<T: sluice_sdk::serde::de::DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    Ok(serde_json::from_value(value.clone())?)
}

fn json(value: &impl sluice_sdk::serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use sluice_sdk::serde_json::json;

    use super::*;

    /// Puts an exclamation mark behind texts, and takes empty ones away.
    fn louder(path: &str, mut content: Value) -> Value {
        let tokens: Vec<String> = path.split('/').skip(1).map(Into::into).collect();
        let change = |value: &Value| match value {
            Value::Null => Ok(Some(json!("new"))),
            value => Ok(value.as_str().filter(|text| !text.is_empty()).map(|text| json!(format!("{text}!")))),
        };
        walk(&mut content, &tokens, &change).expect("no failure");
        content
    }

    #[test]
    fn a_path_leads_to_every_value_that_it_names() {
        for (path, content, changed) in [
            ("/spec/a", json!({ "spec": { "a": "x" } }), json!({ "spec": { "a": "x!" } })),
            ("/spec/a", json!({ "spec": { "a": "" } }), json!({ "spec": {} })),
            ("/spec/a", json!({}), json!({ "spec": { "a": "new" } })),
            ("/spec/*/a", json!({ "spec": [{ "a": "x" }, {}] }), json!({ "spec": [{ "a": "x!" }, { "a": "new" }] })),
            ("/spec/*", json!({ "spec": ["x", "y"] }), json!({ "spec": ["x!", "y!"] })),
            ("/spec/*", json!({ "spec": { "a": "x" } }), json!({ "spec": { "a": "x!" } })),
            ("/spec/*/a", json!({}), json!({})),
            ("/spec/1/a", json!({ "spec": [{}, { "a": "x" }] }), json!({ "spec": [{}, { "a": "x!" }] })),
            ("/spec/7/a", json!({ "spec": [] }), json!({ "spec": [] })),
            ("/spec/a/b", json!({ "spec": { "a": "text" } }), json!({ "spec": { "a": "text" } })),
        ] {
            assert_eq!(louder(path, content), changed, "{path}");
        }
    }

    #[test]
    fn a_patch_says_one_thing_of_what_is_not_the_runtimes() {
        for (patch, said) in [
            (json!({ "path": "spec", "expression": "1" }), "JSON pointer"),
            (json!({ "path": "/metadata/name", "expression": "1" }), "metadata"),
            (json!({ "path": "/spec" }), "one of"),
            (json!({ "path": "/spec", "expression": "1", "reference": "Secret" }), "one of"),
            (json!({ "path": "/spec", "expression": "1 +" }), ".expression"),
        ] {
            let patch: Patch = serde_json::from_value(patch).expect("a patch");
            let why = patch.check(true).expect_err("it is wrong");
            assert!(why.contains(said), "{why}");
        }
        let reference: Patch = serde_json::from_value(json!({ "path": "/a", "reference": "Secret" })).expect("a patch");
        assert!(reference.check(true).is_ok() && reference.check(false).is_err());
    }
}
