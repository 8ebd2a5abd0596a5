//! What stands behind the interfaces of WASI that are linked: nothing.

use sluice_core::limits::Limits;

use super::fixtures::go;

/// A component that gives what one imported function gives: two numbers, which are at address 0.
fn two(interface: &str, function: &str, exports: &str) -> Option<(u64, u64)> {
    let component = format!(
        r#"(component
            (import "{interface}" (instance $from {exports}))
            (core module $libc
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
            (core instance $libc (instantiate $libc))
            (core func $called (canon lower (func $from "{function}")
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
            (core module $m
                (import "" "called" (func $called (param i32)))
                (func (export "go") (result i32) (call $called (i32.const 0)) (i32.const 0)))
            (core instance $i (instantiate $m (with "" (instance (export "called" (func $called))))))
            (func (export "go") (result (tuple u64 u64))
                (canon lift (core func $i "go") (memory (core memory $libc "memory")))))"#
    );
    go(&component, Limits::default()).ok()
}

#[test]
fn the_seed_is_the_time_of_the_call() {
    let exports = r#"(export "insecure-seed" (func (result (tuple u64 u64))))"#;
    let seed = two("wasi:random/insecure-seed@0.2.0", "insecure-seed", exports);
    assert_eq!(seed, Some((1_700_000_000_000, 0)));
}

#[test]
fn environment_and_arguments_are_empty_lists() {
    // The address that `realloc` gave, and the length in the upper half of the same number.
    for (function, element) in [("get-environment", "(tuple string string)"), ("get-arguments", "string")] {
        let exports = format!(r#"(export "{function}" (func (result (list {element}))))"#);
        let list = two("wasi:cli/environment@0.2.0", function, &exports);
        assert_eq!(list, Some((64, 0)), "{function}");
    }
}
