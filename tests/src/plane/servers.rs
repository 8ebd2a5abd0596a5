//! How etcd and kube-apiserver are started.

use super::ports;
use crate::process::Process;
use anyhow::Result;
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::Command,
};

#[derive(Debug)]
pub(super) struct Servers {
    programs: PathBuf,
    dir: PathBuf,
    etcd: String,
    etcd_peer: String,
    /// The API server's.
    pub(super) port: u16,
}

impl Servers {
    pub(super) fn new(programs: PathBuf, dir: &Path) -> Result<Self> {
        let address = || ports::free().map(|port| format!("http://127.0.0.1:{port}"));
        Ok(Self { programs, dir: dir.to_owned(), etcd: address()?, etcd_peer: address()?, port: ports::free()? })
    }

    pub(super) fn start_etcd(&self) -> Result<Process> {
        let (etcd, peer) = (&self.etcd, &self.etcd_peer);
        self.start(
            "etcd",
            "etcd.log",
            &[
                // The data need not survive the machine's fall.
                "--unsafe-no-fsync".into(),
                "--log-level=warn".into(),
                format!("--data-dir={}", self.dir.join("etcd").display()),
                format!("--listen-client-urls={etcd}"),
                format!("--advertise-client-urls={etcd}"),
                format!("--listen-peer-urls={peer}"),
                format!("--initial-advertise-peer-urls={peer}"),
                format!("--initial-cluster=default={peer}"),
            ],
        )
    }

    pub(super) fn start_apiserver(&self) -> Result<Process> {
        let file = |name: &str| self.dir.join(name).display().to_string();
        self.start(
            "kube-apiserver",
            "apiserver.log",
            &[
                format!("--etcd-servers={}", self.etcd),
                format!("--secure-port={}", self.port),
                "--bind-address=127.0.0.1".into(),
                // Nothing may depend on the machine's network.
                "--advertise-address=127.0.0.1".into(),
                "--endpoint-reconciler-type=none".into(),
                "--service-cluster-ip-range=10.0.0.0/24".into(),
                format!("--cert-dir={}", file("certs")),
                format!("--token-auth-file={}", file("tokens.csv")),
                "--authorization-mode=RBAC".into(),
                // No controller manager makes the accounts that this plugin asks for.
                "--disable-admission-plugins=ServiceAccount".into(),
                "--service-account-issuer=https://kubernetes.default.svc".into(),
                // The key that it makes for its own certificate serves here too.
                format!("--service-account-key-file={}", file("certs/apiserver.key")),
                format!("--service-account-signing-key-file={}", file("certs/apiserver.key")),
                format!("--audit-policy-file={}", file("audit-policy.json")),
                format!("--audit-log-path={}", file("audit.log")),
                // Written with each answer, not in batches; and never rotated, since no log is a terabyte.
                "--audit-log-mode=blocking".into(),
                "--audit-log-maxsize=1000000".into(),
            ],
        )
    }

    fn start(&self, program: &str, log: &str, args: &[String]) -> Result<Process> {
        let log = OpenOptions::new().create(true).append(true).open(self.dir.join(log))?;
        Process::start(Command::new(self.programs.join(program)).args(args).stdout(log.try_clone()?).stderr(log))
    }
}
