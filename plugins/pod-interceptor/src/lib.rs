//! A Pod that is there for whoever asks, and nowhere else. One would use this to show users what a plugin computes, such
//! as a cluster's state or a price, as an object that kubectl gets, without storing it; or to hide what is stored.

use sluice_sdk::k8s_openapi::api::core::v1::Pod;
use sluice_sdk::{Interceptor, Request, Response, Rule};

struct Pods;

impl Interceptor for Pods {
    const NAME: &'static str = "testinterceptor";

    fn rules(&self) -> Vec<Rule> {
        vec![Rule::resources(["*"], ["pods"]).names(["*"]).verbs(["get"])]
    }

    fn handle(&self, _: &Request) -> Result<Response, String> {
        let mut pod = Pod::default();
        pod.metadata.name = Some("definitelynotstuff".into());
        Response::object(&pod)
    }
}

sluice_sdk::plugin!(interceptors Pods);
