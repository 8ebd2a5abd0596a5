use serde::Serialize;

/// Which requests an interceptor answers, as a PolicyRule of Kubernetes says them.
///
/// ```
/// use sluice_sdk::Rule;
///
/// Rule::resources([""], ["pods"]).names(["web"]).verbs(["get"]);
/// Rule::urls(["/healthz", "/metrics*"]).verbs(["get"]);
/// ```
///
/// In each list `*` stands alone, for all. Versions, namespaces and subresources do not count: `pods` are also their
/// logs. A rule is for nothing before it has [`verbs`](Self::verbs).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct Rule {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    api_groups: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_names: Vec<String>,
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    non_resource_urls: Vec<String>,
    verbs: Vec<String>,
}

impl Rule {
    /// For resources, by their plurals, of these groups; "" is the core group.
    pub fn resources<G: Into<String>, R: Into<String>>(
        groups: impl IntoIterator<Item = G>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        let (resource_names, non_resource_urls, verbs) = Default::default();
        Self { api_groups: list(groups), resources: list(resources), resource_names, non_resource_urls, verbs }
    }

    /// For paths that lead to no resource. One that ends with `*` takes all that begins so; of several that do, the
    /// longest counts.
    pub fn urls<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Self {
        let (api_groups, resources, resource_names, verbs) = Default::default();
        Self { api_groups, resources, resource_names, non_resource_urls: list(urls), verbs }
    }

    /// For resources of these names alone. A list, or what else has no name, is then not answered.
    pub fn names<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        Self { resource_names: list(names), ..self }
    }

    /// With these verbs: get, list, watch, create, update, patch, delete, deletecollection; of a URL the method in lower
    /// case.
    pub fn verbs<V: Into<String>>(self, verbs: impl IntoIterator<Item = V>) -> Self {
        Self { verbs: list(verbs), ..self }
    }
}

fn list<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Vec<String> {
    items.into_iter().map(Into::into).collect()
}
