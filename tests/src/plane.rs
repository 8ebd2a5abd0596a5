//! A control plane of our own: etcd and kube-apiserver, in a temporary folder, on free ports.

mod audit;
mod files;
mod ports;
mod servers;

pub use audit::{AuditEvent, AuditMark};
pub use ports::free as free_port;

use crate::{
    artifacts,
    folder::Folder,
    process::{Process, tail},
    wait::eventually_within,
};
use anyhow::{Context, Result, anyhow};
use kube::{
    Client, Config,
    api::{GetParams, Request},
    config::{KubeConfigOptions, Kubeconfig},
};
use servers::Servers;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::Mutex;

/// Some 3 s on a quiet machine; a busy one may need much longer.
const START_LIMIT: Duration = Duration::from_secs(120);

/// A running control plane; it ends when this is dropped, and when our process ends.
///
/// Its users: `admin` and `sluice` may do everything, `nobody` nothing. There is no controller manager, so nothing
/// collects garbage or finalizes namespaces.
#[derive(Debug)]
pub struct ControlPlane {
    name: String,
    servers: Servers,
    apiserver: Mutex<Process>,
    etcd: Process,
    folder: Folder, // The last: the servers go before their files.
}

impl ControlPlane {
    /// Starts a control plane and waits until it is ready.
    ///
    /// # Errors
    /// When the programs are missing or do not come up; shows the end of their logs.
    pub async fn start(name: &str) -> Result<Self> {
        let programs = artifacts::control_plane()?;
        let folder = Folder::new(&format!("sluice-{name}-"))?;
        let servers = Servers::new(programs, folder.path())?;
        files::write(folder.path(), name, servers.port)?;
        let etcd = servers.start_etcd()?;
        let apiserver = Mutex::new(servers.start_apiserver()?);
        let plane = Self { name: name.to_owned(), servers, apiserver, etcd, folder };
        plane.ready().await?;
        Ok(plane)
    }

    /// The name that it was started with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder, with the logs of its servers.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// The kubeconfig of a user: `admin`, `sluice` or `nobody`.
    #[must_use]
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        files::kubeconfig(self.dir(), user)
    }

    /// A client as `admin`. It belongs to the runtime that it is made in.
    ///
    /// # Errors
    /// When the API server has not made its certificate yet.
    pub async fn client(&self) -> Result<Client> {
        self.client_as("admin").await
    }

    /// A client as another user.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn client_as(&self, user: &str) -> Result<Client> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig(user))?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    /// The numbers of the processes of etcd and kube-apiserver.
    pub async fn ids(&self) -> [u32; 2] {
        [self.etcd.id(), self.apiserver.lock().await.id()]
    }

    /// Everything that the API server was asked, in the order of its answers.
    ///
    /// # Errors
    /// When the audit log cannot be read.
    pub fn audit(&self) -> Result<Vec<AuditEvent>> {
        audit::since(self.dir(), AuditMark::default())
    }

    /// Marks this moment in the audit log, for [`audit_since`](Self::audit_since).
    #[must_use]
    pub fn audit_mark(&self) -> AuditMark {
        audit::mark(self.dir())
    }

    /// What the API server was asked since the mark was made.
    ///
    /// # Errors
    /// When the audit log cannot be read.
    pub fn audit_since(&self, mark: AuditMark) -> Result<Vec<AuditEvent>> {
        audit::since(self.dir(), mark)
    }

    /// Kills the API server, which cuts all connections; what is stored stays.
    pub async fn kill_apiserver(&self) {
        self.apiserver.lock().await.kill();
    }

    /// Kills the API server, starts it again on the same port, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not come up again.
    pub async fn restart_apiserver(&self) -> Result<()> {
        {
            let mut apiserver = self.apiserver.lock().await;
            apiserver.kill();
            *apiserver = self.servers.start_apiserver()?;
        }
        self.ready().await
    }

    /// Ends both servers and removes their folder.
    pub fn stop(self) {
        drop(self);
    }

    /// Leaves the servers running; gives the shell command that stops them.
    #[must_use]
    pub fn keep(self) -> String {
        let apiserver = self.apiserver.into_inner();
        let stop = format!("kill -9 {} {}", apiserver.id(), self.etcd.id());
        apiserver.leave();
        self.etcd.leave();
        format!("{stop}; rm -r {}", self.folder.leave().display())
    }

    async fn ready(&self) -> Result<()> {
        let what = format!("the control plane {} is ready", self.name);
        let ready = eventually_within(START_LIMIT, &what, async || match self.ask_ready().await {
            Ok(()) => Ok(Some(Ok(()))),
            // A server that has ended will not come up: no need to wait longer.
            Err(_) if self.apiserver.lock().await.ended()?.is_some() => Ok(Some(Err(anyhow!("its API server ended")))),
            Err(error) => Err(error),
        });
        ready.await.flatten().with_context(|| {
            let logs = ["etcd.log", "apiserver.log"].map(|log| format!("{log}:\n{}", tail(&self.dir().join(log))));
            format!("the control plane {} did not start\n{}", self.name, logs.join("\n"))
        })
    }

    async fn ask_ready(&self) -> Result<()> {
        let request = Request::new("").get("readyz", &GetParams::default())?;
        self.client().await?.request_text(request).await?;
        Ok(())
    }
}
