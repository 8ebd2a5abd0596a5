//! `sluice translate`: literal objects in, literal objects out. The names and hashes are vCluster's own.

use super::{Ran, sluice, sluice_fed};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::folder::Folder;
use std::fs;

const VIRTUAL: &str = include_str!("../data/virtual.yaml");
const COPY: &str = include_str!("../data/copy.yaml");
const PHYSICAL: &str = include_str!("../data/physical.yaml");
const UPDATED: &str = include_str!("../data/updated.yaml");

/// Translates standard input for this virtual cluster.
fn translate(input: &str, name: &str, namespace: &str, args: &[&str]) -> Result<Ran> {
    let place = ["translate", "-f", "-", "--name", name, "--namespace", namespace];
    sluice_fed(place.iter().chain(args), input)
}

#[test]
fn cli_translate_makes_a_copy() -> Result<()> {
    let folder = Folder::new("sluice-translate-")?;
    let file = folder.path().join("virtual.yaml").display().to_string();
    fs::write(&file, VIRTUAL)?;
    let place = ["--name", "suffix", "--namespace", "target"];
    assert_eq!(sluice(["translate", "-f", &file].iter().chain(&place))?, Ran::printed(COPY));
    Ok(())
}

#[test]
fn cli_translate_updates_what_stands_there() -> Result<()> {
    let folder = Folder::new("sluice-translate-")?;
    let file = folder.path().join("physical.yaml").display().to_string();
    fs::write(&file, PHYSICAL)?;
    assert_eq!(translate(VIRTUAL, "suffix", "target", &["--physical", &file])?, Ran::printed(UPDATED));
    // What was printed is as it should be already.
    fs::write(&file, UPDATED)?;
    assert_eq!(translate(VIRTUAL, "suffix", "target", &["--physical", &file])?, Ran::printed(UPDATED));
    Ok(())
}

#[test]
fn cli_translate_reads_and_prints_json() -> Result<()> {
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": "test", "namespace": "kube-system", "labels": null },
        "spec": { "selector": { "release": "blue" }, "ports": [{ "port": 1000 }] },
        "status": { "loadBalancer": {} },
    });
    let ran = translate(&service.to_string(), "vcluster", "ns", &["-o", "json"])?;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let expected = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "test-x-kube-system-x-vcluster",
            "namespace": "ns",
            "labels": {
                "vcluster.loft.sh/managed-by": "vcluster",
                "vcluster.loft.sh/namespace": "kube-system",
            },
            "annotations": {
                "vcluster.loft.sh/object-name": "test",
                "vcluster.loft.sh/object-namespace": "kube-system",
                "vcluster.loft.sh/object-kind": "/v1, Kind=Service",
                "vcluster.loft.sh/object-host-name": "test-x-kube-system-x-vcluster",
                "vcluster.loft.sh/object-host-namespace": "ns",
            },
        },
        "spec": { "selector": { "release": "blue" }, "ports": [{ "port": 1000 }] },
        "status": { "loadBalancer": {} },
    });
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout)?, expected);
    assert!(ran.stdout.starts_with("{\n  \"apiVersion\": \"v1\",\n"), "{}", ran.stdout);
    Ok(())
}

#[test]
fn cli_translate_knows_objects_without_a_namespace() -> Result<()> {
    let class = "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: my-pc, uid: u}, value: 7}";
    let expected = r#"apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  annotations:
    vcluster.loft.sh/object-host-name: vcluster-my-pc-x-ns-1-x-my-vcluster
    vcluster.loft.sh/object-kind: scheduling.k8s.io/v1, Kind=PriorityClass
    vcluster.loft.sh/object-name: my-pc
    vcluster.loft.sh/object-uid: u
  labels:
    vcluster.loft.sh/managed-by: ns-1-x-my-vcluster
  name: vcluster-my-pc-x-ns-1-x-my-vcluster
value: 7
"#;
    assert_eq!(translate(class, "my-vcluster", "ns-1", &["--cluster-scoped"])?, Ran::printed(expected));
    Ok(())
}

#[test]
fn cli_translate_names_are_vclusters() -> Result<()> {
    let dotted = format!("{}.bbbbb", "a".repeat(51));
    let dotted_copy = format!("{}-545ee7ff6a", "a".repeat(51));
    for (name, namespace, vcluster, copy) in [
        ("test", "kube-system", "vcluster", "test-x-kube-system-x-vcluster"),
        (
            "a-very-long-deployment-name-that-goes-on-and-on",
            "default",
            "my-vcluster",
            "a-very-long-deployment-name-that-goes-on-and-on-x-de-41c2d459ef",
        ),
        (&dotted, "default", "vc", &dotted_copy),
    ] {
        let object = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "namespace": namespace },
        });
        let ran = translate(&object.to_string(), vcluster, "ns", &["-o", "json"])?;
        let metadata = serde_json::from_str::<Value>(&ran.stdout)?["metadata"].take();
        assert_eq!((&metadata["name"], &metadata["namespace"]), (&json!(copy), &json!("ns")));
        assert_eq!(metadata["annotations"]["vcluster.loft.sh/object-host-name"], copy);
        assert_eq!(metadata["annotations"]["vcluster.loft.sh/object-name"], name);
    }
    Ok(())
}

#[test]
fn cli_translate_hashes_a_rewritten_label_of_a_long_name() -> Result<()> {
    let object = "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b, labels: {release: blue, app: e}}}";
    let name = "a-quite-long-virtual-cluster-name-0123456789";
    let ran = translate(object, name, "ns", &["-o", "json"])?;
    let expected = json!({
        "app": "e",
        "vcluster.loft.sh/label-a-quite-long-virtual-cluster--0a51d5542b": "blue",
        "vcluster.loft.sh/managed-by": name,
        "vcluster.loft.sh/namespace": "b",
    });
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout)?["metadata"]["labels"], expected);
    Ok(())
}

#[test]
fn cli_translate_takes_documents_one_by_one() -> Result<()> {
    let one = |name: &str| format!("{{apiVersion: v1, kind: Secret, metadata: {{name: {name}, namespace: b}}}}\n");
    let copy = |name: &str| {
        format!(
            "apiVersion: v1
kind: Secret
metadata:
  annotations:
    vcluster.loft.sh/object-host-name: {name}-x-b-x-vc
    vcluster.loft.sh/object-host-namespace: ns
    vcluster.loft.sh/object-kind: /v1, Kind=Secret
    vcluster.loft.sh/object-name: {name}
    vcluster.loft.sh/object-namespace: b
  labels:
    vcluster.loft.sh/managed-by: vc
    vcluster.loft.sh/namespace: b
  name: {name}-x-b-x-vc
  namespace: ns
"
        )
    };
    let documents = format!("---\n{}---\n---\n# nothing\n---\n{}", one("first"), one("second"));
    let printed = format!("{}---\n{}", copy("first"), copy("second"));
    assert_eq!(translate(&documents, "vc", "ns", &[])?, Ran::printed(&printed));
    Ok(())
}
