//! What vCluster tells a plugin at the start. Its spelling changed over the years; here it has one.

mod fields;

use std::fmt;
use std::path::PathBuf;

use fields::{Fields, Wrong};

/// Where vCluster keeps the virtual cluster's kubeconfig, unless it says otherwise.
const ADMIN: &str = "/data/pki/admin.conf";
/// The same content under each; which of them are sent depends on the release.
const KUBECONFIGS: [&str; 3] = ["workloadConfig", "controlPlaneConfig", "physicalClusterConfig"];
/// The namespace that copies go to. Where it need not be the one that vCluster runs in, as up to 0.28, it has a key of
/// its own, which counts before the other's.
const NAMESPACES: [&str; 4] = ["hostTargetNamespace", "workloadTargetNamespace", "hostNamespace", "workloadNamespace"];

/// What is needed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitConfig {
    /// Of the virtual cluster.
    pub name: String,
    /// Of the physical cluster, for copies.
    pub namespace: String,
    /// Of the physical cluster, with vCluster's own rights.
    pub physical: Kubeconfig,
    /// The file with that of the virtual cluster.
    pub virtual_kubeconfig: PathBuf,
    /// The folder that our program is in.
    pub working_dir: PathBuf,
    /// Of 127.0.0.1, to which vCluster sends what interceptors take.
    pub port: u16,
}

/// A kubeconfig's text: a secret, and nothing shows it by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Kubeconfig {
    /// Which key of vCluster's it was under, for messages.
    pub key: &'static str,
    /// YAML or JSON.
    pub text: String,
}

/// Its key alone.
impl fmt::Debug for Kubeconfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kubeconfig").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What of it cannot be used, by its key.
#[derive(Debug, thiserror::Error)]
#[error("what vCluster sent to Initialize: {0}; take a release of this program that fits this vCluster")]
pub struct InitConfigError(#[from] Wrong);

impl InitConfig {
    /// From JSON, as any release of vCluster since 0.19 sends it.
    ///
    /// # Errors
    /// Names the key. No text of the JSON is in it.
    pub fn parse(json: &str) -> Result<Self, InitConfigError> {
        let sent = Fields::parse("", json.as_bytes())?;
        let (config, options) = (sent.encoded("config")?, sent.encoded("options")?);
        let admin = config.at("experimental")?.at("virtualClusterKubeConfig")?.text("kubeConfig")?;
        Ok(Self {
            name: config.text("name")?.or(options.text("name")?).ok_or(Wrong::Missing("config.name"))?,
            namespace: (config.first(&NAMESPACES)?)
                .or(options.text("targetNamespace")?)
                .or(sent.text("currentNamespace")?)
                .ok_or(Wrong::Missing("config.hostNamespace"))?,
            physical: kubeconfig(&sent)?,
            // What depends on the distribution, as up to 0.24, is said among the options alone.
            virtual_kubeconfig: admin.or(options.text("kubeConfig")?).unwrap_or_else(|| ADMIN.into()).into(),
            working_dir: sent.text("workingDir")?.ok_or(Wrong::Missing("workingDir"))?.into(),
            port: sent.port("port")?,
        })
    }
}

fn kubeconfig(sent: &Fields) -> Result<Kubeconfig, Wrong> {
    for key in KUBECONFIGS {
        if let Some(bytes) = sent.bytes(key)? {
            let text = String::from_utf8(bytes).map_err(|_| Wrong::field(key, "is no text"))?;
            return Ok(Kubeconfig { key, text });
        }
    }
    Err(Wrong::Missing("workloadConfig"))
}

#[cfg(test)]
mod tests;
