//! The fuzzer: `cargo xtask fuzz` builds and calls it.
#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "a command line talks to its terminal")]

mod child;
mod parent;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Parser;
use sluice_fuzz::target::{Entry, TARGETS, find};
use sluice_fuzz::{corpus, trial};

#[derive(Parser)]
#[command(about = "Throws changed inputs at what reads the inputs of others; coverage is not measured")]
struct Cli {
    /// One target; without it all, one after the other
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Whose inputs; without it the clock says
    #[arg(long)]
    seed: Option<u64>,
    /// Run the target that this finding is of once, on it alone
    #[arg(long, conflicts_with_all = ["seconds", "seed"])]
    replay: Option<PathBuf>,
    /// What the parent tells its child: the first run, and the file for the number of the one that runs
    #[arg(long, hide = true, num_args = 2)]
    child: Option<Vec<String>>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether nothing was found.
fn run(cli: Cli) -> Result<bool> {
    if let Some(file) = &cli.replay {
        return replay(cli.target.as_deref(), file);
    }
    let targets = match &cli.target {
        Some(name) => vec![named(name)?],
        None => TARGETS.to_vec(),
    };
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seed = cli.seed.unwrap_or_else(clock);
    if let (Some(child), [target]) = (&cli.child, &targets[..]) {
        let [first, file] = &child[..] else { bail!("--child takes two") };
        return child::run(target, seed, first.parse()?, cli.seconds, Path::new(file));
    }
    eprintln!("{:>9}  {seed}; coverage is not measured, only runs are counted", "seed");
    let mut quiet = true;
    for target in &targets {
        quiet &= parent::run(target, seed, cli.seconds)?;
    }
    Ok(quiet)
}

fn named(name: &str) -> Result<Entry> {
    find(name).with_context(|| {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        format!("there is no target {name:?}; there are {}", names.join(", "))
    })
}

/// The folder that a finding or a file of the corpus lies in is named after its target.
fn replay(target: Option<&str>, file: &Path) -> Result<bool> {
    let folder = || file.canonicalize().ok()?.parent()?.file_name()?.to_str().map(String::from);
    let name = target.map(String::from).or_else(folder);
    let name = name.with_context(|| format!("{}: there is no such file", file.display()))?;
    let target =
        named(&name).context("name the target before --replay, or keep the file in a folder named after it")?;
    let input = corpus::read(file)?;
    match trial::run(&target, &input) {
        Ok(()) => eprintln!("{:>9}  {name}: nothing is wrong with {} bytes", "ok", input.len()),
        Err(said) => {
            eprintln!("{:>9}  {name}: {said}", "finding");
            return Ok(false);
        }
    }
    Ok(true)
}
