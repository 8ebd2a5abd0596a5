//! The engine: one for all plugins.

use std::sync::Arc;

use sluice_core::limits::{CALLS, ELEMENTS, MEMORIES, MEMORY, MODULES, STACK, TABLES};
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::bindings::v0_1::sluice::plugin;
use crate::bindings::wasi::wasi;
use crate::cache::Cache;
use crate::compile::Compiler;
use crate::state::State;
use crate::watchdog;

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
    /// Sets up the engine with its clock, and what components may link to.
    pub fn new(compiler: Compiler) -> Result<Self, SandboxError> {
        let engine = Engine::new(&config()).map_err(SandboxError)?;
        watchdog::start(&engine).map_err(|error| SandboxError(error.into()))?;
        let linker = Arc::new(linker(&engine).map_err(SandboxError)?);
        Ok(Self { engine, linker, compiler, cache: None })
    }

    /// Where what it compiles is kept, if it is.
    pub fn cache(&self) -> Option<Cache> {
        self.cache.clone()
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
        .table_elements(ELEMENTS)
        .max_memory_size(MEMORY);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        // The same call costs the same fuel and gives the same answer, on every machine.
        .consume_fuel(true)
        // What fuel does not see ends by the clock.
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .max_wasm_stack(STACK)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(8));
    config
}

pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
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
