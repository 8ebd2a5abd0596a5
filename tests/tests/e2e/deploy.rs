//! What `deploy/` and the Dockerfile install, as real tools and real API servers see it.

mod chart;
mod dockerfile;
mod rules;
mod running;
mod served;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sluice_tests::artifacts;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the chart's own files are rendered for, here and by whoever reads deploy/README.md.
const RELEASE: [&str; 3] = ["sluice", "--namespace", "vcluster-my"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs the real helm. Gives what it printed, or what it said was wrong.
fn helm(command: &str, args: &[&str]) -> Result<Result<String, String>> {
    let mut helm = Command::new(artifacts::tool("helm")?);
    // A helm that is built from its module knows no version of Kubernetes.
    helm.arg(command).args(args).args(["--kube-version", "1.36.0"]).current_dir(root());
    let output = helm.output()?;
    let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
    Ok(if output.status.success() { Ok(stdout?) } else { Err(stdout? + &stderr?) })
}

/// What the chart comes to with these arguments; `values` may name a file.
fn render(args: &[&str]) -> Result<Vec<Value>> {
    rendered(&[&RELEASE, args].concat())
}

/// The same for any release.
fn rendered(args: &[&str]) -> Result<Vec<Value>> {
    let text = helm("template", &[args, &["deploy/chart"]].concat())?;
    documents(&text.map_err(anyhow::Error::msg)?)
}

/// Why the chart comes to nothing with these arguments.
fn refused(args: &[&str]) -> Result<String> {
    helm("template", &[&RELEASE, args, &["deploy/chart"]].concat())?.err().context("it is rendered")
}

/// The documents of a YAML text that are not empty.
fn documents(text: &str) -> Result<Vec<Value>> {
    let mut documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| anyhow::anyhow!("{error}"))?;
    documents.retain(|document| !document.is_null());
    Ok(documents)
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(root().join(file)).context(file.to_owned())
}

/// The one of this kind.
fn the<'v>(kind: &str, objects: &'v [Value]) -> Result<&'v Value> {
    objects.iter().find(|object| object["kind"] == kind).with_context(|| format!("there is no {kind}"))
}

/// `sluice plugin` with these arguments, run in this folder. Gives what it printed.
fn plugin(folder: &Path, args: &[&str]) -> Result<String> {
    let mut command = Command::new(artifacts::sluice()?);
    command.arg("plugin").args(args).current_dir(folder).env("SLUICE_COMPILED", artifacts::compiled()?);
    let output = command.output()?;
    ensure!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// What roles allow, each verb for each resource by itself, with the namespace that it is in.
fn allowed<'v>(roles: impl IntoIterator<Item = &'v Value>) -> BTreeSet<String> {
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
    };
    let mut all = BTreeSet::new();
    for role in roles.into_iter().filter(|role| role["kind"] == "Role" || role["kind"] == "ClusterRole") {
        let namespace = role["metadata"]["namespace"].as_str().unwrap_or("*");
        for rule in role["rules"].as_array().into_iter().flatten() {
            let mut names = texts(&rule["resourceNames"]);
            if names.is_empty() {
                names.push("*".into());
            }
            for group in texts(&rule["apiGroups"]) {
                for (resource, verb) in each(&texts(&rule["resources"]), &texts(&rule["verbs"])) {
                    all.extend(names.iter().map(|name| format!("{namespace}: {verb} {group}/{resource} {name}")));
                }
            }
        }
    }
    all
}

fn each<'t>(some: &'t [String], others: &'t [String]) -> impl Iterator<Item = (&'t String, &'t String)> {
    some.iter().flat_map(move |one| others.iter().map(move |other| (one, other)))
}
