//! `sluice translate --plugin`: the copy that a plugin makes, without a cluster.

mod choice;
mod failures;
mod identity;

use super::{Ran, sluice, sluice_fed};
use crate::support::{Stage, content};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sluice_tests::{artifacts, eventually, folder::Folder};
use std::fs;

const PLACE: [&str; 4] = ["--name", "my-vcluster", "--namespace", "target"];

/// Where a built plugin is.
fn component(name: &str) -> Result<String> {
    Ok(artifacts::guests()?.join(format!("{name}.wasm")).display().to_string())
}

/// What this plugin makes of these virtual objects.
fn translate(plugin: &str, objects: &str, args: &[&str]) -> Result<Ran> {
    let start = ["translate", "--plugin", &component(plugin)?, "-f", "-"].map(str::to_owned);
    sluice_fed(start.iter().map(String::as_str).chain(PLACE).chain(args.iter().copied()), objects)
}

/// The one copy that it makes.
fn copy(plugin: &str, object: &Value, args: &[&str]) -> Result<Value> {
    let ran = translate(plugin, &object.to_string(), &[&["-o", "json"], args].concat())?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{plugin}");
    Ok(serde_json::from_str(&ran.stdout)?)
}

/// A file that says this to plugins.
fn configured(config: &str) -> Result<(Folder, String)> {
    let folder = Folder::new("sluice-config-")?;
    let file = folder.path().join("sluice.yaml").display().to_string();
    fs::write(&file, config)?;
    Ok((folder, file))
}

/// The metadata of the copy of an object of the namespace `default` that has none but its name.
fn stamped(name: &str, kind: &str, syncer: &str) -> Value {
    let copy = format!("{name}-x-default-x-my-vcluster");
    json!({
        "name": copy,
        "namespace": "target",
        "labels": { "vcluster.loft.sh/managed-by": "my-vcluster", "vcluster.loft.sh/namespace": "default" },
        "annotations": {
            "vcluster.loft.sh/object-name": name,
            "vcluster.loft.sh/object-namespace": "default",
            "vcluster.loft.sh/object-kind": kind,
            "vcluster.loft.sh/object-host-name": copy,
            "vcluster.loft.sh/object-host-namespace": "target",
            "vcluster.loft.sh/object-syncer": syncer,
        },
    })
}

fn secret(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "namespace": "default" },
        "data": { "p": "aHVudGVyMjI=" },
    })
}

#[tokio::test]
async fn cli_translate_with_a_plugin_prints_the_copy_that_the_runtime_writes() -> Result<()> {
    let stage = Stage::take("translated").await?;
    let _sluice = stage.start().await?;
    let object = stage.create(json!({
        "metadata": {
            "name": "settings",
            // That one is rewritten.
            "labels": { "app": "shop", "release": "spring" },
            "annotations": { "note": "line\nbreak, \"quotes\" and \u{1f600}", "example.com/empty": "" },
            "finalizers": ["example.com/stays-above"],
        },
        "data": { "colour": "blue", "empty": "", "app.yaml": "a:\n  b: \"\\u0041\\\\ ü\"\n" },
        "binaryData": { "logo.png": "iVBORw0KGgo=", "none": "" },
        "immutable": true,
    }));
    let object = object.await?;
    let copies = stage.physical_maps();
    let get = async || copies.get_opt(&stage.copy_name(&object)).await;
    let written = content(&eventually("there is a copy", get).await?);

    let as_it_stands = json!(object).to_string();
    let (name, namespace) = (&stage.lab.name, &stage.lab.target_namespace);
    let args = ["--name", name, "--namespace", namespace, "-o", "json", "--plugin", &component("configmaps")?];
    let ran = sluice_fed(["translate", "-f", "-"].iter().chain(&args), &as_it_stands)?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout)?, written);
    // Nobody else is asked for it, so the next time it is the same.
    assert_eq!(sluice_fed(["translate", "-f", "-"].iter().chain(&args), &as_it_stands)?, ran);

    stage.change(&object, json!({ "metadata": { "finalizers": null } })).await.map(drop)
}

#[test]
fn cli_translate_with_a_plugin_takes_documents_one_by_one() -> Result<()> {
    let one =
        |name: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: default}}}}");
    let ran = translate("configmaps", &format!("{}\n---\n---\n{}\n", one("a"), one("b")), &[])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let copies: Vec<Value> = ran.stdout.split("---\n").map(serde_saphyr::from_str).collect::<Result<_, _>>()?;
    let expected = ["a", "b"].map(|name| {
        let metadata = stamped(name, "/v1, Kind=ConfigMap", "configmaps/configmaps");
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata })
    });
    assert_eq!(copies, expected);
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_tells_it_what_its_config_says() -> Result<()> {
    let (_folder, config) = configured(
        "plugins:
  custom-resources:
    config:
      resources:
      - apiVersion: example.com/v1
        kind: Database
        direction: down
        status: true
        patches:
        - { path: /spec/host, expression: value + \".\" + object.metadata.namespace }
        - { path: /spec/passwordSecret/name, reference: Secret }
",
    )?;
    let database = json!({
        "apiVersion": "example.com/v1",
        "kind": "Database",
        "metadata": { "name": "db", "namespace": "default" },
        "spec": { "host": "db", "passwordSecret": { "name": "password" } },
        "status": { "ready": true },
    });
    let made = copy("custom_resources", &database, &["--config", &config])?;
    let syncer = "custom-resources/database.example.com-down";
    let expected = json!({
        "apiVersion": "example.com/v1",
        "kind": "Database",
        "metadata": stamped("db", "example.com/v1, Kind=Database", syncer),
        "spec": { "host": "db.default", "passwordSecret": { "name": "password-x-default-x-my-vcluster" } },
    });
    assert_eq!(made, expected);
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_knows_objects_without_a_namespace() -> Result<()> {
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": "reader" },
        "aggregationRule": { "clusterRoleSelectors": [] },
        "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }],
    });
    let made = copy("cluster_roles", &role, &["--cluster-scoped"])?;
    assert_eq!(made["metadata"]["name"], "vcluster-reader-x-target-x-my-vcluster");
    assert_eq!((&made["rules"], &made["aggregationRule"]), (&role["rules"], &Value::Null));
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_that_looks_things_up_shows_it_nothing() -> Result<()> {
    let made = copy("ingress_secrets", &secret("a"), &[])?;
    assert_eq!(made["metadata"]["annotations"]["sluice.example.com/used-by"], "");
    assert_eq!(made["data"], secret("a")["data"]);
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_is_shown_by_its_help() -> Result<()> {
    let help = sluice(["translate", "--help"])?.stdout;
    let (_, examples) = help.split_once("Examples:\n").context("no examples")?;
    let example =
        "  sluice translate --plugin configmaps.wasm -f configmap.yaml --name my-vcluster --namespace vcluster-my\n";
    assert!(examples.contains(example), "{help}");
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_goes_with_no_physical_object() -> Result<()> {
    for (args, said) in [
        (
            ["--plugin", "a.wasm", "--physical", "b.yaml"],
            "error: the argument '--plugin <FILE.wasm>' cannot be used with '--physical <FILE>'\n",
        ),
        (["--config", "a.yaml", "-o", "json"], "  --plugin <FILE.wasm>\n"),
    ] {
        let wrong = sluice(["translate", "-f", "-"].iter().chain(&PLACE).chain(&args))?;
        assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""), "{args:?}");
        assert!(wrong.stderr.contains(said), "{args:?}: {}", wrong.stderr);
    }
    Ok(())
}
