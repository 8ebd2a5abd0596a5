//! The process that runs a target. It may die of an input: the number of the run is written down before each.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sluice_fuzz::target::Entry;
use sluice_fuzz::{case, trial};

/// After so many different findings there is enough to do.
const ENOUGH: usize = 20;

/// Runs from `first` on for so many seconds. Whether nothing was found.
pub(super) fn run(target: &Entry, seed: u64, first: u64, seconds: u64, file: &Path) -> Result<bool> {
    let counter = File::options().write(true).open(file).context("the parent's file cannot be written")?;
    let corpus = target.corpus()?;
    let (began, mut found) = (Instant::now(), BTreeSet::new());
    let mut run = first;
    while began.elapsed() < Duration::from_secs(seconds) || run < corpus.len() as u64 {
        counter.write_all_at(&run.to_le_bytes(), 0)?;
        let input = case(target.form, &corpus, seed, run);
        if let Err(said) = trial::run(target, &input)
            && found.insert(trial::kind(&said))
        {
            let least = if said.starts_with("it took") { input } else { trial::shrunk(target, &input, &said) };
            let kept = trial::keep(target.name, &least)?;
            eprintln!("{:>9}  {}, run {run} of seed {seed}: {said:.400}", "finding", target.name);
            eprintln!("{:>9}  {}", "", trial::replay(&kept));
            if found.len() == ENOUGH {
                break;
            }
        }
        run += 1;
    }
    counter.write_all_at(&run.to_le_bytes(), 0)?;
    Ok(found.is_empty())
}
