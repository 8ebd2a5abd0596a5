//! The chart: what it comes to, and what it does not take.

use super::{RELEASE, documents, helm, read, refused, render, root, the};
use crate::cli::sluice_fed;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{artifacts, folder::Folder};
use std::{collections::BTreeSet, fs, process::Command};

/// Values that change what is rendered.
pub(super) const VARIANTS: [&[&str]; 4] = [
    &["-f", "deploy/values.yaml"],
    &[
        "--set",
        "virtualCluster.name=my-vcluster,replicas=1,networkPolicy.enabled=false,sources.folder=,virtualCluster.server=",
    ],
    &[
        "--set",
        "virtualCluster.name=my-vcluster,interceptors.enabled=true,interceptors.from[0].podSelector.matchLabels.app=proxy",
        "--set",
        "imagePullSecrets[0]=pull,priorityClassName=high,env[0].name=A,env[0].value=b,podLabels.team=a,nodeSelector.disk=ssd",
        "--set",
        "rbac.namespaces.team.extraRules[0].apiGroups[0]=,rbac.namespaces.team.extraRules[0].resources[0]=secrets",
        "--set",
        "rbac.namespaces.team.extraRules[0].verbs[0]=list,serviceAccount.annotations.a=b,podAnnotations.a=b",
        "--set",
        "networkPolicy.apiServer.to[0].ipBlock.cidr=10.0.0.1/32,networkPolicy.metrics.from[0].namespaceSelector.matchLabels.a=b",
        "--set",
        "volumes[0].name=ca,volumes[0].configMap.name=ca,volumeMounts[0].name=ca,volumeMounts[0].mountPath=/ca",
        "--set",
        "networkPolicy.egress[0].ports[0].port=5000,tolerations[0].operator=Exists,listen=[::]",
    ],
    &[
        "--set",
        "virtualCluster.name=my-vcluster,traces.endpoint=http://collector:4318,serviceMonitor.enabled=true,serviceAccount.create=false,rbac.create=false",
    ],
];

#[test]
fn cli_the_chart_has_no_faults() -> Result<()> {
    for values in [&[][..]].into_iter().chain(VARIANTS) {
        let said = helm("lint", &[&["--strict", "deploy/chart"], values].concat())?;
        said.map_err(anyhow::Error::msg)?;
    }
    Ok(())
}

#[test]
fn cli_install_yaml_is_what_the_chart_renders() -> Result<()> {
    let installed = read("deploy/install.yaml")?;
    let command = installed.lines().find_map(|line| line.strip_prefix("#   helm template ")).context("no command")?;
    let args: Vec<&str> = command.split_whitespace().take_while(|word| *word != ">").collect();
    let now = helm("template", &args)?.map_err(anyhow::Error::msg)?;
    let stale = "deploy/install.yaml is not what the chart renders now; its first lines say how it is made";
    ensure!(documents(&installed)? == documents(&now)?, stale);
    ensure!(args.starts_with(&RELEASE), "it is made for another release than the rest is: {args:?}");
    Ok(())
}

#[test]
fn cli_the_chart_is_of_this_version() -> Result<()> {
    let chart = documents(&read("deploy/chart/Chart.yaml")?)?.remove(0);
    for field in ["version", "appVersion"] {
        assert_eq!(chart[field], env!("CARGO_PKG_VERSION"), "{field}");
    }
    for file in ["deploy/plugin.yaml", "deploy/plugin-v2.yaml", "deploy/values.yaml", "deploy/Dockerfile.example"] {
        let image = format!(":{}", env!("CARGO_PKG_VERSION"));
        ensure!(read(file)?.contains(&image), "{file} names another version than {image}");
    }
    Ok(())
}

#[test]
fn cli_the_schema_knows_every_value() -> Result<()> {
    let values = documents(&read("deploy/chart/values.yaml")?)?.remove(0);
    let schema: Value = serde_json::from_str(&read("deploy/chart/values.schema.json")?)?;
    let keys = |object: &Value| object.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
    let mut known: BTreeSet<String> = keys(&schema["properties"]);
    // Helm's own.
    known.remove("global");
    assert_eq!(keys(&values), known);
    Ok(())
}

#[test]
fn cli_wrong_values_are_refused_in_words() -> Result<()> {
    let named = "virtualCluster.name=my-vcluster";
    for (value, said) in [
        ("--set=replicas=3", "virtualCluster.name is missing: say --set virtualCluster.name=NAME"),
        ("--set=virtualCluster.name=A_b", "at '/virtualCluster/name': 'A_b' does not match pattern"),
        ("--set=replicas=0", "at '/replicas': minimum: got 0, want 1"),
        ("--set=replica=2", "additional properties 'replica' not allowed"),
        ("--set=logLevel=loud", "at '/logLevel': value must be one of 'error', 'warn', 'info', 'debug'"),
        ("--set=admin.port=80", "at '/admin/port': minimum: got 80, want 1,024"),
        ("--set=rbac.role.extraRules[0].verbs[0]=list", "missing properties 'apiGroups', 'resources'"),
        (
            r#"--set-json=config={"plugins":{"a":{"grants":[{"side":"above","kind":"A","verbs":[]}]}}}"#,
            "'virtual', 'physical'",
        ),
        (r#"--set-json=config={"plugins":{"a":{"digest":"sha256:0"}}}"#, "at '/config/plugins/a/digest'"),
        ("--set=components.a=abc", "components.a is not the base64 of a .wasm file"),
        ("--set=components.A=abc", "invalid propertyName 'A'"),
        ("--set=interceptors.enabled=true", "interceptors.from is empty: name who may send requests"),
    ] {
        let args: &[&str] = if value.contains("replicas=3") { &[value] } else { &["--set", named, value] };
        let refusal = refused(args)?;
        ensure!(refusal.contains(said), "{value}: {refusal}");
    }
    Ok(())
}

/// Copies of tenants' Pods stand in the same namespace, with their tenants' labels.
#[test]
fn cli_no_tenant_can_pass_as_a_replica() -> Result<()> {
    let objects = render(VARIANTS[0])?;
    let selectors = [
        ("Deployment", "/spec/selector/matchLabels"),
        ("Service", "/spec/selector"),
        ("PodDisruptionBudget", "/spec/selector/matchLabels"),
        ("NetworkPolicy", "/spec/podSelector/matchLabels"),
    ];
    let labels = the("Deployment", &objects)?["spec"]["template"]["metadata"]["labels"].clone();
    let tenants = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a", "namespace": "b", "labels": labels },
    });
    let translate = ["translate", "-f", "-", "--name", "my-vcluster", "--namespace", "vcluster-my"];
    let copy = sluice_fed(translate, &tenants.to_string())?;
    ensure!(copy.code == 0, "{}", copy.stderr);
    let copy = &documents(&copy.stdout)?[0]["metadata"]["labels"];
    let selects = |selector: &Value, labels: &Value| {
        selector.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| labels[key] == *value))
    };
    for (kind, selector) in selectors {
        let selector = the(kind, &objects)?.pointer(selector).context(kind)?;
        ensure!(selects(selector, &labels), "{kind}: {selector} does not select a replica");
        ensure!(!selects(selector, copy), "{kind}: {selector} selects a tenant's copy: {copy}");
    }
    Ok(())
}

#[test]
fn cli_components_become_config_maps() -> Result<()> {
    let folder = Folder::new("sluice-components-")?;
    let file = folder.path().join("configmaps.b64");
    let base64 = Command::new("base64").arg(artifacts::guests()?.join("configmaps.wasm")).output()?;
    fs::write(&file, &base64.stdout)?;
    let set = format!("components.configmaps={}", file.display());
    let objects = render(&[VARIANTS[0], &["--set-file", &set]].concat())?;
    let map = the("ConfigMap", &objects)?;
    assert_eq!(map["metadata"]["labels"]["sluice.dev/plugin"], "configmaps");
    let whole: String = String::from_utf8(base64.stdout)?.split_whitespace().collect();
    ensure!(map["binaryData"]["plugin.wasm"] == whole, "it is not what the file holds");

    let refusal = refused(&[VARIANTS[0], &["--set-file", &set, "--set", "sources.configMaps=false"]].concat())?;
    ensure!(refusal.contains("sources.configMaps is false"), "{refusal}");
    fs::write(&file, whole.repeat(2))?;
    let refusal = refused(&[VARIANTS[0], &["--set-file", &set]].concat())?;
    ensure!(refusal.contains("too large for a release of Helm"), "{refusal}");
    Ok(())
}

#[test]
fn cli_spans_may_go_to_the_collector_that_is_named() -> Result<()> {
    for (endpoint, port) in [
        ("http://collector.traces:4318", 4318),
        ("http://collector.traces", 80),
        ("https://collector.example.com/otlp", 443),
        ("http://[fd00::1]:4318/", 4318),
    ] {
        let objects = render(&[VARIANTS[0], &["--set-string", &format!("traces.endpoint={endpoint}")]].concat())?;
        let container = &the("Deployment", &objects)?["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["env"], json!([{ "name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": endpoint }]));
        let egress = the("NetworkPolicy", &objects)?["spec"]["egress"].as_array().context("no egress")?;
        assert_eq!(egress.last(), Some(&json!({ "ports": [{ "port": port }] })), "{endpoint}");
    }
    ensure!(
        refused(&[VARIANTS[0], &["--set", "traces.endpoint=collector:4318"]].concat())?.contains("/traces/endpoint")
    );
    Ok(())
}

/// Large numbers too, which Helm holds as fractions.
#[test]
fn cli_the_config_arrives_as_it_was_written() -> Result<()> {
    let folder = Folder::new("sluice-values-")?;
    let config =
        "plugins:\n  a:\n    limits: { fuel: 40000000000, time: 2000 }\n    config: { text: '{{ .Values }}' }\n";
    let file = folder.path().join("values.yaml");
    fs::write(&file, format!("config:\n  {}", config.replace('\n', "\n  ")))?;
    let objects = render(&["--set", "virtualCluster.name=my-vcluster", "-f", &file.display().to_string()])?;
    let given = the("Secret", &objects)?["stringData"]["sluice.yaml"].as_str().context("no config")?;
    assert_eq!(documents(given)?, documents(config)?);
    Ok(())
}

/// The program takes each of its arguments, or it would say so before it shows its help.
#[test]
fn cli_the_chart_calls_the_program_as_it_wants_to_be_called() -> Result<()> {
    for values in VARIANTS {
        let deployment = render(values)?;
        let container = &the("Deployment", &deployment)?["spec"]["template"]["spec"]["containers"][0];
        let args = container["args"].as_array().context("no arguments")?.iter().filter_map(Value::as_str);
        let output = Command::new(artifacts::sluice()?).args(args).arg("--help").output()?;
        ensure!(output.status.success(), "{}: {}", container["args"], String::from_utf8_lossy(&output.stderr));
    }
    ensure!(root().join("deploy/chart/templates/NOTES.txt").exists());
    Ok(())
}
