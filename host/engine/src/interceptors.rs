//! The port on which plugins answer API requests in place of the virtual cluster's API server.
//!
//! [`Door`] is the port; [`Answerers`] finds who answers a request, and [`Answerer`] has a guest do it. What nobody
//! answers is refused: there is no client here that could forward it.

mod answer;
mod door;
mod reply;
mod taken;

pub use door::{Door, DoorError};

pub(crate) use answer::{Answerer, Answerers, Desk};
