//! Files that are no plugins, and why.

use anyhow::Result;
use sluice_tests::{artifacts, folder::Folder};
use std::{fs, path::PathBuf};

/// A file that is no plugin.
pub(crate) struct Wrong {
    pub(crate) name: &'static str,
    bytes: Vec<u8>,
    /// What is said of it, from its beginning.
    pub(crate) said: &'static str,
    /// The way out, which it ends with.
    pub(crate) way_out: &'static str,
}

impl Wrong {
    /// Puts it into a folder. Returns where it is.
    pub(crate) fn put(&self, folder: &Folder) -> Result<PathBuf> {
        let path = folder.path().join(self.name);
        fs::write(&path, &self.bytes)?;
        Ok(path)
    }
}

/// Each kind of file that could stand where a plugin should.
pub(crate) fn wrong() -> Result<Vec<Wrong>> {
    let guest = |file: &str| Ok::<_, anyhow::Error>(fs::read(artifacts::guests()?.join(file))?);
    let plugin = guest("configmaps.wasm")?;
    Ok(vec![
        Wrong {
            name: "text.wasm",
            bytes: b"apiVersion: v1\nkind: ConfigMap\n".into(),
            said: "it is not WebAssembly: it does not begin with \\0asm",
            way_out: "; build it with `cargo build --target wasm32-wasip2`",
        },
        Wrong {
            name: "empty.wasm",
            bytes: vec![],
            said: "it is not WebAssembly: it does not begin with \\0asm",
            way_out: "; build it with `cargo build --target wasm32-wasip2`",
        },
        Wrong {
            name: "core-module.wasm",
            bytes: wat::parse_str(r#"(module (func (export "register")))"#)?,
            said: "it is a WebAssembly core module, not a component",
            way_out: "; build it with `--target wasm32-wasip2`, or wrap it with `wasm-tools component new`",
        },
        Wrong {
            name: "truncated.wasm",
            bytes: plugin[..plugin.len() / 2].into(),
            said: "it is damaged, or needs what this runtime does not have: ",
            way_out: "; build it or copy it again",
        },
        exporting(
            "ordinary.wasm",
            "wasi:cli/run@0.2.0",
            "it exports no sluice:plugin/lifecycle, so it is no plugin (it exports wasi:cli/run@0.2.0)",
            "; in Rust, sluice_sdk::plugin! makes one",
        )?,
        exporting(
            "another-world.wasm",
            "sluice:plugin/hooks@0.1.0",
            "it exports no sluice:plugin/lifecycle, so it is no plugin (it exports sluice:plugin/hooks@0.1.0)",
            "; in Rust, sluice_sdk::plugin! makes one",
        )?,
        exporting(
            "another-version.wasm",
            "sluice:plugin/lifecycle@0.2.0",
            "it was built for sluice:plugin/lifecycle@0.2.0; this runtime speaks sluice:plugin@0.1",
            "; build it with a matching sluice-sdk",
        )?,
        exporting(
            "only-in-name.wasm",
            "sluice:plugin/lifecycle@0.1.0",
            "its interfaces are not those of sluice:plugin@0.1: ",
            "; build it with a matching sluice-sdk",
        )?,
        importing(
            "sockets.wasm",
            "wasi:sockets/tcp@0.2.0",
            "it imports what no plugin is given: wasi:sockets/tcp@0.2.0",
        )?,
        importing(
            "files.wasm",
            "wasi:filesystem/types@0.2.0",
            "it imports what no plugin is given: wasi:filesystem/types@0.2.0",
        )?,
        importing(
            "http.wasm",
            "wasi:http/outgoing-handler@0.2.0",
            "it imports what no plugin is given: wasi:http/outgoing-handler@0.2.0",
        )?,
        Wrong {
            name: "register.wasm",
            bytes: guest("hostile_register.wasm")?,
            said: "it failed while registering: it trapped: wasm trap: wasm `unreachable` instruction executed \
                   (this plugin does not even register)",
            way_out: "; it has to be repaired, or left out",
        },
    ])
}

fn exporting(name: &'static str, export: &str, said: &'static str, way_out: &'static str) -> Result<Wrong> {
    let bytes = wat::parse_str(format!(r#"(component (instance $i) (export "{export}" (instance $i)))"#))?;
    Ok(Wrong { name, bytes, said, way_out })
}

fn importing(name: &'static str, import: &str, said: &'static str) -> Result<Wrong> {
    let bytes = wat::parse_str(format!(
        r#"(component
            (import "{import}" (instance))
            (instance $i)
            (export "sluice:plugin/lifecycle@0.1.0" (instance $i)))"#
    ))?;
    Ok(Wrong { name, bytes, said, way_out: "; build it without what uses that" })
}
