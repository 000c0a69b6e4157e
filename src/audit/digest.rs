//! The bytes that stand for a record and for a link of the chain. Pure.
//!
//! Each field is written with its length before it, so that no two records have the same bytes: what
//! a name contains, be it a line break or JSON, cannot be taken for the next field.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use super::list::{Entry, Kept, Listed, count, join, pack, pack_listed, unpack};
use crate::clock::Timestamp;
use crate::identity::TenantId;
use crate::keys::Keys;
use crate::secret::Secret;

/// The server's key over the chain. An attacker who has only the database cannot sign a link.
#[derive(Clone, Debug)]
pub struct AuditKey(Secret<[u8; 32]>);

impl AuditKey {
    /// The one that these keys have for it: it survives their rotation.
    pub fn of(keys: &Keys) -> Self {
        Self::new(keys.lasting("audit chain"))
    }

    /// Wraps the key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Secret::new(key))
    }

    fn mac(&self, hash: &[u8; 32]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("an HMAC takes a key of any length");
        // Older releases made cursors by the same key: the purpose keeps them from being taken for signatures.
        mac.chain_update("audit link\0").chain_update(hash)
    }

    /// Signs a link's hash (HMAC-SHA256, RFC 2104).
    pub fn sign(&self, hash: &[u8; 32]) -> [u8; 32] {
        self.mac(hash).finalize().into_bytes().into()
    }

    /// Whether this key made the signature over that hash. Takes the same time for every wrong signature.
    pub fn has_signed(&self, hash: &[u8; 32], signature: &[u8]) -> bool {
        self.mac(hash).verify_slice(signature).is_ok()
    }

    /// Vouches for records of a tenant that were rewritten, a packed list of them with their present digests (HMAC-SHA256, RFC 2104).
    pub fn vouch(&self, tenant: TenantId, rewritten: &[u8]) -> [u8; 32] {
        self.mac_of_rewritten(tenant, rewritten).finalize().into_bytes().into()
    }

    /// Whether this key vouches for them. Takes the same time for every wrong signature.
    pub fn has_vouched(&self, tenant: TenantId, rewritten: &[u8], signature: &[u8]) -> bool {
        self.mac_of_rewritten(tenant, rewritten).verify_slice(signature).is_ok()
    }

    fn mac_of_rewritten(&self, tenant: TenantId, rewritten: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("an HMAC takes a key of any length");
        mac.chain_update("audit erasure\0").chain_update(tenant.0.to_be_bytes()).chain_update(rewritten)
    }
}

/// The content of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content<'a> {
    /// The time.
    pub at: Timestamp,
    /// The API credential that was used.
    pub credential: Option<&'a str>,
    /// Action, outcome, actor, subject, address and facts.
    pub texts: [&'a str; 6],
    /// Random bytes against guessing the rest from the digest; records of this release and of older ones have none.
    pub salt: Option<&'a [u8]>,
}

/// The entry of a record. The id stands beside the digest, not in it, so a record moved to another id is recognised.
pub fn entry(tenant: TenantId, id: Uuid, content: &Content<'_>) -> Entry {
    Entry { id, digest: Sha256::digest(canonical(tenant, content)).into() }
}

/// The content of a record as bytes; no other content gives the same.
fn canonical(tenant: TenantId, content: &Content<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend(tenant.0.to_be_bytes());
    bytes.extend(content.at.0.to_be_bytes());
    for text in content.texts {
        frame(&mut bytes, text.as_bytes());
    }
    bytes.push(u8::from(content.credential.is_some()));
    frame(&mut bytes, content.credential.unwrap_or_default().as_bytes());
    // Behind all other fields, so that a record without it has the bytes that it always had.
    if let Some(salt) = content.salt {
        frame(&mut bytes, salt);
    }
    bytes
}

fn frame(bytes: &mut Vec<u8>, field: &[u8]) {
    bytes.extend((field.len() as u64).to_be_bytes());
    bytes.extend(field);
}

/// One link of a tenant's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Counted from 1.
    pub number: i64,
    /// How many records it holds.
    pub records: i64,
    /// The list of them, packed, in the order in which they were written.
    pub entries: Vec<u8>,
    /// The hash of the link before; zeros before the first.
    pub previous: Vec<u8>,
    /// The time of sealing.
    pub sealed_at: Timestamp,
}

/// The hash over all fields of a link (SHA-256, FIPS 180-4).
pub fn link_hash(tenant: TenantId, link: &Link) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(link.entries.len() + 96);
    for number in [tenant.0, link.number, link.records, link.sealed_at.0] {
        bytes.extend(number.to_be_bytes());
    }
    frame(&mut bytes, &link.entries);
    frame(&mut bytes, &link.previous);
    Sha256::digest(&bytes).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hex::hex;

    const TENANT: TenantId = TenantId(7);

    /// By another implementation of SHA-256, over the fields of the record below as `canonical` frames them.
    const UNSALTED: &str = "9dc0c19452ffe7e111cbca65afe800e34805fbad26623c922c3a1988093936cc";

    type Said = (i64, Option<String>, Vec<String>, Option<Vec<u8>>);

    fn said() -> impl Strategy<Value = Said> {
        let salt = proptest::option::of(any::<[u8; 3]>().prop_map(Vec::from));
        (any::<i64>(), proptest::option::of(".{0,6}"), proptest::collection::vec(".{0,6}", 6), salt)
    }

    fn bytes((at, credential, texts, salt): &Said) -> Vec<u8> {
        let texts = std::array::from_fn(|nth| texts[nth].as_str());
        let (credential, salt) = (credential.as_deref(), salt.as_deref());
        canonical(TENANT, &Content { at: Timestamp(*at), credential, texts, salt })
    }

    #[test]
    fn the_key_vouches_for_these_records_of_this_tenant_and_for_no_others() {
        let key = AuditKey::new([3; 32]);
        let entry = |id: u8| Entry { id: Uuid::from_u128(id.into()), digest: [id; 32] };
        let [both, swapped, one] =
            [&[1, 2][..], &[2, 1], &[1]].map(|ids| pack(&ids.iter().copied().map(entry).collect::<Vec<_>>()));
        let signature = key.vouch(TENANT, &both);
        assert!(key.has_vouched(TENANT, &both, &signature));
        assert!(!key.has_vouched(TENANT, &swapped, &signature) && !key.has_vouched(TENANT, &one, &signature));
        assert!(!key.has_vouched(TenantId(8), &both, &signature));
        assert!(!AuditKey::new([4; 32]).has_vouched(TENANT, &both, &signature));
        let hash: [u8; 32] = Sha256::digest(b"a link").into();
        assert!(!key.has_vouched(TENANT, &[], &key.sign(&hash)));
    }

    #[test]
    fn a_record_without_a_salt_has_the_digest_that_it_had_before_there_were_any() {
        let texts = ["reset.request", "accepted", "root", "jane", "::1", "{}"];
        let content = Content { at: Timestamp(1), credential: None, texts, salt: None };
        let digest = |content: &Content<'_>| hex(&entry(TENANT, Uuid::nil(), content).digest);
        assert_eq!(digest(&content), UNSALTED);
        assert_ne!(digest(&Content { salt: Some(&[0; 16]), ..content }), UNSALTED);
        assert_ne!(digest(&Content { salt: Some(&[]), ..content }), UNSALTED);
    }

    proptest! {
        #[test]
        fn different_records_have_different_bytes(one in said(), other in said()) {
            prop_assert_eq!(one == other, bytes(&one) == bytes(&other));
        }

        #[test]
        fn text_moved_from_one_field_to_the_next_is_seen(said in said(), moved in ".{1,6}") {
            let (mut one, mut other) = (said.clone(), said);
            one.2[2].push_str(&moved);
            other.2[3].insert_str(0, &moved);
            prop_assert_ne!(bytes(&one), bytes(&other));
        }
    }
}
