//! What can be wrong with a kubeconfig or the API server behind it.

use std::error::Error;

use kube::config::KubeconfigError;

use crate::failure::{status, tls, words};

/// What is wrong, and the way out.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file cannot be read.
    #[error("cannot be read: {0}; name a file that kubectl works with")]
    Unreadable(String),
    /// It is no YAML, or not of a kubeconfig's shape.
    #[error("not a kubeconfig: {0}; name a file that kubectl works with")]
    NotAKubeconfig(String),
    /// There is no service account.
    #[error("{0}; run where a pod has its service account's token, or name a kubeconfig")]
    NotInAPod(String),
    /// It names no context to use.
    #[error("`current-context` is not set; set it with `kubectl config use-context NAME --kubeconfig FILE`")]
    NoContext,
    /// A field of it is wrong.
    #[error("`{field}`: {cause}")]
    Field {
        /// Where in the file.
        field: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// Nobody answers.
    #[error("no answer from {url}: {cause}; is it running, and is `clusters[].cluster.server` its address?")]
    Unreachable {
        /// The server's address.
        url: String,
        /// What broke.
        cause: String,
    },
    /// Somebody answers, but not the one whom the file describes.
    #[error(
        "no TLS connection to {url}: {cause}; \
         check `server` and `certificate-authority-data` of `clusters[].cluster`, \
         and the client certificate of `users[].user`"
    )]
    Tls {
        /// The server's address.
        url: String,
        /// What TLS says.
        cause: String,
    },
    /// 401.
    #[error(
        "{url} does not accept the credentials of `users[].user` (401); they are wrong or have expired: get new ones"
    )]
    Refused {
        /// The server's address.
        url: String,
    },
    /// 403.
    #[error("{url} lets this user do nothing (403): {cause}; give `users[].user` credentials, or its user a role")]
    Forbidden {
        /// The server's address.
        url: String,
        /// The server's own words.
        cause: String,
    },
    /// Any other answer.
    #[error(
        "{url} does not answer as Kubernetes 1.28 and later does: {cause}; is `clusters[].cluster.server` its address?"
    )]
    Strange {
        /// The server's address.
        url: String,
        /// What it answered.
        cause: String,
    },
}

impl Problem {
    /// A field is wrong.
    pub(super) fn field(field: &'static str, cause: &dyn Error) -> Self {
        Self::Field { field, cause: cause.to_string() }
    }

    /// From a client that could not be made, or its first request.
    pub(super) fn of(url: &str, error: kube::Error) -> Self {
        let (url, cause) = (url.to_owned(), words(&error));
        match (status(&error), error) {
            (Some(401), _) => Self::Refused { url },
            (Some(403), _) => Self::Forbidden { url, cause },
            (Some(_), _) | (None, kube::Error::SerdeError(_)) => Self::Strange { url, cause },
            (None, kube::Error::InferKubeconfig(error)) => error.into(),
            (None, kube::Error::Auth(error)) => Self::field("users[].user", &error),
            (None, kube::Error::RustlsTls(_)) => Self::Tls { url, cause },
            (None, error) => match tls(&error) {
                Some(cause) => Self::Tls { url, cause },
                None => Self::Unreachable { url, cause },
            },
        }
    }
}

impl From<KubeconfigError> for Problem {
    fn from(error: KubeconfigError) -> Self {
        use KubeconfigError as E;
        match &error {
            E::ReadConfig(cause, _) => Self::Unreadable(cause.to_string()),
            E::CurrentContextNotSet => Self::NoContext,
            E::LoadContext(name) if name.is_empty() => Self::NoContext,
            E::LoadContext(name) => missing("current-context", "contexts", name),
            E::LoadClusterOfContext(name) => missing("contexts[].context.cluster", "clusters", name),
            E::MissingClusterUrl => Self::Field {
                field: "clusters[].cluster.server",
                cause: "not set; set it to the API server's address, as in `https://localhost:6443`".into(),
            },
            E::ParseClusterUrl(cause) => Self::field("clusters[].cluster.server", cause),
            E::ParseProxyUrl(cause) => Self::field("clusters[].cluster.proxy-url", cause),
            E::LoadCertificateAuthority(cause) => Self::field("clusters[].cluster.certificate-authority", cause),
            E::ParseCertificates(cause) => Self::field("clusters[].cluster.certificate-authority-data", cause),
            E::LoadClientCertificate(cause) => Self::field("users[].user.client-certificate", cause),
            E::LoadClientKey(cause) => Self::field("users[].user.client-key", cause),
            // One line: what follows is an excerpt of the file, which may be a secret.
            E::Parse(cause) => {
                let cause = cause.to_string();
                let line = cause.lines().next().unwrap_or_default();
                Self::NotAKubeconfig(line.strip_prefix("error: ").unwrap_or(line).into())
            }
            _ => Self::NotAKubeconfig(error.to_string()),
        }
    }
}

fn missing(field: &'static str, list: &str, name: &str) -> Problem {
    Problem::Field { field, cause: format!("names `{name}`, which is not in `{list}`; name one that is") }
}
