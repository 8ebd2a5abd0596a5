//! A folder of components: each `*.wasm` file in it is a plugin.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// How large a component may be: 64 MiB. A Rust plugin has about 500 KB, one that brings a Python or
/// JavaScript interpreter up to 40 MB. What is larger is most likely no plugin, and would cost minutes to compile.
pub const MAX_BYTES: u64 = 64 << 20;

/// A component that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The plugin's name: the file's, with hyphens for underscores. A DNS label.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// The file's content.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, 64 hex digits in lower case.
    pub digest: String,
}

/// Without the bytes.
impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} from {}, sha256:{}", self.name, self.path.display(), self.digest)
    }
}

/// Why a folder does not give plugins. Every text names the file and the way out.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
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

/// Reads every `*.wasm` file of a folder, in the order of their names. Hidden files and subfolders are left alone;
/// links are followed, so a mounted ConfigMap is such a folder.
///
/// # Errors
/// The first thing that is wrong. There is no half a folder.
pub fn open_folder(folder: &Path) -> Result<Vec<Found>, LoadError> {
    let mut found: Vec<Found> = Vec::new();
    for path in components(folder)? {
        let plugin = read(path)?;
        if let Some(first) = found.iter().find(|other| other.name == plugin.name) {
            return Err(LoadError::SameName { name: plugin.name, first: first.path.clone(), second: plugin.path });
        }
        found.push(plugin);
    }
    Ok(found)
}

/// The `*.wasm` files of a folder, sorted; at least one.
fn components(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => LoadError::Missing(folder.into()),
        io::ErrorKind::NotADirectory => LoadError::NotAFolder(folder.into()),
        _ => LoadError::Unreadable { path: folder.into(), cause },
    };
    let entries = fs::read_dir(folder).map_err(unreadable)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.retain(|path| !file_name(path).starts_with('.'));
    paths.sort();
    let (components, others): (Vec<_>, Vec<_>) =
        paths.into_iter().partition(|path| path.extension().is_some_and(|ext| ext == "wasm") && !path.is_dir());
    if components.is_empty() {
        return Err(LoadError::Empty { folder: folder.into(), there: list(&others) });
    }
    Ok(components)
}

fn read(path: PathBuf) -> Result<Found, LoadError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
    if !is_label(&name) {
        return Err(LoadError::BadName { path, name });
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells that there is more, however the file grows meanwhile.
    let read = File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(cause) => Err(LoadError::Unreadable { path, cause }),
        Ok(count) if count as u64 > MAX_BYTES => Err(LoadError::TooLarge(path)),
        Ok(_) => Ok(Found { name, path, digest: format!("{:x}", Sha256::digest(&bytes)), bytes }),
    }
}

/// An RFC 1123 label.
fn is_label(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// That there is nothing, or the first few names.
fn list(paths: &[PathBuf]) -> String {
    const SHOWN: usize = 5;
    if paths.is_empty() {
        return "it is empty".into();
    }
    let names: Vec<_> = paths.iter().take(SHOWN).map(|path| file_name(path)).collect();
    let more = if paths.len() > SHOWN { ", …" } else { "" };
    format!("no *.wasm file in it, but {}{more}", names.join(", "))
}

#[cfg(test)]
mod tests;
