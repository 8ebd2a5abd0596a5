//! The inputs that all others are made from: `corpus/TARGET/*`, and the guests that were built.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};

/// The folder of this crate.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// All inputs of a target, in the order of their names.
///
/// # Errors
/// A file cannot be read, or is no component where it says that it is one.
pub fn of(target: &str) -> Result<Vec<Vec<u8>>> {
    let folder = Path::new(HERE).join("corpus").join(target);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// One input. Components are kept as text: what is `.wat` is made into one.
///
/// # Errors
/// As for [`of`].
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    if path.extension().is_some_and(|extension| extension == "wat") {
        return wat::parse_bytes(&bytes)
            .map(|bytes| bytes.into_owned())
            .with_context(|| format!("{} is no component", path.display()));
    }
    Ok(bytes)
}

/// A guest of this repository, as it was built.
///
/// # Errors
/// It was not.
pub fn guest(name: &str) -> Result<Vec<u8>> {
    let folder = env::var_os("SLUICE_GUESTS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(HERE).join("../target/wasm32-wasip2/guest"));
    let file = folder.join(name).with_extension("wasm");
    fs::read(&file).with_context(|| {
        format!("cannot read {}; `cargo xtask test` builds the plugins, or set SLUICE_GUESTS", file.display())
    })
}

/// Where findings of a target are left. It need not be there.
pub fn findings(target: &str) -> PathBuf {
    Path::new(HERE).join("findings").join(target)
}
