//! The engine: one for all plugins.

use std::sync::Arc;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::bindings::v0_1::sluice::plugin;
use crate::bindings::wasi::wasi;
use crate::cache::Cache;
use crate::compile::Compiler;
use crate::state::State;

/// Calls at once over all plugins. A call never waits, so more than the machine has cores is only for the sake of
/// plugins that spin.
const CALLS: u32 = 64;
/// Core modules of a component: of Rust it has one and three small adapters, other languages bring more.
const MODULES: u32 = 32;
/// Linear memories of a component. One is what a program has, two what linkers make at times.
const MEMORIES: u32 = 2;
/// Tables of a component: of functions that are called by pointer, and of those that adapters call.
const TABLES: u32 = 4;
/// The most linear memory that a limit can allow, in bytes.
const MEMORY: usize = 1 << 30;
/// Stack of a guest, in bytes. Deep enough for serde's 128 levels, shallow enough for a worker thread.
const STACK: usize = 512 << 10;

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot set up the sandbox: {0:#} (it reserves address space, not memory; a limit such as `ulimit -v` may forbid that)"
)]
pub struct SandboxError(wasmtime::Error);

/// Where components are run.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) linker: Arc<Linker<State>>,
    pub(crate) compiler: Compiler,
    pub(crate) cache: Option<Cache>,
}

impl Sandbox {
    /// Sets up the engine, and what components may link to.
    pub fn new(compiler: Compiler) -> Result<Self, SandboxError> {
        let engine = Engine::new(&config()).map_err(SandboxError)?;
        let linker = Arc::new(linker(&engine).map_err(SandboxError)?);
        Ok(Self { engine, linker, compiler, cache: None })
    }

    /// Keeps what it compiles.
    #[must_use]
    pub fn cached(self, cache: Option<Cache>) -> Self {
        Self { cache, ..self }
    }
}

/// The same for the engine that compiles and for the one that runs: only then do they understand each other.
pub(crate) fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    // No component gets more than its share, so none can keep another from its own.
    pool.total_component_instances(CALLS)
        .total_core_instances(CALLS * MODULES)
        .max_core_instances_per_component(MODULES)
        .total_memories(CALLS * MEMORIES)
        .max_memories_per_component(MEMORIES)
        .total_tables(CALLS * TABLES)
        .max_tables_per_component(TABLES)
        .max_memory_size(MEMORY);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        // The same call costs the same fuel and gives the same answer, on every machine.
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .max_wasm_stack(STACK)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(8));
    config
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    type Own = HasSelf<State>;
    plugin::objects::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    plugin::intents::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    plugin::log::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    plugin::config::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    plugin::metadata::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    plugin::lookup::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::environment::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::exit::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::stdin::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::stdout::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::stderr::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::terminal_input::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::terminal_output::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::terminal_stdin::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::terminal_stdout::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::cli::terminal_stderr::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::io::error::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::io::poll::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::io::streams::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    wasi::random::insecure_seed::add_to_linker::<_, Own>(&mut linker, |state| state)?;
    Ok(linker)
}
