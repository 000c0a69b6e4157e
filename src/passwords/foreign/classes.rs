//! Which scheme is computed for an address without a hash, so that it takes as long as others do.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Stored;
use crate::passwords::area;

/// Sixteen bytes of nothing, in base64: a salt, or an output that no password has.
const NOTHING: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The scheme and cost of a stored hash that did not come from here, without what belongs to one user; `None` for hashes at
/// the default cost of ours, and for what cannot be read. Ours at another cost have one too: what matters is how long they
/// take.
pub fn class(stored: &str) -> Option<String> {
    Stored::read(stored).map(|read| read.class()).or_else(|| area::class(stored))
}

/// A hash to compare with for an address that has none: of one of these classes, chosen by how many of `users` have it. The
/// same address under the same key gets the same, and when the numbers change, only as many addresses change as must: each
/// class draws a number of its own, and the smallest wins (weighted rendezvous hashing). `None` stands for ours.
pub fn decoy(classes: &[(String, i64)], users: i64, key: &[u8; 32], address: &str) -> Option<String> {
    let foreign: i64 = classes.iter().map(|(_, users)| users).sum();
    let ours = ("", users.saturating_sub(foreign));
    let all = classes.iter().map(|(class, users)| (class.as_str(), *users)).chain([ours]);
    let drawn = all.filter(|(_, users)| *users > 0).map(|(class, users)| (draw(key, class, address, users), class));
    let (_, class) = drawn.min_by(|one, other| one.0.total_cmp(&other.0))?;
    (!class.is_empty()).then(|| text(class))
}

/// A hash of the class that no password has.
fn text(class: &str) -> String {
    // The inner salt has the length that bcrypt requires.
    let salt = if class.starts_with("argon2id-") { format!(",is={NOTHING}") } else { String::new() };
    format!("${class}{salt}${NOTHING}${NOTHING}")
}

/// An exponentially distributed number at the rate `users`.
#[allow(clippy::cast_precision_loss, reason = "53 bits are as many as are drawn, and no tenant has 2^53 users")]
fn draw(key: &[u8; 32], class: &str, address: &str, users: i64) -> f64 {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104 § 2)");
    let mac = mac.chain_update(b"decoy").chain_update((class.len() as u64).to_be_bytes());
    let code = mac.chain_update(class.as_bytes()).chain_update(address.as_bytes()).finalize().into_bytes();
    let bits = code.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) >> 11;
    -(((bits + 1) as f64) / ((1_u64 << 53) as f64)).ln() / users as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [5; 32];

    fn shares(classes: &[(&str, i64)], users: i64) -> Vec<Option<String>> {
        let classes: Vec<_> = classes.iter().map(|(class, users)| (class.to_string(), *users)).collect();
        (0..10_000).map(|nth| decoy(&classes, users, &KEY, &format!("{nth}@example.com"))).collect()
    }

    fn of(drawn: &[Option<String>], class: &str) -> usize {
        drawn.iter().flatten().filter(|text| text.starts_with(&format!("${class}$")) || text.contains(class)).count()
    }

    #[test]
    fn unknown_addresses_have_the_mixture_of_known_ones() {
        let drawn = shares(&[("bcrypt$c=12", 50), ("pbkdf2-sha256$i=600000", 30)], 100);
        let (bcrypt, pbkdf2) = (of(&drawn, "bcrypt$c=12"), of(&drawn, "pbkdf2-sha256$i=600000"));
        let ours = drawn.iter().filter(|text| text.is_none()).count();
        assert!((4_700..5_300).contains(&bcrypt) && (2_700..3_300).contains(&pbkdf2), "{bcrypt} {pbkdf2}");
        assert_eq!(bcrypt + pbkdf2 + ours, 10_000);
        assert_eq!(of(&shares(&[("bcrypt$c=12", 7)], 7), "bcrypt$c=12"), 10_000, "all have it");
        assert!(shares(&[], 0).iter().all(Option::is_none));
    }

    #[test]
    fn an_upgrade_moves_few_addresses_and_none_from_one_foreign_scheme_to_ours_but_its_own_share() {
        let before = shares(&[("bcrypt$c=12", 500), ("scrypt$ln=15,r=8,p=1", 500)], 1_000);
        let after = shares(&[("bcrypt$c=12", 490), ("scrypt$ln=15,r=8,p=1", 500)], 1_000);
        let moved = before.iter().zip(&after).filter(|(one, other)| one != other).count();
        assert!((20..300).contains(&moved), "{moved}");
    }

    #[test]
    fn a_decoy_is_read_as_a_hash_of_its_class() {
        for known in [
            "bcrypt$c=12",
            "pbkdf2-sha256$i=600000",
            "scrypt$ln=15,r=8,p=1",
            "sha512-crypt$r=5000",
            "argon2id-ssha1$v=19$m=8,t=1,p=1",
            "argon2id-bcrypt$v=19$m=8,t=1,p=1,ic=6",
            "argon2id$v=19$m=65536,t=1,p=4",
        ] {
            assert_eq!(class(&text(known)).as_deref(), Some(known));
        }
    }
}
