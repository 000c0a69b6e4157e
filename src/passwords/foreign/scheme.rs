//! How the passwords of other products were hashed: what is computed, with which parameters, and where it is bounded.

use argon2::Algorithm;
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::quick_argon2::Argon2Cost;
use super::{Refused, crypt_md5, decode, stored};

/// bcrypt takes the first 72 bytes of a password. What is longer is refused, never cut.
const BCRYPT_BYTES_MAX: usize = 72;
/// The longest password that `crypt` of Linux takes; its schemes grow with length times rounds.
const CRYPT_BYTES_MAX: usize = 512;
/// 128 MiB of memory for one scrypt.
const SCRYPT_MEMORY_MAX: u64 = 128 << 20;

/// A scheme with the parameters of one hash, but for its salt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::passwords) enum Scheme {
    /// `prehashed`: of the hexadecimal SHA-256 of the password, as Django's `bcrypt_sha256` does.
    Bcrypt {
        cost: u32,
        prehashed: bool,
    },
    /// The first block alone: the blocks after it add cost and no safety.
    Pbkdf2 {
        digest: Digest,
        rounds: u32,
    },
    Scrypt {
        ln: u32,
        r: u32,
        p: u32,
    },
    ShaCrypt {
        digest: Digest,
        rounds: u32,
    },
    Md5Crypt {
        is_apache: bool,
    },
    Phpass {
        ln: u32,
    },
    /// The digest of `before`, password and salt.
    Salted {
        digest: Digest,
        before: Vec<u8>,
    },
    /// HMAC; its key takes the place of the salt.
    Keyed {
        digest: Digest,
    },
    /// Argon2 at a cost that is quick to guess at. Any other is compared as ours is.
    Argon2(Argon2Cost),
}

impl Scheme {
    /// Its name in a PHC string.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Bcrypt { .. } => "bcrypt".into(),
            Self::Pbkdf2 { digest, .. } => format!("pbkdf2-{}", digest.name()),
            Self::Scrypt { .. } => "scrypt".into(),
            Self::ShaCrypt { digest, .. } => format!("{}-crypt", digest.name()),
            Self::Md5Crypt { is_apache: false } => "md5-crypt".into(),
            Self::Md5Crypt { is_apache: true } => "apr1".into(),
            Self::Phpass { .. } => "phpass".into(),
            Self::Salted { digest, .. } => format!("s{}", digest.name()),
            Self::Keyed { digest } => format!("hmac-{}", digest.name()),
            Self::Argon2(cost) => cost.name().into(),
        }
    }

    /// Whether [`Scheme::name`] writes this.
    pub(super) fn is_name(name: &str) -> bool {
        let is_of_digest = |prefix| name.strip_prefix(prefix).is_some_and(|digest| Digest::named(digest).is_some());
        matches!(
            name,
            "argon2id"
                | "argon2i"
                | "argon2d"
                | "bcrypt"
                | "scrypt"
                | "sha256-crypt"
                | "sha512-crypt"
                | "md5-crypt"
                | "apr1"
                | "phpass"
        ) || ["pbkdf2-", "hmac-", "s"].into_iter().any(is_of_digest)
    }

    /// Its parameters in a PHC string.
    pub(super) fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Bcrypt { cost, prehashed: false } => vec![("c", cost.to_string())],
            Self::Bcrypt { cost, prehashed: true } => vec![("c", cost.to_string()), ("pre", "sha256hex".into())],
            Self::Pbkdf2 { rounds, .. } => vec![("i", rounds.to_string())],
            Self::Scrypt { ln, r, p } => vec![("ln", ln.to_string()), ("r", r.to_string()), ("p", p.to_string())],
            Self::ShaCrypt { rounds, .. } => vec![("r", rounds.to_string())],
            Self::Phpass { ln } => vec![("ln", ln.to_string())],
            Self::Salted { before, .. } if !before.is_empty() => vec![("b", decode::b64(before))],
            Self::Argon2(cost) => vec![
                ("v", cost.version.to_string()),
                ("m", cost.memory_kib.to_string()),
                ("t", cost.passes.to_string()),
                ("p", cost.lanes.to_string()),
                ("l", cost.bytes.to_string()),
            ],
            Self::Salted { .. } | Self::Md5Crypt { .. } | Self::Keyed { .. } => Vec::new(),
        }
    }

    /// Reads what [`Scheme::name`] and [`Scheme::params`] have written, within the bounds; `param` tells a parameter.
    pub(super) fn read(name: &str, param: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let number = |name: &str| param(name)?.parse::<u32>().ok();
        let read = match name {
            "bcrypt" => Self::Bcrypt {
                cost: number("c")?,
                prehashed: match param("pre").as_deref() {
                    None => false,
                    Some("sha256hex") => true,
                    Some(_) => return None,
                },
            },
            "scrypt" => Self::Scrypt { ln: number("ln")?, r: number("r")?, p: number("p")? },
            "argon2id" | "argon2i" | "argon2d" => Self::Argon2(Argon2Cost {
                algorithm: Algorithm::try_from(name).ok()?,
                version: number("v")?,
                memory_kib: number("m")?,
                passes: number("t")?,
                lanes: number("p")?,
                bytes: usize::try_from(number("l")?).ok()?,
            }),
            "md5-crypt" => Self::Md5Crypt { is_apache: false },
            "apr1" => Self::Md5Crypt { is_apache: true },
            "phpass" => Self::Phpass { ln: number("ln")? },
            "sha256-crypt" => Self::ShaCrypt { digest: Digest::Sha256, rounds: number("r")? },
            "sha512-crypt" => Self::ShaCrypt { digest: Digest::Sha512, rounds: number("r")? },
            _ => match (name.strip_prefix("pbkdf2-"), name.strip_prefix("hmac-"), name.strip_prefix('s')) {
                (Some(digest), ..) => Self::Pbkdf2 { digest: Digest::named(digest)?, rounds: number("i")? },
                (_, Some(digest), _) => Self::Keyed { digest: Digest::named(digest)? },
                (.., Some(digest)) => {
                    let before = param("b").map_or(Some(Vec::new()), |text| decode::from_b64(&text))?;
                    Self::Salted { digest: Digest::named(digest)?, before }
                }
                _ => return None,
            },
        };
        read.bounded().ok().map(|()| read)
    }

    /// Whether it may be computed at all. Decided by arithmetic, before memory is taken.
    ///
    /// # Errors
    /// `TooCostly` above the most that one sign-in may cost, `Malformed` for what the scheme itself does not allow.
    pub(super) fn bounded(&self) -> Result<(), Refused> {
        let at_most = |asked: u64, most: u64, of: &'static str| match asked <= most {
            true => Ok(()),
            false => Err(Refused::TooCostly { asked, most, of }),
        };
        let at_least = |asked: u32, least: u32| if asked < least { Err(Refused::Malformed) } else { Ok(()) };
        match *self {
            Self::Bcrypt { cost, .. } => at_least(cost, 4).and(at_most(cost.into(), 14, "as bcrypt's cost")),
            Self::Pbkdf2 { rounds, .. } => {
                at_least(rounds, 1).and(at_most(rounds.into(), 2_000_000, "iterations of PBKDF2"))
            }
            Self::ShaCrypt { rounds, .. } => {
                at_least(rounds, 1_000).and(at_most(rounds.into(), 1_000_000, "rounds of SHA-crypt"))
            }
            Self::Phpass { ln } => {
                at_least(ln, 7).and(at_most(ln.into(), 20, "as the logarithm of the rounds of phpass"))
            }
            Self::Scrypt { ln, r, p } => {
                at_least(ln, 1).and(at_least(r, 1)).and(at_least(p, 1))?;
                at_most(ln.into(), 30, "as the logarithm of scrypt's N")?;
                let blocks = u64::from(r) << ln;
                at_most(blocks.saturating_mul(128), SCRYPT_MEMORY_MAX, "bytes of memory for scrypt")?;
                at_most(blocks.saturating_mul(p.into()), 1 << 20, "blocks of scrypt")
            }
            Self::Argon2(cost) if cost.is_quick() && cost.params().is_some() => Ok(()),
            Self::Argon2(_) => Err(Refused::Malformed),
            Self::Salted { .. } | Self::Md5Crypt { .. } | Self::Keyed { .. } => Ok(()),
        }
    }

    /// Whether guessing at it is so quick that it may not lie in a store as it is.
    pub(super) fn is_fast(&self) -> bool {
        match *self {
            Self::Bcrypt { cost, .. } => cost < 8,
            Self::Pbkdf2 { digest: Digest::Md5, .. } => true,
            Self::Pbkdf2 { rounds, .. } => rounds < 20_000,
            Self::Scrypt { ln, r, .. } => (u64::from(r) << ln) < 1 << 17,
            Self::ShaCrypt { rounds, .. } => rounds < 5_000,
            Self::Md5Crypt { .. }
            | Self::Phpass { .. }
            | Self::Salted { .. }
            | Self::Keyed { .. }
            | Self::Argon2(_) => true,
        }
    }

    /// About how many microseconds of a core one guess takes.
    pub(super) fn microseconds(&self) -> u64 {
        match *self {
            Self::Bcrypt { cost, .. } => 50 << cost,
            Self::Pbkdf2 { rounds, .. } => u64::from(rounds) / 4,
            Self::Scrypt { ln, r, p } => ((u64::from(r) << ln) * u64::from(p)) / 3,
            Self::ShaCrypt { rounds, .. } => u64::from(rounds) / 2,
            Self::Phpass { ln } => (1 << ln) / 5,
            Self::Md5Crypt { .. } => 500,
            Self::Salted { .. } | Self::Keyed { .. } => 1,
            Self::Argon2(cost) => stored::argon2_work_microseconds(cost.work_kib()),
        }
    }

    /// Bytes of its output.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Bcrypt { .. } => 23,
            Self::Scrypt { .. } => 32,
            Self::Md5Crypt { .. } | Self::Phpass { .. } => 16,
            Self::Argon2(cost) => cost.bytes,
            Self::Pbkdf2 { digest, .. }
            | Self::ShaCrypt { digest, .. }
            | Self::Salted { digest, .. }
            | Self::Keyed { digest } => digest.bytes(),
        }
    }

    /// Whether it takes memory that grows with its parameters.
    pub(super) fn takes_memory(&self) -> bool {
        matches!(self, Self::Scrypt { .. } | Self::Argon2(_))
    }

    /// The output for a password. `None` for a password that the scheme would have cut; it costs the same.
    pub(in crate::passwords) fn compute(&self, password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Bcrypt { cost, prehashed: true } => {
                let hex: String = Sha256::digest(password).iter().map(|byte| format!("{byte:02x}")).collect();
                bcrypt_of(hex.as_bytes(), *cost, salt)
            }
            Self::Bcrypt { cost, prehashed: false } => bcrypt_of(password, *cost, salt),
            Self::Pbkdf2 { digest, rounds } => Some(digest.pbkdf2(password, salt, *rounds)),
            Self::Scrypt { ln, r, p } => {
                let params = scrypt::Params::new(u8::try_from(*ln).ok()?, *r, *p).ok()?;
                let mut output = vec![0; 32];
                scrypt::scrypt(password, salt, &params, &mut output).ok()?;
                Some(output)
            }
            Self::ShaCrypt { digest, rounds } => {
                let params = sha_crypt::Params::new(*rounds).ok()?;
                whole(password, CRYPT_BYTES_MAX, |part| match digest {
                    Digest::Sha512 => sha_crypt::sha512_crypt(part, salt, params).to_vec(),
                    _ => sha_crypt::sha256_crypt(part, salt, params).to_vec(),
                })
            }
            Self::Md5Crypt { is_apache } => {
                let magic = format!("${}$", if *is_apache { "apr1" } else { "1" });
                whole(password, CRYPT_BYTES_MAX, |part| crypt_md5::md5_crypt(part, salt, magic.as_bytes()))
            }
            Self::Phpass { ln } => whole(password, CRYPT_BYTES_MAX, |part| crypt_md5::phpass(part, salt, *ln)),
            Self::Salted { digest, before } => Some(digest.of(&[before, password, salt])),
            Self::Keyed { digest } => Some(digest.hmac(salt, password)),
            Self::Argon2(cost) => cost.compute(password, salt),
        }
    }
}

/// Computes over the first `most` bytes; the result counts only if these are all.
fn whole(password: &[u8], most: usize, compute: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    let output = compute(&password[..password.len().min(most)]);
    (password.len() <= most).then_some(output)
}

/// bcrypt of a password that ends with a NUL, as all its libraries do. A NUL within ends the password for most of them.
fn bcrypt_of(password: &[u8], cost: u32, salt: &[u8]) -> Option<Vec<u8>> {
    let salt = salt.try_into().ok()?;
    let has_nul = password.contains(&0);
    let output = whole(password, BCRYPT_BYTES_MAX, |part| {
        let ended = [part, &[0]].concat();
        bcrypt::bcrypt(cost, salt, &ended[..ended.len().min(BCRYPT_BYTES_MAX)])[..23].to_vec()
    });
    output.filter(|_| !has_nul)
}
