//! From bytes to a compiled component whose imports and exports are those of the contract.

use sluice_core::registration::RegistrationError;

use crate::fault::Fault;
use crate::sandbox::Sandbox;

/// What a plugin's interfaces are called, up to the version.
const PACKAGE: &str = "sluice:plugin/";
/// The versions that this runtime speaks: 0.1.x.
const VERSION: &str = "@0.1.";
/// What every plugin exports.
const LIFECYCLE: &str = "lifecycle";
/// What a plugin may import of the contract.
const OFFERED: [&str; 6] = ["objects", "intents", "log", "config", "metadata", "lookup"];
/// What wasm32-wasip2's start imports. Answered with nothing.
const START: [&str; 14] = [
    "wasi:cli/environment@0.2.",
    "wasi:cli/exit@0.2.",
    "wasi:cli/stdin@0.2.",
    "wasi:cli/stdout@0.2.",
    "wasi:cli/stderr@0.2.",
    "wasi:cli/terminal-input@0.2.",
    "wasi:cli/terminal-output@0.2.",
    "wasi:cli/terminal-stdin@0.2.",
    "wasi:cli/terminal-stdout@0.2.",
    "wasi:cli/terminal-stderr@0.2.",
    "wasi:io/error@0.2.",
    "wasi:io/poll@0.2.",
    "wasi:io/streams@0.2.",
    "wasi:random/insecure-seed@0.2.",
];

/// Why a file does not become a plugin.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No WebAssembly at all.
    #[error("it is not WebAssembly: it does not begin with \\0asm; build it with `cargo build --target wasm32-wasip2`")]
    NotWasm,
    /// WebAssembly, but a core module.
    #[error(
        "it is a WebAssembly core module, not a component; build it with `--target wasm32-wasip2`, or wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    /// Cut off, or not valid.
    #[error("it is damaged, or needs what this runtime does not have: {0}; build it or copy it again")]
    Invalid(String),
    /// A component, but not one of this contract.
    #[error(
        "it exports no sluice:plugin/lifecycle, so it is no plugin{}; in Rust, sluice_sdk::plugin! makes one",
        listed(.0)
    )]
    NoPlugin(Vec<String>),
    /// Built for another version of the contract.
    #[error("it was built for {0}; this runtime speaks sluice:plugin@0.1; build it with a matching sluice-sdk")]
    OtherVersion(String),
    /// It asks for what no plugin gets.
    #[error("it imports what no plugin is given: {}; build it without what uses that", .0.join(", "))]
    Forbidden(Vec<String>),
    /// Names fit, types do not.
    #[error("its interfaces are not those of sluice:plugin@0.1: {0}; build it with a matching sluice-sdk")]
    Types(String),
    /// `register` failed in the sandbox.
    #[error("it failed while registering: {0}; it has to be repaired, or left out")]
    Fault(#[from] Fault),
    /// `register` said no.
    #[error("it refuses to start: {0}")]
    Refused(String),
    /// `register` said nonsense.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// It registers what it does not export.
    #[error(
        "it registers {what} but does not export sluice:plugin/{interface}; in Rust, write plugin!(impl P: {rust})"
    )]
    NotExported {
        /// What it registers: `a hook`.
        what: &'static str,
        /// The interface that it takes.
        interface: &'static str,
        /// What that is called in the SDK's macro.
        rust: &'static str,
    },
}

fn listed(exports: &[String]) -> String {
    if exports.is_empty() { " (it exports nothing)".into() } else { format!(" (it exports {})", exports.join(", ")) }
}

/// The names of a component's imports or exports, such as `sluice:plugin/log@0.1.0`, sorted.
pub type Names = Vec<String>;

/// A compiled component.
#[derive(Clone)]
pub struct Component {
    pub(crate) inner: wasmtime::component::Component,
    /// What it imports.
    pub imports: Names,
    /// What it exports.
    pub exports: Names,
}

impl Component {
    /// Compiles a component and reads off what it imports and exports. Nothing runs yet.
    pub fn new(sandbox: &Sandbox, bytes: &[u8]) -> Result<Self, LoadError> {
        match bytes {
            [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => return Err(LoadError::CoreModule),
            [b'\0', b'a', b's', b'm', ..] => {}
            _ => return Err(LoadError::NotWasm),
        }
        let inner =
            sandbox.compiler.load(&sandbox.engine, sandbox.cache.as_ref(), bytes).map_err(LoadError::Invalid)?;
        let types = inner.component_type();
        let mut imports: Names = types.imports(&sandbox.engine).map(|(name, _)| name.to_owned()).collect();
        let mut exports: Names = types.exports(&sandbox.engine).map(|(name, _)| name.to_owned()).collect();
        // Linkers order them as it happens.
        imports.sort();
        exports.sort();
        Ok(Self { inner, imports, exports })
    }

    /// Whether it exports an interface of the contract, such as `syncer`.
    pub fn exports(&self, interface: &str) -> bool {
        let prefix = format!("{PACKAGE}{interface}{VERSION}");
        self.exports.iter().any(|export| export.starts_with(&prefix))
    }

    /// Refuses what is no plugin of this contract, or asks for more than one gets.
    pub fn check(&self) -> Result<(), LoadError> {
        let names = || self.exports.iter().chain(&self.imports);
        if let Some(other) = names().find(|name| name.starts_with(PACKAGE) && !name.contains(VERSION)) {
            return Err(LoadError::OtherVersion(other.clone()));
        }
        if !self.exports(LIFECYCLE) {
            return Err(LoadError::NoPlugin(self.exports.clone()));
        }
        let forbidden = self.forbidden();
        if forbidden.is_empty() { Ok(()) } else { Err(LoadError::Forbidden(forbidden)) }
    }

    /// What it imports that no plugin is given.
    pub fn forbidden(&self) -> Names {
        self.imports.iter().filter(|import| !offered(import)).cloned().collect()
    }
}

fn offered(import: &str) -> bool {
    START.iter().any(|start| import.starts_with(start))
        || OFFERED.iter().any(|name| import.starts_with(&format!("{PACKAGE}{name}{VERSION}")))
}
