//! The target without rustup's servers: Debian ships the standard library's source and wasi-libc,
//! and rustup's rustc has every other part already.

use super::rustc::Rustc;
use crate::{
    cache::Cache,
    step::Step,
    workspace::{WASM, cargo_path},
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

/// The one rustc whose source is pinned here.
const RUSTC: &str = "1.95.0";

struct Package {
    name: &'static str,
    path: &'static str,
    sha256: &'static str,
}

const RUST_SRC: Package = Package {
    name: "rust-src",
    path: "pool/main/r/rustc/rust-src_1.95.0+dfsg1-2~bpo13+1_all.deb",
    sha256: "7b76db5b880a77f9e52975d2baa6209d2f76d2c9c2789515c3088cb960e2c83b",
};

const WASI_LIBC: Package = Package {
    name: "wasi-libc",
    path: "pool/main/w/wasi-libc/wasi-libc_0.0~git20260129.ec0effd-3~bpo13+1_all.deb",
    sha256: "45eb80a2d4dcf7fe54c8e5c5d6a3cd165a3682fccc124c46f7abc6255c9b1bce",
};

/// Builds the target folder in the cache, once per rustc, and copies it into the sysroot.
pub(crate) fn install(step: &mut Step, rustc: &Rustc, cache: &Cache) -> Result<()> {
    ensure!(
        rustc.version == RUSTC,
        "the standard library can be built for rustc {RUSTC} only, and this is {}",
        rustc.version
    );
    let built = cache.join(format!("{WASM}-{}", rustc.commit));
    if !built.exists() {
        build(step, rustc, &cache.join("wasm-work"), &built)?;
    }

    let partial = rustc.target_dir().with_extension("partial");
    fs::remove_dir_all(&partial).ok();
    fs::remove_dir_all(rustc.target_dir()).ok();
    copy_dir(&built, &partial, |_| true)
        .and_then(|()| Ok(fs::rename(&partial, rustc.target_dir())?))
        .with_context(|| format!("cannot write to {}, rustc's own folder", rustc.target_dir().display()))
}

fn build(step: &mut Step, rustc: &Rustc, work: &Path, into: &Path) -> Result<()> {
    let source = unpack(step, work, &RUST_SRC)?.join(format!("usr/src/rustc-{RUSTC}"));
    let libc = unpack(step, work, &WASI_LIBC)?.join("usr/lib").join(WASM);
    let rlibs = build_std(step, rustc, &source, &work.join("build"))?;

    let partial = into.with_extension("partial");
    fs::remove_dir_all(&partial).ok();
    copy_dir(&libc, &partial.join("lib/self-contained"), |_| true)?;
    copy_dir(&rlibs, &partial.join("lib"), |name| name.ends_with(".rlib") && !name.starts_with("libempty-"))?;
    rustc.mark(&partial)?;
    fs::rename(&partial, into)?;
    fs::remove_dir_all(work)?;
    Ok(())
}

/// Downloads a package and gives the folder of its files.
fn unpack(step: &mut Step, work: &Path, package: &Package) -> Result<PathBuf> {
    let dir = work.join(package.name);
    if dir.exists() {
        return Ok(dir);
    }
    let (deb, partial) = (dir.with_extension("deb"), dir.with_extension("partial"));
    fs::create_dir_all(work)?;
    download(step, package, &deb)?;
    fs::remove_dir_all(&partial).ok();
    let mut dpkg = Command::new("dpkg");
    dpkg.arg("-x").arg(&deb).arg(&partial);
    step.run(dpkg)?;
    fs::rename(&partial, &dir)?;
    Ok(dir)
}

/// The machine's own apt knows a mirror, its proxy and its credentials.
fn download(step: &mut Step, package: &Package, into: &Path) -> Result<()> {
    let targets = Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]).output();
    let targets = targets.context("Debian's packages need apt, and apt-get cannot be run")?;
    let mut mirrors: Vec<&str> = str::from_utf8(&targets.stdout)?.lines().collect();
    mirrors.dedup();
    for mirror in mirrors {
        let mut helper = Command::new("/usr/lib/apt/apt-helper");
        helper.arg("download-file").arg(format!("{mirror}{}", package.path));
        helper.arg(into).arg(format!("SHA256:{}", package.sha256));
        if step.run(helper).is_ok() {
            return Ok(());
        }
    }
    bail!("no mirror of this machine's apt has Debian's {}", package.name)
}

/// Gives the folder of the standard library's crates, built for the target by way of an empty crate.
fn build_std(step: &mut Step, rustc: &Rustc, source: &Path, work: &Path) -> Result<PathBuf> {
    fs::create_dir_all(work.join("src"))?;
    fs::write(work.join("src/lib.rs"), "")?;
    fs::write(work.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2024\"\n[workspace]\n")?;
    let _link = SourceLink::new(rustc, source)?;

    let mut cargo = Command::new(cargo_path());
    cargo.current_dir(work).args(["build", "--release", "--target", WASM, "--target-dir", "target"]);
    cargo.args(["-Z", "build-std=std,panic_abort,panic_unwind"]).env("RUSTC_BOOTSTRAP", "1");
    // Without bitcode in the standard library, a guest that asks for link-time optimisation fails to link.
    cargo.env("RUSTFLAGS", "-Cembed-bitcode=yes").env_remove("CARGO_ENCODED_RUSTFLAGS");
    step.run(cargo)?;
    Ok(work.join("target").join(WASM).join("release/deps"))
}

/// Cargo looks for the source in the sysroot. The link goes when the build ends,
/// since rustup would stumble over it when it installs its own `rust-src`.
struct SourceLink(Option<PathBuf>);

impl SourceLink {
    fn new(rustc: &Rustc, source: &Path) -> Result<Self> {
        let link = rustc.sysroot.join("lib/rustlib/src/rust");
        if link.exists() && !link.is_symlink() {
            return Ok(Self(None)); // rustup's own `rust-src`, which is the same.
        }
        fs::create_dir_all(rustc.sysroot.join("lib/rustlib/src"))?;
        fs::remove_file(&link).ok();
        symlink(source, &link).with_context(|| format!("cannot write {}, in rustc's own folder", link.display()))?;
        Ok(Self(Some(link)))
    }
}

impl Drop for SourceLink {
    fn drop(&mut self) {
        if let Some(link) = &self.0 {
            fs::remove_file(link).ok();
        }
    }
}

fn copy_dir(from: &Path, to: &Path, wanted: fn(&str) -> bool) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_dir(&source, &target, wanted)?;
        } else if entry.file_name().to_str().is_some_and(wanted) {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
