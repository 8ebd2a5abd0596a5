//! Cutting a component into ConfigMaps.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use sluice_core::bundle::Part;

use super::{PACKED, PART, PLAIN, PLUGIN, SHA256};
use crate::found::{MAX_BYTES, digest, is_component, is_label};

/// Bytes of a part. A ConfigMap takes 1 MiB, but `kubectl apply` puts all of it, in base64, into an annotation besides,
/// and annotations take 256 KiB.
const PART_BYTES: usize = 180 << 10;

/// Why a component is not made into ConfigMaps.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPacked {
    /// Nothing can be called so.
    #[error("{0:?} is no plugin's name; use lower-case letters, digits and hyphens within, at most 63")]
    Name(String),
    /// It is larger than [`MAX_BYTES`].
    #[error("larger than {} MiB, which no plugin needs to be; build it with `--release` and stripped", MAX_BYTES >> 20)]
    TooLarge,
    /// It is none.
    #[error("it does not begin as a component does; build the plugin for wasm32-wasip2")]
    NoComponent,
}

/// The ConfigMaps that a plugin of this name comes to: the same for the same bytes. Packed if that makes it smaller.
/// An empty namespace leaves it open where they go.
///
/// # Errors
/// It is no name, or no component.
pub fn pack(name: &str, namespace: &str, bytes: &[u8]) -> Result<Vec<Part>, NotPacked> {
    if !is_label(name) {
        return Err(NotPacked::Name(name.into()));
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(NotPacked::TooLarge);
    }
    if !is_component(bytes) {
        return Err(NotPacked::NoComponent);
    }
    let digest = digest(bytes);
    let packed = compress_to_vec(bytes, CompressionLevel::Fastest);
    let (key, bytes) = if packed.len() < bytes.len() { (PACKED, &*packed) } else { (PLAIN, bytes) };
    let count = bytes.len().div_ceil(PART_BYTES);
    let part = |(index, bytes): (usize, &[u8])| {
        let number = index + 1;
        Part {
            namespace: namespace.into(),
            name: if count == 1 { format!("sluice-plugin-{name}") } else { format!("sluice-plugin-{name}-{number}") },
            labels: [(PLUGIN.into(), name.into())].into(),
            annotations: [(PART.into(), format!("{number}/{count}")), (SHA256.into(), digest.clone())].into(),
            binary_data: [(key.into(), bytes.into())].into(),
        }
    };
    Ok(bytes.chunks(PART_BYTES).enumerate().map(part).collect())
}
