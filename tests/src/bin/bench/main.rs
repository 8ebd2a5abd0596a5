//! `cargo xtask bench`: how fast, beside what the same API servers give to plain clients in the same run.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is what it prints")]

mod hostile;
mod latency;
mod load;
mod swap;
mod sync;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(bin_name = "cargo xtask bench", about = "Benchmarks against real control planes")]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The time of single ConfigMaps through the tutorial's plugin, alone and beside plugins that misbehave
    Hostile(hostile::Hostile),
    /// The time from another version of the tutorial's plugin being in its folder to its first write
    Swap(swap::Swap),
    /// A burst of ConfigMaps through the tutorial's plugin, their updates and deletes, and the time of single ones
    Sync(sync::Sync),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().bench {
        Bench::Hostile(hostile) => hostile.run().await,
        Bench::Swap(swap) => swap.run().await,
        Bench::Sync(sync) => sync.run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
