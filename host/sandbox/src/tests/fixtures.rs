use std::path::PathBuf;
use std::sync::{Arc, LazyLock, RwLock};

use sluice_core::key::{Direction, Gvk, Key, Time};
use sluice_core::limits::Limits;
use sluice_core::object::Object;
use sluice_core::pair::Pair;
use sluice_core::translate::Translator;
use sluice_core::watched::Watched;

use crate::{Call, Component, Fault, Function, Linked, LoadError, Plugin, Reply, Sandbox, Setting, run};

/// One for all tests, as for all plugins.
pub(super) static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| {
    // tracing decides once for each place that logs whether anybody listens. A test that does would hear nothing of
    // what another one, to which nobody listens, logged first: so somebody always does.
    let deaf = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(std::io::sink).finish();
    let _ = tracing::subscriber::set_global_default(deaf);
    Sandbox::new(crate::Compiler::Here).expect("a sandbox")
});

pub(super) fn setting(limits: Limits) -> Setting {
    let translator = Arc::new(Translator::new("vc", "target").expect("names"));
    Setting { plugin: "tested".into(), translator, config: "{}".into(), limits }
}

/// A hostile plugin, as it was built.
pub(super) fn bytes(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("SLUICE_GUESTS").map(PathBuf::from);
    let folder =
        folder.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/wasm32-wasip2/guest").into());
    let file = folder.join(format!("hostile_{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask test`, which builds the plugins, or set SLUICE_GUESTS", file.display())
    })
}

pub(super) fn load(bytes: &[u8], limits: Limits) -> Result<Plugin, LoadError> {
    Linked::new(&SANDBOX, &Component::new(&SANDBOX, bytes)?, setting(limits))?.register()
}

/// A hostile plugin with the limits that plugins have by default.
pub(super) fn guest(name: &str) -> Plugin {
    load(&bytes(name), Limits::default()).expect("a plugin")
}

/// An object with nothing but its metadata.
pub(super) fn object(gvk: &Gvk, namespace: &str, name: &str) -> Arc<Object> {
    let json = format!(r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","uid":"u"}}}}"#);
    Arc::new(Object::parse(gvk, &json).expect("an object"))
}

/// Calls its one syncer for a ConfigMap and a copy of it.
pub(super) fn call(plugin: &Plugin, function: Function, now: Time) -> Reply {
    call_for(plugin, function, ("ConfigMap", "a"), &Arc::default(), now)
}

/// The same for an object of this kind and name, where its watches show this.
pub(super) fn call_for(
    plugin: &Plugin,
    function: Function,
    (kind, name): (&str, &str),
    watched: &Arc<RwLock<Watched>>,
    now: Time,
) -> Reply {
    // Hostile guests parse Secrets; what the runtime takes them for is another matter.
    let (gvk, secret) = (Arc::new(Gvk::new("", "v1", kind)), Gvk::new("", "v1", "Secret"));
    let copy = format!("{name}-x-default-x-vc");
    let pair = Pair {
        direction: Direction::Down,
        key: Key::namespaced("default", name),
        physical_key: Key::namespaced("target", &copy),
        virtual_: Some(object(&secret, "default", name)),
        physical: Some(object(&secret, "target", &copy)),
        settled: None,
    };
    let syncer = &plugin.registration().syncers[0].name;
    plugin.call(Call { syncer, gvk: &gvk, function, pair: &pair, watched, now, attempt: 1 })
}

/// Links a component that is written out, whatever it is, and calls its function `go`.
pub(super) fn go(component: &str, limits: Limits) -> Result<(u64, u64), Fault> {
    let bytes = wat::parse_str(component).expect("a component");
    let component = Component::new(&SANDBOX, &bytes).expect("a valid component");
    let pre = SANDBOX.linker.instantiate_pre(&component.inner).expect("a component that links");
    let (result, _) =
        run::run(&pre, &Arc::new(setting(limits).into()), Time(1_700_000_000_000), "test".into(), |store, instance| {
            match instance.get_typed_func::<(), ((u64, u64),)>(&mut *store, "go") {
                Ok(gives) => gives.call(store, ()).map(|(gift,)| gift),
                Err(_) => instance.get_typed_func::<(), ()>(&mut *store, "go")?.call(store, ()).map(|()| (0, 0)),
            }
        });
    result
}

/// A component of one core module.
pub(super) fn module(body: &str) -> String {
    format!(
        r#"(component
            (core module $m {body})
            (core instance $i (instantiate $m))
            (func (export "go") (canon lift (core func $i "go"))))"#
    )
}

/// A component that calls one function of an imported interface for ever. `takes`: the parameters of the function
/// in core WebAssembly, `with`: what is given for them. Address 0 is free for an answer; from 16 on, text may be taken.
pub(super) fn caller(interface: &str, exports: &str, function: &str, takes: &str, with: &str) -> String {
    let given: String = with.split_whitespace().map(|number| format!("(i32.const {number})")).collect();
    format!(
        r#"(component
            (import "{interface}" (instance $from {exports}))
            (core module $libc
                (memory (export "memory") 150)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
            (core instance $libc (instantiate $libc))
            (core func $called (canon lower (func $from "{function}")
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
            (core module $m
                (import "" "called" (func $called (param {takes})))
                (func (export "go") (loop (call $called {given}) (br 0))))
            (core instance $i (instantiate $m (with "" (instance (export "called" (func $called))))))
            (func (export "go") (canon lift (core func $i "go"))))"#
    )
}
