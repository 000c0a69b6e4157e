//! The parameters of the query that lists share: one spelling of each, and one sentence for each that is wrong. An empty
//! text, moment, word or cursor counts as absent: some clients fill in every parameter that they know. An empty number is
//! wrong.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use sha2::Sha256;
use uuid::Uuid;

use super::call::Call;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::secret::Secret;
use crate::terms::Word;
use crate::whole::parse_whole;

/// How many items a page may hold: the parameter `limit` of every list, as the document tells it.
pub struct PageSize;

impl PageSize {
    /// The most.
    pub const MAX: i64 = 1_000;
}

impl JsonSchema for PageSize {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PageSize".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": Self::MAX })
    }
}

impl Call {
    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.query(name).filter(|text| !text.is_empty())
    }

    /// A moment in the form of RFC 3339.
    ///
    /// # Errors
    /// `Invalid`, by the name of the parameter.
    pub fn moment(&self, name: &str) -> Result<Option<Timestamp>> {
        let wrong = || Error::invalid(format!("Field {name} must be a time such as 2026-03-04T09:15:27Z."));
        self.text(name).map(|text| Timestamp::parse(&text).ok_or_else(wrong)).transpose()
    }

    /// How many items a page holds at most: `usual` where nothing is said, from 1 to `most`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn limit(&self, usual: i64, most: i64) -> Result<i64> {
        let Some(text) = self.query("limit") else { return Ok(usual) };
        let limit = parse_whole(&text).filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| Error::invalid(format!("Field limit must be a whole number from 1 to {most}.")))
    }

    /// Whether something is wanted that is not done unless it is said.
    ///
    /// # Errors
    /// `Invalid` for anything but `true` and `false`.
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.text(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Error::invalid(format!("Field {name} must be true or false."))),
        }
    }

    /// One of the words of a closed list.
    ///
    /// # Errors
    /// `Invalid`, with all the words, for another one.
    pub fn one_of<T: Word>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match T::ALL.iter().find(|known| known.word() == text) {
            Some(known) => Ok(Some(*known)),
            None => {
                let words = T::ALL.iter().map(|known| known.word()).collect::<Vec<_>>().join(", ");
                Err(Error::invalid(format!("Field {name} must be one of {words}.")))
            }
        }
    }
}

/// The key of the cursors of all lists. A cursor names an item, for the page behind it, and counts only in the list that
/// gave it and in its tenant.
#[derive(Clone)]
pub struct CursorKey(Secret<[u8; 32]>);

impl CursorKey {
    /// Derives it from the server's own keys, so that each process reads the cursors of the others.
    pub fn of(keys: &Keys) -> Self {
        Self(Secret::new(keys.lasting("cursors of lists")))
    }

    /// The cursor for the page behind a page; none if the page holds fewer items than it may, since nothing follows then.
    /// `last` is the id of its last item.
    ///
    /// # Errors
    /// As [`Call::tenant`].
    pub fn behind(&self, call: &Call, last: Option<Uuid>, found: usize, limit: i64) -> Result<Option<String>> {
        let is_full = i64::try_from(found).is_ok_and(|found| found >= limit);
        let Some(last) = last.filter(|_| is_full) else { return Ok(None) };
        let tag = self.mac(call.operation, call.tenant()?.id.0, last).finalize().into_bytes();
        Ok(Some(URL_SAFE_NO_PAD.encode([last.as_bytes().as_slice(), &tag[..16]].concat())))
    }

    /// The item behind which the page begins that the parameter `cursor` asks for.
    ///
    /// # Errors
    /// `Invalid` for a cursor that this list did not give in this tenant.
    pub fn read(&self, call: &Call) -> Result<Option<Uuid>> {
        let Some(cursor) = call.text("cursor") else { return Ok(None) };
        let forged = || Error::invalid("Field cursor is not one that this listing gave you. Start again without it.");
        self.open(call.operation, call.tenant()?.id.0, &cursor).map(Some).ok_or_else(forged)
    }

    /// The cursor for what lies behind a place in the order of a list. It counts only with what was asked, by its digest.
    ///
    /// # Errors
    /// As [`Call::tenant`].
    pub fn behind_place(&self, call: &Call, asked: &[u8], place: &[u8]) -> Result<String> {
        let tag = self.mac_of_place(call.operation, call.tenant()?.id.0, asked, place).finalize().into_bytes();
        Ok(URL_SAFE_NO_PAD.encode([&tag[..16], place].concat()))
    }

    /// The place behind which the page begins that the parameter `cursor` asks for.
    ///
    /// # Errors
    /// `Invalid` for a cursor that this list did not give in this tenant for the same question.
    pub fn read_place(&self, call: &Call, asked: &[u8]) -> Result<Option<Vec<u8>>> {
        self.read_place_in(call, "cursor", asked)
    }

    /// As [`CursorKey::read_place`], from this parameter.
    ///
    /// # Errors
    /// As [`CursorKey::read_place`].
    pub fn read_place_in(&self, call: &Call, parameter: &str, asked: &[u8]) -> Result<Option<Vec<u8>>> {
        call.text(parameter).map(|cursor| self.read_place_given(call, (parameter, &cursor), asked)).transpose()
    }

    /// As [`CursorKey::read_place`], from a cursor that stood in this field of the body.
    ///
    /// # Errors
    /// As [`CursorKey::read_place`].
    pub fn read_place_given(&self, call: &Call, (field, cursor): (&str, &str), asked: &[u8]) -> Result<Vec<u8>> {
        let forged = || {
            Error::invalid(format!(
                "Field {field} is not one that this listing gave you for this question. Start again without it."
            ))
        };
        self.open_place(call.operation, call.tenant()?.id.0, asked, cursor).ok_or_else(forged)
    }

    fn open_place(&self, list: &str, tenant: i64, asked: &[u8], cursor: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, place) = bytes.split_at_checked(16)?;
        self.mac_of_place(list, tenant, asked, place).verify_truncated_left(tag).ok()?;
        Some(place.to_vec())
    }

    fn open(&self, list: &str, tenant: i64, cursor: &str) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().filter(|bytes| bytes.len() == 32)?;
        let last = Uuid::from_slice(&bytes[..16]).ok()?;
        self.mac(list, tenant, last).verify_truncated_left(&bytes[16..]).ok()?;
        Some(last)
    }

    /// Each part of unknown length comes behind its length, so no two cursors have a message in common; the first bytes are
    /// those of no tenant, so none has one in common with a cursor that names an item either.
    fn mac_of_place(&self, list: &str, tenant: i64, asked: &[u8], place: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("an HMAC takes a key of any length");
        let parts = [list.as_bytes(), asked, place];
        let mac = mac.chain_update([0xff; 8]).chain_update(tenant.to_be_bytes());
        parts.iter().fold(mac, |mac, part| mac.chain_update((part.len() as u64).to_be_bytes()).chain_update(part))
    }

    /// The list's name comes last: what stands before it has a fixed length, so no two lists have a message in common.
    fn mac(&self, list: &str, tenant: i64, last: Uuid) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("an HMAC takes a key of any length");
        mac.chain_update(tenant.to_be_bytes()).chain_update(last.as_bytes()).chain_update(list)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_of_a_place_counts_for_its_question_in_its_list_and_tenant_alone() {
        let key = CursorKey(Secret::new([9; 32]));
        let tag = key.mac_of_place("users", 7, b"asked", b"jane").finalize().into_bytes();
        let cursor = URL_SAFE_NO_PAD.encode([&tag[..16], b"jane"].concat());
        assert_eq!(key.open_place("users", 7, b"asked", &cursor).as_deref(), Some(b"jane".as_slice()));
        for (list, tenant, asked) in [("user", 7, "asked"), ("users", 8, "asked"), ("users", 7, "aske")] {
            assert_eq!(key.open_place(list, tenant, asked.as_bytes(), &cursor), None);
        }
        for wrong in ["", "AAAA", "!", &URL_SAFE_NO_PAD.encode([&tag[..16], b"jame"].concat())] {
            assert_eq!(key.open_place("users", 7, b"asked", wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_with_a_flipped_bit_or_of_another_list_is_refused(id in any::<u128>(), at in 0_usize..32, bit in 0_u32..8) {
            let (key, last) = (CursorKey(Secret::new([9; 32])), Uuid::from_u128(id));
            let tag = key.mac("list", 7, last).finalize().into_bytes();
            let mut bytes = [last.as_bytes().as_slice(), &tag[..16]].concat();
            let cursor = URL_SAFE_NO_PAD.encode(&bytes);
            prop_assert_eq!(key.open("list", 7, &cursor), Some(last));
            prop_assert_eq!(key.open("export", 7, &cursor), None);
            prop_assert_eq!(key.open("list", 8, &cursor), None);
            prop_assert_eq!(CursorKey(Secret::new([8; 32])).open("list", 7, &cursor), None);
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(key.open("list", 7, &URL_SAFE_NO_PAD.encode(bytes)), None);
        }
    }
}
