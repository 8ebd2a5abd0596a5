//! Real components: those of `plugins/hostile`, and tiny ones that are written out here.

mod asked;
mod closed;
mod fixtures;
mod guests;
mod limits;
mod load;
mod watchdog;
