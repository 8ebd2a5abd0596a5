//! All end-to-end tests, in one program: they share its control planes, and it is linked once.

mod beside;
mod bootstrap;
mod cars;
mod cli;
mod cluster_scoped;
mod custom_resources;
mod drift;
mod events;
mod flow;
mod hands_off;
mod harness;
mod held;
mod hostile;
mod import_secrets;
mod labels;
mod lifetime;
mod metadata;
mod names;
mod network_policies;
mod occupied;
mod readme;
mod refused;
mod replicas;
mod shared_config;
mod silence;
mod support;
