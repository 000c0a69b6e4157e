//! The two schemes over MD5 that no kept crate has: `md5-crypt` (FreeBSD's `crypt`, with Apache's variant) and phpass. They
//! are computed only beneath Argon2.

use md5::{Digest, Md5};

const ROUNDS: usize = 1_000;

/// `$1$` and `$apr1$`: the 16 bytes before they are spelt in `crypt`'s order.
pub(super) fn md5_crypt(password: &[u8], salt: &[u8], magic: &[u8]) -> Vec<u8> {
    let alternate = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut first = Md5::new().chain_update(password).chain_update(magic).chain_update(salt);
    for start in (0..password.len()).step_by(alternate.len()) {
        first.update(&alternate[..alternate.len().min(password.len() - start)]);
    }
    let mut length = password.len();
    while length > 0 {
        // A quirk of the first implementation, which all others share.
        first.update(if length & 1 == 1 { &[0] } else { &password[..1] });
        length >>= 1;
    }
    let mut digest = first.finalize();
    for round in 0..ROUNDS {
        let mut next = Md5::new();
        next.update(if round % 2 == 1 { password } else { &digest });
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(if round % 2 == 1 { &digest[..] } else { password });
        digest = next.finalize();
    }
    digest.to_vec()
}

/// phpass, `$P$` and `$H$`: 2 to the power of `ln` rounds of MD5.
pub(super) fn phpass(password: &[u8], salt: &[u8], ln: u32) -> Vec<u8> {
    let mut digest = Md5::new().chain_update(salt).chain_update(password).finalize();
    for _ in 0..1_u32 << ln {
        digest = Md5::new().chain_update(digest).chain_update(password).finalize();
    }
    digest.to_vec()
}
