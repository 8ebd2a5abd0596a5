//! Plugins are swapped while all else goes on: a file, or what the config says, changes under the running runtime.

use crate::support::{STARTED, Stage, calls, log, port::Port, stop, things::Kind};
use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};
use sluice_tests::{Lab, Sluice, eventually, plugins_dir};
use std::{fs, path::PathBuf};

const PODS: Kind = Kind("v1", "Pod", "pods");
const STORAGE_CLASSES: Kind = Kind("storage.k8s.io/v1", "StorageClass", "storageclasses");

const CONFIGMAPS: &str = "
  configmaps:
    grants: [{ side: virtual, kind: ConfigMap, verbs: [sync] }]";
const PODS_DOWN: &str = "
  custom-resources:
    config: { resources: [{ apiVersion: v1, kind: Pod, direction: down }] }
    grants: [{ side: virtual, kind: Pod, verbs: [sync] }]";
const POD_HOOKS: &str = "
  pod-hooks:
    grants: [{ side: physical, kind: Pod, verbs: [hook] }]";
const STORAGE: &str = "
  storage-classes:
    grants: [{ side: physical, group: storage.k8s.io, kind: StorageClass, verbs: [sync] }]";

impl Stage {
    async fn start_as_is(&self) -> Result<Sluice> {
        let mut sluice = self.launch_as_is(&["--log-level", "debug", "--interceptors", "127.0.0.1:0"])?;
        sluice.wait_for_line(STARTED).await?;
        Ok(sluice)
    }

    /// Puts a file in the plugin folder, at once and whole, as a build does.
    fn put_file(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let partial = self.plugin_folder().join(format!(".{name}"));
        fs::write(&partial, bytes)?;
        Ok(fs::rename(partial, self.plugin_folder().join(name))?)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.plugin_folder().join(name)
    }

    /// The same plugin with one custom section more, which says nothing: other bytes, that do the same.
    fn next_version(&self, name: &str) -> Result<()> {
        let mut bytes = fs::read(self.file(name))?;
        bytes.extend([0, 2, 1, b'x']);
        self.put_file(name, &bytes)
    }
}

/// Lines of the log with this message.
fn said(sluice: &Sluice, message: &str) -> Vec<Value> {
    log(sluice).into_iter().filter(|line| line["message"] == message).collect()
}

/// Waits for a message, as often as this.
async fn says(sluice: &Sluice, message: &str, times: usize) -> Result<Vec<Value>> {
    eventually(&format!("it says {message:?} {times} times"), async || -> Result<Option<Vec<Value>>> {
        let said = said(sluice, message);
        Ok((said.len() >= times).then_some(said))
    })
    .await
}

fn plugins(parts: &[&str]) -> String {
    format!("plugins:{}", parts.concat())
}

fn config_map(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "data": { "colour": "red" } })
}

#[tokio::test]
async fn api_a_changed_file_swaps_its_plugin_alone_and_writes_nothing() -> Result<()> {
    let lab = Lab::take("swap_file").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "storage-classes"], &plugins(&[CONFIGMAPS, STORAGE]))?;
    let sluice = stage.start_as_is().await?;
    let (object, _) = stage.pair(config_map("kept")).await?;
    stage.barrier().await?;
    let mark = stage.lab.physical_plane.audit_mark();

    stage.next_version("configmaps.wasm")?;
    assert_eq!(says(&sluice, "swapped", 1).await?[0]["plugin"], "configmaps");
    // Its syncer has looked at every object again; the neighbour's was not disturbed.
    let in_step = says(&sluice, "in step", 3).await?;
    let of = |syncer: &str| in_step.iter().filter(|line| line["syncer"] == syncer).count();
    assert_eq!((of("configmaps/configmaps"), of("storage-classes/storage-classes")), (2, 1));
    let writes: Vec<_> = stage.asked_below(mark)?.into_iter().filter(|event| event.is_write()).collect();
    assert!(writes.is_empty(), "{writes:?}");

    let object = stage.change(&object, json!({ "data": { "colour": "blue" } })).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_nothing_is_lost_or_doubled_while_plugins_are_swapped() -> Result<()> {
    const OBJECTS: usize = 60;
    const SWAPS: usize = 4;
    let stage = Stage::with_plugins(Lab::take("swap_often").await?, &["configmaps"], &plugins(&[CONFIGMAPS]))?;
    let sluice = stage.start_as_is().await?;
    let mark = stage.lab.physical_plane.audit_mark();
    let mut objects: Vec<ConfigMap> = vec![];
    for swap in 1..=SWAPS {
        stage.next_version("configmaps.wasm")?;
        // A user does not wait: what is made and changed falls before, into and after the swap.
        let mut at = 0;
        while said(&sluice, "swapped").len() < swap || at < OBJECTS / SWAPS {
            objects.push(stage.create(config_map(&format!("object-{swap}-{at}"))).await?);
            let number = objects.len() / 2;
            objects[number] = stage.change(&objects[number], json!({ "data": { "swap": swap.to_string() } })).await?;
            at += 1;
        }
    }
    let gone = objects.pop().expect("an object");
    stage.copied(&gone).await?;
    stage.next_version("configmaps.wasm")?;
    stage.delete(&gone).await?;
    says(&sluice, "swapped", SWAPS + 1).await?;
    stage.gone(&stage.copy_name(&gone)).await?;
    for object in &objects {
        stage.copied(object).await?;
    }
    stage.barrier().await?;
    let asked = stage.asked_below(mark)?;
    for object in objects.iter().chain([&gone]) {
        let name = stage.copy_name(object);
        let about = |verb: &str| asked.iter().filter(|event| event.name == name && event.verb == verb).count();
        ensure!(about("create") == 1, "{name} was created {} times", about("create"));
        ensure!(about("delete") <= 1, "{name} was deleted {} times", about("delete"));
    }
    let refused: Vec<_> = asked.iter().filter(|event| event.code >= 400).collect();
    assert!(refused.is_empty(), "{refused:?}");
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_version_that_does_not_load_leaves_the_former_one_running() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("swap_broken").await?, &["configmaps"], &plugins(&[CONFIGMAPS]))?;
    let mut sluice = stage.start_as_is().await?;
    let good = fs::read(stage.file("configmaps.wasm"))?;
    stage.put_file("configmaps.wasm", &good[..good.len() / 2])?;
    let line = sluice.wait_for_line("refused, and its former version goes on").await?;
    ensure!(line.contains("configmaps.wasm: it is damaged"), "{line}");
    let object = stage.create(config_map("still")).await?;
    stage.copied(&object).await?;

    // One that asks for more than it is granted is no better: here another plugin in its place.
    let other = fs::read(plugins_dir(&["import-secrets"])?.path().join("import_secrets.wasm"))?;
    stage.put_file("configmaps.wasm", &other)?;
    let line = sluice.wait_for_line("asks for what it is not granted").await?;
    ensure!(line.contains("its former version goes on"), "{line}");
    stage.put_file("configmaps.wasm", &good)?;
    stage.next_version("configmaps.wasm")?;
    says(&sluice, "swapped", 1).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "green" } })).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_changed_config_swaps_its_plugin_and_a_broken_one_changes_nothing() -> Result<()> {
    let only = "
  configmaps:
    config: { namespaces: [kube-system] }
    grants: [{ side: virtual, kind: ConfigMap, verbs: [sync] }]";
    let stage = Stage::with_plugins(Lab::take("swap_config").await?, &["configmaps"], &plugins(&[only]))?;
    let mut sluice = stage.start_as_is().await?;
    let object = stage.create(config_map("left-out")).await?;
    stage.configure("plugins: [")?;
    let line = sluice.wait_for_line("what it said before goes on").await?;
    ensure!(line.contains("sluice.yaml"), "{line}");
    assert!(calls(&sluice, "default/left-out").is_empty());
    stage.configure(&plugins(&[CONFIGMAPS]))?;
    stage.copied(&object).await?;
    assert_eq!(said(&sluice, "swapped").len(), 1);
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_plugin_comes_and_goes_with_its_file() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("swap_come").await?, &["configmaps"], &plugins(&[CONFIGMAPS, STORAGE]))?;
    let sluice = stage.start_as_is().await?;
    let bytes = fs::read(plugins_dir(&["storage-classes"])?.path().join("storage_classes.wasm"))?;
    let name = format!("swap-{}", stage.lab.target_namespace);
    let class = json!({ "metadata": { "name": name, "labels": { "sluice.dev/test": "swap" } }, "provisioner": "example.com/none" });
    stage.below_in(STORAGE_CLASSES, "").put(class).await?;
    stage.put_file("storage_classes.wasm", &bytes)?;
    stage.above(STORAGE_CLASSES, "").appears(&name).await?;

    fs::remove_file(stage.file("storage_classes.wasm"))?;
    assert_eq!(says(&sluice, "removed; what it copied stays", 1).await?[0]["plugin"], "storage-classes");
    // Nobody removes its copy, neither now nor when its source goes.
    stage.below_in(STORAGE_CLASSES, "").delete(&name).await?;
    stage.pair(config_map("after")).await?;
    assert!(stage.above(STORAGE_CLASSES, "").find(&name).await?.is_some());
    stop(sluice).await?;
    stage.above(STORAGE_CLASSES, "").delete(&name).await
}

#[tokio::test]
async fn api_what_a_hook_did_ends_with_it() -> Result<()> {
    let lab = Lab::take("swap_hook").await?;
    let stage = Stage::with_plugins(lab, &["custom-resources", "pod-hooks"], &plugins(&[PODS_DOWN, POD_HOOKS]))?;
    let sluice = stage.start_as_is().await?;
    let spec = json!({ "containers": [{ "name": "main", "image": "example.com/none" }] });
    stage.above(PODS, "default").put(json!({ "metadata": { "name": "shop" }, "spec": spec })).await?;
    let label = |pod: &Value| pod["metadata"]["labels"]["created-by-plugin"] == "pod-hook";
    stage.below(PODS).until("shop-x-default-x-my-vcluster", "is labelled", label).await?;

    // The syncer is not started anew for that, and looks at its Pods again all the same.
    let bytes = fs::read(stage.file("pod_hooks.wasm"))?;
    fs::remove_file(stage.file("pod_hooks.wasm"))?;
    stage.below(PODS).until("shop-x-default-x-my-vcluster", "has no label", |pod| !label(pod)).await?;
    assert_eq!(said(&sluice, "in step").len(), 1);

    // One that comes back sees the next write.
    stage.put_file("pod_hooks.wasm", &bytes)?;
    eventually("there are three plugins loaded", async || said(&sluice, "loaded plugin").len() == 3).await?;
    stage.above(PODS, "default").change("shop", json!({ "metadata": { "labels": { "app": "shop" } } })).await?;
    let both = |pod: &Value| label(pod) && pod["metadata"]["labels"]["app"] == "shop";
    eventually("a write passes the hook", async || -> Result<Option<()>> {
        let found = stage.below(PODS).find("shop-x-default-x-my-vcluster").await?;
        if found.as_ref().is_some_and(both) {
            return Ok(Some(()));
        }
        let next = json!({ "metadata": { "annotations": { "written": said(&sluice, "wrote").len().to_string() } } });
        stage.above(PODS, "default").change("shop", next).await?;
        Ok(None)
    })
    .await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_an_interceptor_that_is_added_is_answered_by() -> Result<()> {
    let rules = "
  pod-interceptor:
    interceptors: [{ apiGroups: ['*'], resources: [pods], resourceNames: ['*'], verbs: [get] }]";
    let stage = Stage::with_plugins(Lab::take("swap_door").await?, &["configmaps"], &plugins(&[CONFIGMAPS, rules]))?;
    let mut sluice = stage.start_as_is().await?;
    let bytes = fs::read(plugins_dir(&["pod-interceptor"])?.path().join("pod_interceptor.wasm"))?;
    stage.put_file("pod_interceptor.wasm", &bytes)?;
    let port = Port::of(&mut sluice).await?;
    let path = "/api/v1/namespaces/test/pods/stuff";
    eventually("it answers", async || port.get(path).await.is_ok_and(|answer| answer.status == 200)).await?;

    // The port stays, and nobody answers there any more.
    fs::remove_file(stage.file("pod_interceptor.wasm"))?;
    eventually("it is gone", async || port.get(path).await.is_ok_and(|answer| answer.status == 404)).await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_who_is_refused_is_told_in_an_event_and_its_config_is_not() -> Result<()> {
    const PASSWORD: &str = "xyzzy-Right3Pastures";
    let wrong = format!(
        "
  configmaps:
    config: {{ labels: 'in in {PASSWORD}' }}
    grants: [{{ side: virtual, kind: ConfigMap, verbs: [sync] }}]"
    );
    let stage = Stage::with_plugins(Lab::take("swap_event").await?, &["configmaps"], &plugins(&[CONFIGMAPS]))?;
    let sluice = stage.start_as_is().await?;
    stage.configure(&plugins(&[&wrong]))?;
    let events = stage.below(Kind("events.k8s.io/v1", "Event", "events"));
    let told = eventually("there is an Event", async || -> Result<Option<Value>> {
        for name in events.names().await? {
            let event = events.find(&name).await?.unwrap_or_default();
            if event["reason"] == "PluginRefused" {
                return Ok(Some(event));
            }
        }
        Ok(None)
    });
    let told = told.await?;
    assert_eq!(told["regarding"]["name"], "sluice-my-vcluster");
    let note = told["note"].as_str().unwrap_or_default();
    assert!(note.starts_with("Plugin configmaps is refused, and its former version goes on: "), "{note}");
    assert!(!told.to_string().contains(PASSWORD), "{told}");
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_plugin_does_not_keep_what_is_taken_away_from_it() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("swap_revoke").await?, &["configmaps"], &plugins(&[CONFIGMAPS]))?;
    let mut sluice = stage.start_as_is().await?;
    let (object, _) = stage.pair(config_map("before")).await?;
    let other = format!("{CONFIGMAPS}\n    digest: sha256:{}", "0".repeat(64));
    let less = [
        ("\n  configmaps: { grants: [] }", "asks for what it is not granted"),
        (other.as_str(), "wants digest sha256:0000"),
    ];
    for (times, (less, said)) in (1..).zip(less) {
        stage.configure(&plugins(&[less]))?;
        let line = sluice.wait_for_line(said).await?;
        ensure!(line.contains("refused, and not run"), "{line}");
        let lines = log(&sluice).len();
        says(&sluice, "removed; what it copied stays", times).await?;
        let mark = stage.lab.physical_plane.audit_mark();
        stage.change(&object, json!({ "data": { "colour": lines.to_string() } })).await?;
        // What it would have done is done at once when it is given back.
        stage.configure(&plugins(&[CONFIGMAPS]))?;
        let changed = stage.virtual_maps("default").get("before").await?;
        stage.copied(&changed).await?;
        let order: Vec<_> = log(&sluice).iter().skip(lines).map(|line| line["message"].clone()).collect();
        let place = |message: &str| order.iter().position(|said| said == message);
        ensure!(place("loaded plugin") < place("wrote"), "{order:?}");
        assert_eq!(stage.asked_below(mark)?.iter().filter(|event| event.verb == "patch").count(), 1);
    }
    stop(sluice).await?;
    Ok(())
}
