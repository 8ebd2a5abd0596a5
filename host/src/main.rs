//! Sluice runs vCluster plugins as WebAssembly components.
#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Before there is another thread: nothing that is started from here gets more rights than this program has.
    if let Err(error) = rustix::thread::set_no_new_privs(true) {
        return cli::output::fail(&anyhow::anyhow!("cannot give up new privileges: {error}"));
    }
    if cli::inside::is_wanted() {
        return cli::inside::run();
    }
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::output::fail(&error),
    }
}
