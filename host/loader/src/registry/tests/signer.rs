//! Who signs, and who is trusted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use tempfile::TempDir;

use super::super::signature::P256;
use super::*;

pub(super) struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let private = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, private.as_ref(), &random).unwrap();
        Self { pair, random }
    }

    /// `cosign.pub`.
    pub(super) fn pem(&self) -> String {
        let key = STANDARD.encode([&P256[..], self.pair.public_key().as_ref()].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &key[..64], &key[64..])
    }

    pub(super) fn signature(&self, payload: &[u8]) -> String {
        STANDARD.encode(self.pair.sign(&self.random, payload).unwrap())
    }
}

/// Reaches one registry, and trusts these keys, in PEM.
pub(super) fn trusting(fake: &Fake, folder: &TempDir, keys: &[&str]) -> Registry {
    let file = |(index, pem): (usize, &&str)| {
        let file = folder.path().join(format!("{index}.pub"));
        std::fs::write(&file, pem).unwrap();
        file
    };
    let cosign_keys = keys.iter().enumerate().map(file).collect();
    open(&Registries { cosign_keys, ..fake.registries() })
}
