//! The process that watches one that runs a target: it tells how far that is, and finds what it died of.

use std::env;
use std::fs;
use std::io::{IsTerminal, Write, stderr};
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sluice_fuzz::target::Entry;
use sluice_fuzz::{case, trial};

/// A run that takes this long does not end.
const ENDLESS: Duration = Duration::from_secs(60);
/// How often it is looked at.
const GLANCE: Duration = Duration::from_millis(200);

/// How a child ended.
enum End {
    /// By itself; whether nothing was found.
    Done(bool),
    /// In the middle of a run, so.
    Died(String),
}

/// Runs a target for so many seconds. Whether nothing was found.
pub(super) fn run(target: &Entry, seed: u64, seconds: u64) -> Result<bool> {
    let counter = tempfile::NamedTempFile::new().context("cannot make a file in the folder for temporary ones")?;
    fs::write(counter.path(), 0_u64.to_le_bytes())?;
    let (began, mut first, mut quiet) = (Instant::now(), 0, true);
    loop {
        let left = seconds.saturating_sub(began.elapsed().as_secs()).max(1);
        let mut child = Command::new(env::current_exe()?)
            .args([target.name, "--seconds", &left.to_string(), "--seed", &seed.to_string()])
            .args(["--child", &first.to_string()])
            .arg(counter.path())
            .spawn()?;
        let end = watch(target, &mut child, counter.path(), began)?;
        let run = number(counter.path());
        match end {
            End::Done(none) => {
                let (done, time) = (run, began.elapsed().as_secs_f64());
                say(target, done, time, true);
                return Ok(quiet && none);
            }
            End::Died(how) => {
                quiet = false;
                let kept = trial::keep(target.name, &case(target.form, &target.corpus()?, seed, run))?;
                eprintln!("{:>9}  {}, run {run} of seed {seed}: {how}", "finding", target.name);
                eprintln!("{:>9}  {}", "", trial::replay(&kept));
                first = run + 1;
                if began.elapsed().as_secs() >= seconds {
                    return Ok(false);
                }
            }
        }
    }
}

fn watch(target: &Entry, child: &mut Child, counter: &Path, began: Instant) -> Result<End> {
    let (mut last, mut since, mut told) = (0, Instant::now(), Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return match status.code() {
                Some(0) => Ok(End::Done(true)),
                Some(1) => Ok(End::Done(false)),
                Some(_) => bail!("{} cannot be run", target.name),
                None => Ok(End::Died(format!("it ended the process: {status}"))),
            };
        }
        let run = number(counter);
        if run != last {
            (last, since) = (run, Instant::now());
        } else if since.elapsed() > ENDLESS {
            child.kill()?;
            child.wait()?;
            return Ok(End::Died(format!("it did not end within {} s", ENDLESS.as_secs())));
        }
        if told.elapsed() > Duration::from_secs(if stderr().is_terminal() { 1 } else { 20 }) {
            say(target, run, began.elapsed().as_secs_f64(), false);
            told = Instant::now();
        }
        sleep(GLANCE);
    }
}

fn number(file: &Path) -> u64 {
    let bytes = fs::read(file).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u64::from_le_bytes)
}

/// The line of a target. On a terminal it is one that moves.
fn say(target: &Entry, runs: u64, seconds: f64, last: bool) {
    let label = if last { "ran" } else { "..." };
    let line = format!(
        "{label:>9}  {}: {runs} runs in {seconds:.0} s, {:.0} a second",
        target.name,
        runs as f64 / seconds.max(0.1)
    );
    let end = if last || !stderr().is_terminal() { "\n" } else { "" };
    let back = if stderr().is_terminal() { "\r\x1b[K" } else { "" };
    let _ = write!(stderr(), "{back}{line}{end}");
}
