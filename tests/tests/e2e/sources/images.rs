//! `sluice plugin push` and `pull`, with a real registry.

use super::{
    built, larger, plugin,
    registry::{Registry, Wants},
};
use crate::{cli::Ran, support::port::Port};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_tests::folder::Folder;
use std::{fs, path::PathBuf};

/// A registry, a plugin, and a place for what is pulled.
struct Bench {
    registry: Registry,
    folder: Folder,
    file: PathBuf,
    bytes: Vec<u8>,
}

impl Bench {
    async fn new(wants: Wants) -> Result<Self> {
        let (file, bytes) = built("configmaps")?;
        Ok(Self { registry: Registry::start(wants).await?, folder: Folder::new("sluice-pulled-")?, file, bytes })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn push(&self, image: &str, args: &[&str]) -> Result<Ran> {
        plugin(&[&["push", &self.file.display().to_string(), image], args].concat())
    }

    /// Pulls an image into `pulled.wasm`.
    fn pull(&self, image: &str, args: &[&str]) -> Result<Ran> {
        plugin(&[&["pull", image, "-o", &self.path("pulled.wasm")], args].concat())
    }

    fn pulled(&self) -> Result<Vec<u8>> {
        Ok(fs::read(self.path("pulled.wasm"))?)
    }

    /// What is said of an image that is not had; nothing is written then.
    fn problem(&self, image: &str, args: &[&str]) -> Result<String> {
        let ran = self.pull(image, args)?;
        ensure!(ran.code == 1 && ran.stdout.is_empty() && ran.stderr.lines().count() == 1, "{ran:?}");
        assert_eq!(fs::read_dir(self.folder.path())?.filter(|file| is_wasm(file.as_ref().ok())).count(), 0);
        Ok(ran.stderr)
    }
}

fn is_wasm(file: Option<&fs::DirEntry>) -> bool {
    file.is_some_and(|file| file.file_name().to_string_lossy().contains(".wasm"))
}

/// The image that was pushed, by the digest of its manifest.
fn pinned(ran: &Ran) -> Result<&str> {
    ensure!(ran.code == 0 && ran.stderr.is_empty(), "{ran:?}");
    ran.stdout.lines().next().and_then(|line| line.strip_prefix("image: ")).context("no image")
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

#[tokio::test]
async fn cli_what_is_pushed_is_pulled_byte_for_byte() -> Result<()> {
    let bench = Bench::new(Wants::Nothing).await?;
    let (tag, at) = (bench.registry.image("plugins/configmaps:1"), bench.registry.at.to_string());
    let insecure = ["--insecure", &*at];
    let pushed = bench.push(&tag, &insecure)?;
    let image = pinned(&pushed)?;
    assert!(image.starts_with(&format!("{tag}@sha256:")), "{image}");
    assert_eq!(pushed.stdout, format!("image: {image}\ndigest: {}\n", digest(&bench.bytes)));
    // It has the same digest whenever it is pushed, and whatever it is called.
    assert_eq!(bench.push(&tag, &insecure)?, pushed);
    let other = bench.push(&bench.registry.image("other:2"), &insecure)?;
    assert_eq!(pinned(&other)?.split_once('@').map(|parts| parts.1), image.split_once('@').map(|parts| parts.1));

    let by_digest = image.replacen(":1@", "@", 1);
    for (wanted, said) in [(&*tag, image), (image, image), (&*by_digest, &*by_digest)] {
        let ran = bench.pull(wanted, &insecure)?;
        assert_eq!(ran, Ran::printed(&format!("image: {said}\ndigest: {}\n", digest(&bench.bytes))));
        assert_eq!(bench.pulled()?, bench.bytes);
        fs::remove_file(bench.path("pulled.wasm"))?;
    }
    let said = bench.problem(&bench.registry.image("plugins/configmaps:2"), &insecure)?;
    assert!(said.contains("127.0.0.1 has no such manifest (404: manifest unknown); is the name right"), "{said}");
    Ok(())
}

#[tokio::test]
async fn cli_what_is_pushed_is_laid_out_as_others_expect_it() -> Result<()> {
    let bench = Bench::new(Wants::Nothing).await?;
    let at = bench.registry.at.to_string();
    let pushed = bench.push(&bench.registry.image("configmaps:1"), &["--insecure", &at])?;
    let (_, of_manifest) = pinned(&pushed)?.split_once('@').context("no digest")?;
    let manifest: Value = serde_json::from_slice(&fs::read(bench.registry.blob(of_manifest)?)?)?;
    let of_config = manifest["config"]["digest"].as_str().context("no config")?;
    let config = fs::read(bench.registry.blob(of_config)?)?;
    let expected = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.wasm.config.v0+json",
        "config": {
            "mediaType": "application/vnd.wasm.config.v0+json",
            "digest": digest(&config),
            "size": config.len(),
        },
        "layers": [{ "mediaType": "application/wasm", "digest": digest(&bench.bytes), "size": bench.bytes.len() }],
    });
    assert_eq!(manifest, expected);
    let mut config: Value = serde_json::from_slice(&config)?;
    let imports = config["component"]["imports"].take();
    let is_ours = |import: &Value| import.as_str().is_some_and(|import| import.starts_with("sluice:plugin/"));
    assert!(imports.as_array().is_some_and(|imports| imports.iter().any(is_ours)), "{imports}");
    let exports = ["sluice:plugin/lifecycle@0.1.0", "sluice:plugin/syncer@0.1.0"];
    let expected = json!({
        "created": "1970-01-01T00:00:00Z",
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [digest(&bench.bytes)],
        "component": { "exports": exports, "imports": null, "target": null },
    });
    assert_eq!(config, expected);
    Ok(())
}

#[tokio::test]
async fn cli_a_private_authority_has_to_be_named() -> Result<()> {
    let bench = Bench::new(Wants::Tls).await?;
    let (image, at) = (bench.registry.image("configmaps:1"), bench.registry.at.to_string());
    let ran = bench.push(&image, &[])?;
    assert!(ran.code == 1 && ran.stderr.contains("127.0.0.1 is not trusted: "), "{ran:?}");
    assert!(ran.stderr.contains("; name its authority's certificate: registries.ca, or --ca"), "{ran:?}");
    let ca = bench.registry.ca().display().to_string();
    pinned(&bench.push(&image, &["--ca", &ca])?)?;
    pinned(&bench.pull(&image, &["--ca", &ca])?)?;
    assert_eq!(bench.pulled()?, bench.bytes);
    fs::remove_file(bench.path("pulled.wasm"))?;

    // Neither is it spoken to without TLS, nor one without TLS with it.
    let said = bench.problem(&image, &["--insecure", &at])?;
    assert!(said.contains("127.0.0.1 answers 400"), "{said}");
    let plain = Registry::start(Wants::Nothing).await?;
    let said = bench.problem(&plain.image("configmaps:1"), &["--ca", &ca])?;
    assert!(said.contains("127.0.0.1 does not speak TLS; if it is meant to be spoken to without, list it"), "{said}");
    Ok(())
}

#[tokio::test]
async fn cli_a_registry_with_a_password_is_shown_it_and_nobody_else_is() -> Result<()> {
    let bench = Bench::new(Wants::Password).await?;
    let (image, at) = (bench.registry.image("configmaps:1"), bench.registry.at.to_string());
    let auth = |name: &str, content: Value| -> Result<String> {
        fs::write(bench.path(name), content.to_string())?;
        Ok(bench.path(name))
    };
    let right = json!({ at.as_str(): { "auth": "dXNlcjpwYXNzd29yZA==" } });
    let wrong = json!({ at.as_str(): { "username": "user", "password": "hunter2" } });
    let right = auth("right", json!({ "auths": right }))?;
    pinned(&bench.push(&image, &["--insecure", &at, "--auth-file", &right])?)?;
    pinned(&bench.pull(&image, &["--insecure", &at, "--auth-file", &right])?)?;
    assert_eq!(bench.pulled()?, bench.bytes);
    fs::remove_file(bench.path("pulled.wasm"))?;

    let said = bench.problem(&image, &["--insecure", &at])?;
    assert!(said.contains(&format!("does not let us in (401); name a file with credentials for {at}: ")), "{said}");
    for (name, content, way_out) in [
        ("wrong", json!({ "auths": wrong }), "put `auth` of "),
        (
            "others",
            json!({ "auths": { "registry.example.com": { "auth": "aHVudGVyMjpodW50ZXIy" } } }),
            "put `auth` of ",
        ),
        ("helper", json!({ "auths": {}, "credsStore": "desktop" }), "names a credential helper, which is not run: put"),
    ] {
        let file = auth(name, content)?;
        let said = bench.problem(&image, &["--insecure", &at, "--auth-file", &file])?;
        assert!(said.contains("127.0.0.1 does not let us in (401); ") && said.contains(way_out), "{said}");
        assert!(said.contains(&file) && !said.contains("hunter2") && !said.contains("aHVudGVy"), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn cli_what_was_tampered_with_is_not_pulled() -> Result<()> {
    let bench = Bench::new(Wants::Nothing).await?;
    let (image, at) = (bench.registry.image("configmaps:1"), bench.registry.at.to_string());
    let insecure = ["--insecure", &*at];
    let pushed = bench.push(&image, &insecure)?;
    let of_layer = digest(&bench.bytes);
    let mut tampered = bench.bytes.clone();
    let middle = tampered.len() / 2;
    tampered[middle] ^= 1;
    fs::write(bench.registry.blob(&of_layer)?, &tampered)?;
    let said = bench.problem(&image, &insecure)?;
    let expected = format!("the layer from {at} is {}, and it was to be {of_layer}: it was changed", digest(&tampered));
    assert!(said.contains(&expected), "{said}");
    tampered.pop();
    fs::write(bench.registry.blob(&of_layer)?, &tampered)?;
    let said = bench.problem(&image, &insecure)?;
    assert!(said.contains(" bytes, and its manifest says "), "{said}");

    // A manifest that still is one, with another tag's digest.
    let (_, of_manifest) = pinned(&pushed)?.split_once('@').context("no digest")?;
    let manifest = fs::read_to_string(bench.registry.blob(of_manifest)?)?;
    fs::write(bench.registry.blob(of_manifest)?, manifest.replace("\"size\"", "\"size\" "))?;
    let said = bench.problem(&format!("{at}/configmaps@{of_manifest}"), &insecure)?;
    assert!(said.contains("the manifest from ") || said.contains("has no such manifest"), "{said}");
    Ok(())
}

#[tokio::test]
async fn cli_what_is_no_plugin_is_neither_pushed_nor_pulled() -> Result<()> {
    let mut bench = Bench::new(Wants::Nothing).await?;
    let at = bench.registry.at.to_string();
    let insecure = ["--insecure", &*at];
    let pushed = bench.push(&bench.registry.image("images:1"), &insecure)?;
    let (_, of_manifest) = pinned(&pushed)?.split_once('@').context("no digest")?;
    let manifest: Value = serde_json::from_slice(&fs::read(bench.registry.blob(of_manifest)?)?)?;
    for (tag, pointer, value, said) in [
        (
            "tar",
            "/layers/0/mediaType",
            json!("application/vnd.oci.image.layer.v1.tar"),
            "tar, and not application/wasm; push",
        ),
        ("large", "/layers/0/size", json!(64 * 1024 * 1024 + 1), "larger than 64 MiB, which no plugin needs to be"),
        ("two", "/layers/1", manifest["config"].clone(), "it has 2 layers; push plugins with"),
    ] {
        let mut other = manifest.clone();
        match other.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => other["layers"].as_array_mut().context("no layers")?.push(value),
        }
        let media_type = ["content-type: application/vnd.oci.image.manifest.v1+json"];
        let path = format!("/v2/images/manifests/{tag}");
        let put = Port(bench.registry.at).ask("PUT", &path, &media_type, other.to_string().as_bytes()).await?;
        ensure!(put.status == 201, "{put:?}");
        let told = bench.problem(&bench.registry.image(&format!("images:{tag}")), &insecure)?;
        assert!(told.contains(said), "{told}");
    }

    bench.file = bench.folder.path().join("module");
    fs::write(&bench.file, wat::parse_str("(module)")?)?;
    let ran = bench.push(&bench.registry.image("images:module"), &insecure)?;
    assert!(ran.code == 1 && ran.stderr.contains(&bench.file.display().to_string()), "{ran:?}");
    for (image, said) in [
        ("configmaps:1", "names no image: there is no registry, or nothing of it; write registry.example.com/"),
        ("a.b/configmaps", "there is neither a tag nor a digest"),
    ] {
        let ran = bench.pull(image, &[])?;
        assert!(ran.code == 2 && ran.stderr.contains(said), "{ran:?}");
    }
    let by_digest = format!("{at}/configmaps@{}", digest(b""));
    let ran = bench.push(&by_digest, &insecure)?;
    assert!(ran.code == 1, "{ran:?}");
    Ok(())
}

#[tokio::test]
async fn cli_images_are_had_from_mirrors_first() -> Result<()> {
    let mut bench = Bench::new(Wants::Nothing).await?;
    let mirror = Registry::start(Wants::Nothing).await?;
    let (at, there) = (bench.registry.at.to_string(), mirror.at.to_string());
    let (config, image) = (bench.path("sluice.yaml"), bench.registry.image("plugins/configmaps:1"));
    let mirrors = format!("[{{ prefix: '{at}/plugins', mirror: '{there}/cache' }}]");
    fs::write(&config, format!("registries: {{ insecure: ['{at}', '{there}'], mirrors: {mirrors} }}"))?;
    let args = ["--config", &*config];

    let said = bench.problem(&image, &args)?;
    for place in [format!("at {there}/cache/configmaps: "), format!("at {at}/plugins/configmaps: ")] {
        assert!(said.contains(&format!("{place}127.0.0.1 has no such manifest")), "{said}");
    }
    // Only where its name says: mirrors fill themselves.
    pinned(&bench.push(&image, &args)?)?;
    pinned(&bench.pull(&image, &args)?)?;
    assert_eq!(bench.pulled()?, bench.bytes);

    // The mirror's own comes first under a tag, and not under another's digest.
    let other = larger(bench.bytes.clone(), 10, 1);
    bench.file = bench.folder.path().join("other");
    fs::write(&bench.file, &other)?;
    let of_other = bench.push(&mirror.image("cache/configmaps:1"), &args)?;
    let ran = bench.pull(&image, &args)?;
    assert_eq!(bench.pulled()?, other);
    assert_eq!(
        pinned(&ran)?.split_once('@').map(|parts| parts.1),
        pinned(&of_other)?.split_once('@').map(|parts| parts.1)
    );
    bench.file = built("configmaps")?.0;
    let pushed = bench.push(&image, &args)?;
    pinned(&bench.pull(pinned(&pushed)?, &args)?)?;
    assert_eq!(bench.pulled()?, bench.bytes);
    Ok(())
}

#[tokio::test]
async fn cli_signatures_that_cannot_be_checked_are_not_left_out() -> Result<()> {
    let bench = Bench::new(Wants::Nothing).await?;
    let config = bench.path("sluice.yaml");
    fs::write(&config, "registries: { cosignKeys: [cosign.pub] }")?;
    let said = bench.problem(&bench.registry.image("configmaps:1"), &["--config", &config])?;
    let expected = "error: registries.cosignKeys: this program was built without signatures, so it loads no image: \
        build it with `cargo build --release --features cosign`, or leave this out\n";
    assert_eq!(said, expected);
    Ok(())
}
