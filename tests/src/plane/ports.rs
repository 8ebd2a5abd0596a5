//! Free ports.

use anyhow::{Context, Result};
use std::{
    net::TcpListener,
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// A port that nobody listens on.
///
/// Below those that the kernel gives to outgoing connections: a client that tries again and again to reach a
/// restarting server would one day be given that very port as its own, and keep it from the server.
///
/// # Errors
/// When there is none.
pub fn free() -> Result<u16> {
    const FIRST: u16 = 15_000;
    const COUNT: u16 = 15_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);

    // Each process starts elsewhere, so that two test runs seldom look at the same ports.
    let start = (process::id() % 1_000) as u16 * 15;
    let mut ports = (0..COUNT).map(|_| FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).context("no port is free")
}
