//! Hashes that a file holds in parts: the scheme in one field, salt and output in others.

use super::decode::{bytes, from_hex, power};
use super::digest::Digest;
use super::scheme::Scheme;
use super::text::{self, Read, fast, taken};
use super::{Foreign, Refused};

/// Bytes as a field spells them.
#[derive(Debug, Clone, Copy)]
pub enum Spelt<'t> {
    /// The text itself.
    Text(&'t str),
    /// Hexadecimal.
    Hex(&'t str),
    /// Base64, padded or not.
    Base64(&'t str),
}

impl Spelt<'_> {
    fn bytes(self) -> Read<Vec<u8>> {
        match self {
            Self::Text(text) => Ok(text.as_bytes().to_vec()),
            Self::Hex(text) => from_hex(text),
            Self::Base64(text) => bytes(text),
        }
    }
}

/// The parameters of Argon2.
#[derive(Debug, Clone, Copy)]
pub struct Argon2Parts<'t> {
    /// `id`, `i` or `d`.
    pub variant: &'t str,
    /// 16 or 19.
    pub version: u32,
    /// In KiB.
    pub memory: u32,
    /// Passes.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Foreign {
    /// PBKDF2 with HMAC over a digest, `sha1`, `sha256` or `sha512`. Of an output of several blocks the first is kept.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn pbkdf2(digest: &str, rounds: u64, salt: Spelt<'_>, output: Spelt<'_>) -> Result<Self, Refused> {
        let digest = Digest::named(digest).ok_or(Refused::Unknown)?;
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        taken(Scheme::Pbkdf2 { digest, rounds }, salt.bytes()?, output.bytes()?).map(Self)
    }

    /// Argon2.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn argon2(parts: &Argon2Parts<'_>, salt: Spelt<'_>, output: Spelt<'_>) -> Result<Self, Refused> {
        let Argon2Parts { variant: variant @ ("id" | "i" | "d"), version, memory, iterations, parallelism } = *parts
        else {
            return Err(Refused::Unknown);
        };
        let [salt, output] = [salt.bytes()?, output.bytes()?].map(|bytes| super::decode::b64(&bytes));
        let cost = format!("m={memory},t={iterations},p={parallelism}");
        text::argon2(&format!("$argon2{variant}$v={version}${cost}${salt}${output}")).map(Self)
    }

    /// scrypt; `n` is N itself.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn scrypt(n: u64, r: u32, p: u32, salt: Spelt<'_>, output: Spelt<'_>) -> Result<Self, Refused> {
        let ln = power(u32::try_from(n).unwrap_or(u32::MAX))?;
        taken(Scheme::Scrypt { ln, r, p }, salt.bytes()?, output.bytes()?).map(Self)
    }

    /// One digest over password and salt, the salt before or behind it.
    ///
    /// # Errors
    /// Why it is not taken: `Unsafe` without a salt.
    pub fn salted(digest: &str, salt: Spelt<'_>, is_before: bool, output: Spelt<'_>) -> Result<Self, Refused> {
        let digest = Digest::named(digest).ok_or(Refused::Unknown)?;
        let salt = salt.bytes()?;
        if salt.is_empty() {
            return Err(Refused::Unsafe);
        }
        let (before, behind) = if is_before { (salt, Vec::new()) } else { (Vec::new(), salt) };
        fast(Scheme::Salted { digest, before }, behind, output.bytes()?).map(Self)
    }

    /// HMAC under a key.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn keyed(digest: &str, key: Spelt<'_>, output: Spelt<'_>) -> Result<Self, Refused> {
        let digest = Digest::named(digest).ok_or(Refused::Unknown)?;
        text::keyed(digest, key.bytes()?, output.bytes()?).map(Self)
    }
}
