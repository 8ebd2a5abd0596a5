//! Checks a config against a plugin's JSON schema.
//!
//! Ours, because the schema comes from a plugin, which is not trusted: the ready-made validators can be kept busy for
//! ever by a few lines of it. What is not known here is refused, never passed over, and the work is bounded.

mod keyword;

use std::fmt;

use serde_json::{Map, Value};

use keyword::{alone, describe};

/// Keywords that say nothing about what fits.
const NOTES: [&str; 10] =
    ["$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples", "format", "deprecated"];
/// How many times a schema may be laid on a value: a config of a thousand values against some dozen alternatives.
const STEPS: usize = 50_000;
/// How many entries of a list, or bytes of what is told, count as a step.
const BATCH: usize = 64;
/// How many problems are told.
const TOLD: usize = 10;

/// What is wrong with a config, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A JSON pointer to what is wrong; empty for the whole config.
    pub path: String,
    /// What was expected there.
    pub why: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "config{}: {}", self.path.replace('/', "."), self.why)
    }
}

/// Why a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not JSON, or no object.
    #[error("it is no JSON schema: {0}")]
    NotJson(String),
    /// A keyword that is not checked here.
    #[error(
        "it uses {0:?}, which is not checked here; \
         write it with type, properties, required, additionalProperties, items, enum, const, bounds, anyOf, oneOf, allOf and $ref"
    )]
    Keyword(String),
    /// A reference out of the schema, or to nothing in it.
    #[error("its reference {0:?} leads nowhere; refer to #/$defs/…")]
    Reference(String),
    /// It goes in circles, or has too many alternatives.
    #[error("it takes too long to check; write it simpler")]
    Steps,
}

/// A plugin's schema.
#[derive(Clone, Debug)]
pub struct Schema(Value);

impl Schema {
    /// From its text.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        let value: Value = serde_json::from_str(text).map_err(|error| SchemaError::NotJson(error.to_string()))?;
        let schema = Self(value);
        schema.known(&schema.0)?;
        for definition in schema.0.get("$defs").and_then(Value::as_object).into_iter().flat_map(Map::values) {
            schema.known(definition)?;
        }
        Ok(schema)
    }

    /// As it was given.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// What of a config does not fit, the first few places.
    pub fn check(&self, config: &Value) -> Result<Vec<Problem>, SchemaError> {
        let mut check = Check { schema: self, steps: STEPS };
        let mut problems = vec![];
        check.value(&self.0, config, "", &mut problems)?;
        problems.truncate(TOLD);
        Ok(problems)
    }

    /// Whether it says nothing that is not understood here.
    fn known(&self, schema: &Value) -> Result<(), SchemaError> {
        let Value::Object(schema) = schema else {
            return if schema.is_boolean() { Ok(()) } else { Err(SchemaError::NotJson("no object".into())) };
        };
        for (keyword, value) in schema {
            let shaped = match keyword.as_str() {
                "type" => value.is_string() || value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
                "enum" | "required" => value.is_array(),
                "const" => true,
                "minimum" | "maximum" => value.is_number(),
                "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" => value.is_u64(),
                "uniqueItems" => value.is_boolean(),
                "$ref" => {
                    let name = value.as_str().unwrap_or_default();
                    self.target(name).ok_or_else(|| SchemaError::Reference(name.into())).map(|_| true)?
                }
                "items" | "additionalProperties" => {
                    self.known(value)?;
                    true
                }
                "anyOf" | "oneOf" | "allOf" => {
                    value.as_array().into_iter().flatten().try_for_each(|part| self.known(part))?;
                    value.is_array()
                }
                "properties" => {
                    value.as_object().into_iter().flat_map(Map::values).try_for_each(|part| self.known(part))?;
                    value.is_object()
                }
                note => NOTES.contains(&note),
            };
            if !shaped {
                return Err(SchemaError::Keyword(keyword.clone()));
            }
        }
        Ok(())
    }

    fn target(&self, reference: &str) -> Option<&Value> {
        if reference == "#" {
            return Some(&self.0);
        }
        self.0.get("$defs")?.get(reference.strip_prefix("#/$defs/")?)
    }
}

struct Check<'s> {
    schema: &'s Schema,
    steps: usize,
}

impl<'s> Check<'s> {
    fn value(
        &mut self,
        schema: &'s Value,
        value: &Value,
        path: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<(), SchemaError> {
        // Circles end here too: each round takes a step, and a few hundred are no strain for the stack.
        self.steps = self.steps.checked_sub(1).ok_or(SchemaError::Steps)?;
        let Value::Object(schema) = schema else {
            if schema == &Value::Bool(false) {
                self.tell(path, "nothing is expected here".into(), problems)?;
            }
            return Ok(());
        };
        for (keyword, limit) in schema {
            self.spend(keyword::entries(keyword, limit, value))?;
            if let Some(why) = alone(keyword, limit, value) {
                self.tell(path, why, problems)?;
                // Of what has another type nothing else need be said.
                if keyword == "type" {
                    return Ok(());
                }
            }
        }
        if let Value::Object(map) = value {
            self.members(schema, map, path, problems)?;
        }
        if let (Value::Array(list), Some(items)) = (value, schema.get("items")) {
            for (index, item) in list.iter().enumerate() {
                self.value(items, item, &format!("{path}/{index}"), problems)?;
            }
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|name| self.schema.target(name)) {
            self.deeper(target, value, path, problems)?;
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.deeper(part, value, path, problems)?;
        }
        for (keyword, exactly) in [("anyOf", false), ("oneOf", true)] {
            if let Some(parts) = schema.get(keyword).and_then(Value::as_array) {
                self.alternatives(parts, exactly, value, path, problems)?;
            }
        }
        Ok(())
    }

    /// Takes the steps for what is gone through one by one.
    fn spend(&mut self, entries: usize) -> Result<(), SchemaError> {
        self.steps = self.steps.checked_sub(entries / BATCH).ok_or(SchemaError::Steps)?;
        Ok(())
    }

    /// A few bytes of a schema can be told very often.
    fn tell(&mut self, path: &str, why: String, problems: &mut Vec<Problem>) -> Result<(), SchemaError> {
        self.spend(why.len())?;
        problems.push(Problem { path: path.into(), why });
        Ok(())
    }

    /// Another schema for the same value: what does not get any smaller, and so could go on for ever.
    fn deeper(
        &mut self,
        schema: &'s Value,
        value: &Value,
        path: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<(), SchemaError> {
        // A circle would take all of it, and a real schema refers some ten times in a row.
        let rest = self.steps;
        self.steps = rest.checked_sub(STEPS / 200).ok_or(SchemaError::Steps)?;
        self.value(schema, value, path, problems)?;
        self.steps += STEPS / 200;
        Ok(())
    }

    fn members(
        &mut self,
        schema: &'s Map<String, Value>,
        map: &Map<String, Value>,
        path: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<(), SchemaError> {
        let properties = schema.get("properties").and_then(Value::as_object);
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !map.contains_key(name) {
                self.tell(path, format!("{name:?} is missing"), problems)?;
            }
        }
        for (name, member) in map {
            let path = format!("{path}/{name}");
            match (properties.and_then(|properties| properties.get(name)), schema.get("additionalProperties")) {
                (Some(schema), _) => self.value(schema, member, &path, problems)?,
                (None, Some(Value::Bool(false))) => {
                    let known: Vec<&str> = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
                    let known = if known.is_empty() {
                        "it takes none".into()
                    } else {
                        format!("it knows {}", known.join(", "))
                    };
                    self.tell(&path, format!("there is no such key; {known}"), problems)?;
                }
                (None, Some(schema)) => self.value(schema, member, &path, problems)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn alternatives(
        &mut self,
        parts: &'s [Value],
        exactly: bool,
        value: &Value,
        path: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<(), SchemaError> {
        let (mut fits, mut nearest) = (0, None::<Vec<Problem>>);
        for part in parts {
            let mut found = vec![];
            self.deeper(part, value, path, &mut found)?;
            if found.is_empty() {
                fits += 1;
            } else if nearest.as_ref().is_none_or(|nearest| depth(&found) > depth(nearest)) {
                nearest = Some(found);
            }
        }
        match (fits, nearest) {
            // What failed deepest is what was meant; of what failed at once, each says what it wants.
            (0, Some(nearest)) if depth(&nearest) > path.len() => problems.extend(nearest),
            (0, _) => {
                let wanted: Vec<String> = parts.iter().map(describe).collect();
                self.tell(path, format!("expected {}", wanted.join(", or ")), problems)?;
            }
            (2.., _) if exactly => {
                self.tell(path, "it fits more than one form".into(), problems)?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn depth(problems: &[Problem]) -> usize {
    problems.iter().map(|problem| problem.path.len()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
