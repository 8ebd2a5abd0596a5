//! Why a folder does not give plugins, and the way out.

use std::io;
use std::path::PathBuf;

use crate::found::MAX_BYTES;

/// Why a folder does not give plugins. Every text names the file and the way out.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing at this path.
    #[error("plugin folder {}: it does not exist; make it and put compiled plugins (*.wasm) there", .0.display())]
    Missing(PathBuf),
    /// There is something else at this path.
    #[error("plugin folder {}: it is not a folder; name the one that the *.wasm files are in", .0.display())]
    NotAFolder(PathBuf),
    /// It holds no `*.wasm` file.
    #[error(
        "plugin folder {}: {there}; build the plugins for wasm32-wasip2 and put their *.wasm files there",
        folder.display()
    )]
    Empty {
        /// The folder.
        folder: PathBuf,
        /// What it holds, in words.
        there: String,
    },
    /// The folder or a file of it cannot be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The file's name gives no plugin's name.
    #[error(
        "{}: a plugin is named after its file, and `{name}` is no name: \
         rename it to lower-case letters, digits and hyphens within, at most 63",
        path.display()
    )]
    BadName {
        /// The file.
        path: PathBuf,
        /// The name that it would give.
        name: String,
    },
    /// Two files give one name.
    #[error("{} and {}: both are the plugin `{name}`; rename or remove one", first.display(), second.display())]
    SameName {
        /// The name.
        name: String,
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The file is larger than [`MAX_BYTES`].
    #[error(
        "{}: larger than {} MiB, which no plugin needs to be; build it with `--release` and stripped",
        .0.display(), MAX_BYTES >> 20
    )]
    TooLarge(PathBuf),
}
