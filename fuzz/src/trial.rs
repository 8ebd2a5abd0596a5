//! One run of a target on one input, and what is kept of it if something is wrong.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Once;
use std::time::{Duration, Instant};
use std::{fs, io};

use sha2::{Digest, Sha256};

use crate::corpus;
use crate::target::Entry;

/// How often a finding is tried to be made smaller.
const ATTEMPTS: usize = 2_000;

thread_local! {
    /// What the last panic of this thread said, where it is caught here.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What is wrong with an answer: a panic, which is also how targets say it, or the time that it took.
///
/// # Errors
/// What is wrong.
pub fn run(target: &Entry, input: &[u8]) -> Result<(), String> {
    listen();
    let once = || -> Result<(Duration, Option<Duration>), String> {
        let (began, worked) = (Instant::now(), work());
        SAID.set(Some(String::new()));
        let ended = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
        let said = SAID.take().unwrap_or_default();
        ended.map(|()| (began.elapsed(), worked.and_then(|before| work()?.checked_sub(before)))).map_err(|_| said)
    };
    // A busy machine makes anything slow: what counts is what this thread worked, and that it does so again.
    let slow =
        |(took, worked): (Duration, Option<Duration>)| took > target.slow && worked.unwrap_or(took) > target.slow;
    if !slow(once()?) {
        return Ok(());
    }
    let again = once()?;
    if slow(again) { Err(format!("it took {:.1} s, twice", again.0.as_secs_f32())) } else { Ok(()) }
}

/// How long this thread has been running on a processor, if the system tells.
fn work() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().map(Duration::from_nanos).ok()
}

/// Panics that are caught here are remembered, not printed.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let caught = SAID.with_borrow_mut(|said| said.as_mut().map(|said| *said = info.to_string()).is_some());
            if !caught {
                before(info);
            }
        }));
    });
}

/// What two findings have in common if they are the same one: where it is, and how its message begins.
pub fn kind(said: &str) -> String {
    said.chars().filter(|char| !char.is_ascii_digit()).take(120).collect()
}

/// The same finding with less input.
pub fn shrunk(target: &Entry, input: &[u8], said: &str) -> Vec<u8> {
    let same = |less: &[u8]| run(target, less).is_err_and(|other| kind(&other) == kind(said));
    let (mut least, mut attempts) = (input.to_vec(), 0);
    let mut piece = input.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < least.len() && attempts < ATTEMPTS {
            let less = [&least[..at], &least[(at + piece).min(least.len())..]].concat();
            attempts += 1;
            if same(&less) { least = less } else { at += piece }
        }
        piece /= 2;
    }
    least
}

/// Keeps a finding, and says in which file. The same input is always the same file.
///
/// # Errors
/// It cannot be written.
pub fn keep(target: &str, input: &[u8]) -> io::Result<PathBuf> {
    let folder = corpus::findings(target);
    fs::create_dir_all(&folder)?;
    let hash = Sha256::digest(input).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
    let file = folder.join(hash);
    fs::write(&file, input)?;
    Ok(file)
}

/// How a kept finding is tried again.
pub fn replay(file: &std::path::Path) -> String {
    format!("cargo xtask fuzz --replay {}", file.display())
}
