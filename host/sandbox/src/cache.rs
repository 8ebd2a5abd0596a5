//! Compiled components, kept in a folder that nobody else can write.
//!
//! What is read from there is run as machine code, so it has to be what this program wrote: the folder and the file are
//! ours alone, and the file holds what its digest says.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::process::geteuid;
use sha2::{Digest, Sha256};
use tracing::warn;
use wasmtime::Engine;

/// Entries that are kept; the oldest go. A plugin takes some 3 MB.
const ENTRIES: usize = 200;
/// Bytes of the digest that each file begins with.
const DIGEST: usize = 32;
/// What others may not do: anything.
const OTHERS: u32 = 0o077;

/// A folder of compiled components.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// Why a folder is no place for machine code.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It cannot be made or looked at.
    #[error("cache folder {}: {cause}; name a folder that can be written", folder.display())]
    Unusable {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Others could put code there that we would run.
    #[error("{}", shared(.0))]
    Shared(PathBuf),
}

fn shared(folder: &Path) -> String {
    let (folder, us) = (folder.display(), geteuid().as_raw());
    format!(
        "cache folder {folder}: others can reach it, and what is in it is run as machine code; \
         let it be ours alone: `chown {us} {folder}` and `chmod 700 {folder}`"
    )
}

impl Cache {
    /// Opens a folder, or makes it.
    ///
    /// # Errors
    /// It is no folder, or not ours alone.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        let unusable = |cause| CacheError::Unusable { folder: folder.into(), cause };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
        let found = fs::metadata(folder).map_err(unusable)?;
        if !is_ours(&found) {
            return Err(CacheError::Shared(folder.into()));
        }
        Ok(Self { folder: folder.into() })
    }

    /// How many bytes are kept; 0 if that cannot be told.
    pub fn bytes(&self) -> u64 {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        entries.filter_map(|entry| entry.metadata().ok()).map(|found| found.len()).sum()
    }

    /// The machine code of a component, as it was kept.
    pub(crate) fn get(&self, engine: &Engine, bytes: &[u8]) -> Option<Vec<u8>> {
        let path = self.path(engine, bytes);
        match read(&path) {
            Ok(code) => Some(code),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn!(file = %path.display(), %error, "a compiled plugin is not used: it is compiled again");
                None
            }
        }
    }

    /// Keeps the machine code of a component. Without it all goes on, only slower.
    pub(crate) fn put(&self, engine: &Engine, bytes: &[u8], code: &[u8]) {
        let path = self.path(engine, bytes);
        if let Err(error) = self.write(&path, code) {
            warn!(file = %path.display(), %error, "a compiled plugin is not kept");
        }
    }

    fn write(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        // Under a name of its own first: nobody finds half a file, and two processes do not meet.
        let unfinished = path.with_extension(format!("{}.new", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        fs::rename(&unfinished, path)?;
        self.prune()
    }

    fn prune(&self) -> io::Result<()> {
        let entries = fs::read_dir(&self.folder)?.filter_map(Result::ok);
        let mut entries: Vec<_> =
            entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
        entries.sort();
        let surplus = entries.len().saturating_sub(ENTRIES);
        entries.iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
    }

    /// Named after the component, and after all that its code depends on: the engine's version and settings.
    fn path(&self, engine: &Engine, bytes: &[u8]) -> PathBuf {
        let mut settings = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut settings);
        env!("CARGO_PKG_VERSION").hash(&mut settings);
        self.folder.join(format!("{:x}-{:016x}", Sha256::digest(bytes), settings.finish()))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let refused = |why: &str| io::Error::other(why.to_owned());
    let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let mut file: File = OpenOptions::new().read(true).custom_flags(no_link).open(path)?;
    if !is_ours(&file.metadata()?) {
        return Err(refused("others could have written it"));
    }
    let mut content = vec![];
    file.read_to_end(&mut content)?;
    if content.len() < DIGEST {
        return Err(refused("it is cut off"));
    }
    let code = content.split_off(DIGEST);
    if content[..] != Sha256::digest(&code)[..] {
        return Err(refused("it is not what was written"));
    }
    Ok(code)
}

fn is_ours(found: &fs::Metadata) -> bool {
    found.uid() == geteuid().as_raw() && found.mode() & OTHERS == 0
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::sandbox::config;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn only_what_was_written_here_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(&config()).unwrap();
        let cache = Cache::open(&folder.path().join("compiled")).unwrap();
        assert_eq!(cache.get(&engine, b"wasm"), None);
        cache.put(&engine, b"wasm", b"code");
        assert_eq!(cache.get(&engine, b"wasm").as_deref(), Some(&b"code"[..]));
        assert_eq!(cache.get(&engine, b"other"), None);
        assert_eq!(cache.bytes(), (DIGEST + b"code".len()) as u64);

        let path = cache.path(&engine, b"wasm");
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        *changed.last_mut().unwrap() ^= 1;
        for content in [changed, whole[..33].to_vec(), vec![]] {
            fs::write(&path, content).unwrap();
            assert_eq!(cache.get(&engine, b"wasm"), None);
        }
        fs::write(&path, &whole).unwrap();
        mode(&path, 0o620);
        assert_eq!(cache.get(&engine, b"wasm"), None, "others could have written it");
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, &whole).unwrap();
        mode(&elsewhere, 0o600);
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert_eq!(cache.get(&engine, b"wasm"), None, "a link leads elsewhere");
        cache.put(&engine, b"wasm", b"code");
        assert_eq!(cache.get(&engine, b"wasm").as_deref(), Some(&b"code"[..]), "it is put right");
    }

    #[test]
    fn a_folder_that_others_can_reach_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for bits in [0o777, 0o770, 0o705] {
            mode(folder.path(), bits);
            let error = Cache::open(folder.path()).unwrap_err().to_string();
            assert!(error.contains("chmod 700"), "{error}");
        }
        mode(folder.path(), 0o700);
        Cache::open(folder.path()).unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(Cache::open(&file), Err(CacheError::Unusable { .. })));
    }

    #[test]
    fn the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        mode(folder.path(), 0o700);
        let engine = Engine::new(&config()).unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        for at in 0..ENTRIES + 5 {
            cache.put(&engine, at.to_string().as_bytes(), b"code");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), ENTRIES);
    }
}
