//! What a call can spend other than instructions: time.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sluice_core::key::Time;
use sluice_core::limits::Limits;
use wasmtime::Engine;

use super::fixtures::{go, module, setting};
use crate::sandbox::{config, linker};
use crate::{Fault, run, watchdog};

/// Walks 64 MiB in an order that no cache foresees: each load waits for the one before it, and costs one fuel.
fn walk() -> String {
    let steps = "i32.load ".repeat(4_000);
    module(&format!(
        r#"(memory 1024) (func (export "go") (local $i i32) (local $at i32)
            (loop $fill
                (i32.store (i32.shl (local.get $i) (i32.const 6))
                    (i32.shl (i32.and (i32.add (i32.mul (local.get $i) (i32.const 1664525)) (i32.const 1013904223))
                        (i32.const 1048575)) (i32.const 6)))
                (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1048576))))
            (loop $walk (local.set $at (local.get $at) {steps}) (br $walk)))"#
    ))
}

/// Fuel that nobody uses up in time.
fn endless(time: u64) -> Limits {
    Limits { fuel: 40_000_000_000, time, ..Limits::default() }
}

#[test]
fn what_fuel_does_not_see_is_ended_by_the_clock() {
    let begun = Instant::now();
    assert_eq!(go(&walk(), endless(500)), Err(Fault::Time(500)));
    let took = begun.elapsed();
    assert!((500..5_000).contains(&took.as_millis()), "{took:?}");
}

#[test]
fn an_instruction_that_moves_bytes_costs_fuel_for_each() {
    for bulk in ["memory.fill", "memory.copy"] {
        let body = format!(
            r#"(memory 512) (func (export "go")
                (loop ({bulk} (i32.const 0) (i32.const 0) (i32.const 33554432)) (br 0)))"#
        );
        assert_eq!(go(&module(&body), endless(60_000)), Err(Fault::Fuel(40_000_000_000)), "{bulk}");
    }
}

#[test]
fn the_clock_runs_as_long_as_anybody_could_call() {
    let engine = Engine::new(&config()).expect("an engine");
    let ticker = watchdog::start(&engine).expect("a thread");
    let other = engine.clone();
    drop(engine);
    thread::sleep(Duration::from_millis(100));
    assert!(!ticker.is_finished());
    drop(other);
    ticker.join().expect("it ends");
}

/// Prints what the clock costs: `cargo test -p sluice-sandbox --lib -- --ignored --nocapture cost_of_the_clock`.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "a measurement is what it prints")]
fn cost_of_the_clock() {
    let loops = [
        (
            "a loop of four instructions",
            module(
                r#"(func (export "go") (local $i i32)
            (loop (br_if 0 (local.tee $i (i32.add (local.get $i) (i32.const 1))))))"#,
            ),
        ),
        ("a walk through memory", walk()),
    ];
    let setting = Arc::new(setting(Limits { fuel: 50_000_000, ..Limits::default() }).into());
    for (what, component) in loops {
        let bytes = wat::parse_str(component).expect("a component");
        let ready = |clock| {
            let engine = Engine::new(config().epoch_interruption(clock)).expect("an engine");
            let code = engine.precompile_component(&bytes).expect("code");
            let component = crate::compile::deserialize(&engine, &code).expect("a component");
            linker(&engine).expect("a linker").instantiate_pre(&component).expect("it links")
        };
        let both = [ready(true), ready(false)];
        let mut best = [Duration::MAX; 2];
        for _ in 0..7 {
            for (pre, best) in both.iter().zip(&mut best) {
                let begun = Instant::now();
                let (result, cost) = run::run(pre, &setting, Time(0), String::new(), |store, instance| {
                    instance.get_typed_func::<(), ()>(&mut *store, "go")?.call(store, ())
                });
                assert_eq!((result, cost.fuel), (Err(Fault::Fuel(50_000_000)), 50_000_000));
                *best = begun.elapsed().min(*best);
            }
        }
        let [with, without] = best.map(|time| time.as_secs_f64() * 1e9 / 50.0);
        println!("{what}: {with:.0} ns for a million fuel, {without:.0} without the clock: {:.2}", with / without);
    }
}
