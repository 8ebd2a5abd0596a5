//! `sluice plugin inspect`.

use super::{Ran, files, sluice};
use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_tests::{artifacts, folder::Folder};
use std::{fs, path::PathBuf};

fn inspect(args: &[&str]) -> Result<Ran> {
    sluice(["plugin", "inspect"].iter().chain(args))
}

/// The tutorial's plugin: where it is, its size and its digest.
fn plugin() -> Result<(PathBuf, usize, String)> {
    let file = artifacts::guests()?.join("configmaps.wasm");
    let bytes = fs::read(&file)?;
    Ok((file, bytes.len(), format!("sha256:{:x}", Sha256::digest(&bytes))))
}

#[test]
fn cli_inspect_says_what_a_plugin_is_and_what_it_cannot_do() -> Result<()> {
    let (file, bytes, digest) = plugin()?;
    let ran = inspect(&[&file.to_string_lossy()])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));

    let mut sections = ran.stdout.split("\n\n");
    let head = format!("{} ({} KB)\n{digest}", file.display(), bytes.div_ceil(1000));
    assert_eq!(sections.next(), Some(head.as_str()));
    let expected = [
        "registers:\n  \
           configmaps 0.1.0 Copies every ConfigMap of the virtual cluster to the physical one and keeps the copies in step\n  \
           syncer configmaps of v1 ConfigMap, which copies down",
        "asks to:\n  sync virtual ConfigMap",
        "takes in its config:\n  \
           labels (string): Those with such labels, in kubectl's spelling: team=a,tier in (x,y),!legacy. All if it is empty.\n  \
           namespaces (array): Those in these namespaces; all if it is empty.",
        "exports:\n  sluice:plugin/lifecycle@0.1.0\n  sluice:plugin/syncer@0.1.0",
        "imports:\n  sluice:plugin/config@0.1.0\n  sluice:plugin/intents@0.1.0\n  sluice:plugin/metadata@0.1.0\n  sluice:plugin/objects@0.1.0",
    ];
    assert_eq!(sections.by_ref().take(5).collect::<Vec<_>>(), expected);
    let start = sections.next().unwrap_or_default();
    assert!(start.starts_with("imports that are answered with nothing:\n  wasi:"), "{start}");
    assert!(start.lines().skip(1).all(|line| line.starts_with("  wasi:")), "{start}");
    let cannot = "cannot:\n  \
        open a connection, a file or a program\n  \
        see the environment, the clock or a source of randomness\n  \
        read objects but those of the pair that it is called for, and of its watches\n  \
        write: it answers with what should be, and the runtime decides\n";
    assert_eq!(sections.collect::<Vec<_>>(), [cannot]);
    Ok(())
}

#[test]
fn cli_inspect_prints_json_for_programs() -> Result<()> {
    let (file, bytes, digest) = plugin()?;
    let ran = inspect(&[&file.to_string_lossy(), "-o", "json"])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let mut seen: Value = serde_json::from_str(&ran.stdout)?;
    let imports = seen["imports"].take();
    assert_eq!(seen["configSchema"].take()["additionalProperties"], false);
    let expected = json!({
        "file": file,
        "bytes": bytes,
        "digest": digest,
        "exports": ["sluice:plugin/lifecycle@0.1.0", "sluice:plugin/syncer@0.1.0"],
        "imports": null,
        "configSchema": null,
        "asks": [{ "side": "virtual", "kind": "ConfigMap", "verbs": ["sync"] }],
        "registration": {
            "name": "configmaps",
            "version": "0.1.0",
            "description":
                "Copies every ConfigMap of the virtual cluster to the physical one and keeps the copies in step",
            "syncers": [{ "name": "configmaps", "direction": "down",
                "kind": { "group": "", "version": "v1", "kind": "ConfigMap" } }],
        },
    });
    assert_eq!(seen, expected);
    let known = ["sluice:plugin/", "wasi:cli/", "wasi:io/"];
    let names = imports.as_array().into_iter().flatten().filter_map(Value::as_str);
    assert!(names.clone().count() > 3 && names.clone().all(|name| known.iter().any(|from| name.starts_with(from))));
    Ok(())
}

#[test]
fn cli_inspect_shows_what_follows_from_a_config() -> Result<()> {
    let file = artifacts::guests()?.join("custom_resources.wasm").display().to_string();
    let ran = inspect(&[&file])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(
        ran.stdout.contains("\nregisters:\n  what its config says: show it with --config FILE\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("\ntakes in its config:\n  resources (array): The kinds"), "{}", ran.stdout);

    let folder = Folder::new("sluice-config-")?;
    let config = folder.path().join("sluice.yaml").display().to_string();
    let resource = "{apiVersion: example.com/v1, kind: Car, direction: down, status: true, finalizers: true, crd: cars.example.com}";
    fs::write(&config, format!("plugins: {{custom-resources: {{config: {{resources: [{resource}]}}}}}}"))?;
    let ran = inspect(&[&file, "--config", &config])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for said in [
        "  syncer car.example.com-down of example.com/v1 Car, which copies down\n",
        "\nasks to:\n  sync, update, update the status of virtual example.com/Car\n",
        "  create, update physical apiextensions.k8s.io/CustomResourceDefinition named cars.example.com\n",
    ] {
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }

    // Within the limits of the config, as it will run.
    fs::write(&config, "plugins: {custom-resources: {limits: {fuel: 1}}}")?;
    let ran = inspect(&[&file, "--config", &config])?;
    assert!(ran.code == 1 && ran.stderr.contains("limit fuel is"), "{}", ran.stderr);
    Ok(())
}

#[test]
fn cli_inspect_shows_what_a_plugin_answers() -> Result<()> {
    let file = artifacts::guests()?.join("pod_interceptor.wasm").display().to_string();
    let ran = inspect(&[&file])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for said in [
        "  interceptor testinterceptor, which answers get of pods in any API group\n",
        "\nasks to:\n  answer get of pods in any API group\n",
        "\nexports:\n  sluice:plugin/interceptor@0.1.0\n  sluice:plugin/lifecycle@0.1.0\n",
    ] {
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
    let ran = inspect(&[&file, "-o", "json"])?;
    let seen: Value = serde_json::from_str(&ran.stdout)?;
    let rule = json!({ "apiGroups": ["*"], "resources": ["pods"], "resourceNames": ["*"], "verbs": ["get"] });
    assert_eq!(seen["registration"]["interceptors"], json!([{ "name": "testinterceptor", "rules": [rule] }]));
    Ok(())
}

#[test]
fn cli_inspect_says_why_a_file_is_no_plugin() -> Result<()> {
    let folder = Folder::new("sluice-wrong-")?;
    for wrong in files::wrong()? {
        let file = wrong.put(&folder)?;
        let ran = inspect(&[&file.to_string_lossy()])?;
        assert_eq!((ran.code, ran.stderr.lines().count()), (1, 1), "{}", ran.stderr);
        let start = format!("error: {}: {}", file.display(), wrong.said);
        assert!(ran.stderr.starts_with(&start), "{}: {}", wrong.name, ran.stderr);
        assert!(ran.stderr.trim_end().ends_with(wrong.way_out), "{}: {}", wrong.name, ran.stderr);
    }
    Ok(())
}

#[test]
fn cli_inspect_shows_what_a_refused_component_asks_for() -> Result<()> {
    let folder = Folder::new("sluice-wrong-")?;
    for wrong in files::wrong()?.iter().filter(|wrong| wrong.name == "sockets.wasm") {
        let ran = inspect(&[&wrong.put(&folder)?.to_string_lossy()])?;
        assert_eq!(ran.code, 1);
        assert!(ran.stdout.contains("\nexports:\n  sluice:plugin/lifecycle@0.1.0\n"), "{}", ran.stdout);
        assert!(
            ran.stdout.contains("\nimports that no plugin is given:\n  wasi:sockets/tcp@0.2.0\n"),
            "{}",
            ran.stdout
        );
        assert!(!ran.stdout.contains("\ncannot:"), "{}", ran.stdout);
    }
    Ok(())
}

#[test]
fn cli_inspect_gives_up_on_a_component_that_is_too_costly_to_compile() -> Result<()> {
    // Each level has ten instances of the one below: a billion of them, in two thousand bytes.
    let mut component = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for level in 1..10 {
        let instances = format!("(instance (instantiate $c{}))", level - 1).repeat(10);
        component = format!("(component $c{level} {component} {instances})");
    }
    let folder = Folder::new("sluice-wrong-")?;
    let file = folder.path().join("bomb.wasm").display().to_string();
    fs::write(&file, wat::parse_str(component)?)?;
    let expected = format!(
        "{file}: it is damaged, or needs what this runtime does not have: \
         it takes more than 1024 MiB or 60 s to compile; build it or copy it again"
    );
    assert_eq!(inspect(&[&file])?, Ran::failed(&expected));
    Ok(())
}

#[test]
fn cli_inspect_needs_a_file() -> Result<()> {
    let folder = Folder::new("sluice-wrong-")?;
    let missing = folder.path().join("missing.wasm").display().to_string();
    let expected =
        format!("{missing}: cannot be read: No such file or directory (os error 2); name a plugin's .wasm file");
    assert_eq!(inspect(&[&missing])?, Ran::failed(&expected));
    let folder = folder.path().display().to_string();
    let expected = format!("{folder}: cannot be read: Is a directory (os error 21); name a plugin's .wasm file");
    assert_eq!(inspect(&[&folder])?, Ran::failed(&expected));
    Ok(())
}
