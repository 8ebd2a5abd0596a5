//! CEL, in the sandbox: whatever an expression does, its call ends with the call's fuel.

use std::sync::Arc;

use cel::parser::PrattParser;
use cel::{Context, Env};
use sluice_sdk::serde_json::{Value, json};

use crate::patch::Scene;

/// How deep brackets may be in each other.
const DEPTH: u16 = 48;

/// A parsed expression.
pub(crate) struct Expression(cel::common::ast::IdedExpr);

impl Expression {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let parsed = PrattParser::new().max_recursion_depth(DEPTH).parse(text);
        parsed.map(Self).map_err(|error| first_line(&error.to_string()))
    }

    /// What it comes to.
    pub(crate) fn evaluate(&self, value: &Value, scene: &Scene<'_>) -> Result<Value, String> {
        let key = json!({ "namespace": scene.copy.namespace, "name": scene.copy.name });
        let (cluster, namespace) = (json!(scene.ctx.virtual_cluster()), json!(scene.ctx.namespace()));
        let variables = [
            ("value", value),
            ("object", scene.source),
            ("key", &key),
            ("virtualCluster", &cluster),
            ("namespace", &namespace),
        ];
        self.with(&variables)
    }

    fn with(&self, variables: &[(&str, &Value)]) -> Result<Value, String> {
        let mut env = Env::stdlib();
        env.add_extension(cel::extensions::strings).map_err(|error| error.to_string())?;
        let mut context = Context::with_env(Arc::new(env));
        for (name, value) in variables {
            context.add_variable_from_value(*name, to_cel(value));
        }
        let result = cel::Value::resolve(&self.0, &context).map_err(|error| first_line(&error.to_string()))?;
        result.json().map_err(|error| first_line(&error.to_string()))
    }
}

/// What follows the first line shows the expression again.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The crate's own way makes every positive number unsigned, which then cannot be added to a literal.
fn to_cel(json: &Value) -> cel::Value {
    match json {
        Value::Null => cel::Value::Null,
        Value::Bool(flag) => cel::Value::Bool(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => cel::Value::Int(number),
            (_, Some(number)) => cel::Value::UInt(number),
            _ => cel::Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => cel::Value::String(Arc::new(text.clone())),
        Value::Array(list) => cel::Value::List(Arc::new(list.iter().map(to_cel).collect())),
        Value::Object(map) => {
            let members = map.iter().map(|(key, value)| (key.clone().into(), to_cel(value))).collect();
            cel::Value::Map(cel::objects::Map { map: Arc::new(members) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(text: &str) -> Result<Value, String> {
        let object =
            json!({ "metadata": { "name": "a", "namespace": "d" }, "spec": { "replicas": 3, "hosts": ["x", "y"] } });
        Expression::parse(text)?.with(&[("value", &json!("v")), ("object", &object)])
    }

    #[test]
    fn an_expression_sees_the_value_and_the_object() {
        for (text, result) in [
            (r#"value + "-x-" + object.metadata.name"#, json!("v-x-a")),
            ("object.spec.replicas + 1", json!(4)),
            ("object.spec.hosts.map(host, host + '.example.com')", json!(["x.example.com", "y.example.com"])),
            ("has(object.spec.none) ? object.spec.none : null", json!(null)),
            ("value.replace('v', 'w').startsWith('w')", json!(true)),
        ] {
            assert_eq!(evaluate(text), Ok(result), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_a_line() {
        for text in ["1 +", "object.spec.none", "value + 1", "nothing", &"[".repeat(100)] {
            let error = evaluate(text).expect_err("it is wrong");
            assert!(!error.is_empty() && error.lines().count() == 1, "{text}: {error}");
        }
    }
}
