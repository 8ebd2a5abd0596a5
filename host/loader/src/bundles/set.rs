//! All ConfigMaps of one plugin.

use sluice_core::bundle::Part;

use super::error::{BundleError, Problem};
use super::{PACKED, PART, PLAIN, SHA256, unpack};
use crate::found::{Found, MAX_BYTES, is_component, is_digest, is_label};

/// Into how many parts a component may be cut: 64 MiB in parts of 67 KB. Numbers have three digits at most.
const MAX_PARTS: usize = 999;

/// What a part says of the whole: the same in every part of a set.
#[derive(Clone, PartialEq, Eq)]
struct Whole {
    count: usize,
    digest: Option<String>,
    packed: bool,
}

/// The plugin that these are the parts of; at least one.
pub(super) fn found(plugin: &str, mut parts: Vec<&Part>) -> Result<Found, BundleError> {
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    let first = parts.first().map(|part| part.place()).unwrap_or_default();
    let fails = |at: &str| {
        let (plugin, at) = (plugin.to_owned(), at.to_owned());
        move |problem| BundleError { plugin, at, problem }
    };
    if !is_label(plugin) {
        return Err(fails(&first)(Problem::Name));
    }
    let count = parts.len();
    let mut whole = None;
    let mut pieces: Vec<Option<(String, &[u8])>> = vec![];
    for part in parts {
        let place = part.place();
        let (says, number, bytes) = read(part).map_err(fails(&place))?;
        let whole = whole.get_or_insert_with(|| {
            pieces.resize(says.count, None);
            says.clone()
        });
        match pieces.get_mut(number - 1).filter(|_| says == *whole) {
            None => return Err(fails(&place)(Problem::Mixed(first))),
            Some(Some((other, _))) => {
                let (count, other) = (whole.count, other.clone());
                return Err(fails(&place)(Problem::Twice { number, count, other }));
            }
            Some(piece) => *piece = Some((place, bytes)),
        }
    }
    let fails = fails(&first);
    let missing = pieces.iter().enumerate().filter(|(_, piece)| piece.is_none());
    let missing: Vec<_> = missing.map(|(index, _)| index + 1).collect();
    if !missing.is_empty() {
        return Err(fails(Problem::Missing { count: pieces.len(), missing }));
    }
    let origin = match count {
        1 => format!("ConfigMap {first}"),
        _ => format!("ConfigMap {first} and {} more", count - 1),
    };
    let bytes = pieces.into_iter().flatten().map(|(_, bytes)| bytes).collect::<Vec<_>>().concat();
    let bytes = whole.ok_or(Problem::Nothing).and_then(|whole| join(&whole, bytes)).map_err(fails)?;
    Ok(Found::new(plugin.into(), origin, bytes))
}

/// What a part says of the whole, which it is, from 1, and what it holds.
fn read(part: &Part) -> Result<(Whole, usize, &[u8]), Problem> {
    let (number, count) = match part.annotations.get(PART) {
        None => (1, 1),
        Some(text) => numbers(text).ok_or_else(|| Problem::Part(text.clone()))?,
    };
    let digest = part.annotations.get(SHA256).map(|text| text.trim().to_ascii_lowercase());
    match &digest {
        None if count > 1 => return Err(Problem::NoDigest),
        Some(text) if !is_digest(text) => return Err(Problem::Digest(text.clone())),
        _ => {}
    }
    let (bytes, packed) = match (part.binary_data.get(PLAIN), part.binary_data.get(PACKED)) {
        (Some(bytes), None) => (bytes, false),
        (None, Some(bytes)) => (bytes, true),
        (None, None) => return Err(Problem::Nothing),
        (Some(_), Some(_)) => return Err(Problem::Both),
    };
    Ok((Whole { count, digest, packed }, number, bytes))
}

/// `2/5`: a number from 1 on, and one that is not less.
fn numbers(text: &str) -> Option<(usize, usize)> {
    let number = |text: &str| text.parse().ok().filter(|number| (1..=MAX_PARTS).contains(number));
    let (one, of) = text.trim().split_once('/')?;
    let (one, of) = (number(one)?, number(of)?);
    (one <= of).then_some((one, of))
}

/// The component that all pieces come to.
fn join(whole: &Whole, bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let bytes = if whole.packed { unpack::zstd(&bytes)? } else { bytes };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    let found = crate::found::digest(&bytes);
    match &whole.digest {
        Some(wanted) if *wanted != found => Err(Problem::Other { wanted: wanted.clone(), found }),
        _ if !is_component(&bytes) => Err(Problem::NoComponent),
        _ => Ok(bytes),
    }
}
