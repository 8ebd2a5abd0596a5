//! A clock for what fuel does not see: an instruction that waits for memory costs as much as one that does not.
//!
//! Guests look at a counter, wasmtime's epoch, wherever they loop or are called. One thread moves it on.

use std::io;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::{Engine, Store};

/// How often the counter moves on: fine enough for the shortest limit, and a thread that hardly ever runs.
const TICK: Duration = Duration::from_millis(20);

/// Moves the counter of an engine on, until nobody has that engine any more: neither the sandbox nor a plugin.
pub(crate) fn start(engine: &Engine) -> io::Result<JoinHandle<()>> {
    let engine = engine.weak();
    thread::Builder::new().name("sluice-watchdog".into()).spawn(move || {
        loop {
            thread::sleep(TICK);
            let Some(engine) = engine.upgrade() else { break };
            engine.increment_epoch();
        }
    })
}

/// Ends what a store runs after so many milliseconds from now, or one tick later.
pub(crate) fn limit<T>(store: &mut Store<T>, milliseconds: u64) {
    let tick = u64::try_from(TICK.as_millis()).unwrap_or(1);
    store.set_epoch_deadline(milliseconds.div_ceil(tick) + 1);
}
