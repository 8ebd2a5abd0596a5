//! The real `sluice`, run as a child process.

mod lines;

pub use lines::Lines;

use crate::{artifacts, folder::Folder, granted, pool::Lab, process::Process, wait::eventually};
use anyhow::{Context, Result, anyhow};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    sync::atomic::{AtomicU32, Ordering},
};

/// A running `sluice run`; it is killed when this is dropped.
#[derive(Debug)]
pub struct Sluice {
    process: Process,
    /// What it wrote to its standard output.
    pub stdout: Lines,
    /// What it wrote to its standard error.
    pub stderr: Lines,
}

impl Sluice {
    /// Starts the runtime between the two control planes of a lab, with the plugins of a folder, what is said to them and
    /// any further arguments. The plugins have leave to sync what they register. Its output is also in the virtual control
    /// plane's folder.
    ///
    /// # Errors
    /// When the binary is not built or does not start.
    pub fn run(lab: &Lab, plugins: &Path, config: &str, args: &[&str]) -> Result<Self> {
        let file = next(lab).with_extension("yaml");
        fs::write(&file, granted(plugins, config)?)?;
        Self::run_as_is(lab, plugins, &[&["--config", &file.to_string_lossy()], args].concat())
    }

    /// The same with no more leave than these arguments give.
    ///
    /// # Errors
    /// When the binary is not built or does not start.
    pub fn run_as_is(lab: &Lab, plugins: &Path, args: &[&str]) -> Result<Self> {
        let log = next(lab);
        let mut command = Command::new(artifacts::sluice()?);
        command.arg("run").env("SLUICE_COMPILED", artifacts::compiled()?);
        // A developer's own proxies know nothing of what is here.
        for scheme in ["HTTP", "HTTPS", "NO"] {
            let variable = format!("{scheme}_PROXY");
            command.env_remove(variable.to_lowercase()).env_remove(variable);
        }
        command.envs(lab.variables.iter().map(|(name, value)| (name, value)));
        command.arg("--virtual-kubeconfig").arg(lab.virtual_plane.kubeconfig(lab.user));
        command.arg("--physical-kubeconfig").arg(lab.physical_plane.kubeconfig(lab.user));
        command.args(["--name", &lab.name, "--namespace", &lab.target_namespace]);
        command.arg("--plugins").arg(plugins).args(["--log-format", "json"]).args(args);
        // Many run at once, so each takes a port that is free.
        command.args(["--admin", "127.0.0.1:0"]);

        let [stdout, stderr] = ["stdout", "stderr"].map(|name| log.with_extension(name));
        command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?);
        let process = Process::start(&mut command)?;
        Ok(Self { process, stdout: Lines::new(stdout), stderr: Lines::new(stderr) })
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits for a line that holds `part`, in either output.
    ///
    /// # Errors
    /// When it does not come in time, or the process ends without it; shows the end of the log.
    pub async fn wait_for_line(&mut self, part: &str) -> Result<String> {
        let Self { process, stdout, stderr } = self;
        let find = || stdout.find(part).or_else(|| stderr.find(part));
        let what = format!("sluice says {part:?}");
        let found = eventually(&what, async || match (find(), process.ended()) {
            (Some(line), _) => Some(Ok(line)),
            (None, Ok(Some(status))) => Some(Err(anyhow!("sluice ended ({status}) before it said {part:?}"))),
            (None, _) => None,
        });
        found.await.flatten().with_context(|| format!("the end of its log:\n{}", self.stderr.tail()))
    }

    /// All that it wrote so far, standard output first.
    #[must_use]
    pub fn logs(&self) -> String {
        [self.stdout.all(), self.stderr.all()].concat().join("\n")
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.process.ended()
    }

    /// Sends a signal, such as `STOP` or `CONT`.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn signal(&mut self, signal: &str) -> Result<()> {
        self.process.signal(signal)
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Errors
    /// When it has ended already, or does not end; shows the end of the log.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        let status = self.process.terminate().await;
        status.with_context(|| format!("the end of its log:\n{}", self.stderr.tail()))
    }

    /// Sends SIGKILL: no chance to clean up.
    pub fn kill9(&mut self) {
        self.process.kill();
    }

    /// Leaves it running after us.
    pub fn leave(self) {
        self.process.leave();
    }
}

/// A file that is not there yet, in the virtual control plane's folder.
fn next(lab: &Lab) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    lab.virtual_plane.dir().join(format!("sluice-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// A folder with just these plugins; a name may have hyphens, as its package has.
///
/// # Errors
/// When a plugin is not built.
pub fn plugins_dir(names: &[&str]) -> Result<Folder> {
    let (guests, folder) = (artifacts::guests()?, Folder::new("sluice-plugins-")?);
    for name in names {
        let file = format!("{}.wasm", name.replace('-', "_"));
        fs::copy(guests.join(&file), folder.path().join(&file))
            .with_context(|| format!("the plugin {name} is not in {}: run `cargo xtask test`", guests.display()))?;
    }
    Ok(folder)
}
