#![allow(clippy::all, missing_docs, clippy::print_stdout, clippy::unwrap_used, unused)]
use serde_json::{Value, json};
use sluice_cluster::*;
use sluice_core::{key::*, object::*, watch::WatchEvent, write::*};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

fn rss() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .find(|l| l.starts_with("VmRSS"))
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}
fn hwm() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .find(|l| l.starts_with("VmHWM"))
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tracing_subscriber::fmt()
        .with_env_filter(std::env::var("RUST_LOG").unwrap_or("info,kube_client=off,kube_runtime=off".into()))
        .with_writer(std::io::stderr)
        .init();
    let args: Vec<String> = std::env::args().collect();
    let dir = Path::new("/tmp/cp/1");
    let cm = Gvk::new("", "v1", "ConfigMap");
    match args[1].as_str() {
        "errors" => {
            for f in ["plain", "bad", "anon", "noca", "admin"] {
                match Cluster::connect(Side::Virtual, &dir.join(format!("{f}.yaml"))).await {
                    Ok(c) => println!("{f}: ok {c:?}"),
                    Err(e) => println!("{f}: {e}"),
                }
            }
            let c = Cluster::connect(Side::Virtual, &dir.join("admin.yaml")).await.unwrap();
            println!("{:?}", c.require_namespace("nope").await.map_err(|e| e.to_string()));
            println!("{:?}", c.require_namespace("default").await.map_err(|e| e.to_string()));
            println!(
                "{:?} {:?}",
                c.owner_service("default", "kubernetes").await,
                c.owner_service("default", "x").await
            );
            for g in [
                cm.clone(),
                Gvk::new("apps", "v1", "Deployment"),
                Gvk::new("apps", "v1", "Nope"),
                Gvk::new("no.such", "v1", "Nope"),
                Gvk::new("", "v1", "Node"),
            ] {
                println!("{:?}", c.resource(&g).await.map_err(|e| e.to_string()));
            }
            let p = Cluster::connect(Side::Physical, &dir.join("plain.yaml")).await.unwrap();
            println!(
                "plain: {:?} {:?} {:?}",
                p.require_namespace("default").await,
                p.owner_service("default", "kubernetes").await,
                p.resource(&cm).await.is_ok()
            );
        }
        "writes" => {
            let c = Cluster::connect(Side::Virtual, &dir.join("admin.yaml")).await.unwrap();
            let p = Cluster::connect(Side::Physical, &dir.join("plain.yaml")).await.unwrap();
            let w = Writer::new(c.clone(), p.clone(), Claim::always());
            let t = Target { side: Side::Virtual, gvk: cm.clone(), key: Key::namespaced("default", "a") };
            let create = |t: &Target| Write::Create {
                target: t.clone(),
                body: json!({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":&*t.key.name,"namespace":t.key.namespace.as_deref()},"data":{"a":"1"}}),
            };
            let Written::Stored(o) = w.write(&create(&t)).await.unwrap() else { panic!() };
            println!("created {} {}", o.version.as_str(), o.json);
            println!("again: {:?}", w.write(&create(&t)).await.err());
            let patch = |t: &Target, r: Read, status| Write::Patch {
                target: t.clone(),
                read: r,
                patch: json!({"data":{"a":"2"}}),
                desired: Value::Null,
                status,
            };
            let r = Read::from(&*o);
            let Written::Stored(o2) = w.write(&patch(&t, r.clone(), false)).await.unwrap() else { panic!() };
            println!("patched {}", o2.json);
            println!("stale patch: {:?}", w.write(&patch(&t, r.clone(), false)).await.err());
            println!("status on cm: {:?}", w.write(&patch(&t, r.clone(), true)).await.err());
            println!("stale delete: {:?}", w.write(&Write::Delete { target: t.clone(), read: r.clone() }).await.err());
            println!(
                "wrong uid delete: {:?}",
                w.write(&Write::Delete { target: t.clone(), read: Read { uid: "x".into(), ..Read::from(&*o2) } })
                    .await
                    .err()
            );
            println!(
                "wrong uid patch, right version: {:?}",
                w.write(&patch(&t, Read { uid: "x".into(), ..Read::from(&*o2) }, false)).await.err()
            );
            println!(
                "delete: {:?}",
                w.write(&Write::Delete { target: t.clone(), read: Read::from(&*o2) }).await.unwrap()
            );
            println!("delete again: {:?}", w.write(&Write::Delete { target: t.clone(), read: Read::from(&*o2) }).await);
            println!("patch gone: {:?}", w.write(&patch(&t, Read::from(&*o2), false)).await.err());
            println!("patch replaced: {:?}", {
                let _ = w.write(&create(&t)).await.unwrap();
                w.write(&patch(&t, Read::from(&*o2), false)).await.err()
            });
            println!(
                "delete replaced: {:?}",
                w.write(&Write::Delete { target: t.clone(), read: Read::from(&*o2) }).await.err()
            );
            let nons = Target { key: Key::namespaced("nope", "a"), ..t.clone() };
            println!("no namespace: {:?}", w.write(&create(&nons)).await.err());
            let bad = Write::Create {
                target: t.clone(),
                body: json!({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"A_"},"data":{"a":1}}),
            };
            println!("invalid: {:?}", w.write(&bad).await.err());
            let ph = Target { side: Side::Physical, ..t.clone() };
            println!("forbidden: {:?}", w.write(&create(&ph)).await.err());
            let un = Target { gvk: Gvk::new("a.b", "v1", "C"), ..t.clone() };
            println!("unserved: {:?}", w.write(&create(&un)).await.err());
            // pod: status + delete answer
            let pg = Gvk::new("", "v1", "Pod");
            let pt = Target { gvk: pg.clone(), key: Key::namespaced("default", "p"), ..t.clone() };
            let Written::Stored(pod) = w.write(&Write::Create{target: pt.clone(), body: json!({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","finalizers":["a.b/c"]},"spec":{"containers":[{"name":"c","image":"i"}]}})}).await.unwrap() else { panic!() };
            let Written::Stored(pod) = w
                .write(&Write::Patch {
                    target: pt.clone(),
                    read: Read::from(&*pod),
                    patch: json!({"status":{"phase":"Running"}}),
                    desired: Value::Null,
                    status: true,
                })
                .await
                .unwrap()
            else {
                panic!()
            };
            println!("pod running {}", pod.json.contains("Running"));
            println!(
                "delete pod with finalizer: {:?}",
                w.write(&Write::Delete { target: pt.clone(), read: Read::from(&*pod) }).await.map(|_| ())
            );
            let rep = Reporter::new(&c, &sluice_cluster::lease::instance());
            let note = Note { reason: "SyncError", action: "SyncPod", message: &"ä".repeat(2000), warning: true };
            for _ in 0..3 {
                rep.report(&pt, Some(&Read::from(&*pod)), &note).await;
            }
            rep.report(
                &Target { gvk: Gvk::new("", "v1", "Node"), key: Key::cluster("n"), side: Side::Virtual },
                None,
                &note,
            )
            .await;
        }
        "load" => {
            let n: usize = args[2].parse().unwrap();
            let c = Cluster::connect(Side::Virtual, &dir.join("admin.yaml")).await.unwrap();
            let w = Arc::new(Writer::new(c.clone(), c.clone(), Claim::always()));
            let pad = "x".repeat(4000);
            let t0 = Instant::now();
            use futures::StreamExt;
            futures::stream::iter(0..n).for_each_concurrent(64, |i| { let (w, cm, pad) = (w.clone(), cm.clone(), pad.clone()); async move {
                let t = Target { side: Side::Virtual, gvk: cm, key: Key::namespaced("default", &format!("load-{i}")) };
                let _ = w.write(&Write::Create { target: t.clone(), body: json!({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":&*t.key.name,"labels":{"a":"b"}},"data":{"pad":pad}}) }).await.map_err(|e| println!("{e}"));
            }}).await;
            println!("{n} in {:?}", t0.elapsed());
        }
        "watch" => {
            let c = Cluster::connect(Side::Virtual, &dir.join("admin.yaml")).await.unwrap();
            let r = c.resource(&cm).await.unwrap();
            let (tx, mut rx) = tokio::sync::mpsc::channel(64);
            let secs: u64 = args[2].parse().unwrap();
            let t0 = Instant::now();
            println!("start rss {} KB", rss());
            let task = tokio::spawn(watch(&c, &r, None, tx));
            let end = tokio::time::sleep(Duration::from_secs(secs));
            tokio::pin!(end);
            let mut held: Vec<Arc<Object>> = vec![];
            loop {
                tokio::select! { _ = &mut end => break, e = rx.recv() => match e.unwrap() {
                    WatchEvent::Reset(v) => { println!("{:?} reset {} bytes {} rss {} KB peak {} KB", t0.elapsed(), v.len(), v.iter().map(|o| o.json.len()).sum::<usize>(), rss(), hwm()); held = v; }
                    WatchEvent::Applied(o) => println!("applied {}", o.key),
                    WatchEvent::Deleted(o) => println!("deleted {}", o.key),
                } }
            }
            drop(rx);
            println!("{:?}", tokio::time::timeout(Duration::from_secs(1), task).await.is_ok());
        }
        "intake" => {
            // time of parse of a 4.5 KB object in a watch line
            println!("see bench");
        }
        "lease" => {
            let c = Cluster::connect(Side::Physical, &dir.join("admin.yaml")).await.unwrap();
            let me = sluice_cluster::lease::instance();
            let t0 = Instant::now();
            let (lease, claim) = Lease::claim(&c, "default", "sluice-x", &me);
            let secs: u64 = args[2].parse().unwrap();
            let end = tokio::time::sleep(Duration::from_secs(secs));
            tokio::pin!(end);
            loop {
                tokio::select! { _ = &mut end => break, _ = claim.wait() => println!("{me} {:?} held", t0.elapsed()) }
                tokio::select! { _ = &mut end => break, _ = claim.lost() => println!("{me} {:?} lost", t0.elapsed()) }
            }
            lease.release().await;
            println!("{me} {:?} released, held {}", t0.elapsed(), claim.held());
        }
        _ => {}
    }
}
