//! The cookie that marks a browser as known: a user has signed in with it, or has chosen a password by a link.
//!
//! It grants no access. It only gives the browser a guess count of its own, which strangers cannot use up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::identity::TenantId;
use crate::keys::Keys;

/// The longest that browsers keep a cookie (RFC 6265bis § 5.5), in seconds.
const MAX_AGE_SECONDS: u32 = 400 * 24 * 3600;

/// The name of the cookie.
pub fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-tenantry-device" } else { "tenantry-device" }
}

/// The key of its seal.
pub fn key(keys: &Keys) -> [u8; 32] {
    keys.lasting("known device")
}

/// The header that sets the cookie for a user.
pub fn set(key: &[u8; 32], tenant: TenantId, user: Uuid, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    let seal = URL_SAFE_NO_PAD.encode(sealing(key, tenant, user).finalize().into_bytes());
    let (name, user) = (name(is_https), user.simple());
    format!("{name}={user}.{seal}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE_SECONDS}{secure}")
}

/// The user that the cookie names; `None` if the seal is not ours.
pub fn read(key: &[u8; 32], tenant: TenantId, value: &str) -> Option<Uuid> {
    let (user, seal) = value.split_once('.')?;
    let user = Uuid::try_parse(user).ok()?;
    let seal = URL_SAFE_NO_PAD.decode(seal).ok()?;
    sealing(key, tenant, user).verify_slice(&seal).ok().map(|()| user)
}

fn sealing(key: &[u8; 32], tenant: TenantId, user: Uuid) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104 § 2)");
    mac.chain_update(b"device").chain_update(tenant.0.to_be_bytes()).chain_update(user.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [3; 32];
    const TENANT: TenantId = TenantId(12);

    fn value() -> String {
        let header = set(&KEY, TENANT, Uuid::from_bytes([9; 16]), true);
        header.split(['=', ';']).nth(1).expect("a value").to_string()
    }

    #[test]
    fn a_device_is_known_again() {
        assert_eq!(read(&KEY, TENANT, &value()), Some(Uuid::from_bytes([9; 16])));
    }

    #[test]
    fn a_cookie_counts_for_its_key_tenant_and_user_alone() {
        let other_user = value().replacen("09", "08", 1);
        assert_eq!(read(&[4; 32], TENANT, &value()), None);
        assert_eq!(read(&KEY, TenantId(13), &value()), None);
        assert_eq!(read(&KEY, TENANT, &other_user), None);
        assert_eq!(read(&KEY, TENANT, "nonsense"), None);
    }
}
