//! The secret of a webhook and the signatures by it (Standard Webhooks 1.0.0: HMAC-SHA256 over id, time and body).
//!
//! A secret is derived: HMAC under the server's lasting key over tenant, webhook and a seed that was drawn. The store holds the
//! seed alone, from which nobody can sign.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use super::rows::{Seed, Webhook};
use crate::clock::{SECOND, Timestamp};
use crate::identity::TenantId;
use crate::keys::Keys;
use crate::secret::Secret;

/// So long the former secret signs too, after another has taken its place.
pub(super) const OVERLAP_SECONDS: i64 = 24 * 3600;

const PURPOSE: &str = "webhook";

fn key(keys: &Keys, tenant: TenantId, webhook: Uuid, seed: &Seed) -> Secret<[u8; 32]> {
    Secret::new(keys.lasting_mac(PURPOSE, &[&tenant.0.to_be_bytes(), webhook.as_bytes(), seed]))
}

/// The secret as receivers keep it.
pub(super) fn shown(keys: &Keys, tenant: TenantId, webhook: Uuid, seed: &Seed) -> String {
    format!("whsec_{}", STANDARD.encode(key(keys, tenant, webhook, seed).expose()))
}

/// The header `webhook-id` of a delivery.
pub(super) fn message_id(delivery: Uuid) -> String {
    format!("msg_{}", delivery.simple())
}

/// The header `webhook-timestamp`.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(SECOND)
}

/// The header `webhook-signature`: by the secret, and by the former one as long as that counts.
pub(super) fn signatures(keys: &Keys, tenant: TenantId, webhook: &Webhook, sent: (&str, Timestamp, &str)) -> String {
    let former = webhook.old_seed.filter(|_| webhook.old_until.is_some_and(|until| sent.1 < until));
    let seeds = [Some(webhook.seed), former];
    let signed = seeds.iter().flatten().map(|seed| signature(&key(keys, tenant, webhook.id, seed), sent));
    signed.collect::<Vec<_>>().join(" ")
}

fn signature(key: &Secret<[u8; 32]>, (id, at, body): (&str, Timestamp, &str)) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{}.{body}", seconds(at)).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of the specification's libraries.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#);
        mac.update(format!("{id}.{}.{body}", seconds(Timestamp(1_614_265_330 * SECOND + 999_999))).as_bytes());
        assert_eq!(STANDARD.encode(mac.finalize().into_bytes()), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_seed_webhook_and_tenant_has_a_secret_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::open(&directory.path().join("link.keys"), true, &Random::seeded(1)).unwrap();
        let secret = |tenant, webhook, seed: u8| shown(&keys, TenantId(tenant), Uuid::from_u128(webhook), &[seed; 16]);
        let first = secret(1, 1, 1);
        assert!(first.starts_with("whsec_") && STANDARD.decode(&first[6..]).unwrap().len() == 32, "{first}");
        assert_eq!(first, secret(1, 1, 1));
        for other in [secret(2, 1, 1), secret(1, 2, 1), secret(1, 1, 2)] {
            assert_ne!(first, other);
        }
    }
}
