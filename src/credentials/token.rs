//! The secret of a credential or a session: 256 random bits, of which the store keeps only a hash.
//!
//! At 256 bits a plain hash is enough (ASVS 6.5.2): there is nothing to guess.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::random::Random;
use crate::secret::Secret;

/// Makes leaked tokens easy to search for.
const PREFIX: &str = "tny_";
const LENGTH: usize = PREFIX.len() + 43;

/// An API token as its owner holds it.
pub struct Token(Secret<String>);

impl Token {
    /// A new one.
    pub fn draw(random: &Random) -> Self {
        Self(Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random.bytes::<32>()))))
    }

    /// One that was presented, if it has the shape of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let is_ours = text.len() == LENGTH && text.starts_with(PREFIX);
        is_ours.then(|| Self(Secret::new(text.to_string())))
    }

    /// The text, to be shown once.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the store keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose().as_bytes()).into()
    }
}
