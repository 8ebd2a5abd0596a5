//! Where it says how a cluster is reached, and as whom.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;

use kube::Config;
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};

use super::problem::Problem;

/// How a cluster is reached. Its texts are secrets: it is shown without.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    source: Source,
    server: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    Text { name: String, text: String },
    ServiceAccount,
}

impl Access {
    /// By the current context of a kubeconfig.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { source: Source::File(path.into()), server: None }
    }

    /// The same where there is no file of it. `name`: where the text came from, for messages.
    pub fn text(name: &str, text: &str) -> Self {
        Self { source: Source::Text { name: name.into(), text: text.into() }, server: None }
    }

    /// As the service account of the pod that we run in.
    pub fn service_account() -> Self {
        Self { source: Source::ServiceAccount, server: None }
    }

    /// At this URL, whatever else is said of one. Who answers there has to be the one whom the rest describes.
    #[must_use]
    pub fn at(self, server: Option<&str>) -> Self {
        Self { server: server.map(String::from), ..self }
    }

    /// The environment is not read, save that a pod has: neither `KUBECONFIG` nor a proxy's address.
    pub(super) async fn config(&self) -> Result<Config, Problem> {
        let mut config = match &self.source {
            Source::File(path) => from(Kubeconfig::read_from(path)?).await?,
            Source::Text { text, .. } => from(Kubeconfig::from_yaml(text)?).await?,
            Source::ServiceAccount => Config::incluster().map_err(|error| Problem::NotInAPod(error.to_string()))?,
        };
        if let Some(server) = &self.server {
            config.cluster_url = server.parse().map_err(|error| Problem::field("server", &error))?;
        }
        Ok(config)
    }
}

async fn from(mut kubeconfig: Kubeconfig) -> Result<Config, Problem> {
    for user in kubeconfig.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        renewed(user);
    }
    let proxy = proxy_url(&kubeconfig);
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    config.proxy_url = match proxy {
        Some(proxy) => Some(proxy.parse().map_err(|error| Problem::field("clusters[].cluster.proxy-url", &error))?),
        None => None,
    };
    Ok(config)
}

/// Where there is both, kubectl takes the file, which somebody renews. kube would take the token until it expires, and
/// vCluster sends both.
fn renewed(user: &mut AuthInfo) {
    if user.token_file.as_ref().is_some_and(|file| File::open(file).is_ok()) {
        user.token = None;
    }
}

/// What the current context's cluster says; kube alone would also take `HTTPS_PROXY`, without heeding `NO_PROXY`.
fn proxy_url(kubeconfig: &Kubeconfig) -> Option<String> {
    let current = kubeconfig.current_context.as_ref()?;
    let context = kubeconfig.contexts.iter().find(|context| context.name == *current)?.context.as_ref()?;
    let cluster = kubeconfig.clusters.iter().find(|cluster| cluster.name == context.cluster)?.cluster.as_ref()?;
    cluster.proxy_url.clone().filter(|url| !url.is_empty())
}

/// `kubeconfig FILE, server URL`.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::File(path) => write!(f, "kubeconfig {}", path.display())?,
            Source::Text { name, .. } => write!(f, "kubeconfig {name}")?,
            Source::ServiceAccount => f.write_str("service account of this pod")?,
        }
        self.server.iter().try_for_each(|server| write!(f, ", server {server}"))
    }
}

/// The same.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
