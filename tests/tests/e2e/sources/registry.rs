//! A real registry: the one that most others are made of.

use anyhow::{Context, Result, ensure};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sluice_tests::{artifacts, eventually, folder::Folder, process::Process};
use std::{
    fs::{self, File},
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
};

/// `user` and `password`, as `htpasswd -B` writes them.
const HTPASSWD: &str = "user:$2y$04$abcdefghijklmnopqrstuughE8Ev8uGFaUgY2cNEySvxngrb/Jzdm\n";

/// What it wants of its clients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    Nothing,
    Tls,
    Password,
}

/// A registry of one test.
pub(super) struct Registry {
    pub(super) at: SocketAddr,
    folder: Folder,
    process: Process,
}

impl Registry {
    pub(super) async fn start(wants: Wants) -> Result<Self> {
        let folder = Folder::new("sluice-registry-")?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut config = format!(
            "version: 0.1\nlog: {{ level: info, accesslog: {{ disabled: true }} }}\n\
             storage: {{ filesystem: {{ rootdirectory: {} }} }}\n",
            path("data")
        );
        let mut tls = String::new();
        match wants {
            Wants::Nothing => {}
            Wants::Tls => {
                certify(&folder)?;
                tls = format!(", tls: {{ certificate: {}, key: {} }}", path("server.pem"), path("server.key"));
            }
            Wants::Password => {
                fs::write(path("htpasswd"), HTPASSWD)?;
                config += &format!("auth: {{ htpasswd: {{ realm: tests, path: {} }} }}\n", path("htpasswd"));
            }
        }
        config += &format!("http: {{ addr: '127.0.0.1:0'{tls} }}\n");
        fs::write(path("config.yml"), config)?;
        let (at, process) = serve(&folder).await?;
        Ok(Self { at, folder, process })
    }

    /// Nobody answers there any more.
    pub(super) fn goes_down(&mut self) {
        self.process.kill();
    }

    /// It answers again where it did, and has what it had.
    pub(super) async fn comes_back(&mut self) -> Result<()> {
        let file = self.folder.path().join("config.yml");
        fs::write(&file, fs::read_to_string(&file)?.replace("127.0.0.1:0", &self.at.to_string()))?;
        (_, self.process) = serve(&self.folder).await?;
        Ok(())
    }

    /// An image of it.
    pub(super) fn image(&self, rest: &str) -> String {
        format!("{}/{rest}", self.at)
    }

    /// Its certificate, and its key.
    pub(super) fn certificate(&self) -> [PathBuf; 2] {
        ["server.pem", "server.key"].map(|name| self.folder.path().join(name))
    }

    /// The certificate of its authority.
    pub(super) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Where it keeps the bytes with this digest.
    pub(super) fn blob(&self, digest: &str) -> Result<PathBuf> {
        let digits = digest.strip_prefix("sha256:").context("no digest")?;
        let blobs = self.folder.path().join("data/docker/registry/v2/blobs/sha256");
        let blob = blobs.join(&digits[..2]).join(digits).join("data");
        ensure!(blob.is_file(), "{} is missing", blob.display());
        Ok(blob)
    }
}

/// Runs it with the config in its folder.
async fn serve(folder: &Folder) -> Result<(SocketAddr, Process)> {
    let [config, log] = ["config.yml", "log"].map(|name| folder.path().join(name));
    let mut command = Command::new(artifacts::tool("registry")?);
    command.arg("serve").arg(config).stdout(Stdio::null()).stderr(File::create(&log)?);
    let process = Process::start(&mut command)?;
    let at = eventually("the registry listens", async || -> Result<Option<SocketAddr>> {
        let log = fs::read_to_string(&log)?;
        let said = log.split_once("listening on ").with_context(|| log.clone())?.1;
        let end = said.find([',', '"']).context("half a line")?;
        Ok(Some(said[..end].parse()?))
    });
    Ok((at.await?, process))
}

/// An authority, and a certificate by it for 127.0.0.1.
fn certify(folder: &Folder) -> Result<()> {
    let mut authority = CertificateParams::new([])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let server = CertificateParams::new(["127.0.0.1".into()])?.signed_by(&key, &authority)?;
    for (name, pem) in [("ca.pem", authority.pem()), ("server.pem", server.pem()), ("server.key", key.serialize_pem())]
    {
        fs::write(folder.path().join(name), pem)?;
    }
    Ok(())
}
