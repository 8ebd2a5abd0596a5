//! Which components become plugins, and why others do not.

use sluice_core::limits::Limits;

use super::fixtures::{bytes, load};

/// Why a component that is written out is not let in.
fn refused(component: &str) -> String {
    let bytes = wat::parse_str(component).expect("a component");
    load(&bytes, Limits::default()).map(drop).expect_err("a plugin").to_string()
}

/// A component that exports a lifecycle, if only in name, and imports this.
fn importing(import: &str) -> String {
    format!(
        r#"(component (import "{import}" (instance)) (instance $l) (export "sluice:plugin/lifecycle@0.1.0" (instance $l)))"#
    )
}

#[test]
fn what_is_no_component_is_told_apart() {
    let refused = |bytes: &[u8]| load(bytes, Limits::default()).map(drop).expect_err("a plugin").to_string();
    for bytes in [&b""[..], b"\0as", b"#!/bin/sh", b"\x7fELF"] {
        assert!(
            refused(bytes).starts_with("it is not WebAssembly: it does not begin with \\0asm; build it"),
            "{bytes:?}"
        );
    }
    assert!(refused(b"\0asm\x01\0\0\0").starts_with("it is a WebAssembly core module, not a component; build it"));
    let whole = bytes("trap");
    for length in [4, 9, whole.len() / 2, whole.len() - 1] {
        let error = refused(&whole[..length]);
        assert!(error.starts_with("it is damaged, or needs what this runtime does not have: "), "{error}");
        assert!(error.ends_with("; build it or copy it again"), "{error}");
    }
}

#[test]
fn what_is_no_plugin_is_told_what_it_exports() {
    for (component, exports) in [
        ("(component)", "(it exports nothing)"),
        (r#"(component (instance $i) (export "wasi:cli/run@0.2.0" (instance $i)))"#, "(it exports wasi:cli/run@0.2.0)"),
        (
            r#"(component (instance $i) (export "sluice:plugin/hooks@0.1.0" (instance $i)))"#,
            "(it exports sluice:plugin/hooks@0.1.0)",
        ),
    ] {
        let error = format!(
            "it exports no sluice:plugin/lifecycle, so it is no plugin {exports}; in Rust, sluice_sdk::plugin! makes one"
        );
        assert_eq!(refused(component), error);
    }
}

#[test]
fn another_version_is_named() {
    for version in ["0.2.0", "1.0.0", "0.0.1"] {
        let error = refused(&importing(&format!("sluice:plugin/log@{version}")));
        let expected = format!(
            "it was built for sluice:plugin/log@{version}; this runtime speaks sluice:plugin@0.1; \
             build it with a matching sluice-sdk"
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn what_no_plugin_is_given_is_named() {
    for import in [
        "wasi:sockets/tcp@0.2.0",
        "wasi:filesystem/types@0.2.0",
        "wasi:filesystem/preopens@0.2.6",
        "wasi:http/outgoing-handler@0.2.0",
        "wasi:clocks/wall-clock@0.2.0",
        "wasi:clocks/monotonic-clock@0.2.0",
        "wasi:random/random@0.2.0",
        "wasi:random/insecure@0.2.0",
        "wasi:cli/stdout@0.3.0",
        "sluice:plugin/secrets@0.1.0",
        "wasmtime:host/shell@1.0.0",
        "shell",
    ] {
        let expected = format!("it imports what no plugin is given: {import}; build it without what uses that");
        assert_eq!(refused(&importing(import)), expected);
    }
}

#[test]
fn a_patch_release_of_wasi_is_let_in() {
    let error = refused(&importing("wasi:cli/stdout@0.2.9"));
    assert!(error.starts_with("its interfaces are not those of sluice:plugin@0.1: "), "{error}");
    assert!(error.contains("sluice:plugin/lifecycle"), "{error}");
}

#[test]
fn names_alone_make_no_plugin() {
    let import = r#"(component (import "sluice:plugin/log@0.1.0" (instance (export "log" (func (param "message" string)))))
        (instance $l) (export "sluice:plugin/lifecycle@0.1.0" (instance $l)))"#;
    for component in [&importing("sluice:plugin/log@0.1.0"), import] {
        let error = refused(component);
        assert!(error.starts_with("its interfaces are not those of sluice:plugin@0.1: "), "{error}");
        assert!(error.ends_with("; build it with a matching sluice-sdk"), "{error}");
    }
}

#[test]
fn what_is_registered_has_to_be_exported() {
    // Under another name, which has the same length, it is nothing that a plugin exports.
    for (guest, interface, other, what, rust) in [
        ("intercept", "interceptor", "interloper1", "an interceptor", "interceptor"),
        ("hook", "hooks", "hoots", "a hook", "hooks"),
        ("trap", "syncer", "sinker", "a syncer", "syncer"),
        ("fake", "virtual-syncer", "virtual-sinker", "a virtual syncer", "virtual_syncer"),
        ("mapping", "mapping", "napping", "own names", "syncer mapping"),
        ("watch", "watch", "witch", "a watch", "syncer watch"),
    ] {
        let [name, other] = [interface, other].map(|name| format!("sluice:plugin/{name}@").into_bytes());
        let mut bytes = bytes(guest);
        while let Some(at) = bytes.windows(name.len()).position(|window| window == name) {
            bytes[at..at + name.len()].copy_from_slice(&other);
        }
        let error = load(&bytes, Limits::default()).map(drop).expect_err("a plugin").to_string();
        let expected = format!(
            "it registers {what} but does not export sluice:plugin/{interface}; in Rust, write plugin!(impl P: {rust})"
        );
        assert_eq!(error, expected);
    }
}
