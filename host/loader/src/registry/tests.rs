//! Registries that lie, and those that want to know us. What an honest one does is shown with a real one, end to end.

mod attached;
mod fake;
mod letting_in;
mod lies;
mod signed;
mod signer;

use fake::{Asked, Fake, reply};
use serde_json::{Value, json};
use sluice_core::config::Registries;

use super::proxy::Proxies;
use super::*;
use crate::found::{Found, digest};

/// A component, as far as it matters here.
const WASM: &[u8] = b"\0asm\x0d\0\x01\0 and so on";

fn sha(bytes: &[u8]) -> String {
    format!("sha256:{}", digest(bytes))
}

/// The manifest of an image of these bytes.
fn manifest(bytes: &[u8]) -> Value {
    json!({
        "schemaVersion": 2,
        "config": {"mediaType": "application/vnd.wasm.config.v0+json", "size": 2, "digest": sha(b"{}")},
        "layers": [{"mediaType": "application/wasm", "size": bytes.len(), "digest": sha(bytes)}],
    })
}

impl Fake {
    /// Has `cars:1`, of these bytes. Returns the digest of its manifest.
    fn has(&self, bytes: &[u8]) -> String {
        let manifest = manifest(bytes).to_string();
        let digest = sha(manifest.as_bytes());
        for wanted in ["1", &digest] {
            self.answers(&format!("GET /v2/cars/manifests/{wanted}"), None, reply(manifest.as_bytes()));
        }
        self.answers(&format!("GET /v2/cars/blobs/{}", sha(bytes)), None, reply(bytes));
        digest
    }

    fn image(&self) -> Reference {
        format!("{}/cars:1", self.at).parse().unwrap()
    }

    fn registries(&self) -> Registries {
        Registries { insecure: [self.at.to_string()].into(), ..Registries::default() }
    }
}

fn open(config: &Registries) -> Registry {
    // Whatever proxies the tests' own environment names.
    let mut access = Access::open(config).unwrap();
    access.proxies = Proxies::none().into();
    Registry::new(access).unwrap()
}

async fn pull(fake: &Fake, image: &Reference) -> Result<Found, String> {
    open(&fake.registries()).pull("cars", image).await.map_err(|error| error.to_string())
}

/// What is said of its `cars:1`.
async fn problem(fake: &Fake) -> String {
    pull(fake, &fake.image()).await.unwrap_err()
}

fn lines(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|asked| asked.line.as_str()).collect()
}
