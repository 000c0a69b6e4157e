//! Hashes of passwords on their way to another tenant, sealed so that nobody else reads them.
//!
//! - The target makes a key for it, `tnt1.ID.KEY`. The key is an HMAC of the server's own keys over its id and the tenant, and the
//!   id says until when it counts: nothing is kept, and every process of the target finds the key again.
//! - The source seals each hash by it, bound to the id outside of its user, so that no hash can be given to another user.
//! - Only the target opens them, for imports that were begun before the key's end. Anywhere else a user arrives without a password.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::import::{Code, Password, Record, SEALED_MAX, Told};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::passwords::Cost;
use crate::passwords::foreign::{Dialect, Foreign};
use crate::random::Random;
use crate::seal::{self, SealKey};
use crate::secret::Secret;

/// The life of a key, in seconds.
pub(super) const LIFE_SECONDS: i64 = 7 * 24 * 3600;
/// What a key is derived for.
const PURPOSE: &str = "hashes of passwords on their way here";
/// What a hash is bound to, beside its user.
const BOUND: &[u8] = b"tenantry hash of a password";
/// How the text of a key begins; another number would be another form.
const FORM: &str = "tnt1";
/// Bytes of an id: the number of the server's key, the end in seconds, and what was drawn.
const ID: usize = 4 + 8 + 12;

/// A key for sealing, as the source has it.
#[derive(Debug, Clone)]
pub(super) struct TransferKey {
    /// The id, as it stands in the text.
    pub(super) id: String,
    key: SealKey,
}

impl TransferKey {
    /// Makes a key of a tenant, by its id outside; its text, and its end.
    ///
    /// # Errors
    /// `Internal` if the key file has no such key as its latest.
    pub(super) fn make(
        keys: &Keys,
        tenant: &str,
        random: &Random,
        now: Timestamp,
    ) -> Result<(String, Self, Timestamp)> {
        let number = u32::try_from(keys.current()).map_err(Error::internal)?;
        let until = now.plus_seconds(LIFE_SECONDS);
        let seconds = until.0.div_euclid(1_000_000);
        let id = [number.to_be_bytes().as_slice(), &seconds.to_be_bytes(), &random.bytes::<12>()].concat();
        let key = derived(keys, tenant, &id).ok_or_else(|| Error::internal("the latest key is gone"))?;
        let id = URL_SAFE_NO_PAD.encode(id);
        let text = format!("{FORM}.{id}.{}", URL_SAFE_NO_PAD.encode(key.expose()));
        Ok((text, Self { id, key }, Timestamp(seconds * 1_000_000)))
    }

    /// Reads the text of a key.
    ///
    /// # Errors
    /// `Invalid` for what is none, and for one whose end has come.
    pub(super) fn read(text: &str, now: Timestamp) -> Result<Self> {
        let wrong =
            || Error::invalid("Field seal_with is no key of `tenantry transfer key`. Ask for one at the target.");
        let mut parts = text.trim().split('.');
        let (Some(FORM), Some(id), Some(key), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let until = end_of(&decoded_id(id).ok_or_else(wrong)?);
        let key = URL_SAFE_NO_PAD.decode(key).ok().map(Secret::new);
        let key = key.and_then(|key| <[u8; 32]>::try_from(key.expose().as_slice()).ok()).ok_or_else(wrong)?;
        if until <= now {
            return Err(Error::invalid(format!(
                "Field seal_with is a key that counted until {until}. Ask for another one at the target."
            )));
        }
        Ok(Self { id: id.into(), key: Secret::new(key) })
    }

    /// The hash of a user, sealed, as it stands in a line.
    ///
    /// # Errors
    /// `Internal` if it cannot be sealed.
    pub(super) fn seal(&self, uid: &str, hash: &str, random: &Random) -> Result<String> {
        let sealed = seal::seal(&self.key, &[BOUND, uid.as_bytes()], hash.as_bytes(), random)?;
        let text = format!("{}.{}", self.id, URL_SAFE_NO_PAD.encode(sealed));
        match text.len() <= SEALED_MAX {
            true => Ok(text),
            false => Err(Error::internal("the hash of a password is longer than any may be")),
        }
    }
}

/// Opens what was sealed for this tenant.
#[derive(Clone, Copy)]
pub(super) struct Opener<'a> {
    pub(super) keys: &'a Keys,
    /// The id of the tenant outside.
    pub(super) tenant: &'a str,
    /// When the import was begun, so that its run opens what its plan has opened.
    pub(super) began: Timestamp,
    /// What a hash must cost at least that was laid beneath Argon2id.
    pub(super) cost: Cost,
}

impl Opener<'_> {
    /// Puts the hash in the place of a sealed one; where it cannot be opened, or cannot count here, there is none, and that is told.
    pub(super) fn open(&self, record: &mut Record) {
        let Some(Password::Sealed(sealed)) = &record.password else { return };
        let opened = record.uid.as_deref().and_then(|uid| self.hash(uid, sealed));
        let told = match opened.map(|hash| Foreign::read(hash.expose(), Dialect::Usual)) {
            Some(Ok(foreign)) if !foreign.is_fast() && !foreign.is_thinly_wrapped(self.cost) => {
                record.password = Some(Password::Hash(foreign));
                return;
            }
            Some(_) => Code::HashDropped,
            None => Code::HashSealed,
        };
        record.leave_password_behind(Told::field(told, "password"));
    }

    fn hash(&self, uid: &str, sealed: &str) -> Option<Secret<String>> {
        let (id, sealed) = sealed.split_once('.')?;
        let id = decoded_id(id)?;
        if end_of(&id) <= self.began {
            return None;
        }
        let key = derived(self.keys, self.tenant, &id)?;
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let hash = seal::open(&key, &[BOUND, uid.as_bytes()], &sealed)?;
        std::str::from_utf8(hash.expose()).ok().map(|hash| Secret::new(hash.into()))
    }
}

fn derived(keys: &Keys, tenant: &str, id: &[u8]) -> Option<SealKey> {
    let number = i64::from(u32::from_be_bytes(*id.first_chunk()?));
    keys.mac(number, PURPOSE, &[id, tenant.as_bytes()]).map(Secret::new)
}

fn decoded_id(text: &str) -> Option<[u8; ID]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn end_of(id: &[u8; ID]) -> Timestamp {
    let seconds = id[4..].first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
    Timestamp(seconds.saturating_mul(1_000_000))
}

#[cfg(test)]
#[path = "sealed_tests.rs"]
mod tests;
