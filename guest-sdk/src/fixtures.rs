//! A plugin for the tests of this crate.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;

use crate::component::Component;
use crate::{
    Answer, Ask, Body, Concern, Context, Failure, Gvk, Handle, Hook, Hooks, Interceptor, Interceptors, Key, Names,
    Occasion, Operation, Physical, Plugin, Reference, Request, Response, Rule, Select, Side, Syncer, Syncers, UpSyncer,
    Verb, Virtual, VirtualSyncer, Watch,
};

/// A kind that has a type, with nothing said that goes without saying.
pub(crate) struct Deployments;

impl Syncer for Deployments {
    type Object = Deployment;
    const NAME: &'static str = "deployments";

    fn translate(&self, _: &Context, _: &Virtual<Deployment>) -> Result<Deployment, Failure> {
        Err(Failure::permanent("not called"))
    }

    fn sync(&self, _: &Context, _: &Physical<Deployment>, _: &Virtual<Deployment>) -> Answer {
        Err(Failure::permanent("not called"))
    }
}

/// A hook for every occasion.
pub(crate) struct Reviewed;

impl Hook for Reviewed {
    type Object = Deployment;
    const NAME: &'static str = "reviewed";
    const SIDE: Side = Side::Physical;
    const OPERATIONS: &'static [Operation] = &[Operation::Create, Operation::Update, Operation::Delete, Operation::Get];

    fn review(&self, _: &Occasion, deployment: Deployment) -> Result<Deployment, String> {
        Ok(deployment)
    }
}

/// An interceptor of a resource and a URL.
pub(crate) struct Answered;

impl Interceptor for Answered {
    const NAME: &'static str = "answered";

    fn rules(&self) -> Vec<Rule> {
        vec![
            Rule::resources(["apps"], ["deployments"]).names(["a"]).verbs(["get"]),
            Rule::urls(["/healthz*"]).verbs(["get"]),
        ]
    }

    fn handle(&self, request: &Request) -> Result<Response, String> {
        match request.header("x-fail") {
            Some(why) => Err(why.to_owned()),
            None => Response::json(201, &request.json::<serde_json::Value>()?),
        }
    }
}

/// A kind that has none, with all that can be said.
pub(crate) struct Widgets;

impl Syncer for Widgets {
    type Object = Handle;
    const NAME: &'static str = "widgets";

    fn kind(&self) -> Gvk {
        Gvk::new("example.com", "v1beta1", "Widget")
    }

    fn select(&self) -> Select {
        Select::all().labels("team=a").namespaces(["a"])
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::new(Gvk::from_api_version("v1", "Pod"), ["/spec/widgets/*"])]
    }

    fn watches(&self) -> Vec<Watch> {
        let pods = Watch::of(Side::Physical, "pods", |pod: &Pod| {
            Concern::pairs(
                pod.metadata.name.iter().map(|name| Key { namespace: Some("a".to_owned()), name: name.clone() }),
            )
        });
        vec![pods.select(Select::all().namespaces([""]).labels("team=a")).selects()]
    }

    fn finalizers(&self) -> bool {
        true
    }

    fn crd(&self) -> Option<String> {
        Some("widgets.example.com".to_owned())
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Err(Failure::permanent("not called"))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        Ok(ctx.carry_down(physical, virtual_object, ["/spec"])?.copy_status_up(physical, virtual_object))
    }
}

/// A kind that is brought up.
pub(crate) struct Classes;

impl UpSyncer for Classes {
    type Object = StorageClass;
    const NAME: &'static str = "classes";

    fn names(&self) -> Names {
        Names::Same
    }

    fn translate(&self, ctx: &Context, physical: &Physical<StorageClass>) -> Result<StorageClass, Failure> {
        Ok(ctx.translate_metadata_up(physical))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<StorageClass>, virtual_object: &Virtual<StorageClass>) -> Answer {
        ctx.carry_up(physical, virtual_object, ["/provisioner", "/parameters"])
    }
}

/// A kind that is virtual alone.
pub(crate) struct Priorities;

impl VirtualSyncer for Priorities {
    type Object = PriorityClass;
    const NAME: &'static str = "priorities";

    fn references(&self) -> Vec<Reference> {
        vec![Reference::new(Gvk::from_api_version("v1", "Pod"), ["/spec/priorityClassName"])]
    }

    fn create(&self, _: &Context, _: &Key) -> Result<PriorityClass, Failure> {
        Ok(PriorityClass { value: Some(7), ..PriorityClass::default() })
    }
}

/// A plugin with all of them.
pub(crate) struct All;

impl Plugin for All {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(Deployments).down(Widgets).up(Classes).alone(Priorities)
    }

    fn hooks(self) -> Hooks {
        Hooks::new().with(Reviewed)
    }

    fn interceptors(self) -> Interceptors {
        Interceptors::new().with(Answered)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![
            Ask::new(Side::Virtual, "", "Secret").verbs([Verb::Read]),
            Ask::new(Side::Physical, "apps", "Deployment")
                .verbs([Verb::Create, Verb::Update, Verb::Status, Verb::Delete])
                .namespaces(["a"])
                .names(["b"]),
        ]
    }
}

pub(crate) struct Fixture;

impl Component for Fixture {
    const NAME: &'static str = "fixture";
    const VERSION: &'static str = "1.2.3";
    const DESCRIPTION: &'static str = "All that can be said";

    type Plugin = All;
}
