//! From WebAssembly to machine code, away from the process that runs it.
//!
//! A compiler is a large program that a hostile component gets to feed. So it runs in a process of its own, which is
//! given the component and nothing else, and ends; what it needed, in memory too, ends with it. A few hundred bytes can
//! ask for a billion instances, so what it may need is limited.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use rustix::process::{Resource, Rlimit, setrlimit};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::Cache;
use crate::sandbox::config;

/// Where components are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// In this process, by an engine of its own.
    Here,
    /// In a child: this program, called with this one argument, calls [`compile`] on its standard input and output.
    Child(&'static str),
}

/// What compiling may take, in bytes of memory: a plugin of 500 KB takes 75 MB, and more on more cores.
fn memory(component: &[u8]) -> u64 {
    (1 << 30) + 128 * component.len() as u64
}

/// What compiling may take, in seconds of all cores together: a plugin of 500 KB takes one.
fn seconds(component: &[u8]) -> u64 {
    60 + component.len() as u64 / 50_000
}

/// Compiles what it reads and writes the machine code. Limits the process that calls it.
///
/// # Errors
/// What is wrong with the component, or with reading and writing.
pub fn compile(mut from: impl Read, mut to: impl Write) -> Result<(), String> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    for (resource, limit) in [(Resource::Data, memory(&bytes)), (Resource::Cpu, seconds(&bytes))] {
        let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
        setrlimit(resource, limit).map_err(|error| error.to_string())?;
    }
    to.write_all(&precompile(&bytes)?).map_err(|error| error.to_string())
}

fn precompile(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let engine = Engine::new(&config()).map_err(|error| format!("{error:#}"))?;
    engine.precompile_component(bytes).map_err(|error| format!("{error:#}"))
}

impl Compiler {
    /// A component of this engine's, compiled, or as it was kept.
    pub(crate) fn load(self, engine: &Engine, cache: Option<&Cache>, bytes: &[u8]) -> Result<Component, String> {
        if let Some(code) = cache.and_then(|cache| cache.get(engine, bytes)) {
            // What was kept for another version of the engine says so itself.
            if let Ok(component) = deserialize(engine, &code) {
                return Ok(component);
            }
        }
        let code = match self {
            Self::Here => precompile(bytes)?,
            Self::Child(argument) => child(argument, bytes)?,
        };
        if let Some(cache) = cache {
            cache.put(engine, bytes, &code);
        }
        deserialize(engine, &code)
    }
}

/// Safe, because `code` was written by this very program: a moment ago, here or in a child that it started itself, and
/// came through a pipe that nobody else holds; or before, and lay since in a folder that nobody else can write, in a file
/// that is what it was ([`Cache`]). Code from anywhere else never gets here.
#[allow(unsafe_code)]
pub(crate) fn deserialize(engine: &Engine, code: &[u8]) -> Result<Component, String> {
    unsafe { Component::deserialize(engine, code) }.map_err(|error| format!("{error:#}"))
}

fn child(argument: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("the compiler cannot be run: {error}");
    // The program that runs, even if another has been put in its place since.
    let mut child = Command::new("/proc/self/exe")
        .arg(argument)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // It reads to the end before it writes; if it ended early, its own words say more than a broken pipe.
        let _ = stdin.write_all(bytes);
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    if output.status.signal().is_some() {
        let (megabytes, seconds) = (memory(bytes) >> 20, seconds(bytes));
        return Err(format!("it takes more than {megabytes} MiB or {seconds} s to compile"));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(match said.trim() {
        "" => format!("the compiler ended with {}", output.status),
        said => said.strip_prefix("error: ").unwrap_or(said).to_owned(),
    })
}
