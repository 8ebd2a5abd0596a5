//! Whatever happens in between, both sides end where an undisturbed run ends.
//!
//! The real state machine and the real plan run between two simulated clusters, with lost watches, lost answers,
//! crashes and drift at every point that a seed can choose.

mod alone;
mod cluster;
mod down;
mod happening;
mod plugin;
mod sim_down;
mod sim_own;
mod sim_up;
mod sim_virtual;
mod stage;
mod stubborn;
mod up;
