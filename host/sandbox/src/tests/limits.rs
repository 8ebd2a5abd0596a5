//! What a component could do by instructions alone, whatever language it was written in.

use std::sync::Arc;

use sluice_core::limits::Limits;
use wasmtime::Store;

use super::fixtures::{SANDBOX, caller, go, module, setting};
use crate::state::{Shared, State};
use crate::{Component, Fault, Sandbox};

const FUEL: Fault = Fault::Fuel(400_000_000);
const MEMORY: Fault = Fault::Memory(64 << 20);
const READS: Fault = Fault::Reads(64 << 20);

fn fault(component: &str) -> Fault {
    go(component, Limits::default()).expect_err("an answer")
}

#[test]
fn fuel_ends_every_loop() {
    for body in [
        r#"(func (export "go") (loop (br 0)))"#,
        // This and the last leave the guest at each turn, which fuel by itself does not see.
        r#"(memory 1) (func (export "go") (loop (drop (memory.grow (i32.const 0))) (br 0)))"#,
        r#"(memory 1) (func (export "go") (loop (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536)) (br 0)))"#,
        r#"(table $t 9 funcref) (func (export "go") (loop (drop (table.grow $t (ref.null func) (i32.const 0))) (br 0)))"#,
    ] {
        assert_eq!(fault(&module(body)), FUEL, "{body}");
    }
}

#[test]
fn fuel_ends_what_goes_on_before_the_call() {
    assert_eq!(fault(&module(r#"(func $s (loop (br 0))) (start $s) (func (export "go"))"#)), FUEL);
}

#[test]
fn a_recursion_ends_at_the_end_of_the_stack() {
    assert_eq!(fault(&module(r#"(func $f (export "go") (call $f))"#)), Fault::Stack);
}

#[test]
fn memory_is_counted_over_all_memories() {
    for (pages, result) in [
        ((512, 512, 0), Ok((0, 0))),
        ((512, 513, 0), Err(MEMORY)),
        ((512, 511, 1), Ok((0, 0))),
        ((512, 511, 2), Err(MEMORY)),
    ] {
        let (one, other, more) = pages;
        let component = format!(
            r#"(component
                (core module $one (memory {one}))
                (core instance (instantiate $one))
                (core module $m
                    (memory {other})
                    (func (export "go")
                        (if (i32.eq (memory.grow (i32.const {more})) (i32.const -1)) (then unreachable))))
                (core instance $i (instantiate $m))
                (func (export "go") (canon lift (core func $i "go"))))"#
        );
        assert_eq!(go(&component, Limits::default()), result, "{pages:?}");
    }
}

#[test]
fn a_component_with_more_parts_than_its_share_is_refused() {
    for (parts, said) in [
        (
            &format!("(core module $m (memory 1)) {}", "(core instance (instantiate $m))".repeat(3)),
            "3 Wasm linear memories",
        ),
        (&format!("(core module $m) {}", "(core instance (instantiate $m))".repeat(33)), "33 core module instances"),
        (&format!("(core module $m (table 1 funcref)) {}", "(core instance (instantiate $m))".repeat(5)), "tables"),
    ] {
        let bytes = wat::parse_str(format!("(component {parts})")).expect("a component");
        let error = Component::new(&SANDBOX, &bytes).map(drop).expect_err("a component").to_string();
        assert!(error.starts_with("it is damaged, or needs"), "{error}");
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_table_does_not_grow_for_ever() {
    let grow = r#"(table $t 0 funcref) (func (export "go")
        (drop (table.grow $t (ref.null func) (i32.const 20000)))
        (if (i32.ne (table.grow $t (ref.null func) (i32.const 1)) (i32.const -1)) (then unreachable)))"#;
    assert_eq!(go(&module(grow), Limits::default()), Ok((0, 0)));
}

#[test]
fn resources_of_its_own_cost_fuel_and_are_limited() {
    let component = |body: &str| {
        format!(
            r#"(component
                (type $r (resource (rep i32)))
                (core func $new (canon resource.new $r))
                (core func $drop (canon resource.drop $r))
                (core module $m
                    (import "" "new" (func $new (param i32) (result i32)))
                    (import "" "drop" (func $drop (param i32)))
                    (func (export "go") (loop {body} (br 0))))
                (core instance $i (instantiate $m
                    (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
                (func (export "go") (canon lift (core func $i "go"))))"#
        )
    };
    assert_eq!(fault(&component("(call $drop (call $new (i32.const 1)))")), FUEL);
    let hoard = fault(&component("(drop (call $new (i32.const 1)))"));
    assert_eq!(hoard, Fault::Trap("cannot allocate another handle: store handle limit exceeded".into()));
}

/// `log` with a text at address 16 of this length.
fn log(length: usize) -> String {
    let exports = r#"(type $l' (enum "debug" "info" "warn" "error")) (export "level" (type $l (eq $l')))
        (export "log" (func (param "level" $l) (param "message" string)))"#;
    caller("sluice:plugin/log@0.1.0", exports, "log", "i32 i32 i32", &format!("0 16 {length}"))
}

#[test]
fn text_is_taken_over_up_to_a_limit_and_counted() {
    assert_eq!(fault(&log(8 << 20)), READS);
    assert_eq!(fault(&log((8 << 20) + 1)), Fault::Answer(8 << 20));
    assert_eq!(fault(&log(0)), READS);
}

#[test]
fn translation_is_counted() {
    for (function, parameter) in [
        ("translate-labels", "labels"),
        ("translate-label-selector", "selector"),
        ("translate-label-selector-up", "selector"),
    ] {
        let exports = format!(
            r#"(export "{function}" (func (param "{parameter}" string) (result (result string (error string)))))"#
        );
        let component = caller("sluice:plugin/metadata@0.1.0", &exports, function, "i32 i32 i32", "16 8000000 0");
        assert_eq!(fault(&component), READS, "{function}");
    }
}

#[test]
fn a_key_is_counted_whole() {
    // Its namespace has 8 MB, its name none.
    let exports = r#"(alias outer 1 $key (type $k')) (export "key" (type $k (eq $k')))
        (export "physical-key" (func (param "virtual" $k) (result $k)))"#;
    let takes = "i32 i32 i32 i32 i32 i32";
    let component = caller("sluice:plugin/metadata@0.1.0", exports, "physical-key", takes, "1 16 8000000 0 0 0");
    let objects = r#"(component
        (import "sluice:plugin/objects@0.1.0" (instance $objects
            (type $k' (record (field "namespace" (option string)) (field "name" string)))
            (export "key" (type $k (eq $k')))))
        (alias export $objects "key" (type $key))"#;
    assert_eq!(fault(&component.replacen("(component", objects, 1)), READS);
}

#[test]
fn a_full_house_is_told_apart_from_a_fault() {
    let sandbox = Sandbox::new(crate::Compiler::Here).expect("a sandbox");
    let bytes = wat::parse_str(module(r#"(func (export "go"))"#)).expect("a component");
    let component = Component::new(&sandbox, &bytes).expect("a valid component");
    let pre = sandbox.linker.instantiate_pre(&component.inner).expect("a component that links");
    let setting = Arc::new(Shared::from(setting(Limits::default())));
    let mut guests = Vec::new();
    let fault = loop {
        let (state, limits) = (State::new(setting.clone(), Default::default(), String::new()), &setting.limits);
        let mut store = Store::new(&sandbox.engine, state);
        store.set_fuel(limits.fuel).expect("fuel");
        match pre.instantiate(&mut store) {
            Ok(_) => guests.push(store),
            Err(error) => break Fault::of(&error, store.data()),
        }
    };
    assert_eq!((guests.len(), fault.reason()), (64, "busy"));
    assert_eq!(
        fault.to_string(),
        "no room for another instance: maximum concurrent limit of 64 for component instances reached"
    );
}
