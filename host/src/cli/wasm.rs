//! A plugin's `.wasm` file, as the command line names it.

use std::path::Path;

use anyhow::anyhow;

/// Its bytes.
///
/// # Errors
/// It cannot be read.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file)
        .map_err(|error| anyhow!("{}: cannot be read: {error}; name a plugin's .wasm file", file.display()))
}

/// What its plugin is called, unless somebody says otherwise: as the file, with hyphens for underscores.
pub(super) fn plugin(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-")
}
