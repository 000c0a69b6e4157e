//! Bytes that only a holder of a key reads, and that nobody else can change or put elsewhere: hashes of passwords on their way to
//! another installation, and a file that waits for its import.
//!
//! ChaCha20-Poly1305 (RFC 8439) by `ring`, which is there for TLS. Its nonce of 96 bits is too short to be drawn at random for
//! millions of texts under one key, so each text has a key of its own: HMAC-SHA-256 of 24 random bytes under the key that both ends
//! have, by which XChaCha20 is safe too. Under such a key one text is sealed, so its nonce may always be the same.

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::error::{Error, Result};
use crate::random::Random;
use crate::secret::Secret;

/// Random bytes from which the key of a text is made.
const DRAWN: usize = 24;
/// What stands beside the text in its sealed form, in bytes: those and the tag.
pub const OVERHEAD: usize = DRAWN + 16;

/// The key that both ends have.
pub type SealKey = Secret<[u8; 32]>;

/// Seals a text. It opens with the same key and the same parts of what it is bound to, and never otherwise.
///
/// # Errors
/// `Internal` for a text that is too long for the algorithm (256 GiB).
pub fn seal(key: &SealKey, bound_to: &[&[u8]], text: &[u8], random: &Random) -> Result<Vec<u8>> {
    let drawn: [u8; DRAWN] = random.bytes();
    let mut sealed = Vec::with_capacity(text.len() + OVERHEAD);
    sealed.extend_from_slice(text);
    let tag = own_key(key, &drawn).seal_in_place_separate_tag(nonce(), bound(bound_to), &mut sealed);
    let tag = tag.map_err(|_| {
        sealed.zeroize();
        Error::internal("a text could not be sealed")
    })?;
    sealed.splice(0..0, drawn);
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] has made; `None` for anything else.
pub fn open(key: &SealKey, bound_to: &[&[u8]], sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
    let (drawn, rest) = sealed.split_first_chunk::<DRAWN>()?;
    let mut text = rest.to_vec();
    let length = own_key(key, drawn).open_in_place(nonce(), bound(bound_to), &mut text).ok()?.len();
    text.truncate(length);
    Some(Secret::new(text))
}

/// The key of one text.
fn own_key(key: &SealKey, drawn: &[u8; DRAWN]) -> LessSafeKey {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("an HMAC takes a key of any length");
    mac.update(b"tenantry seal");
    mac.update(drawn);
    let mut own: [u8; 32] = mac.finalize().into_bytes().into();
    let unbound = UnboundKey::new(&CHACHA20_POLY1305, &own).expect("the algorithm takes a key of 32 bytes");
    own.zeroize();
    LessSafeKey::new(unbound)
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// Each part comes behind its length, so that no two lists of parts are the same bytes.
fn bound(parts: &[&[u8]]) -> Aad<Vec<u8>> {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    Aad::from(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hex::from_hex;

    fn key(byte: u8) -> SealKey {
        Secret::new([byte; 32])
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_with_its_key_and_what_it_is_bound_to_alone(
            text in prop::collection::vec(any::<u8>(), 0..300),
            at in any::<prop::sample::Index>(),
            bit in 0_u32..8,
        ) {
            let random = Random::seeded(1);
            let sealed = seal(&key(1), &[b"a", b"bc"], &text, &random).unwrap();
            prop_assert_eq!(sealed.len(), text.len() + OVERHEAD);
            let opened = |key: &SealKey, parts: &[&[u8]], sealed: &[u8]| {
                open(key, parts, sealed).map(|text| text.expose().clone())
            };
            prop_assert_eq!(opened(&key(1), &[b"a", b"bc"], &sealed), Some(text.clone()));
            prop_assert_eq!(opened(&key(2), &[b"a", b"bc"], &sealed), None);
            prop_assert_eq!(opened(&key(1), &[b"ab", b"c"], &sealed), None);
            prop_assert_eq!(opened(&key(1), &[], &sealed), None);
            let mut changed = sealed.clone();
            changed[at.index(sealed.len())] ^= 1 << bit;
            prop_assert_eq!(opened(&key(1), &[b"a", b"bc"], &changed), None);
            prop_assert_eq!(opened(&key(1), &[b"a", b"bc"], &sealed[..at.index(sealed.len())]), None);
            prop_assert_ne!(seal(&key(1), &[b"a", b"bc"], &text, &random).unwrap(), sealed, "the same text twice");
        }
    }

    /// Computed apart, by Python's `hmac` and OpenSSL's ChaCha20-Poly1305.
    #[test]
    fn what_another_implementation_has_sealed_opens() {
        let sealed =
            from_hex("000102030405060708090a0b0c0d0e0f1011121314151617e944060c8ddcc33843d13a76469a908a6ed2a25b");
        let opened = open(&key(7), &[b"purpose", b"id"], &sealed.unwrap()).unwrap();
        assert_eq!(opened.expose(), b"text");
    }
}
