//! vCluster's plugin protocol: this process as one of the plugins that vCluster starts, which is go-plugin's gRPC over a
//! unix socket.
//!
//! ```text
//! vCluster --starts--> Handshake --> Socket --one line on stdout--> vCluster --gRPC--> serve() --> Plugin
//! ```
//!
//! Knows the protocol and nothing of what is done with it: whoever implements [`Plugin`] does that. Read [`mod@handshake`]
//! and [`mod@serve`] first; [`init_config`] is what vCluster tells, [`plugin_config`] what it is answered, [`mutation`] what
//! its hooks are about, [`logs`] how log lines get through it.
#![forbid(unsafe_code)]

pub mod handshake;
pub mod init_config;
pub mod logs;
pub mod mutation;
mod parent;
pub mod plugin_config;
mod proto;
pub mod serve;

pub use handshake::{Handshake, HandshakeError, Socket};
pub use init_config::{InitConfig, Kubeconfig};
pub use mutation::Mutation;
pub use plugin_config::PluginConfig;
pub use serve::{End, Plugin, serve};
