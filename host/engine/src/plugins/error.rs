//! Why the plugins do not start, and the way out.

use std::fmt::Write;

use serde::Serialize;
use sluice_core::config::Digest;
use sluice_core::grants::Grant;
use sluice_core::interception::{Conflict, Rule};
use sluice_core::key::Gvk;
use sluice_core::limits::LimitError;
use sluice_core::schema::{self, SchemaError};
use sluice_sandbox::LoadError;

/// Why none of them starts.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The folder, or a file in it.
    #[error(transparent)]
    Folder(#[from] sluice_loader::LoadError),
    /// One of them.
    #[error("{origin}: {problem}")]
    Plugin {
        /// Where it was found.
        origin: String,
        /// What is wrong with it.
        problem: Box<Problem>,
    },
    /// One name for two.
    #[error("plugin {plugin:?} is found more than once: {origins}; remove or rename all but one")]
    Twice {
        /// The name.
        plugin: String,
        /// Where they are, in words.
        origins: String,
    },
    /// Two that would write the same objects over each other.
    #[error("{}", claimed(one, other, gvk, *everything))]
    Claimed {
        /// The first, as `plugin/syncer`.
        one: String,
        /// The second.
        other: String,
        /// The kind that both claim.
        gvk: Box<Gvk>,
        /// Whether both take every object of it.
        everything: bool,
    },
    /// Two that would answer the same request.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

/// What is wrong with one plugin.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is none, or does not register.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It is another than the operator wants.
    #[error(
        "the config of plugin {plugin:?} wants digest {wanted}, and the file's is sha256:{found}; \
         put the right file there, or write its digest if it is meant"
    )]
    Digest {
        /// The operator's name of it.
        plugin: String,
        /// What the config says.
        wanted: Digest,
        /// What was read: 64 hex digits.
        found: String,
    },
    /// It cannot have such limits.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// Its schema is no use.
    #[error("the schema of its config cannot be used: {0}")]
    Schema(#[from] SchemaError),
    /// Its config does not fit its schema.
    #[error("the config of plugin {plugin:?} does not fit: {}", listed(problems))]
    Config {
        /// The operator's name of it.
        plugin: String,
        /// What does not fit.
        problems: Vec<schema::Problem>,
    },
    /// It asks for more than it was given.
    #[error("{}", not_granted(plugin, missing, rules))]
    NotGranted {
        /// The operator's name of it.
        plugin: String,
        /// What is not granted.
        missing: Vec<Grant>,
        /// Which requests it may not answer.
        rules: Vec<Rule>,
    },
}

impl PluginError {
    /// A word for it, for where others read it: what is wrong with a config may quote it.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Folder(_) => "source",
            Self::Claimed { .. } => "claimed",
            Self::Conflict(_) => "conflict",
            Self::Twice { .. } => "twice",
            Self::Plugin { problem, .. } => match **problem {
                Problem::Load(_) => "load",
                Problem::Digest { .. } => "digest",
                Problem::Limit(_) => "limits",
                Problem::Schema(_) => "schema",
                Problem::Config { .. } => "config",
                Problem::NotGranted { .. } => "grants",
            },
        }
    }
}

fn claimed(one: &str, other: &str, gvk: &Gvk, everything: bool) -> String {
    let (claim, way_out) = match everything {
        true => (
            format!("both keep every {gvk} in step"),
            "remove one of them, or let each take its own namespaces or labels",
        ),
        false => (
            format!("may both select the same {gvk}"),
            "let them take different namespaces, or different values of one label",
        ),
    };
    format!("plugins {one:?} and {other:?} {claim}; {way_out}, or they would write over each other")
}

fn listed(problems: &[schema::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Line by line, and as the YAML that would grant it.
fn not_granted(plugin: &str, missing: &[Grant], rules: &[Rule]) -> String {
    let mut text = format!("plugin {plugin:?} asks for what it is not granted:\n");
    for grant in missing {
        let _ = writeln!(text, "  {grant}");
    }
    for rule in rules {
        let _ = writeln!(text, "  answer {rule}");
    }
    let _ = write!(text, "leave it out, or grant this in the file that --config names:\nplugins:\n  {plugin}:");
    let _ = text.write_str(&yaml("grants", missing));
    let _ = text.write_str(&yaml("interceptors", rules));
    text
}

/// A field and its items, each on a line.
fn yaml(field: &str, items: &[impl Serialize]) -> String {
    if items.is_empty() {
        return String::new();
    }
    // A line of JSON is a line of YAML.
    let line = |item| format!("\n    - {}", serde_json::to_string(item).unwrap_or_default());
    items.iter().map(line).fold(format!("\n    {field}:"), |text, line| text + &line)
}
