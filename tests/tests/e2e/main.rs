//! All end-to-end tests, in one program: they share its control planes, and it is linked once.

mod cli;
mod drift;
mod flow;
mod hands_off;
mod harness;
mod held;
mod hostile;
mod labels;
mod lifetime;
mod metadata;
mod names;
mod occupied;
mod readme;
mod refused;
mod replicas;
mod silence;
mod support;
