use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;

/// As vCluster sends it, with these in place of its `config`, its `options`, and further keys.
fn sent(config: Value, options: Value, more: Value) -> Value {
    let base64 = |text: String| Value::from(STANDARD.encode(text));
    let mut sent = json!({
        "pro": {}, "syncerConfig": base64("the proxy's".into()),
        "workloadConfig": base64("apiVersion: v1".into()), "controlPlaneConfig": base64("apiVersion: v1".into()),
        "physicalClusterConfig": base64("apiVersion: v1".into()),
        "currentNamespace": "runs-in", "workingDir": "/plugins/sluice", "port": 13370,
        "config": base64(config.to_string()), "options": base64(options.to_string()),
    });
    let all = sent.as_object_mut().unwrap();
    for (key, value) in more.as_object().unwrap() {
        let _ = if value.is_null() { all.remove(key) } else { all.insert(key.clone(), value.clone()) };
    }
    sent
}

fn parse(sent: &Value) -> Result<InitConfig, String> {
    InitConfig::parse(&sent.to_string()).map_err(|error| error.to_string())
}

#[test]
fn every_release_is_understood() {
    for (config, options, expected) in [
        (json!({ "name": "v", "hostNamespace": "n" }), json!({ "name": "v", "targetNamespace": "n" }), "n"),
        // 0.28: either is where vCluster runs, unless there is the other.
        (json!({ "name": "v", "hostNamespace": "m", "hostTargetNamespace": "n" }), json!({}), "n"),
        (json!({ "name": "v", "hostNamespace": "n", "hostTargetNamespace": "" }), json!({}), "n"),
        // Up to 0.27.
        (json!({ "name": "v", "workloadNamespace": "m", "workloadTargetNamespace": "n" }), json!({}), "n"),
        (json!({ "name": "v", "workloadNamespace": "n", "controlPlaneNamespace": "m" }), json!({}), "n"),
        // 0.19 had options instead.
        (json!(null), json!({ "name": "v", "targetNamespace": "n" }), "n"),
        (json!({ "name": "v" }), json!({}), "runs-in"),
    ] {
        let read = parse(&sent(config, options, json!({}))).unwrap();
        assert_eq!((&*read.name, &*read.namespace), ("v", expected));
        assert_eq!((&*read.physical.text, read.physical.key), ("apiVersion: v1", "workloadConfig"));
        assert_eq!((read.working_dir.to_str().unwrap(), read.port), ("/plugins/sluice", 13370));
    }
}

#[test]
fn any_of_the_kubeconfigs_will_do() {
    let config = json!({ "name": "v", "hostNamespace": "n" });
    let read = parse(&sent(config.clone(), json!({}), json!({ "workloadConfig": null, "controlPlaneConfig": "" })));
    assert_eq!(read.unwrap().physical, Kubeconfig { key: "physicalClusterConfig", text: "apiVersion: v1".into() });
    let none = json!({ "workloadConfig": null, "controlPlaneConfig": null, "physicalClusterConfig": null });
    let error = parse(&sent(config, json!({}), none)).unwrap_err();
    assert!(error.contains("`workloadConfig` is missing"), "{error}");
}

#[test]
fn the_virtual_kubeconfig_is_where_vcluster_says() {
    let at = |path: &str| json!({ "virtualClusterKubeConfig": { "kubeConfig": path } });
    for (experimental, options, expected) in [
        (json!({}), json!({}), "/data/pki/admin.conf"),
        (at(""), json!({ "kubeConfig": "/data/server/cred/admin.kubeconfig" }), "/data/server/cred/admin.kubeconfig"),
        (at("/mine"), json!({ "kubeConfig": "/mine" }), "/mine"),
    ] {
        let config = json!({ "name": "v", "hostNamespace": "n", "experimental": experimental });
        let read = parse(&sent(config, options, json!({}))).unwrap();
        assert_eq!(read.virtual_kubeconfig.to_str().unwrap(), expected);
    }
}

#[test]
fn what_cannot_be_used_is_named_and_not_repeated() {
    let good = || json!({ "name": "v", "hostNamespace": "n" });
    let secret = STANDARD.encode("{\"hunter2\": ]");
    for (config, more, said) in [
        (json!({ "hostNamespace": "n" }), json!({}), "`config.name` is missing"),
        (json!({ "name": "v" }), json!({ "currentNamespace": null }), "`config.hostNamespace` is missing"),
        (json!({ "name": 1 }), json!({}), "`config.name` is no text"),
        (json!({ "name": "v", "experimental": [] }), json!({}), "`config.experimental` is no JSON object"),
        (json!([]), json!({}), "`config` is no JSON object"),
        (good(), json!({ "config": "hunter2?" }), "`config` is no base64"),
        (good(), json!({ "config": secret }), "`config` is no JSON, at line 1 column"),
        (good(), json!({ "workloadConfig": "hunter2?" }), "`workloadConfig` is no base64"),
        (good(), json!({ "workloadConfig": STANDARD.encode(b"hunter2\xff") }), "`workloadConfig` is no text"),
        (good(), json!({ "workingDir": "" }), "`workingDir` is missing"),
        (good(), json!({ "port": 0 }), "`port` is no port"),
        (good(), json!({ "port": null }), "`port` is missing"),
    ] {
        let error = parse(&sent(config, json!({}), more)).unwrap_err();
        assert!(error.starts_with("what vCluster sent to Initialize: ") && error.contains(said), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let error = InitConfig::parse("hunter2").unwrap_err().to_string();
    assert!(error.contains("`InitConfig` is no JSON, at line 1 column 1") && !error.contains("hunter2"), "{error}");
}

#[test]
fn kubeconfigs_are_not_shown() {
    let read = parse(&sent(json!({ "name": "v", "hostNamespace": "n" }), json!({}), json!({}))).unwrap();
    assert!(!format!("{read:?}").contains("apiVersion"));
}
