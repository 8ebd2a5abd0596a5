//! A virtual Node for each node that virtual Pods name, so that `kubectl get nodes` and what looks a Pod's node up find
//! one; gone with the last Pod on it. Nothing of the physical node is shown.

use sluice_sdk::k8s_openapi::api::core::v1::{Node, NodeCondition, NodeStatus};
use sluice_sdk::k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Intents, Key, Reference, Side, Virtual, VirtualSyncer};

struct FakeNodes;

impl VirtualSyncer for FakeNodes {
    type Object = Node;
    const NAME: &'static str = "fake-nodes";

    fn references(&self) -> Vec<Reference> {
        vec![Reference::new(Gvk::from_api_version("v1", "Pod"), ["/spec/nodeName"])]
    }

    fn create(&self, _: &Context, wanted: &Key) -> Result<Node, Failure> {
        let mut node = Node::default();
        let labels = [("kubernetes.io/hostname", wanted.name.as_str()), ("kubernetes.io/os", "linux")];
        node.metadata.name = Some(wanted.name.clone());
        node.metadata.labels = Some(labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
        Ok(node)
    }

    /// It is ready, as long as nobody says anything else of it.
    fn sync(&self, ctx: &Context, node: &Virtual<Node>) -> Answer {
        let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
        if conditions.into_iter().flatten().any(|condition| condition.type_ == "Ready") {
            return Ok(Intents::none());
        }
        let since = Some(Time(ctx.now()));
        let ready = NodeCondition {
            type_: "Ready".into(),
            status: "True".into(),
            reason: Some("FakeNode".into()),
            message: Some("a Pod of this virtual cluster runs there".into()),
            last_heartbeat_time: since.clone(),
            last_transition_time: since,
        };
        let mut ready_node = Node::clone(node);
        ready_node.status = Some(NodeStatus { conditions: Some(vec![ready]), ..NodeStatus::default() });
        Ok(Intents::none().desire_status(Side::Virtual, Body::whole(&ready_node)?))
    }
}

sluice_sdk::plugin!(alone FakeNodes);
