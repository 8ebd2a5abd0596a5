//! What `sluice translate` says of what it cannot translate: the file, the field and the way out, and nothing else.

use super::{Ran, sluice, sluice_fed};
use anyhow::Result;
use sluice_tests::folder::Folder;
use std::fs;

const PLACE: [&str; 4] = ["--name", "vc", "--namespace", "ns"];
const GOOD: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}}";

fn translate(args: &[&str], input: &str) -> Result<Ran> {
    sluice_fed(["translate"].iter().chain(&PLACE).chain(args), input)
}

#[test]
fn cli_translate_names_the_file_that_it_cannot_read() -> Result<()> {
    let folder = Folder::new("sluice-translate-")?;
    let missing = folder.path().join("missing.yaml").display().to_string();
    let message =
        format!("{missing}: cannot be read: No such file or directory (os error 2); name a file of YAML or JSON");
    assert_eq!(translate(&["-f", &missing], "")?, Ran::failed(&message));
    assert_eq!(translate(&["-f", "-", "--physical", &missing], GOOD)?, Ran::failed(&message));

    let binary = folder.path().join("binary").display().to_string();
    fs::write(&binary, [0x7f, b'E', b'L', b'F', 0xff])?;
    let message = format!("{binary}: cannot be read: stream did not contain valid UTF-8; name a file of YAML or JSON");
    assert_eq!(translate(&["-f", &binary], "")?, Ran::failed(&message));
    Ok(())
}

#[test]
fn cli_translate_names_the_line_that_is_no_yaml_and_shows_nothing_of_it() -> Result<()> {
    let ran = translate(&["-f", "-"], "data:\n  password: hunter2\n  more: [1\n")?;
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (1, "", 1), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error: standard input: not YAML or JSON: line 3 column "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    Ok(())
}

#[test]
fn cli_translate_names_the_field_that_is_missing_or_wrong() -> Result<()> {
    let missing = "is missing; is this an object of Kubernetes?";
    let no_text = "is not a text; put it in quotes";
    for (input, message) in [
        ("", "standard input: there is no object in it".to_owned()),
        ("---\n# nothing\n", "standard input: there is no object in it".into()),
        ("[1]", format!("standard input: apiVersion {missing}")),
        ("hello", format!("standard input: apiVersion {missing}")),
        ("{kind: ConfigMap, metadata: {name: a}}", format!("standard input: apiVersion {missing}")),
        ("{apiVersion: v1, metadata: {name: a}}", format!("standard input: kind {missing}")),
        ("{apiVersion: v1, kind: '', metadata: {name: a}}", format!("standard input: kind {missing}")),
        ("{apiVersion: v1, kind: ConfigMap}", format!("standard input: metadata.name {missing}")),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {}}", format!("standard input: metadata.name {missing}")),
        ("{apiVersion: v1, kind: [x], metadata: {name: a}}", format!("standard input: kind {no_text}")),
        ("{apiVersion: v1, kind: C, metadata: {name: 7}}", format!("standard input: metadata.name {no_text}")),
        (
            "{apiVersion: v1, kind: C, metadata: {name: a, namespace: 7}}",
            format!("standard input: metadata.namespace {no_text}"),
        ),
        (
            "{apiVersion: v1, kind: C, metadata: {name: a, namespace: b, labels: {app: true}}}",
            format!("standard input: metadata.labels.app {no_text}"),
        ),
        (
            "{apiVersion: v1, kind: C, metadata: {name: a, namespace: b, annotations: {x: null}}}",
            format!("standard input: metadata.annotations.x {no_text}"),
        ),
        (
            "{apiVersion: v1, kind: C, metadata: {name: a, namespace: b, labels: [app]}}",
            "standard input: metadata: invalid type: sequence, expected a map".into(),
        ),
    ] {
        assert_eq!(translate(&["-f", "-"], input)?, Ran::failed(&message), "{input}");
    }
    let documents = format!("{GOOD}\n---\n{{apiVersion: v1, kind: ConfigMap}}");
    let message = format!("standard input, document 2: metadata.name {missing}");
    assert_eq!(translate(&["-f", "-"], &documents)?, Ran::failed(&message));
    Ok(())
}

#[test]
fn cli_translate_wants_to_know_whether_there_is_a_namespace() -> Result<()> {
    for input in [
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ''}}",
    ] {
        let message = "standard input: v1 ConfigMap \"a\" has no metadata.namespace; \
                       add it, or say --cluster-scoped if the kind has none";
        assert_eq!(translate(&["-f", "-"], input)?, Ran::failed(message));
    }
    let message = "standard input: v1 ConfigMap \"a\" has a metadata.namespace; leave out --cluster-scoped";
    assert_eq!(translate(&["-f", "-", "--cluster-scoped"], GOOD)?, Ran::failed(message));
    Ok(())
}

#[test]
fn cli_translate_refuses_what_is_no_pair() -> Result<()> {
    let folder = Folder::new("sluice-translate-")?;
    let file = folder.path().join("physical.yaml").display().to_string();
    let copy = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a-x-b-x-vc, namespace: ns}}";
    for (physical, message) in [
        (
            GOOD.to_owned(),
            format!("{file}: metadata says b/a, but the copy of b/a stands at ns/a-x-b-x-vc: these are no pair"),
        ),
        (
            copy.replace("ConfigMap", "Secret"),
            format!("{file}: it is a v1 Secret, the virtual object a v1 ConfigMap: these are no pair"),
        ),
        (
            copy.replace("name: a-x-b-x-vc, ", ""),
            format!("{file}: metadata.name is missing; is this an object of Kubernetes?"),
        ),
        (format!("{copy}\n---\n{copy}"), "--physical goes with one object in each file; there are 1 and 2".into()),
    ] {
        fs::write(&file, &physical)?;
        assert_eq!(translate(&["-f", "-", "--physical", &file], GOOD)?, Ran::failed(&message), "{physical}");
    }
    Ok(())
}

#[test]
fn cli_translate_refuses_names_that_no_virtual_cluster_has() -> Result<()> {
    let long = "a".repeat(64);
    for (name, namespace, wrong) in [
        ("My-vcluster", "ns", "virtual cluster name \"My-vcluster\""),
        ("", "ns", "virtual cluster name \"\""),
        ("-a", "ns", "virtual cluster name \"-a\""),
        (&long, "ns", &*format!("virtual cluster name \"{long}\"")),
        ("vc", "a.b", "target namespace \"a.b\""),
    ] {
        let ran = sluice(["translate", "-f", "/nowhere", &format!("--name={name}"), "--namespace", namespace])?;
        let message = format!(
            "{wrong} is not a name that Kubernetes takes: lower-case letters, digits and '-', \
             at most 63, beginning and ending with a letter or digit"
        );
        assert_eq!(ran, Ran::failed(&message));
    }
    Ok(())
}
