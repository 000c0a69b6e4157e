//! The token of a link: derived when the mail is made, never stored.
//!
//! 48 characters: the tenant, the reset's id and 128 bits of HMAC-SHA256 over both, under the server's
//! own key. The same reset always gives the same token, so a mail that is sent again after a crash
//! carries the same link. A token that we did not make fails before any look-up.
//!
//! A token is for one page only: what was made for the change of an address proves nothing to the page of a password.
//!
//! Text around a token is ignored. Mail programs and people encode the sign before it, or put full stops, brackets,
//! another link or words after it; the signature in the token decides.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::config::PublicUrl;
use crate::identity::{Tenant, TenantId};
use crate::keys::Keys;
use crate::secret::Secret;
use crate::tenants;

/// Which page a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Choosing a password.
    Reset,
    /// Confirming a new address.
    Address,
    /// Setting up a code app in the place of one that an administrator took away.
    Factor,
}

impl Purpose {
    /// What its keys are derived for.
    fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset link",
            Self::Address => "address link",
            Self::Factor => "second factor link",
        }
    }
}

const MAC_LENGTH: usize = 16;
const LENGTH: usize = 4 + 16 + MAC_LENGTH;
/// The length of a token, in base64url (RFC 4648 § 5).
const CHARACTERS: usize = LENGTH / 3 * 4;
/// Appended to a token that would end in a sign which mail programs drop from links. It carries no information.
const STOPPER: char = '0';
/// Signs that mail programs drop at the end of a link, or add there as emphasis.
const SIGNS: [char; 2] = ['-', '_'];
/// The most pieces of a text that are examined. A link has fewer.
const PIECES_MAX: usize = 64;
/// How many layers of encoding are undone.
const ENCODINGS_MAX: usize = 3;

/// The content of a genuine token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The tenant.
    pub tenant: TenantId,
    /// The reset, the change of an address, or what a link to set up a code app is known by.
    pub reset: Uuid,
}

/// The token of a reset; `None` if its key has been removed from the key file.
pub fn token(keys: &Keys, key: i64, claim: Claim) -> Option<Secret<String>> {
    token_for(keys, Purpose::Reset, key, claim)
}

/// The token for a page; as [`token`].
pub fn token_for(keys: &Keys, purpose: Purpose, key: i64, claim: Claim) -> Option<Secret<String>> {
    let tenant = u32::try_from(claim.tenant.0).ok()?.to_be_bytes();
    let mac = keys.mac(key, purpose.word(), &[&tenant, claim.reset.as_bytes()])?;
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend(tenant);
    bytes.extend(claim.reset.as_bytes());
    bytes.extend(&mac[..MAC_LENGTH]);
    let mut token = URL_SAFE_NO_PAD.encode(bytes);
    if token.ends_with(SIGNS) {
        token.push(STOPPER);
    }
    Some(Secret::new(token))
}

/// The content of the genuine token in the text, and the key that made it. The caller must compare that with the key of
/// the reset.
pub fn verify(keys: &Keys, text: &str) -> Option<(Claim, i64)> {
    verify_for(keys, Purpose::Reset, text)
}

/// The content of the genuine token for a page; as [`verify`].
pub fn verify_for(keys: &Keys, purpose: Purpose, text: &str) -> Option<(Claim, i64)> {
    let candidates = candidates(text);
    let proven = || candidates.iter().find_map(|bytes| prove(keys, purpose, bytes));
    // Another process may have made it with a key that was added a moment ago.
    proven().or_else(|| (!candidates.is_empty() && keys.refresh()).then(proven).flatten())
}

/// Whether the text holds anything in the form of a token.
pub fn is_whole(text: &str) -> bool {
    !candidates(text).is_empty()
}

/// Every piece of the text in the form of a token. A link broken over two lines is joined; encoded signs before and
/// after it are dropped.
fn candidates(text: &str) -> Vec<Vec<u8>> {
    let joined: String = text.split_whitespace().collect();
    let tokens = [text, &joined].map(decoded);
    let pieces = tokens.iter().flat_map(|text| text.split(|sign: char| !is_of_a_token(sign))).take(PIECES_MAX);
    pieces.filter_map(|piece| URL_SAFE_NO_PAD.decode(token_of(piece)?).ok()).collect()
}

fn is_of_a_token(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || SIGNS.contains(&sign)
}

/// Percent-encoded signs become blanks (RFC 3986 § 2.1): none of them belongs to a token.
fn decoded(text: &str) -> String {
    let text = (0..ENCODINGS_MAX).fold(text.to_owned(), |text, _| text.replace("%25", "%"));
    let mut pieces = text.split('%');
    let first = pieces.next().unwrap_or_default();
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_hexdigit());
    pieces.fold(first.to_owned(), |text, piece| match piece.split_at_checked(2) {
        Some((code, rest)) if is_code(code) => text + " " + rest,
        _ => text + "%" + piece,
    })
}

/// The token in a piece, without signs appended to it.
fn token_of(piece: &str) -> Option<&str> {
    let (token, rest) = piece.split_at_checked(CHARACTERS)?;
    let rest = rest.trim_end_matches(SIGNS);
    let is_alone = rest.is_empty() || (token.ends_with(SIGNS) && rest.strip_prefix(STOPPER) == Some(""));
    is_alone.then_some(token)
}

/// Where a link leads: to a page of the tenant, with the token behind `#`, where no server, proxy or referrer sees it. The
/// address is the configured one; no request can say another.
pub fn place(public_url: &PublicUrl, tenant: &Tenant, page: &str, token: &Secret<String>) -> String {
    format!("{}{page}#{}", tenants::base_url(tenant, public_url), token.expose())
}

fn prove(keys: &Keys, purpose: Purpose, bytes: &[u8]) -> Option<(Claim, i64)> {
    let (tenant, rest) = bytes.split_first_chunk::<4>()?;
    let (reset, mac) = rest.split_first_chunk::<16>()?;
    let key = keys.numbers().into_iter().find(|key| {
        let expected = keys.mac(*key, purpose.word(), &[tenant, reset]);
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

    #[test]
    fn a_token_for_one_page_proves_nothing_to_another() {
        let (keys, claim) = (keys(), Claim { tenant: TenantId(7), reset: Uuid::from_u128(9) });
        let made = token_for(&keys, Purpose::Address, 1, claim).unwrap();
        assert_eq!(verify_for(&keys, Purpose::Address, made.expose()), Some((claim, 1)));
        assert_eq!(verify(&keys, made.expose()), None);
        assert_eq!(verify_for(&keys, Purpose::Address, token(&keys, 1, claim).unwrap().expose()), None);
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
            // Tokens of earlier releases have nothing appended.
            prop_assert_eq!(verify(&keys, &made.expose()[..CHARACTERS]), Some((claim, 1)));
        }

        #[test]
        fn a_whole_token_is_found_whatever_was_put_around_it(
            id: u128,
            before in "(|#|%23|%2523|%252523|&#35;|code=|https://a.example/reset#| |\\n|<|see )",
            after in "(|\\.|\\)|>|%3E|\"|'|/|,|;|\\?utm_source=mail|&utm_id=7|#|\\]|\\*|_|-|--|%20and more|%| and more)",
            times in 1..3_usize,
        ) {
            let (keys, claim) = (keys(), Claim { tenant: TenantId(7), reset: Uuid::from_u128(id) });
            let text = format!("{before}{}{after}", token(&keys, 1, claim).unwrap().expose());
            let text = vec![text; times].join("#");
            prop_assert!(is_whole(&text));
            prop_assert_eq!(verify(&keys, &text), Some((claim, 1)), "{}", text);
        }

        #[test]
        fn a_token_that_was_broken_over_two_lines_is_joined(id: u128, at in 0..CHARACTERS, gap in "(\\r\\n| |\\t)") {
            let (keys, claim) = (keys(), Claim { tenant: TenantId(7), reset: Uuid::from_u128(id) });
            let made = token(&keys, 1, claim).unwrap();
            let text = format!(" https://a.example/reset#{}{gap}{}.", &made.expose()[..at], &made.expose()[at..]);
            prop_assert_eq!(verify(&keys, &text), Some((claim, 1)), "{}", text);
        }

        #[test]
        fn what_goes_on_is_another_token(id: u128, more in "[A-Za-z1-9]{1,50}", before: bool) {
            let (keys, claim) = (keys(), Claim { tenant: TenantId(7), reset: Uuid::from_u128(id) });
            let made = token(&keys, 1, claim).unwrap().expose().clone();
            let text = if before { format!("{more}{made}") } else { format!("{made}{more}") };
            prop_assert_eq!(verify(&keys, &text), None);
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
