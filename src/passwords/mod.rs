//! Passwords: the policy, the list of leaked ones, and hashing.
//!
//! Nothing here knows a database or HTTP. Each new password goes through [`NewPassword`], which refuses it with all its
//! reasons or makes the hash that is stored; [`Hasher`] compares passwords with stored hashes.
//!
//! Promises:
//! - A password is converted to Unicode's form NFKC, when it is set and when it is checked, and counted in code points
//!   of that form. Up to 256 are accepted, more are refused, and none is ever cut (NIST SP 800-63B-4 § 3.1.1.2; ASVS
//!   6.2.8, 6.2.9). A hash made of another form goes on working if that form is typed, and is then replaced.
//! - The whole password is compared with a list of leaked ones that lies in the binary, and every refusal says its
//!   reason (NIST § 3.1.1.2; ASVS 6.2.4, 6.2.11, 6.2.12).
//! - No composition rule and no expiry unless a tenant asks for them (NIST § 3.1.1.2; ASVS 6.2.5, 6.2.10).
//! - Hashing is Argon2id (RFC 9106) at a bounded cost in memory, threads and waiting; a name that nobody has costs the
//!   same as a wrong password; a stored hash that cannot be read is a wrong password.
//! - Nothing derived from a password is cached, and no password is joined with other text before it is hashed.

mod area;
pub mod blocklist;
mod choose;
pub mod foreign;
mod form;
mod hash;
mod policy;
mod reason;
mod strength;

pub use area::{Cost, STORED_MEMORY_KIB_MAX, STORED_WORK_KIB_MAX, Verdict};
pub use choose::NewPassword;
pub use hash::Hasher;
pub use policy::{About, MINIMUM_LENGTH_MIN, is_outlived, rules, validate};
pub use reason::{Reason, Words};
pub use strength::score;

use crate::identity::PasswordPolicy;
use crate::secret::Secret;
use policy::{CODE_POINTS_MAX, check};
use reason::refused;

/// Lists everything that is wrong with a new password, except its history, which needs the store and
/// [`Hasher::matches_any`]. Takes at most about 6 ms (the strength estimate of 100 characters), whatever the length. A
/// leaked password is not also reported as weak.
pub fn judge(policy: &PasswordPolicy, about: &About, typed: &str) -> Vec<Reason> {
    // One code point more than is allowed is enough to see that it is too long.
    let password = Secret::new(form::normal(typed).take(CODE_POINTS_MAX as usize + 1).collect::<String>());
    let password = password.expose();
    let mut reasons = check(policy, password, about);
    if matches!(reasons[..], [Reason::TooLong(_)]) {
        return reasons;
    }
    if blocklist::contains(password) {
        reasons.push(Reason::Leaked);
    } else if policy.minimum_strength > 0 && score(password, &about.weighed()) < policy.minimum_strength {
        reasons.push(Reason::TooWeak);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jane() -> About {
        About { email: "jane@example.com".into(), tenant_name: "Example Corp".into(), ..About::default() }
    }

    #[test]
    fn a_good_passphrase_has_nothing_against_it() {
        for password in ["glacier-tuba-orbit-sandal", "Käse 窓 🦀 orbit, sandal", "  glacier tuba orbit  "] {
            assert_eq!(judge(&PasswordPolicy::default(), &jane(), password), [], "{password}");
        }
    }

    #[test]
    fn every_part_has_its_say() {
        let policy = PasswordPolicy::default();
        assert_eq!(judge(&policy, &jane(), "thereisnocowlevel"), [Reason::Leaked]);
        assert_eq!(judge(&policy, &jane(), "password"), [Reason::TooShort(12), Reason::Leaked]);
        assert_eq!(judge(&policy, &jane(), "abcabcabcabcabcabd"), [Reason::TooWeak]);
        assert_eq!(judge(&policy, &jane(), "Jane-glacier-tuba-orbit"), [Reason::Username]);
        assert_eq!(judge(&policy, &jane(), &"x".repeat(1 << 24)), [Reason::TooLong(256)]);
        let lenient = PasswordPolicy { minimum_strength: 0, ..policy };
        assert_eq!(judge(&lenient, &jane(), "abcabcabcabcabcabd"), []);
    }

    #[test]
    fn what_is_judged_is_what_is_hashed() {
        let policy = PasswordPolicy { minimum_length: 15, minimum_strength: 0, ..PasswordPolicy::default() };
        let zoe = About { email: "zoe\u{308}@example.com".into(), ..jane() };
        for (typed, reasons) in [
            ("ｔｈｅｒｅｉｓｎｏｃｏｗｌｅｖｅｌ", vec![Reason::Leaked]),
            ("e\u{301}u\u{308}a\u{300}o\u{302}n\u{303}c\u{327}i\u{308}", vec![Reason::TooShort(15)]),
            ("Ｊａｎｅ-glacier-tuba-orbit", vec![Reason::Username]),
        ] {
            assert_eq!(judge(&policy, &jane(), typed), reasons, "{typed}");
        }
        assert_eq!(judge(&policy, &zoe, "ZOË@EXAMPLE.COM glacier tuba")[0], Reason::Username);
        assert_eq!(judge(&policy, &jane(), &"e\u{301}".repeat(257)), [Reason::TooLong(256)]);
        assert_eq!(judge(&policy, &jane(), &"\u{fdfa}".repeat(15)), [Reason::TooLong(256)], "18 letters each");
        let long = format!("glacier tuba orbit {}", "e\u{301}".repeat(230));
        assert_eq!(judge(&policy, &jane(), &long), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_the_policy_refuses_stays_refused(password in any::<String>()) {
            let reasons = judge(&PasswordPolicy::default(), &jane(), &password);
            let hashed: String = form::normal(&password).collect();
            prop_assert!(reasons.starts_with(&check(&PasswordPolicy::default(), &hashed, &jane())));
        }
    }
}
