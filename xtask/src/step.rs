//! One step of the work: a title, a clock, commands whose output goes to a log and is shown only if one fails.

use crate::cache::Cache;
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// How much of a failed command's output is shown: enough for a compiler's errors, little enough to read.
const TAIL: usize = 80;

/// No command takes this long on any machine: one that does, hangs.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// A running step; a spinner on a terminal, plain lines elsewhere.
pub(crate) struct Step {
    title: String,
    began: Instant,
    spinner: ProgressBar,
    log: File,
    log_path: PathBuf,
    tail: VecDeque<String>,
}

impl Step {
    /// `takes` says what to expect, such as "about 5 minutes, once".
    pub(crate) fn begin(cache: &Cache, title: &str, takes: &str) -> Result<Self> {
        let name: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let log_path = cache.join("logs").join(name).with_extension("log");
        let log = File::create(&log_path).with_context(|| format!("cannot write the log {}", log_path.display()))?;

        let spinner = ProgressBar::new_spinner();
        spinner.set_style(ProgressStyle::with_template("  {spinner} {prefix} {elapsed}  {wide_msg:.dim}")?);
        let announced = if takes.is_empty() { title.to_owned() } else { format!("{title} ({takes})") };
        if io::stderr().is_terminal() {
            spinner.enable_steady_tick(Duration::from_millis(100));
        } else {
            say("...", &announced);
        }
        spinner.set_prefix(announced);
        Ok(Self { title: title.to_owned(), began: Instant::now(), spinner, log, log_path, tail: VecDeque::new() })
    }

    pub(crate) fn run(&mut self, command: Command) -> Result<()> {
        self.run_within(LIMIT, command)
    }

    pub(crate) fn run_within(&mut self, limit: Duration, mut command: Command) -> Result<()> {
        let program = command.get_program().to_string_lossy().into_owned();
        self.tail.clear();
        writeln!(self.log, "$ {command:?}")?;

        let (reader, writer) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
        drop(command); // It holds the pipe's other end: the reader would wait for ever.

        let in_time = self.follow(&lines(reader), limit)?;
        let status = finish(&mut child, in_time)?;
        if !in_time {
            bail!("{}: {program} did not end within {}{}", self.title, human(limit), self.evidence());
        }
        if !status.success() {
            bail!("{}: {program} failed ({status}){}", self.title, self.evidence());
        }
        Ok(())
    }

    /// Ends the step with the one line that stays.
    pub(crate) fn done(self) {
        self.spinner.finish_and_clear();
        say("ok", &format!("{} in {}", self.title, human(self.began.elapsed())));
    }

    fn follow(&mut self, lines: &Receiver<String>, limit: Duration) -> Result<bool> {
        let deadline = Instant::now() + limit;
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    writeln!(self.log, "{line}")?;
                    self.spinner.set_message(line.trim().to_owned());
                    if self.tail.len() == TAIL {
                        self.tail.pop_front();
                    }
                    self.tail.push_back(line);
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(true),
                Err(RecvTimeoutError::Timeout) => return Ok(false),
            }
        }
    }

    fn evidence(&self) -> String {
        let tail: String = self.tail.iter().map(|line| format!("\n    {line}")).collect();
        format!("{tail}\n  the full output is in {}", self.log_path.display())
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.spinner.finish_and_clear();
    }
}

/// One line of our own.
pub(crate) fn say(label: &str, text: &str) {
    eprintln!("{label:>9}  {text}");
}

pub(crate) fn human(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 60.. => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{:.1}s", time.as_secs_f32()),
    }
}

fn lines(reader: impl io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // By bytes, since a build may print what is no UTF-8.
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn finish(child: &mut Child, in_time: bool) -> io::Result<std::process::ExitStatus> {
    if !in_time {
        child.kill()?;
    }
    child.wait()
}
