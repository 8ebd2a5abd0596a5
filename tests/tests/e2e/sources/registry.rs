//! A real registry: the one that most others are made of.

use anyhow::{Context, Result, ensure};
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
    _process: Process,
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
        let log = File::create(path("log"))?;
        let mut command = Command::new(artifacts::tool("registry")?);
        command.args(["serve", &path("config.yml")]).stdout(Stdio::null()).stderr(log);
        let process = Process::start(&mut command)?;
        let at = eventually("the registry listens", async || -> Result<Option<SocketAddr>> {
            let log = fs::read_to_string(path("log"))?;
            let said = log.split_once("listening on ").with_context(|| log.clone())?.1;
            let end = said.find([',', '"']).context("half a line")?;
            Ok(Some(said[..end].parse()?))
        });
        Ok(Self { at: at.await?, folder, _process: process })
    }

    /// An image of it.
    pub(super) fn image(&self, rest: &str) -> String {
        format!("{}/{rest}", self.at)
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

/// An authority, and a certificate by it for 127.0.0.1.
fn certify(folder: &Folder) -> Result<()> {
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"];
    let openssl = |args: &[&str]| -> Result<()> {
        let ran =
            Command::new("openssl").args(["req", "-x509"]).args(key).args(args).current_dir(folder.path()).output();
        let ran = ran.context("openssl, which makes certificates for tests, cannot be run")?;
        ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        Ok(())
    };
    openssl(&["-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"])?;
    let server = ["-subj", "/CN=registry", "-keyout", "server.key", "-out", "server.pem"];
    let by = ["-CA", "ca.pem", "-CAkey", "ca.key"];
    let of = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1"];
    openssl(&[&server[..], &by, &of].concat())
}
