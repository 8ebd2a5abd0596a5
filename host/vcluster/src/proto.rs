//! What is made of the text in `proto/`.
#![allow(clippy::all, dead_code, missing_docs, rust_2018_idioms, unreachable_pub)]

/// vCluster's own service.
pub(crate) mod pluginv2 {
    tonic::include_proto!("pluginv2");
}

/// go-plugin's services.
pub(crate) mod go_plugin {
    tonic::include_proto!("plugin");
}
