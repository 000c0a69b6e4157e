//! The secret of a credential or a session: 256 random bits, of which the store keeps only a hash.
//!
//! A plain hash is enough for 256 bits (ASVS 6.5.2): they cannot be guessed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::access::Narrowing;
use crate::random::Random;
use crate::secret::Secret;

/// A fixed prefix, so that leaked tokens are easy to search for.
const PREFIX: &str = "tny_";
/// That of a token that is narrowed. A release that knows no such tokens refuses it: it would let it do all that its user may.
const NARROWED: &str = "tnn_";
const LENGTH: usize = PREFIX.len() + 43;

/// An API token as its owner holds it.
pub struct Token(Secret<String>);

impl Token {
    /// Draws a new token.
    pub fn draw(random: &Random) -> Self {
        Self::with(PREFIX, random)
    }

    /// Draws a new token that is narrowed so, or not narrowed.
    pub fn draw_for(narrowing: Option<&Narrowing>, random: &Random) -> Self {
        Self::with(if narrowing.is_some() { NARROWED } else { PREFIX }, random)
    }

    fn with(prefix: &str, random: &Random) -> Self {
        Self(Secret::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random.bytes::<32>()))))
    }

    /// Parses a token, if it has our format.
    pub fn parse(text: &str) -> Option<Self> {
        let is_ours = text.len() == LENGTH && (text.starts_with(PREFIX) || text.starts_with(NARROWED));
        is_ours.then(|| Self(Secret::new(text.to_string())))
    }

    /// The text, shown once.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The hash that the store keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose().as_bytes()).into()
    }
}
