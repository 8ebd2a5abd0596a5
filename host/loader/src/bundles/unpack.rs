//! Unpacking what others packed, which may be made to never end.

use std::io::Read;

use ruzstd::decoding::StreamingDecoder;

use super::Problem;
use crate::found::MAX_BYTES;

/// What is packed, if that is one frame of zstd and at most [`MAX_BYTES`].
pub(super) fn zstd(packed: &[u8]) -> Result<Vec<u8>, Problem> {
    let broken = |error: &dyn std::fmt::Display| Problem::Packed(error.to_string());
    let mut bytes = Vec::new();
    // A window is allocated as a whole: one that is larger than what may come of it is good for nothing.
    let mut frame = StreamingDecoder::new_with_max_window_size(packed, MAX_BYTES).map_err(|error| broken(&error))?;
    frame.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    if !frame.get_ref().is_empty() {
        return Err(broken(&"something follows the first frame"));
    }
    Ok(bytes)
}
