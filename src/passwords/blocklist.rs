//! The leaked passwords that every attacker tries first. They are refused.
//!
//! `blocklist.bin` holds, sorted and without repeats, the first 40 bits of the SHA-256 of each listed password in lower
//! case. It is part of the binary and is searched in place: nothing is loaded, so nothing can fail to load. With n
//! entries an unlisted password is refused by accident with a chance of n / 2^40: for 290,000 entries 2.6e-7. 32 bits
//! would make that 6.8e-5, and 48 bits would cost a fifth more for nothing that anyone could notice.
//!
//! The list and the candidate are both in lower case, so one look-up covers every way to capitalise a listed password.
//!
//! The source of the list, and how to make it anew: `docs/decisions/0010-password-blocklist.md`.

use sha2::{Digest, Sha256};

/// Bytes kept of each hash.
pub const WIDTH: usize = 5;

static LIST: &[u8] = include_bytes!("blocklist.bin");

/// The entry under which a password is listed.
pub fn entry(password: &str) -> [u8; WIDTH] {
    let digest = Sha256::digest(password.to_lowercase().as_bytes());
    let mut entry = [0; WIDTH];
    entry.copy_from_slice(&digest[..WIDTH]);
    entry
}

/// Whether the whole password is known from leaks (NIST SP 800-63B-4 § 3.1.1.2, ASVS 6.2.4 and 6.2.12). Takes about a
/// microsecond for a password of usual length.
pub fn contains(password: &str) -> bool {
    entries().binary_search(&entry(password)).is_ok()
}

/// How many passwords are listed.
pub fn len() -> usize {
    entries().len()
}

fn entries() -> &'static [[u8; WIDTH]] {
    LIST.as_chunks().0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_list_is_sorted_without_repeats_and_whole() {
        assert!(entries().windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(LIST.len() % WIDTH, 0);
        assert!(LIST.len() < 1_500_000);
    }

    #[test]
    fn an_accident_is_rarer_than_one_in_a_million() {
        assert!(len() >= 50_000);
        assert!((len() as f64) / 2_f64.powi(40) < 1e-6);
    }

    #[test]
    fn well_known_passwords_are_refused_however_they_are_capitalised() {
        for password in [
            "password",
            "12345678",
            "PassWord1",
            "1qaz2wsx3edc",
            "qwertyuiop",
            "iloveyou1",
            "thereisnocowlevel",
            "Passwort",
        ] {
            assert!(contains(password), "{password}");
        }
    }

    #[test]
    fn only_the_whole_password_counts() {
        for password in
            ["", "password and then nine more words", "glacier-tuba-orbit-sandal", " password", "ｐａｓｓｗｏｒｄ"]
        {
            assert!(!contains(password), "{password}");
        }
    }

    proptest! {
        #[test]
        fn capitals_change_nothing(capital in prop::collection::vec(any::<bool>(), 12)) {
            let typed: String = "1qaz2wsx3edc"
                .chars()
                .zip(capital)
                .map(|(letter, up)| if up { letter.to_ascii_uppercase() } else { letter })
                .collect();
            prop_assert!(contains(&typed));
        }

        #[test]
        fn random_text_is_not_listed(password in "[!-~]{16,64}") {
            prop_assert!(!contains(&password));
        }
    }
}
