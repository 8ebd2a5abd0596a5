//! The contract in Rust, generated from `wit/`, and the closed WASI from `wasi/`.

/// `sluice:plugin@0.1`.
pub(crate) mod v0_1 {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "everything",
        with: { "sluice:plugin/objects.object": crate::handle::Handle },
        imports: { default: trappable },
        require_store_data_send: true,
    });
}

/// What wasm32-wasip2's own start asks for.
pub(crate) mod wasi {
    wasmtime::component::bindgen!({
        path: "wasi",
        world: "start",
        with: {
            "wasi:cli/terminal-input.terminal-input": crate::wasi::Never,
            "wasi:cli/terminal-output.terminal-output": crate::wasi::Never,
            "wasi:io/error.error": crate::wasi::Never,
            "wasi:io/poll.pollable": crate::wasi::Ready,
            "wasi:io/streams.input-stream": crate::wasi::Empty,
            "wasi:io/streams.output-stream": crate::wasi::Output,
        },
        imports: { default: trappable },
        require_store_data_send: true,
    });
}
