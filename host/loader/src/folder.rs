//! A folder of components: each `*.wasm` file in it is a plugin.

mod error;
mod stamp;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::found::{Found, LoadError, MAX_BYTES, Named, is_label};

pub use error::FolderError;
pub use stamp::Stamp;

/// Reads every `*.wasm` file of a folder, in the order of their names. Hidden files and subfolders are left alone;
/// links are followed, so a mounted ConfigMap is such a folder.
///
/// # Errors
/// The first thing that is wrong, and that there is none. There is no half a folder.
pub fn open_folder(folder: &Path) -> Result<Vec<Found>, LoadError> {
    let (components, others) = entries(folder)?;
    if components.is_empty() {
        return Err(FolderError::Empty { folder: folder.into(), there: list(&others) }.into());
    }
    look_at(components).map(|(_, found)| found).collect()
}

/// The same for one that is looked at again and again: one bad file hides no other, and there may be none. Each is
/// given with the name that the plugin has or would have, in their order; two files of one name are one error.
///
/// # Errors
/// The folder itself cannot be read.
pub fn look(folder: &Path) -> Result<Vec<Named>, LoadError> {
    Ok(look_at(entries(folder)?.0).collect())
}

fn look_at(components: Vec<PathBuf>) -> impl Iterator<Item = Named> {
    let mut named = BTreeMap::<String, (PathBuf, Option<PathBuf>)>::new();
    for path in components {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
        match named.entry(name) {
            Entry::Vacant(entry) => drop(entry.insert((path, None))),
            Entry::Occupied(mut entry) => entry.get_mut().1 = Some(path),
        }
    }
    named.into_iter().map(|(name, (path, other))| {
        let found = match other {
            Some(second) => Err(FolderError::SameName { name: name.clone(), first: path, second }),
            None => read(&name, path),
        };
        (name, found.map_err(LoadError::from))
    })
}

/// The `*.wasm` files of a folder and the others, each sorted.
fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), FolderError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => FolderError::Missing(folder.into()),
        io::ErrorKind::NotADirectory => FolderError::NotAFolder(folder.into()),
        _ => FolderError::Unreadable { path: folder.into(), cause },
    };
    let entries = fs::read_dir(folder).map_err(unreadable)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.retain(|path| !file_name(path).starts_with('.'));
    paths.sort();
    Ok(paths.into_iter().partition(|path| path.extension().is_some_and(|ext| ext == "wasm") && !path.is_dir()))
}

fn read(name: &str, path: PathBuf) -> Result<Found, FolderError> {
    if !is_label(name) {
        return Err(FolderError::BadName { path, name: name.into() });
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells that there is more, however the file grows meanwhile.
    let read = File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(cause) => Err(FolderError::Unreadable { path, cause }),
        Ok(count) if count as u64 > MAX_BYTES => Err(FolderError::TooLarge(path)),
        Ok(_) => Ok(Found::new(name.into(), path.display().to_string(), bytes)),
    }
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
