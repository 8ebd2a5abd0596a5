//! Where plugins come from besides a folder: registries of images, and ConfigMaps.

mod config_maps;
mod images;
mod proxied;
mod proxy;
mod registry;
mod running;
mod tags;

use crate::cli::Ran;
use anyhow::{Context, Result};
use sluice_tests::artifacts;
use std::{ffi::OsStr, fs, iter, path::PathBuf, process::Command};

/// What would lead to registries elsewhere than a test says.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];

/// `sluice plugin …`.
fn plugin<A: AsRef<OsStr>>(args: &[A]) -> Result<Ran> {
    plugin_with(&[], args)
}

/// The same with proxies that the environment names.
fn plugin_with<A: AsRef<OsStr>>(environment: &[(&str, &str)], args: &[A]) -> Result<Ran> {
    let mut command = Command::new(artifacts::sluice()?);
    for name in PROXIES {
        command.env_remove(name);
    }
    let output = command.envs(environment.iter().copied()).arg("plugin").args(args).output()?;
    Ok(Ran {
        code: output.status.code().context("it was killed")?,
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

/// A built plugin: where it is, and its bytes.
fn built(name: &str) -> Result<(PathBuf, Vec<u8>)> {
    let file = artifacts::guests()?.join(format!("{}.wasm", name.replace('-', "_")));
    let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
    Ok((file, bytes))
}

/// The same plugin with so many bytes more, which say nothing and cannot be packed.
fn larger(mut plugin: Vec<u8>, bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let noise = iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    });
    // A custom section called x; its length in five bytes.
    let length = u32::try_from(bytes + 2).unwrap_or(u32::MAX);
    plugin.push(0);
    plugin.extend((0..5).map(|at| ((length >> (7 * at)) & 0x7f) as u8 | if at < 4 { 0x80 } else { 0 }));
    plugin.extend([1, b'x']);
    plugin.extend(noise.take(bytes));
    plugin
}
