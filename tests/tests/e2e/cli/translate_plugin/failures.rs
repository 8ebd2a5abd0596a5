//! Plugins that fail, and files that are none.

use super::{PLACE, Ran, component, configured, secret, translate};
use crate::cli::{files, sluice_fed};
use anyhow::Result;
use sluice_tests::folder::Folder;

/// Translates with the component at this place.
fn with(component: &str, args: &[&str]) -> Result<Ran> {
    let start = ["translate", "--plugin", component, "-f", "-"];
    sluice_fed(start.iter().chain(&PLACE).chain(args), &secret("a").to_string())
}

#[test]
fn cli_translate_with_a_plugin_that_fails_says_how() -> Result<()> {
    let refused = "the answer of plugin hostile-";
    for (plugin, name, why) in [
        (
            "trap",
            "a",
            "plugin hostile-trap failed: it trapped: wasm trap: wasm `unreachable` instruction executed".to_owned(),
        ),
        (
            "exit",
            "abort",
            "plugin hostile-exit failed: it trapped: wasm trap: wasm `unreachable` instruction executed".into(),
        ),
        ("exit", "well", "plugin hostile-exit failed: it trapped: it called exit".into()),
        ("memory", "a", "plugin hostile-memory failed: it wanted more than its 64 MiB of memory".into()),
        ("lookup", "some", "plugin hostile-lookup says: what it says is withheld, as it was shown a Secret".into()),
        (
            "duplicate",
            "kind",
            format!("{refused}duplicate is refused: its physical object is a v1 ConfigMap; it should be a v1 Secret"),
        ),
        ("duplicate", "nameless", format!("{refused}duplicate is refused: its physical object has no metadata.name")),
        (
            "deep",
            "field",
            format!(
                "{refused}deep is refused: its physical object is not a Kubernetes object: not JSON (line 1, column 128)"
            ),
        ),
    ] {
        let ran = translate(&format!("hostile_{plugin}"), &secret(name).to_string(), &[])?;
        assert_eq!(ran, Ran::failed(&format!("standard input: v1 Secret {name:?}: {why}")), "{plugin}");
    }
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_tells_what_it_says() -> Result<()> {
    let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a, namespace: default}, \
                  spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchExpressions: \
                  [{key: team, operator: Exists}]}}]}]}}";
    let ran = translate("network_policies", policy, &[])?;
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (1, "", 1), "{}", ran.stderr);
    let start = "error: standard input: networking.k8s.io/v1 NetworkPolicy \"a\": plugin network-policies says: ";
    assert!(ran.stderr.starts_with(start), "{}", ran.stderr);
    Ok(())
}

/// Its log lines go beside what is printed, as few as in a run.
#[test]
fn cli_translate_with_a_plugin_logs_to_standard_error() -> Result<()> {
    let account = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: default}}";
    let ran = translate("hostile_flood", account, &[])?;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    let lines: Vec<_> = ran.stderr.lines().map(str::trim_start).collect();
    let [said @ .., warned, failed] = &lines[..] else { panic!("{}", ran.stderr) };
    assert_eq!(said.len(), 32);
    assert!(said.iter().all(|line| line.starts_with("INFO flood flood ") && line.len() < 1200), "{}", ran.stderr);
    assert!(warned.starts_with("WARN it says more than it may in one call; the rest is left out"), "{warned}");
    let message = "error: standard input: v1 ServiceAccount \"a\": \
                   plugin hostile-flood failed: it read or printed more than 64 MiB, each time counted";
    assert_eq!(*failed, message);
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_keeps_to_its_limits() -> Result<()> {
    let (_folder, config) = configured("plugins: {hostile-spin: {limits: {fuel: 1000000}}}")?;
    let ran = translate("hostile_spin", &secret("a").to_string(), &["--config", &config])?;
    let message = "standard input: v1 Secret \"a\": \
                   plugin hostile-spin failed: it used up its 1000000 units of fuel, as a loop without an end would";
    assert_eq!(ran, Ran::failed(message));
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_says_why_a_file_is_none() -> Result<()> {
    let folder = Folder::new("sluice-wrong-")?;
    for wrong in files::wrong()? {
        let file = wrong.put(&folder)?.display().to_string();
        let ran = with(&file, &[])?;
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (1, "", 1), "{}", ran.stderr);
        let start = format!("error: {file}: {}", wrong.said);
        assert!(ran.stderr.starts_with(&start), "{}: {}", wrong.name, ran.stderr);
        assert!(ran.stderr.trim_end().ends_with(wrong.way_out), "{}: {}", wrong.name, ran.stderr);
    }
    let missing = folder.path().join("missing.wasm").display().to_string();
    let message =
        format!("{missing}: cannot be read: No such file or directory (os error 2); name a plugin's .wasm file");
    assert_eq!(with(&missing, &[])?, Ran::failed(&message));
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_says_what_is_wrong_with_its_config() -> Result<()> {
    let plugin = component("configmaps")?;
    let does_not_fit = format!("{plugin}: the config of plugin \"configmaps\" does not fit: ");
    for (config, start) in [
        ("plugins: {configmaps: {config: {name: a}}}", does_not_fit.as_str()),
        ("plugins: {configmaps: {config: {namespaces: default}}}", &does_not_fit),
        ("plugins: {configmaps: {config: {labels: 'a b'}}}", &plugin),
        ("plugins: {configmaps: {limits: {gas: 1}}}", "FILE: line 1 column "),
        ("plugins: {configmaps: {grant: []}}", "FILE: line 1 column "),
    ] {
        let (_folder, file) = configured(config)?;
        let ran = with(&plugin, &["--config", &file])?;
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (1, "", 1), "{}", ran.stderr);
        let start = format!("error: {}", start.replace("FILE", &file));
        assert!(ran.stderr.starts_with(&start), "{config}: {}", ran.stderr);
    }
    let (folder, _) = configured("")?;
    let missing = folder.path().join("missing.yaml").display().to_string();
    let message = format!("{missing}: cannot be read: No such file or directory (os error 2); name a file of YAML");
    assert_eq!(with(&plugin, &["--config", &missing])?, Ran::failed(&message));
    Ok(())
}
