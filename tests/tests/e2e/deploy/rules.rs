//! The rules that are installed are those that the grants need.

use super::{allowed, documents, plugin, rendered, root};
use anyhow::Result;
use sluice_tests::{artifacts, folder::Folder};
use std::{fs, path::Path};

/// With grants of all sorts: in the target namespace, called so or by its name, in another one, and in none.
const CONFIG: &str = "
plugins:
  configmaps:
    grants:
    - { side: virtual, kind: ConfigMap, verbs: [sync] }
  import-secrets:
    grants:
    - { side: physical, kind: Secret, verbs: [sync], namespaces: [''] }
    - { side: virtual, kind: Namespace, verbs: [create, update] }
    - { side: physical, kind: Pod, verbs: [read], namespaces: [team, vcluster-my] }
    - { side: physical, group: storage.k8s.io, kind: StorageClass, verbs: [read], names: ['{{ .Values }}'] }
  from-elsewhere:
    grants:
    - { side: virtual, group: example.com, kind: Widget, verbs: [sync] }
";
const PLACE: [&str; 4] = ["--name", "my-vcluster", "--namespace", "vcluster-my"];

/// A folder as an operator has it.
fn operators(plugins: &[&str], config: &str) -> Result<Folder> {
    let folder = Folder::new("sluice-operator-")?;
    fs::create_dir(folder.path().join("plugins"))?;
    for file in plugins {
        fs::copy(artifacts::guests()?.join(file), folder.path().join("plugins").join(file))?;
    }
    fs::write(folder.path().join("sluice.yaml"), config)?;
    Ok(folder)
}

fn yaml(folder: &Path, args: &[&str]) -> Result<String> {
    let asked = ["yaml", "plugins", "--config", "sluice.yaml", "--image", "sluice-configmaps:0.1.0"];
    plugin(folder, &[&asked, args].concat())
}

#[test]
fn cli_the_chart_gives_the_rights_that_are_printed_and_no_others() -> Result<()> {
    let folder = operators(&["configmaps.wasm", "import_secrets.wasm"], CONFIG)?;
    let asked = ["rbac", "plugins", "--config", "sluice.yaml", "--side", "physical", "--config-maps", "vcluster-my"];
    let printed = documents(&plugin(folder.path(), &[&asked[..], &PLACE].concat())?)?;

    let values = folder.path().join("values.yaml");
    for known in [&["--chart", "--name", "my-vcluster"][..], &[&["--chart"], &PLACE[..]].concat()] {
        fs::write(&values, yaml(folder.path(), known)?)?;
        let release = ["sluice", "--namespace", "vcluster-my", "-f", &values.display().to_string()];
        assert_eq!(allowed(&rendered(&release)?), allowed(&printed));
    }
    Ok(())
}

/// As vCluster's chart takes them: extra rules of its Role and ClusterRole, and a template for all else.
#[test]
fn cli_a_plugin_of_vcluster_gets_the_rights_that_its_grants_need() -> Result<()> {
    let folder = operators(&["configmaps.wasm", "import_secrets.wasm"], CONFIG)?;
    let values = documents(&yaml(folder.path(), &PLACE)?)?.remove(0);
    fs::write(folder.path().join("values.json"), values.to_string())?;
    fs::create_dir(folder.path().join("templates"))?;
    fs::write(folder.path().join("Chart.yaml"), "{ apiVersion: v2, name: vcluster, version: 1.0.0 }")?;
    let template = "
kind: Role
metadata: { namespace: {{ .Release.Namespace }} }
rules: {{ toJson .Values.plugins.sluice.rbac.role.extraRules }}
---
kind: ClusterRole
rules: {{ toJson .Values.plugins.sluice.rbac.clusterRole.extraRules }}
---
{{ tpl .Values.experimental.deploy.host.manifestsTemplate . }}
";
    fs::write(folder.path().join("templates/rbac.yaml"), template)?;
    let [chart, file] = ["", "values.json"].map(|name| folder.path().join(name).display().to_string());
    let text = super::helm("template", &["my-vcluster", &chart, "--namespace", "vcluster-my", "-f", &file])?;
    let objects = documents(&text.map_err(anyhow::Error::msg)?)?;

    // Beside vCluster it needs a little more: its lease, and to know that there is its namespace.
    let asked = ["rbac", "plugins", "--config", "sluice.yaml", "--side", "physical"];
    let mut beside = allowed(&documents(&plugin(folder.path(), &[&asked[..], &PLACE].concat())?)?);
    beside.retain(|right| !right.contains("leases") && right != "*: get /namespaces vcluster-my");
    assert_eq!(allowed(&objects), beside);

    let bound = super::the("RoleBinding", &objects)?;
    assert_eq!(bound["metadata"]["namespace"], "team");
    let account = serde_json::json!({ "kind": "ServiceAccount", "name": "vc-my-vcluster", "namespace": "vcluster-my" });
    assert_eq!(bound["subjects"][0], account);
    Ok(())
}

#[test]
fn cli_the_examples_are_what_is_printed() -> Result<()> {
    let folder = operators(&["configmaps.wasm"], &super::read("deploy/sluice.yaml")?)?;
    for (file, args) in [
        ("deploy/plugin.yaml", &[][..]),
        ("deploy/plugin-v2.yaml", &["--legacy"]),
        ("deploy/values.yaml", &["--chart", "--name", "my-vcluster"]),
    ] {
        let (shown, printed) = (super::read(file)?, yaml(folder.path(), args)?);
        assert_eq!(documents(&shown)?, documents(&printed)?, "{file} in {}", root().display());
    }
    Ok(())
}

#[test]
fn cli_nothing_is_printed_for_a_plugin_that_asks_for_more_than_it_is_granted() -> Result<()> {
    let folder = operators(&["configmaps.wasm"], "")?;
    let refusal = yaml(folder.path(), &[]).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refusal.contains(r#"plugin "configmaps" asks for what it is not granted"#), "{refusal}");
    assert!(refusal.contains(r#"{"side":"virtual","kind":"ConfigMap","verbs":["sync"]}"#), "{refusal}");
    let refusal = yaml(folder.path(), &["--key", "My_Plugin"]).err().map(|error| error.to_string());
    assert!(refusal.unwrap_or_default().contains("lower-case letters, digits and inner hyphens"));
    Ok(())
}
