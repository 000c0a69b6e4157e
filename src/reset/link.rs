//! The token of a link: derived when the mail is made, never kept.
//!
//! 48 characters: the tenant, the reset's id and 128 bits of HMAC-SHA256 over both, under the server's
//! own key. The same reset always gives the same token, so a mail that is sent again after a crash
//! carries the same link. A token that we did not make fails before any look-up.
//!
//! What stands around a token does not count. Mail programs and people encode the sign before it, or put full stops,
//! brackets, another link or words behind it; the token proves itself.

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
/// Of a token, in base64url (RFC 4648 § 5).
const CHARACTERS: usize = LENGTH / 3 * 4;
/// Stands behind a token that would end in a sign which mail programs leave out of a link. It says nothing.
const STOPPER: char = '0';
/// Places at which a token may begin in a text. A whole link has fewer.
const PLACES_MAX: usize = 64;

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
    let mut token = URL_SAFE_NO_PAD.encode(bytes);
    if token.ends_with(['-', '_']) {
        token.push(STOPPER);
    }
    Some(Secret::new(token))
}

/// What the token in the text says, if we made it, and by which key: that must be the one of its reset.
pub fn verify(keys: &Keys, text: &str) -> Option<(Claim, i64)> {
    let candidates = candidates(text);
    let proven = || candidates.iter().find_map(|bytes| prove(keys, bytes));
    // Another process may have made it by a key that was added a moment ago.
    proven().or_else(|| (!candidates.is_empty() && keys.refresh()).then(proven).flatten())
}

/// Whether the text holds anything that has the form of a token, so that it may have been one.
pub fn is_whole(text: &str) -> bool {
    !candidates(text).is_empty()
}

/// Whatever in the text has the form of a token. A link that was broken over two lines is joined.
fn candidates(text: &str) -> Vec<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    let runs = text.split(|sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_')));
    let places = runs.flat_map(|run| run.as_bytes().windows(CHARACTERS)).take(PLACES_MAX);
    places.filter_map(|place| URL_SAFE_NO_PAD.decode(place).ok()).collect()
}

fn prove(keys: &Keys, bytes: &[u8]) -> Option<(Claim, i64)> {
    let (tenant, rest) = bytes.split_first_chunk::<4>()?;
    let (reset, mac) = rest.split_first_chunk::<16>()?;
    let key = keys.numbers().into_iter().find(|key| {
        let expected = keys.mac(*key, PURPOSE, &[tenant, reset]);
        expected.is_some_and(|expected| expected[..MAC_LENGTH].ct_eq(mac).into())
    })?;
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
        assert_eq!(made.expose().trim_end_matches(STOPPER).len(), CHARACTERS);
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
            let mut bytes = URL_SAFE_NO_PAD.decode(&made.expose()[..CHARACTERS]).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(verify(&keys, &URL_SAFE_NO_PAD.encode(bytes)), None);
        }

        #[test]
        fn no_token_ends_in_a_sign_that_mail_programs_leave_out_and_older_ones_still_work(tenant in 0..9_i64, id: u128) {
            let (keys, claim) = (keys(), Claim { tenant: TenantId(tenant), reset: Uuid::from_u128(id) });
            let made = token(&keys, 1, claim).unwrap();
            prop_assert!(made.expose().ends_with(|sign: char| sign.is_ascii_alphanumeric()), "{}", made.expose());
            // Earlier releases put nothing behind them.
            prop_assert_eq!(verify(&keys, &made.expose()[..CHARACTERS]), Some((claim, 1)));
        }

        #[test]
        fn a_whole_token_is_found_whatever_was_put_around_it(
            id: u128,
            before in "(|#|%23|%2523|&#35;|code=|https://a.example/reset#| |\\n|<)",
            after in "(|\\.|\\)|>|%3E|\"|'|/|,|;|\\?utm_source=mail|&utm_id=7|#|\\]|\\*|_|-|--|0|%20and more| and more)",
            at in 0..CHARACTERS,
            gap in "(|\\r\\n| |\\t)",
            times in 1..3_usize,
        ) {
            let (keys, claim) = (keys(), Claim { tenant: TenantId(7), reset: Uuid::from_u128(id) });
            let made = token(&keys, 1, claim).unwrap();
            let torn = format!("{}{gap}{}", &made.expose()[..at], &made.expose()[at..]);
            let text = format!("{before}{torn}{after}").repeat(times);
            prop_assert!(is_whole(&text));
            prop_assert_eq!(verify(&keys, &text), Some((claim, 1)), "{}", text);
        }

        #[test]
        fn what_was_cut_off_is_not_taken_for_a_token(id: u128, length in 0..CHARACTERS) {
            let (keys, claim) = (keys(), Claim { tenant: TenantId(7), reset: Uuid::from_u128(id) });
            let cut = token(&keys, 1, claim).unwrap().expose()[..length].to_owned();
            prop_assert!(!is_whole(&cut));
            prop_assert_eq!(verify(&keys, &cut), None);
        }

        #[test]
        fn no_text_is_taken_for_a_token(text in ".{0,80}") {
            prop_assert_eq!(verify(&keys(), &text), None);
        }
    }
}
