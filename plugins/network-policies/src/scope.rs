//! What a policy selects, said for Pods that share one namespace.
//!
//! | virtual | physical podSelector |
//! |---|---|
//! | podSelector | its labels, of this virtual cluster, in the policy's namespace |
//! | namespaceSelector `{}` | of this virtual cluster |
//! | namespaceSelector by `kubernetes.io/metadata.name` | of this virtual cluster, in such namespaces |
//! | namespaceSelector by other labels | cannot be said: Pods do not carry the labels of their namespaces |

use sluice_sdk::k8s_openapi::api::networking::v1::{NetworkPolicyPeer, NetworkPolicySpec};
use sluice_sdk::k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

/// Labels that every Pod below carries: its virtual cluster and its virtual namespace.
const MANAGED_BY: &str = "vcluster.loft.sh/managed-by";
const NAMESPACE: &str = "vcluster.loft.sh/namespace";
/// Label of every namespace: its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// Where a policy stands.
pub(crate) struct Scope<'a> {
    pub(crate) virtual_cluster: String,
    pub(crate) namespace: String,
    /// The runtime's translation of selectors.
    pub(crate) translate: &'a dyn Fn(&LabelSelector) -> LabelSelector,
}

impl Scope<'_> {
    /// The spec of the copy, or why there is none.
    pub(crate) fn spec(&self, mut spec: NetworkPolicySpec) -> Result<NetworkPolicySpec, String> {
        let pods = spec.pod_selector.unwrap_or_default();
        spec.pod_selector = Some(self.selector(Some(&pods), self.own_namespace()));
        let ingress = spec.ingress.iter_mut().flatten().map(|rule| &mut rule.from);
        let egress = spec.egress.iter_mut().flatten().map(|rule| &mut rule.to);
        for peer in ingress.chain(egress).flatten().flatten() {
            self.scope(peer)?;
        }
        Ok(spec)
    }

    /// A peer without either selector is addresses, which are the same below.
    fn scope(&self, peer: &mut NetworkPolicyPeer) -> Result<(), String> {
        let namespaces = match (peer.namespace_selector.take(), &peer.pod_selector) {
            (Some(namespaces), _) => by_name(namespaces)?,
            (None, Some(_)) => self.own_namespace(),
            (None, None) => return Ok(()),
        };
        peer.pod_selector = Some(self.selector(peer.pod_selector.as_ref(), namespaces));
        Ok(())
    }

    fn own_namespace(&self) -> LabelSelector {
        LabelSelector { match_labels: Some([(NAMESPACE.into(), self.namespace.clone())].into()), ..Default::default() }
    }

    /// Such Pods of this virtual cluster, in such namespaces.
    fn selector(&self, pods: Option<&LabelSelector>, namespaces: LabelSelector) -> LabelSelector {
        let mut selector = pods.map(self.translate).unwrap_or_default();
        let labels = selector.match_labels.get_or_insert_default();
        labels.extend(namespaces.match_labels.unwrap_or_default());
        labels.insert(MANAGED_BY.into(), self.virtual_cluster.clone());
        if let Some(expressions) = namespaces.match_expressions {
            selector.match_expressions.get_or_insert_default().extend(expressions);
        }
        selector
    }
}

/// A selector of namespaces by their names, as one of the Pods in them.
fn by_name(namespaces: LabelSelector) -> Result<LabelSelector, String> {
    let label = |key: String| match key == NAME {
        true => Ok(NAMESPACE.to_owned()),
        false => Err(format!(
            "a namespaceSelector by the label {key:?} cannot be enforced: below, Pods do not carry the labels of their \
             namespaces; select namespaces by {NAME}, or all of them by {{}}"
        )),
    };
    let labels = namespaces.match_labels.unwrap_or_default().into_iter();
    let expressions: Option<Result<_, String>> = namespaces.match_expressions.map(|expressions| {
        expressions.into_iter().map(|one| Ok(LabelSelectorRequirement { key: label(one.key)?, ..one })).collect()
    });
    Ok(LabelSelector {
        match_labels: Some(labels.map(|(key, value)| Ok((label(key)?, value))).collect::<Result<_, String>>()?),
        match_expressions: expressions.transpose()?,
    })
}

#[cfg(test)]
mod tests;
