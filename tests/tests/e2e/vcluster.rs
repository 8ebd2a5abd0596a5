//! As a plugin of vCluster: vCluster's own code, of a release, starts the real binary, asks its hooks, and sends it
//! requests. The rest of vCluster is not there; both control planes are real.

mod answers;
mod ending;
mod hooks;
mod interceptors;
mod program;
mod starting;
