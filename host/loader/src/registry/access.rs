//! How registries are reached, as the config and the environment say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sluice_core::config::{Mirror, Registries};

use super::auth::Credentials;
use super::proxy::Proxies;
use super::reference::{Reference, is_registry};
#[cfg(any(test, feature = "cosign"))]
use super::signature::Key;

/// No file that says something of registries is larger.
const MAX_FILE: u64 = 1 << 20;

/// How registries are reached: what the config and the environment say, with all files read and found to be in order.
#[derive(Debug)]
pub struct Access {
    /// Read again for each use: what is mounted from a Secret is renewed.
    auth_file: Option<PathBuf>,
    insecure: BTreeSet<String>,
    mirrors: Vec<Mirror>,
    pub(super) roots: RootCertStore,
    pub(super) proxies: Arc<Proxies>,
    /// One of them has to have signed each image, if there are any.
    #[cfg(any(test, feature = "cosign"))]
    pub(super) keys: Vec<Key>,
}

/// Why registries cannot be reached as the config says. Every text names the field.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A file that cannot be read.
    #[error("registries.{field}: {}: cannot be read: {cause}", file.display())]
    Unreadable {
        /// The field that names it.
        field: &'static str,
        /// Which.
        file: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A file that holds something else.
    #[error("registries.{field}: {}: {why}", file.display())]
    File {
        /// The field that names it.
        field: &'static str,
        /// Which.
        file: PathBuf,
        /// What is wrong, and the way out.
        why: String,
    },
    /// A field that cannot be so.
    #[error("registries.{field}: {value:?} {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// What it is.
        value: String,
        /// What is wrong, and the way out.
        why: &'static str,
    },
    /// A variable that names no proxy. It is not quoted, as it may hold a password.
    #[error(
        "{variable} in the environment: {why}; write http://HOST:PORT, before HOST if need be USER:PASSWORD@ with what \
         is not a letter or digit as %XX, or unset it"
    )]
    Proxy {
        /// Which variable.
        variable: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// There is no TLS to be had.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// Signatures are asked for, and this program cannot check any.
    #[error(
        "registries.cosignKeys: this program was built without signatures, so it loads no image: \
         build it with `cargo build --release --features cosign`, or leave this out"
    )]
    NoSignatures,
}

impl Access {
    /// Reads what the config names, and which proxies the environment names.
    ///
    /// # Errors
    /// A file that is not what it should be, or a field that cannot be so.
    pub fn open(config: &Registries) -> Result<Self, AccessError> {
        if !config.cosign_keys.is_empty() && !cfg!(any(test, feature = "cosign")) {
            return Err(AccessError::NoSignatures);
        }
        if let Some(value) = config.insecure.iter().find(|host| !is_registry(host)) {
            let why = "is no registry; write host:port, as images name it";
            return Err(AccessError::Field { field: "insecure", value: value.clone(), why });
        }
        for value in config.mirrors.iter().flat_map(|mirror| [&mirror.prefix, &mirror.mirror]) {
            if !is_registry(value.split_once('/').map_or(value, |(registry, _)| registry)) || value.ends_with('/') {
                let why = "is no registry, or part of one; write host:port or host/path, without a slash at its end";
                return Err(AccessError::Field { field: "mirrors", value: value.clone(), why });
            }
        }
        let access = Self {
            auth_file: config.auth_file.clone(),
            insecure: config.insecure.clone(),
            mirrors: config.mirrors.clone(),
            roots: roots(config.ca.as_deref())?,
            proxies: Arc::new(Proxies::from_env()?),
            #[cfg(any(test, feature = "cosign"))]
            keys: config.cosign_keys.iter().map(|file| key(file)).collect::<Result<_, _>>()?,
        };
        access.credentials()?;
        Ok(access)
    }

    /// What is known of all registries now.
    ///
    /// # Errors
    /// The file has gone, or is none of credentials.
    pub(super) fn credentials(&self) -> Result<Credentials, AccessError> {
        const FIELD: &str = "authFile";
        let Some(file) = &self.auth_file else { return Ok(Credentials::default()) };
        let content = read(FIELD, file)?;
        Credentials::parse(&content, file).map_err(|why| AccessError::File { field: FIELD, file: file.clone(), why })
    }

    /// Whether a registry, as `host:port`, is spoken to without TLS.
    pub(super) fn is_insecure(&self, registry: &str) -> bool {
        self.insecure.contains(registry)
    }

    /// Where an image is looked for: at mirrors first, and at last where its name says.
    pub(super) fn places(&self, image: &Reference) -> Vec<Reference> {
        let path = image.path();
        let mirrored = |mirror: &Mirror| {
            let rest = path.strip_prefix(&mirror.prefix)?;
            let is_below = rest.is_empty() || rest.starts_with('/');
            is_below.then(|| image.at(&format!("{}{rest}", mirror.mirror)))?
        };
        self.mirrors.iter().filter_map(mirrored).chain([image.clone()]).collect()
    }
}

/// The system's certificates and those of a file.
fn roots(ca: Option<&Path>) -> Result<RootCertStore, AccessError> {
    const FIELD: &str = "ca";
    let mut roots = RootCertStore::empty();
    // An image without any of its own is as good as one with them, if all that is reached has a private one.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let Some(file) = ca else { return Ok(roots) };
    let wrong = |why: String| AccessError::File { field: FIELD, file: file.into(), why };
    let content = read(FIELD, file)?;
    let mut found = 0;
    for certificate in CertificateDer::pem_slice_iter(&content) {
        let certificate = certificate.map_err(|error| wrong(format!("not PEM: {error}")))?;
        roots.add(certificate).map_err(|error| wrong(format!("no certificate of an authority: {error}")))?;
        found += 1;
    }
    match found {
        0 => Err(wrong("there is no certificate in it; name a file with -----BEGIN CERTIFICATE-----".into())),
        _ => Ok(roots),
    }
}

#[cfg(any(test, feature = "cosign"))]
fn key(file: &Path) -> Result<Key, AccessError> {
    const FIELD: &str = "cosignKeys";
    let content = read(FIELD, file)?;
    Key::parse(&content).map_err(|why| AccessError::File { field: FIELD, file: file.into(), why })
}

fn read(field: &'static str, file: &Path) -> Result<Vec<u8>, AccessError> {
    let unreadable = |cause| AccessError::Unreadable { field, file: file.into(), cause };
    let mut content = Vec::new();
    let opened = fs::File::open(file).map_err(unreadable)?;
    io::Read::read_to_end(&mut io::Read::take(opened, MAX_FILE + 1), &mut content).map_err(unreadable)?;
    match content.len() as u64 > MAX_FILE {
        true => Err(AccessError::File { field, file: file.into(), why: "larger than 1 MiB".into() }),
        false => Ok(content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(config: &str) -> Result<Access, AccessError> {
        Access::open(&serde_json::from_str(config).unwrap())
    }

    #[test]
    fn images_are_looked_for_at_mirrors_first() {
        let access = open(
            r#"{"mirrors": [
                {"prefix": "ghcr.io/acme", "mirror": "mirror.local:5000/cache/acme"},
                {"prefix": "ghcr.io", "mirror": "other.local"},
                {"prefix": "ghcr.io/acme/cars", "mirror": "cars.local/the-cars"}
            ]}"#,
        )
        .unwrap();
        let places = |image: &str| {
            let places = access.places(&image.parse().unwrap());
            places.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            places("ghcr.io/acme/cars:1"),
            [
                "mirror.local:5000/cache/acme/cars:1",
                "other.local/acme/cars:1",
                "cars.local/the-cars:1",
                "ghcr.io/acme/cars:1"
            ]
        );
        assert_eq!(places("ghcr.io/acmes/cars:1"), ["other.local/acmes/cars:1", "ghcr.io/acmes/cars:1"]);
        assert_eq!(places("quay.io/acme/cars:1"), ["quay.io/acme/cars:1"]);
    }

    #[test]
    fn what_cannot_be_names_its_field() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "{}\n").unwrap();
        let file = file.display();
        for (config, said) in [
            (r#"{"ca": "/nowhere"}"#.into(), "registries.ca: /nowhere: cannot be read: No such file"),
            (format!(r#"{{"ca": "{file}"}}"#), ": there is no certificate in it; name a file with"),
            (r#"{"authFile": "/nowhere"}"#.into(), "registries.authFile: /nowhere: cannot be read"),
            (format!(r#"{{"authFile": "{file}"}}"#), ": there is no `auths` in it"),
            (format!(r#"{{"cosignKeys": ["{file}"]}}"#), "registries.cosignKeys: "),
            (r#"{"insecure": ["https://a.b"]}"#.into(), r#"registries.insecure: "https://a.b" is no registry; write"#),
            (r#"{"mirrors": [{"prefix": "a.b/", "mirror": "c.d"}]}"#.into(), r#"registries.mirrors: "a.b/" is no"#),
            (r#"{"mirrors": [{"prefix": "a.b", "mirror": "http://c"}]}"#.into(), "registries.mirrors: \"http:"),
        ] {
            let error = open(&config).unwrap_err().to_string();
            assert!(error.contains(said), "{config}: {error}");
        }
    }
}
