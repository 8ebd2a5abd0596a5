//! The wasm32-wasip2 target: there already, from rustup, or its standard library built from Debian's packages.

mod debian;
mod rustc;

use crate::{
    cache::Cache,
    step::{self, Step},
    workspace::{WASM, Workspace},
};
use anyhow::{Result, bail};
use rustc::Rustc;
use std::{fs, process::Command, time::Duration};

/// A download of some 25 MB: a rustup that needs longer has no network to speak of.
const RUSTUP_LIMIT: Duration = Duration::from_secs(3 * 60);

pub(crate) fn ensure(workspace: &Workspace, cache: &Cache) -> Result<()> {
    let rustc = Rustc::ask()?;
    if rustc.has_target() {
        step::say("stands", &format!("{WASM} target of rustc {}", rustc.version));
        return Ok(());
    }
    rustc.remove_remains()?;

    let mut step = Step::begin(cache, &format!("install the {WASM} target"), "about a minute, once")?;
    if let Err(rustup) = by_rustup(&mut step, &rustc)
        && let Err(debian) = debian::install(&mut step, &rustc, cache)
    {
        bail!(
            "the {WASM} target is missing and could not be installed; install it with `rustup target add {WASM}`\n\
             what was tried:\n- {rustup:#}\n- {debian:#}"
        );
    }
    // Guests that were linked against another standard library do not link against this one.
    fs::remove_dir_all(workspace.target.join(WASM)).ok();
    step.done();
    Ok(())
}

fn by_rustup(step: &mut Step, rustc: &Rustc) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", WASM]).env("RUST_BACKTRACE", "0");
    step.run_within(RUSTUP_LIMIT, rustup)?;
    if !rustc.has_target() {
        bail!("rustup installed the target for another rustc than {}", rustc.sysroot.display());
    }
    Ok(())
}
