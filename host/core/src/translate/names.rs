//! Names that fit Kubernetes' 63 bytes.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::key::Gvk;

/// What a label value and a namespace hold at most, in bytes.
const LIMIT: usize = 63;
/// How much of a longer name is kept before the hash.
const KEPT: usize = 52;

/// Joins with `-`. What is longer than 63 bytes is cut to 52 and gets the first 10 hex digits of its sha256.
pub(crate) fn concat(parts: &[&str]) -> String {
    let full = parts.join("-");
    if full.len() <= LIMIT {
        return full;
    }
    // Kubernetes' names are ASCII; should one not be, the cut falls on the character before.
    let mut end = KEPT;
    while !full.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{}", &full[..end], hash10(&full)).replace(".-", "-")
}

/// The first 10 hex digits of the sha256 of a text.
pub(crate) fn hash10(text: &str) -> String {
    Sha256::digest(text).iter().take(5).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A kind as vCluster's annotation has it: `apps/v1, Kind=Deployment`, `/v1, Kind=Secret`.
pub(crate) fn kind(gvk: &Gvk) -> String {
    format!("{}/{}, Kind={}", gvk.group, gvk.version, gvk.kind)
}

/// Whether it is an RFC 1123 label.
pub(crate) fn is_label(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.len() <= LIMIT
        && bytes.first().copied().is_some_and(plain)
        && bytes.last().copied().is_some_and(plain)
        && bytes.iter().all(|&byte| plain(byte) || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_vclusters() {
        for (parts, name) in [
            (["test", "x", "kube-system", "x", "vcluster"], "test-x-kube-system-x-vcluster"),
            (
                ["a-very-long-deployment-name-that-goes-on-and-on", "x", "default", "x", "my-vcluster"],
                "a-very-long-deployment-name-that-goes-on-and-on-x-de-41c2d459ef",
            ),
        ] {
            assert_eq!(concat(&parts), name);
        }
        let dotted = format!("{}.{}", "a".repeat(51), "b".repeat(5));
        assert_eq!(concat(&[&dotted, "x", "default", "x", "vc"]), format!("{}-545ee7ff6a", "a".repeat(51)));
    }

    #[test]
    fn names_that_are_alike_up_to_the_cut_stay_apart() {
        let long = "n".repeat(200);
        let (a, b) = (concat(&[&long, "a"]), concat(&[&long, "b"]));
        assert_ne!(a, b);
        assert!(a.len() <= LIMIT && b.len() <= LIMIT);
    }
}
