//! The codes themselves, made anew each time from what the store holds and a key that it does not hold.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::ConstantTimeEq;
use totp_rs::{Builder, Secret as Bytes, Totp};
use uuid::Uuid;

use crate::clock::{SECOND, Timestamp};
use crate::identity::{TenantId, UserId};
use crate::keys::Keys;
use crate::secret::Secret;

/// For how long a code is shown, in seconds (RFC 6238 § 5.2).
pub(super) const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose code counts too (RFC 6238 § 5.2).
const SKEW: u16 = 1;
/// A wrong code is looked for this many steps away, to tell in the record why it was refused.
const FAR: i64 = 20;
/// The recovery codes of a user.
pub(super) const RECOVERY_CODES: u8 = 10;
const RECOVERY_BYTES: usize = 10;
const RECOVERY_LETTERS: usize = 16;
/// What stands in an address as it is (RFC 3986 § 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Whose codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
}

impl Owner {
    fn derive(self, keys: &Keys, purpose: &str, seed: &Uuid, nth: u8) -> [u8; 32] {
        let (tenant, user) = (self.tenant.0.to_be_bytes(), self.user.0.to_be_bytes());
        keys.lasting_mac(purpose, &[&tenant, &user, seed.as_bytes(), &[nth]])
    }
}

/// A code app: six digits by HMAC-SHA-1, each for 30 seconds.
pub struct App(Totp);

impl App {
    /// The app that was, or is being, set up from this seed.
    pub fn new(keys: &Keys, owner: Owner, seed: &Uuid) -> Self {
        let derived = owner.derive(keys, "code app", seed, 0);
        let (secret, _) = derived.split_first_chunk::<20>().expect("20 of 32 bytes");
        Self::of_secret(Bytes::new_stack(*secret))
    }

    fn of_secret(secret: Bytes) -> Self {
        Self(Builder::new().with_secret(secret).with_skew(SKEW).build_noncompliant())
    }

    /// The secret that the app is given, in base32 (RFC 4648 § 6).
    pub fn secret(&self) -> Secret<String> {
        Secret::new(self.0.secret().to_base32())
    }

    /// The address that an app reads from a picture.
    pub fn address(&self, issuer: &str, email: &str) -> Secret<String> {
        // A colon separates the two names.
        let issuer: String = issuer.replace(':', " ");
        let (issuer, email) = (utf8_percent_encode(&issuer, UNRESERVED), utf8_percent_encode(email, UNRESERVED));
        Secret::new(format!("otpauth://totp/{issuer}:{email}?secret={}&issuer={issuer}", self.secret().expose()))
    }

    /// The step whose code this is, among the present one and those beside it.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        self.0.check(&plain(code), seconds(now)).and_then(|step| i64::try_from(step).ok())
    }

    /// By how many seconds the clock of the app that showed this code is ahead, if it is off and by no more than ten minutes.
    pub(super) fn seconds_off(&self, code: &str, now: Timestamp) -> Option<i64> {
        let at = |steps: i64| now.plus_seconds(steps * STEP_SECONDS);
        let mut off = (1..=FAR).flat_map(|steps| [steps, -steps]);
        off.find(|steps| self.0.generate(seconds(at(*steps))).to_string() == code).map(|steps| steps * STEP_SECONDS)
    }
}

/// The number of the present step.
pub(super) fn step(now: Timestamp) -> i64 {
    now.0.div_euclid(SECOND * STEP_SECONDS)
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.0 / SECOND).unwrap_or_default()
}

/// Every recovery code that comes from this seed, in groups of four letters.
pub fn recovery_codes(keys: &Keys, owner: Owner, seed: &Uuid) -> Vec<String> {
    (0..RECOVERY_CODES).map(|nth| in_groups(&recovery_code(keys, owner, seed, nth), "-")).collect()
}

/// Which of the recovery codes this is.
pub(super) fn nth_recovery_code(keys: &Keys, owner: Owner, seed: &Uuid, typed: &str) -> Option<u8> {
    let is_it = |nth: &u8| recovery_code(keys, owner, seed, *nth).as_bytes().ct_eq(typed.as_bytes()).into();
    (0..RECOVERY_CODES).find(is_it)
}

fn recovery_code(keys: &Keys, owner: Owner, seed: &Uuid, nth: u8) -> String {
    Bytes::from(&owner.derive(keys, "recovery code", seed, nth)[..RECOVERY_BYTES]).to_base32()
}

/// The text in groups of four.
fn in_groups(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// What someone typed where a code is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Six digits.
    Code(String),
    /// The letters of a recovery code.
    Recovery(String),
    /// Neither.
    Other,
}

impl Typed {
    /// Blanks and hyphens do not count, nor does the case of letters.
    pub(super) fn read(text: &str) -> Self {
        let text = plain(text);
        if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Code(text)
        } else if text.len() == RECOVERY_LETTERS {
            Self::Recovery(text)
        } else {
            Self::Other
        }
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    const OWNER: Owner = Owner { tenant: TenantId(7), user: UserId(9) };
    const SEED: Uuid = Uuid::from_bytes([5; 16]);

    fn keys() -> Keys {
        let directory = tempfile::tempdir().unwrap();
        Keys::open(&directory.path().join("link.keys"), true, &Random::seeded(1)).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(0).plus_seconds(seconds)
    }

    /// The vectors for SHA-1 (RFC 6238, appendix B), of which six digits are the last ones of eight.
    #[test]
    fn codes_are_those_of_the_standard() {
        let app = App::of_secret(Bytes::new_stack(*b"12345678901234567890"));
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(app.step_of(&code[2..], at(seconds)), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_counts_in_its_step_and_in_those_beside_it() {
        let app = App::new(&keys(), OWNER, &SEED);
        let now = at(1_772_615_727);
        let of = |steps: i64| app.0.generate(seconds(now.plus_seconds(steps * STEP_SECONDS))).to_string();
        let found = |steps: i64| app.step_of(&of(steps), now).map(|found| found - step(now));
        assert_eq!([-2, -1, 0, 1, 2].map(found), [None, Some(-1), Some(0), Some(1), None]);
        assert_eq!((app.seconds_off(&of(-8), now), app.seconds_off(&of(21), now)), (Some(-240), None));
        for text in ["", "12345", "1234567", "+12345", "12a456", "１２３４５６"] {
            assert_eq!(app.step_of(text, now), None, "{text}");
        }
    }

    #[test]
    fn no_two_seeds_users_or_tenants_have_the_same_secret() {
        let keys = keys();
        let of = |tenant, user, seed: u8| {
            let owner = Owner { tenant: TenantId(tenant), user: UserId(user) };
            App::new(&keys, owner, &Uuid::from_bytes([seed; 16])).secret().expose().clone()
        };
        let all = [of(1, 1, 1), of(2, 1, 1), of(1, 2, 1), of(1, 1, 2)];
        assert!(all.iter().enumerate().all(|(nth, one)| one.len() == 32 && !all[nth + 1..].contains(one)), "{all:?}");
    }

    #[test]
    fn each_recovery_code_is_found_however_it_is_typed() {
        let keys = keys();
        let codes = recovery_codes(&keys, OWNER, &SEED);
        assert_eq!(codes.len(), 10);
        for (nth, code) in codes.iter().enumerate() {
            assert_eq!(code.len(), 19, "{code}");
            let Typed::Recovery(typed) = Typed::read(&format!(" {} ", code.to_lowercase().replace('-', " "))) else {
                panic!("{code}")
            };
            assert_eq!(nth_recovery_code(&keys, OWNER, &SEED, &typed), u8::try_from(nth).ok());
        }
        assert_eq!(nth_recovery_code(&keys, OWNER, &SEED, "AAAABBBBCCCCDDDD"), None);
        assert_eq!(Typed::read("123 456"), Typed::Code("123456".into()));
        assert_eq!([Typed::read("1234567"), Typed::read("")], [Typed::Other, Typed::Other]);
    }

    #[test]
    fn names_stand_in_the_address_of_an_app_as_they_are() {
        let app = App::new(&keys(), OWNER, &SEED);
        let address = app.address("Acme: Söhne & Co", "jane+x@example.com");
        let secret = app.secret();
        let wanted = format!(
            "otpauth://totp/Acme%20%20S%C3%B6hne%20%26%20Co:jane%2Bx%40example.com?secret={}&issuer=Acme%20%20S%C3%B6hne%20%26%20Co",
            secret.expose()
        );
        assert_eq!(*address.expose(), wanted);
    }
}
