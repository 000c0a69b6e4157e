//! The cookie that holds a session: the tenant's number and 256 random bits.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::identity::TenantId;
use crate::random::Random;
use crate::secret::Secret;

/// The value of a session cookie.
pub struct Cookie {
    /// The session's tenant; the cookie is invalid for any other.
    pub tenant: TenantId,
    secret: Secret<String>,
}

impl Cookie {
    /// The cookie's name. The prefix binds it to the host that set it, and browsers accept it only
    /// over https (RFC 6265bis § 4.1.3.2), so plain http on loopback does without.
    pub fn name(is_https: bool) -> &'static str {
        if is_https { "__Host-tenantry" } else { "tenantry" }
    }

    /// Draws a new cookie.
    pub fn draw(tenant: TenantId, random: &Random) -> Self {
        Self { tenant, secret: Secret::new(URL_SAFE_NO_PAD.encode(random.bytes::<32>())) }
    }

    /// Parses a cookie's value, if it has our format.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, secret) = text.split_once('.')?;
        let tenant = TenantId(tenant.parse().ok()?);
        (secret.len() == 43).then(|| Self { tenant, secret: Secret::new(secret.to_string()) })
    }

    /// The hash that the store keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.expose().as_bytes()).into()
    }

    /// The header that sets it. The cookie lives until the browser closes or the session ends.
    pub fn set(&self, is_https: bool) -> String {
        let secure = if is_https { "; Secure" } else { "" };
        let (name, tenant) = (Self::name(is_https), self.tenant.0);
        format!("{name}={tenant}.{}; Path=/; HttpOnly; SameSite=Lax{secure}", self.secret.expose())
    }

    /// The header that removes it.
    pub fn unset(is_https: bool) -> String {
        Self::unset_as(Self::name(is_https), is_https)
    }

    /// The header that sets one under another name, for so many seconds.
    pub fn set_as(&self, name: &str, seconds: i64, is_https: bool) -> String {
        let secure = if is_https { "; Secure" } else { "" };
        let (tenant, value) = (self.tenant.0, self.secret.expose());
        format!("{name}={tenant}.{value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }

    /// The header that removes one of another name.
    pub fn unset_as(name: &str, is_https: bool) -> String {
        let secure = if is_https { "; Secure" } else { "" };
        format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_was_set_is_read_again() {
        let drawn = Cookie::draw(TenantId(12), &Random::seeded(1));
        let header = drawn.set(true);
        let value = header.split(['=', ';']).nth(1).expect("a value");
        let read = Cookie::parse(value).expect("the shape of ours");
        assert_eq!((read.tenant, read.hash()), (drawn.tenant, drawn.hash()));
    }

    #[test]
    fn a_cookie_is_bound_to_its_host_and_hidden_from_scripts() {
        let header = Cookie::draw(TenantId(12), &Random::seeded(1)).set(true);
        assert!(header.starts_with("__Host-tenantry=12."), "{header}");
        assert!(header.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{header}");
    }

    #[test]
    fn no_two_cookies_are_equal() {
        let random = Random::seeded(1);
        assert_ne!(Cookie::draw(TenantId(12), &random).hash(), Cookie::draw(TenantId(12), &random).hash());
    }

    #[test]
    fn what_has_another_shape_is_no_cookie() {
        for text in ["", ".", "12", "12.", "12.short", "x.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(Cookie::parse(text).is_none(), "{text}");
        }
    }
}
