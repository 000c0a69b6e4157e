//! The texts in which other products write hashes.

use super::decode::{bytes, from_ab64, from_bcrypt, from_hex, is_hex, logarithm, number, param, power};
use super::digest::Digest;
use super::scheme::Scheme;
use super::{Kind, Refused, order, stored};

/// Salts up to this many bytes fit a PHC string.
const SALT_BYTES_MAX: usize = 48;
/// Shorter salts do not fit as a salt of their own.
const SALT_BYTES_MIN: usize = 8;
/// Shorter outputs than 128 bits are no hash of a password.
const OUTPUT_BYTES_MIN: usize = 16;
/// No hash in any form is longer.
const TEXT_BYTES_MAX: usize = 1_024;

/// Where one spelling has two meanings, told by the format of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// As the specification of the scheme has it.
    #[default]
    Usual,
    /// Ory Kratos: the `ln` of scrypt is N itself.
    Kratos,
}

pub(super) type Read<T = Kind> = Result<T, Refused>;

/// Reads a text by its beginning; nothing is tried in turn.
pub(super) fn read(text: &str, dialect: Dialect) -> Read {
    if text.len() > TEXT_BYTES_MAX || !text.is_ascii() {
        return Err(if text.starts_with(['$', '{']) { Refused::Malformed } else { Refused::Plain });
    }
    if text.starts_with('{') {
        return bare(text);
    }
    let parts: Vec<_> = text.split('$').collect();
    match parts[..] {
        [""] => Err(Refused::Unsafe),
        ["", id, ..] => modular(text, id, &parts[2..], dialect),
        ["argon2", ..] => argon2(text.strip_prefix("argon2").unwrap_or_default()),
        ["bcrypt", "", ..] => bcrypt(&parts[3..], parts.get(2).copied().unwrap_or_default(), false),
        ["bcrypt_sha256", "", ..] => bcrypt(&parts[3..], parts.get(2).copied().unwrap_or_default(), true),
        ["pbkdf2_sha256", rounds, salt, hash] => pbkdf2(Digest::Sha256, rounds, salt.into(), bytes(hash)?),
        ["pbkdf2_sha1", rounds, salt, hash] => pbkdf2(Digest::Sha1, rounds, salt.into(), bytes(hash)?),
        ["scrypt", n, salt, r, p, hash] => scrypt(logarithm(n)?, number(r)?, number(p)?, salt.into(), bytes(hash)?),
        [first, salt, hash] if first.starts_with("pbkdf2:") || first.starts_with("scrypt:") => {
            werkzeug(first, salt, from_hex(hash)?)
        }
        [one] => bare(one),
        _ => Err(Refused::Plain),
    }
}

/// What begins with `$`.
fn modular(text: &str, id: &str, rest: &[&str], dialect: Dialect) -> Read {
    match (id, rest) {
        ("argon2id" | "argon2i" | "argon2d", _) => argon2(text),
        ("2a" | "2b" | "2y", _) => bcrypt(rest, id, false),
        ("2x" | "2" | "3" | "NT" | "md5" | "sha1" | "sha256" | "sha512", [] | [_]) | ("2x" | "2" | "3" | "NT", _) => {
            Err(Refused::Unsafe)
        }
        ("sha256-crypt" | "sha512-crypt", [params, _, _]) if params.starts_with("r=") => match stored::is_ours(text) {
            true => Ok(Kind::Kept(text.into())),
            false => Err(Refused::Malformed),
        },
        ("5" | "sha256-crypt", _) => sha_crypt(Digest::Sha256, rest),
        ("6" | "sha512-crypt", _) => sha_crypt(Digest::Sha512, rest),
        ("1", [salt, hash]) => md5_crypt(false, salt, hash),
        ("apr1", [salt, hash]) => md5_crypt(true, salt, hash),
        ("P" | "H", [all]) => phpass(all),
        ("scrypt", [params, salt, hash]) => {
            let ln = match dialect {
                Dialect::Usual => param(params, "ln")?,
                Dialect::Kratos => power(param(params, "ln")?)?,
            };
            scrypt(ln, param(params, "r")?, param(params, "p")?, bytes(salt)?, bytes(hash)?)
        }
        ("pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512", [params, salt, hash]) => {
            let digest = Digest::named(id.strip_prefix("pbkdf2-").unwrap_or("sha1")).ok_or(Refused::Unknown)?;
            let rounds = match params.contains('=') {
                true => params.split(',').find_map(|pair| pair.strip_prefix("i=")).ok_or(Refused::Malformed)?,
                false => params,
            };
            pbkdf2(digest, rounds, from_ab64(salt)?, from_ab64(hash)?)
        }
        ("md5" | "sha1" | "sha256" | "sha512", [template, salt, hash]) => {
            let digest = Digest::named(id).ok_or(Refused::Unknown)?;
            let template = bytes(template.strip_prefix("pf=").ok_or(Refused::Malformed)?)?;
            around(digest, &template, &bytes(salt)?, bytes(hash)?)
        }
        (_, [hash, key]) if id.starts_with("hmac-") => {
            let digest = Digest::named(id.strip_prefix("hmac-").unwrap_or_default()).ok_or(Refused::Unknown)?;
            let hex = String::from_utf8(bytes(hash)?).map_err(|_| Refused::Malformed)?;
            keyed(digest, bytes(key)?, from_hex(&hex)?)
        }
        (_, [_]) if id.starts_with("hmac-") => Err(Refused::KeyMissing),
        _ if stored::is_ours(text) => Ok(Kind::Kept(text.into())),
        ("1" | "apr1" | "P" | "H" | "scrypt" | "pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512", _) => {
            Err(Refused::Malformed)
        }
        _ => Err(Refused::Unknown),
    }
}

/// What has no `$` at all, or an LDAP prefix.
fn bare(text: &str) -> Read {
    let is_digest = matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128) && is_hex(text);
    let is_mysql = text.len() == 41 && text.starts_with('*') && is_hex(&text[1..]);
    match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((name, rest)) => ldap(name, rest),
        None if is_digest || is_mysql => Err(Refused::Unsafe),
        None => Err(Refused::Plain),
    }
}

/// `{SCHEME}` and what follows it (RFC 3112 and the usage of LDAP servers).
fn ldap(name: &str, rest: &str) -> Read {
    let name = name.to_ascii_uppercase();
    let salted = |digest: Digest| {
        let mut all = bytes(rest)?;
        if all.len() <= digest.bytes() {
            return Err(if all.len() == digest.bytes() { Refused::Unsafe } else { Refused::Malformed });
        }
        let salt = all.split_off(digest.bytes());
        fast(Scheme::Salted { digest, before: Vec::new() }, salt, all)
    };
    match name.as_str() {
        "SMD5" => salted(Digest::Md5),
        "SSHA" => salted(Digest::Sha1),
        "SSHA256" => salted(Digest::Sha256),
        "SSHA512" => salted(Digest::Sha512),
        "SHA" | "MD5" | "SHA256" | "SHA512" | "NT" | "LANMAN" => Err(Refused::Unsafe),
        "CRYPT" if rest.starts_with('$') => read(rest, Dialect::Usual),
        // The two old forms: of DES, and of BSDi.
        "CRYPT" if rest.len() == 13 || rest.starts_with('_') => Err(Refused::Unsafe),
        "CRYPT" => Err(Refused::Malformed),
        "BCRYPT" | "ARGON2" if rest.starts_with('$') => read(rest, Dialect::Usual),
        "CLEARTEXT" | "CLEAR" | "PLAIN" => Err(Refused::Plain),
        "PBKDF2" | "PBKDF2-SHA1" | "PBKDF2-SHA256" | "PBKDF2-SHA512" => {
            let digest = name.strip_prefix("PBKDF2-").unwrap_or("SHA1").to_ascii_lowercase();
            let digest = Digest::named(&digest).ok_or(Refused::Unknown)?;
            match rest.split('$').collect::<Vec<_>>()[..] {
                [rounds, salt, hash] => pbkdf2(digest, rounds, from_ab64(salt)?, from_ab64(hash)?),
                _ => Err(Refused::Malformed),
            }
        }
        _ => Err(Refused::Unknown),
    }
}

pub(super) fn argon2(text: &str) -> Read {
    let kept = crate::passwords::area::read_argon2(text)?;
    match Scheme::quick_argon2(&kept) {
        Some((scheme, salt, output)) => fast(scheme, salt, output),
        None => Ok(Kind::Kept(kept)),
    }
}

fn bcrypt(rest: &[&str], version: &str, prehashed: bool) -> Read {
    if version == "2x" {
        return Err(Refused::Unsafe);
    }
    let ([cost, all], "2a" | "2b" | "2y") = (rest, version) else { return Err(Refused::Malformed) };
    if all.len() != 53 {
        return Err(Refused::Malformed);
    }
    let scheme = Scheme::Bcrypt { cost: number(cost)?, prehashed };
    taken(scheme, from_bcrypt(&all[..22])?, from_bcrypt(&all[22..])?)
}

fn pbkdf2(digest: Digest, rounds: &str, salt: Vec<u8>, output: Vec<u8>) -> Read {
    taken(Scheme::Pbkdf2 { digest, rounds: number(rounds)? }, salt, output)
}

fn scrypt(ln: u32, r: u32, p: u32, salt: Vec<u8>, output: Vec<u8>) -> Read {
    taken(Scheme::Scrypt { ln, r, p }, salt, output)
}

/// `pbkdf2:sha256:n` or `scrypt:N:r:p`, then the salt as text.
fn werkzeug(first: &str, salt: &str, output: Vec<u8>) -> Read {
    match first.split(':').collect::<Vec<_>>()[..] {
        ["pbkdf2", digest, rounds] => {
            pbkdf2(Digest::named(digest).ok_or(Refused::Unknown)?, rounds, salt.into(), output)
        }
        ["scrypt", n, r, p] => scrypt(logarithm(n)?, number(r)?, number(p)?, salt.into(), output),
        _ => Err(Refused::Malformed),
    }
}

fn sha_crypt(digest: Digest, rest: &[&str]) -> Read {
    let (rounds, salt, hash) = match *rest {
        [salt, hash] => (5_000, salt, hash),
        [rounds, salt, hash] => (number(rounds.strip_prefix("rounds=").ok_or(Refused::Malformed)?)?, salt, hash),
        _ => return Err(Refused::Malformed),
    };
    // What is more than sixteen bytes of salt never counted.
    let salt = &salt[..salt.len().min(16)];
    let order = order::sha(digest.bytes());
    let output = order::decoded(hash, &order, digest.bytes()).ok_or(Refused::Malformed)?;
    taken(Scheme::ShaCrypt { digest, rounds }, salt.into(), output)
}

fn md5_crypt(is_apache: bool, salt: &str, hash: &str) -> Read {
    let order = order::MD5;
    let output = order::decoded(hash, &order, 16).ok_or(Refused::Malformed)?;
    fast(Scheme::Md5Crypt { is_apache }, salt[..salt.len().min(8)].into(), output)
}

/// One character of cost, eight of salt, 22 of output.
fn phpass(all: &str) -> Read {
    if all.len() != 31 {
        return Err(Refused::Malformed);
    }
    let ln = order::value(all.as_bytes()[0]).ok_or(Refused::Malformed)?;
    let order: Vec<usize> = (0..16).collect();
    let output = order::decoded(&all[9..], &order, 16).ok_or(Refused::Malformed)?;
    fast(Scheme::Phpass { ln }, all[1..9].into(), output)
}

/// A template of Kratos: text around the password, and the salt somewhere in it.
fn around(digest: Digest, template: &[u8], salt: &[u8], output: Vec<u8>) -> Read {
    let template = std::str::from_utf8(template).map_err(|_| Refused::Malformed)?;
    let (before, after) = template.split_once("{PASSWORD}").ok_or(Refused::Malformed)?;
    if after.contains("{PASSWORD}") {
        return Err(Refused::Malformed);
    }
    if !template.contains("{SALT}") || salt.is_empty() {
        return Err(Refused::Unsafe);
    }
    let filled = |part: &str| {
        let pieces: Vec<&[u8]> = part.split("{SALT}").map(str::as_bytes).collect();
        pieces.join(salt)
    };
    fast(Scheme::Salted { digest, before: filled(before) }, filled(after), output)
}

pub(super) fn keyed(digest: Digest, key: Vec<u8>, output: Vec<u8>) -> Read {
    if key.is_empty() {
        return Err(Refused::KeyMissing);
    }
    fast(Scheme::Keyed { digest }, key, output)
}

/// A slow scheme: kept, unless it is quick after all or its salt is too short to stand alone.
pub(super) fn taken(scheme: Scheme, salt: Vec<u8>, mut output: Vec<u8>) -> Read {
    if scheme.is_fast() || salt.len() < SALT_BYTES_MIN {
        return fast(scheme, salt, output);
    }
    scheme.bounded()?;
    lengths(&salt, &output)?;
    output.truncate(scheme.bytes());
    stored::kept(&scheme, &salt, &output).map(Kind::Kept).map_err(|_| Refused::Malformed)
}

pub(super) fn fast(scheme: Scheme, salt: Vec<u8>, mut output: Vec<u8>) -> Read {
    scheme.bounded()?;
    lengths(&salt, &output)?;
    if let Scheme::Salted { before, .. } = &scheme
        && before.len() + salt.len() > SALT_BYTES_MAX
    {
        return Err(too_long(before.len() + salt.len()));
    }
    // The whole output is computed at a sign-in, so all of it must be there.
    output.truncate(scheme.bytes());
    if output.len() < scheme.bytes() {
        return Err(Refused::Malformed);
    }
    Ok(Kind::Fast { scheme, salt, output })
}

fn lengths(salt: &[u8], output: &[u8]) -> Read<()> {
    match (salt.len(), output.len()) {
        (salt, _) if salt > SALT_BYTES_MAX => Err(too_long(salt)),
        (_, output) if output < OUTPUT_BYTES_MIN => Err(Refused::Malformed),
        _ => Ok(()),
    }
}

fn too_long(salt: usize) -> Refused {
    Refused::TooCostly { asked: salt as u64, most: SALT_BYTES_MAX as u64, of: "bytes of salt" }
}
