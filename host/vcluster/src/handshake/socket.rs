//! Where vCluster reaches us.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::net::{TcpListener, UnixListener};
use tracing::warn;

use super::{Handshake, VERSION};

/// Of go-plugin's own protocol.
const CORE: &str = "1";

/// A socket that vCluster, and nobody else, is told of. A unix socket is gone from disk when this is dropped.
#[derive(Debug)]
pub struct Socket {
    pub(crate) listener: Listener,
    line: String,
    _folder: Option<TempDir>,
}

#[derive(Debug)]
pub(crate) enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// There is nowhere to listen.
#[derive(Debug, thiserror::Error)]
#[error(
    "no socket below {} ({unix}), and no port of 127.0.0.1 from {} to {} is free ({tcp}); \
     let TMPDIR name a folder that can be written to",
    handshake.folder.display(), handshake.ports.start(), handshake.ports.end()
)]
pub struct ListenError {
    handshake: Handshake,
    unix: io::Error,
    tcp: io::Error,
}

impl Handshake {
    /// Listens, at a unix socket in a folder of its own that no other user can enter. Where none can be made, such as on
    /// a read-only disk, at a port of 127.0.0.1, which all of the pod can reach. Needs a tokio runtime.
    ///
    /// # Errors
    /// Neither can be had.
    pub fn listen(&self) -> Result<Socket, ListenError> {
        let unix = match self.unix() {
            Ok(socket) => return Ok(socket),
            Err(error) => error,
        };
        warn!(folder = %self.folder.display(), error = %unix, "no socket can be made: a port is opened to the whole pod");
        self.tcp().map_err(|tcp| ListenError { handshake: self.clone(), unix, tcp })
    }

    fn unix(&self) -> io::Result<Socket> {
        let private = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix("sluice-").permissions(private).tempdir_in(&self.folder)?;
        let path: PathBuf = folder.path().join("plugin");
        let text = path.to_str().filter(|text| !text.contains(['|', '\n']));
        let text = text.ok_or_else(|| io::Error::other("its path cannot be said in the handshake"))?;
        let listener = Listener::Unix(UnixListener::bind(&path)?);
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let line = line("unix", text);
        Ok(Socket { listener, line, _folder: Some(folder) })
    }

    fn tcp(&self) -> io::Result<Socket> {
        let mut last = io::Error::other("there is none");
        for port in self.ports.clone() {
            match std::net::TcpListener::bind(("127.0.0.1", port)) {
                Ok(listener) => {
                    listener.set_nonblocking(true)?;
                    let line = line("tcp", &listener.local_addr()?.to_string());
                    return Ok(Socket {
                        listener: Listener::Tcp(TcpListener::from_std(listener)?),
                        line,
                        _folder: None,
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

impl Socket {
    /// What vCluster is to read: versions, where we listen, what we speak there, and no certificate.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Tells vCluster, which waits for a minute.
    ///
    /// # Errors
    /// It does not listen any more.
    pub fn announce(&self, mut stdout: impl Write) -> io::Result<()> {
        writeln!(stdout, "{}", self.line)?;
        stdout.flush()
    }
}

fn line(network: &str, address: &str) -> String {
    format!("{CORE}|{VERSION}|{network}|{address}|grpc|")
}
