//! What is answered to which call. That go-plugin and vCluster understand it is shown with the real ones, end to end.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use serde_json::json;
use tonic::{Code, Request, Status};

use super::service::Service;
use super::*;
use crate::handshake::Handshake;
use crate::proto::go_plugin::Empty;
use crate::proto::go_plugin::grpc_controller_server::GrpcController;
use crate::proto::go_plugin::grpc_stdio_server::GrpcStdio;
use crate::proto::pluginv2::plugin_server::Plugin as Calls;
use crate::proto::pluginv2::{get_plugin_config, initialize, mutate, set_leader};

/// How the plugin's start and hooks go.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    Wrong,
    Silent,
    Broken,
}

struct Moody {
    mood: Mood,
    required: bool,
    leads: AtomicUsize,
}

impl Moody {
    async fn say<T>(&self, well: T) -> Result<T, String> {
        match self.mood {
            Mood::Well => Ok(well),
            Mood::Wrong => Err("it is wrong".into()),
            Mood::Silent => std::future::pending().await,
            Mood::Broken => panic!("broken"),
        }
    }
}

impl Plugin for Moody {
    async fn initialize(&self, _: InitConfig) -> Result<(), String> {
        self.say(()).await
    }

    fn is_required(&self) -> bool {
        self.required
    }

    fn config(&self) -> PluginConfig {
        PluginConfig::default()
    }

    async fn mutate(&self, mut mutation: Mutation) -> Result<Option<Value>, String> {
        mutation.object["metadata"]["labels"] = json!({ "a": "b" });
        self.say(Some(mutation.object)).await
    }

    fn lead(&self) {
        self.leads.fetch_add(1, Ordering::Relaxed);
    }
}

fn service(mood: Mood, required: bool) -> Service<Moody> {
    let plugin = Moody { mood, required, leads: 0.into() }.into();
    Service { plugin, initialized: false.into(), leads: false.into() }
}

async fn start(service: &Service<Moody>) -> Result<(), Status> {
    let text = |text: String| STANDARD.encode(text);
    let config = json!({ "config": text(json!({ "name": "v", "hostNamespace": "n" }).to_string()), "port": 1,
        "workloadConfig": text("{}".into()), "workingDir": "/" });
    service.initialize(Request::new(initialize::Request { config: config.to_string() })).await.map(|_| ())
}

async fn pod(service: &Service<Moody>) -> Result<mutate::Response, Status> {
    let request = mutate::Request {
        api_version: "v1".into(),
        kind: "Pod".into(),
        object: r#"{"metadata":{"name":"a","namespace":"ns"}}"#.into(),
        r#type: "CreatePhysical".into(),
    };
    service.mutate(Request::new(request)).await.map(tonic::Response::into_inner)
}

#[tokio::test(start_paused = true)]
async fn vcluster_starts_without_a_plugin_that_does_not() {
    for mood in [Mood::Well, Mood::Wrong, Mood::Silent, Mood::Broken] {
        start(&service(mood, false)).await.unwrap();
    }
    start(&service(Mood::Well, true)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn unless_it_is_required() {
    for (mood, said) in
        [(Mood::Wrong, "it is wrong"), (Mood::Silent, "it takes longer than 60 s"), (Mood::Broken, "it broke: ")]
    {
        let error = start(&service(mood, true)).await.unwrap_err();
        assert!(error.message().starts_with(said), "{error}");
    }
    let strange = Request::new(initialize::Request { config: "{}".into() });
    let error = service(Mood::Well, true).initialize(strange).await.unwrap_err();
    assert!(error.message().contains("`config.name` is missing"), "{error}");
}

#[tokio::test]
async fn it_starts_and_leads_once() {
    let service = service(Mood::Well, false);
    start(&service).await.unwrap();
    assert_eq!(start(&service).await.unwrap_err().code(), Code::FailedPrecondition);
    for _ in 0..2 {
        service.set_leader(Request::new(set_leader::Request {})).await.unwrap();
    }
    assert_eq!(service.plugin.leads.load(Ordering::Relaxed), 1);
    let config = service.get_plugin_config(Request::new(get_plugin_config::Request {})).await.unwrap();
    assert_eq!(config.into_inner().config, "{}");
}

#[tokio::test(start_paused = true)]
async fn hooks_change_or_deny_and_do_not_keep_vcluster_waiting() {
    let changed = pod(&service(Mood::Well, false)).await.unwrap();
    assert!(changed.mutated);
    assert_eq!(changed.object, r#"{"metadata":{"labels":{"a":"b"},"name":"a","namespace":"ns"}}"#);
    for (mood, why) in [(Mood::Wrong, "it is wrong"), (Mood::Silent, "no answer within 8 s")] {
        let error = pod(&service(mood, false)).await.unwrap_err();
        assert_eq!(error.message(), format!("CreatePhysical v1 Pod ns/a: {why}"));
    }
}

#[tokio::test]
async fn what_is_silent_ends_with_the_rest() {
    let ((shutdown, is_shut_down), (over, is_over)) = (watch::channel(false), watch::channel(false));
    let controls = Controls { shutdown, is_over };
    let mut output = controls.stream_stdio(Request::new(())).await.unwrap().into_inner();
    controls.shutdown(Request::new(Empty {})).await.unwrap();
    assert!(*is_shut_down.borrow());
    over.send_replace(true);
    assert!(output.next().await.is_none());
}

#[tokio::test]
async fn it_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().to_str().unwrap().to_owned();
    let variables = move |name: &str| match name {
        "VCLUSTER_PLUGIN" => Some("vcluster".into()),
        "PLUGIN_UNIX_SOCKET_DIR" => Some(directory.clone()),
        _ => None,
    };
    let socket = Handshake::read(variables).unwrap().listen().unwrap();
    let end = serve(socket, service(Mood::Well, false).plugin, async {}).await.unwrap();
    assert_eq!((end, folder.path().read_dir().unwrap().count()), (End::Stopped, 0));
}
