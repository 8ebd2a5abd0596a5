//! Plugins in ConfigMaps: what is packed, and how it is cut.

use std::time::Duration;

use sha2::{Digest, Sha256};
use sluice_core::bundle::Part;
use sluice_loader::bundles::{PACKED, PART, PLUGIN, SHA256};
use sluice_loader::{Found, MAX_BYTES, assemble};

use super::Target;
use crate::form::Form;

pub(super) struct Bundles;

/// Into how many parts each is cut.
const PARTS: usize = 3;

impl Target for Bundles {
    const NAME: &'static str = "bundle";
    const FORM: Form = Form::Bytes;
    /// A few bytes may come to 64 MiB.
    const SLOW: Duration = Duration::from_secs(3);

    fn run(input: &[u8]) {
        let Some(whole) = plugin(vec![part(input)]) else { return };
        assert!(whole.bytes.len() as u64 <= MAX_BYTES && whole.bytes.starts_with(b"\0asm"), "{whole:?}");
        assert_eq!(whole.digest, format!("{:x}", Sha256::digest(&whole.bytes)));

        // Cut somewhere, and given in another order, it is the same; without one of the parts it is nothing.
        let mut parts: Vec<_> = input.chunks(input.len().div_ceil(PARTS)).map(part).collect();
        let count = parts.len();
        for (index, part) in parts.iter_mut().enumerate() {
            part.annotations.insert(PART.into(), format!("{}/{count}", index + 1));
            part.annotations.insert(SHA256.into(), whole.digest.clone());
        }
        parts.rotate_left(1);
        assert_eq!(plugin(parts.clone()).map(|found| found.bytes), Some(whole.bytes));
        if count > 1 {
            parts.pop();
            assert_eq!(plugin(parts), None, "a part is missing");
        }
    }
}

fn part(bytes: &[u8]) -> Part {
    Part {
        namespace: "fuzzed".into(),
        name: format!("{:x}", Sha256::digest(bytes)),
        labels: [(PLUGIN.into(), "fuzzed".into())].into(),
        binary_data: [(PACKED.into(), bytes.into())].into(),
        ..Part::default()
    }
}

/// The plugin that they come to.
fn plugin(parts: Vec<Part>) -> Option<Found> {
    let mut all = assemble(&parts);
    assert_eq!(all.len(), 1, "one label, one plugin");
    let (name, found) = all.pop()?;
    assert_eq!(name, "fuzzed");
    found.inspect_err(|error| assert!(!error.to_string().is_empty(), "an error says nothing")).ok()
}
