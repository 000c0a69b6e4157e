//! The token of a link: derived when the mail is made, never kept.
//!
//! 48 characters: the tenant, the reset's id and 128 bits of HMAC-SHA256 over both, under the server's
//! own key. The same reset always gives the same token, so a mail that is sent again after a crash
//! carries the same link. A token that we did not make fails before any look-up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::identity::TenantId;
use crate::keys::Keys;
use crate::secret::Secret;

const PURPOSE: &str = "reset link";
const MAC_LENGTH: usize = 16;
const LENGTH: usize = 4 + 16 + MAC_LENGTH;

/// What a token that we made says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The tenant.
    pub tenant: TenantId,
    /// The reset.
    pub reset: Uuid,
}

/// The token of a reset; none when its key has been taken out of the key file.
pub fn token(keys: &Keys, key: i64, claim: Claim) -> Option<Secret<String>> {
    let tenant = u32::try_from(claim.tenant.0).ok()?.to_be_bytes();
    let mac = keys.mac(key, PURPOSE, &[&tenant, claim.reset.as_bytes()])?;
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend(tenant);
    bytes.extend(claim.reset.as_bytes());
    bytes.extend(&mac[..MAC_LENGTH]);
    Some(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// What the token says, if we made it, and by which key: that must be the one of its reset. Pasted spaces around it do no
/// harm.
pub fn verify(keys: &Keys, text: &str) -> Option<(Claim, i64)> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok().filter(|bytes| bytes.len() == LENGTH)?;
    let (tenant, rest) = bytes.split_first_chunk::<4>()?;
    let (reset, mac) = rest.split_first_chunk::<16>()?;
    let made_by = || {
        keys.numbers().into_iter().find(|key| {
            let expected = keys.mac(*key, PURPOSE, &[tenant, reset]);
            expected.is_some_and(|expected| expected[..MAC_LENGTH].ct_eq(mac).into())
        })
    };
    // Another process may have made it by a key that was added a moment ago.
    let key = made_by().or_else(|| keys.refresh().then(made_by).flatten())?;
    Some((Claim { tenant: TenantId(u32::from_be_bytes(*tenant).into()), reset: Uuid::from_bytes(*reset) }, key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::Random;

    fn keys() -> Keys {
        let directory = tempfile::tempdir().unwrap();
        Keys::open(&directory.path().join("link.keys"), true, &Random::seeded(1)).unwrap()
    }

    #[test]
    fn a_token_says_what_it_was_made_for_and_is_always_the_same() {
        let (keys, claim) = (keys(), Claim { tenant: TenantId(7), reset: Uuid::from_u128(9) });
        let made = token(&keys, 1, claim).unwrap();
        assert_eq!(made.expose().len(), 48);
        assert_eq!(token(&keys, 1, claim).unwrap().expose(), made.expose());
        assert_eq!(verify(&keys, made.expose()), Some((claim, 1)));
    }

    #[test]
    fn a_link_by_a_key_that_only_another_process_knows_yet_is_ours() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        let random = Random::system();
        let (here, there) = (Keys::open(&path, true, &random).unwrap(), Keys::open(&path, false, &random).unwrap());
        crate::keys::rotate(&path, &random).unwrap();
        assert!(there.refresh());
        let claim = Claim { tenant: TenantId(7), reset: Uuid::from_u128(9) };
        let made = token(&there, there.current(), claim).unwrap();
        assert_eq!(verify(&here, made.expose()), Some((claim, 2)));
    }

    proptest! {
        #[test]
        fn a_token_that_differs_in_any_bit_is_not_ours(bit in 0..LENGTH * 8) {
            let keys = keys();
            let made = token(&keys, 1, Claim { tenant: TenantId(7), reset: Uuid::from_u128(9) }).unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(made.expose()).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(verify(&keys, &URL_SAFE_NO_PAD.encode(bytes)), None);
        }

        #[test]
        fn no_text_is_taken_for_a_token(text in ".{0,80}") {
            prop_assert_eq!(verify(&keys(), &text), None);
        }
    }
}
