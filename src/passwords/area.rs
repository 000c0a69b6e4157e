//! One work area: the memory that one Argon2id computation fills, and the PHC strings around it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::foreign::{self, Refused};
use crate::error::{Error, Result};

/// RFC 9106 § 3.1: 16 bytes are enough for every password hash in the world.
pub(super) const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// Imported hashes may cost more than the present cost. This bound keeps one sign-in from taking the memory of all
/// others, or a thread for many seconds.
pub const STORED_MEMORY_KIB_MAX: u32 = 256 * 1024;
/// The same bound for memory times iterations.
pub const STORED_WORK_KIB_MAX: u64 = 1024 * 1024;
/// The same bound for lanes.
const STORED_LANES_MAX: u32 = 16;

/// What one hash costs (RFC 9106 § 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cost {
    /// Memory in KiB; the peak of the process is about this times the number of threads.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Lanes. They are computed one after another, so more lanes gain nothing here.
    pub parallelism: u32,
}

impl Default for Cost {
    /// 19 MiB, two passes, one lane: OWASP's first choice for Argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, iterations: 2, parallelism: 1 }
    }
}

impl Cost {
    /// The parameters for the algorithm; `Invalid` if it cannot work with them, or if Tenantry would refuse to verify
    /// hashes of this cost.
    pub(super) fn params(self) -> Result<Params> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(OUTPUT_BYTES))
            .ok()
            .filter(bearable)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "Argon2 cannot work with memory {} KiB, iterations {} and parallelism {}. Take at least 8 KiB for \
                     each lane, at most {STORED_MEMORY_KIB_MAX} KiB, and at most {STORED_WORK_KIB_MAX} KiB for memory \
                     times iterations.",
                    self.memory_kib, self.iterations, self.parallelism
                ))
            })
    }
}

pub(super) fn bearable(params: &Params) -> bool {
    params.p_cost() <= STORED_LANES_MAX
        && params.m_cost() <= STORED_MEMORY_KIB_MAX
        && u64::from(params.m_cost()) * u64::from(params.t_cost()) <= STORED_WORK_KIB_MAX
}

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Another password, or there is no usable hash to compare with.
    Wrong,
    /// The right password.
    Right,
    /// The right password, but hashed at another cost or in another form: store a new hash.
    RightButOld,
}

/// The memory of one hashing thread.
pub(super) struct Area {
    blocks: Vec<Block>,
    present: Params,
    started: Arc<AtomicU64>,
    beyond: Arc<Beyond>,
}

/// Held while a hash takes memory beside the areas that are kept: one at a time in the whole process, so that its peak is
/// known.
pub(super) type Beyond = Mutex<()>;

impl Area {
    /// An area for hashes at the cost `present`. It allocates its memory with the first hash, so that an idle process
    /// is small, and keeps it. All areas of a process share `beyond`.
    pub(super) fn new(present: Params, started: Arc<AtomicU64>, beyond: Arc<Beyond>) -> Self {
        Self { blocks: Vec::new(), present, started, beyond }
    }

    /// Argon2id at the present cost.
    pub(super) fn present(&mut self, text: &[u8], salt: &[u8]) -> Result<Vec<u8>> {
        let present = self.present.clone();
        self.compute(Algorithm::Argon2id, Version::V0x13, present, text, salt).map(|output| output.as_bytes().to_vec())
    }

    /// The PHC string of a password.
    pub(super) fn hash(&mut self, password: &[u8], salt: [u8; SALT_BYTES]) -> Result<String> {
        let present = self.present.clone();
        let output = self.compute(Algorithm::Argon2id, Version::V0x13, present, password, &salt)?;
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.present).map_err(Error::internal)?,
            salt: Some(Salt::new(&salt).map_err(Error::internal)?),
            hash: Some(output),
        };
        Ok(phc.to_string())
    }

    /// Compares a password with a PHC string. Without a string, or with an unreadable one, the answer is `Wrong` after
    /// one hash at the present cost, so that timing does not reveal which users exist.
    pub(super) fn verify(&mut self, password: &[u8], stored: Option<&str>) -> Result<Verdict> {
        if let Some(foreign) = stored.and_then(foreign::Stored::read) {
            return self.verify_foreign(password, &foreign);
        }
        let Some(stored) = stored.and_then(Stored::read) else {
            std::hint::black_box(self.present(password, &[0; SALT_BYTES])?);
            return Ok(Verdict::Wrong);
        };
        let is_present = stored.is_at(&self.present);
        let output = self.compute(stored.algorithm, stored.version, stored.params, password, &stored.salt)?;
        let is_equal = bool::from(output.as_bytes().ct_eq(stored.output.as_bytes()));
        Ok(match (is_equal, is_present) {
            (false, _) => Verdict::Wrong,
            (true, true) => Verdict::Right,
            (true, false) => Verdict::RightButOld,
        })
    }

    /// Compares a password with a hash from elsewhere. What is right is old, whatever it cost: ours takes its place.
    fn verify_foreign(&mut self, password: &[u8], stored: &foreign::Stored) -> Result<Verdict> {
        let beyond = Arc::clone(&self.beyond);
        let held = stored.takes_memory().then(|| hold(&beyond));
        let (found, expected) = match stored {
            foreign::Stored::Kept { scheme, salt, output } => {
                self.started.fetch_add(1, Ordering::Relaxed);
                (scheme.compute(password, salt), output)
            }
            foreign::Stored::Wrapped { scheme, inner_salt, cost, salt, output } => {
                let inner = scheme.compute(password, inner_salt);
                drop(held);
                // A password that the scheme would have cut is wrong, at the cost of all others.
                let framed = foreign::frame(scheme, inner.as_deref().unwrap_or_default());
                let over = self.compute(Algorithm::Argon2id, Version::V0x13, cost.clone(), &framed, salt)?;
                (inner.map(|_| over.as_bytes().to_vec()), output)
            }
        };
        let expected = expected.as_bytes();
        // The store may keep less than the whole output, never more.
        let is_equal =
            found.is_some_and(|found| found.get(..expected.len()).is_some_and(|part| bool::from(part.ct_eq(expected))));
        Ok(if is_equal { Verdict::RightButOld } else { Verdict::Wrong })
    }

    /// Runs the algorithm. The memory is not wiped afterwards: the next hash overwrites all of it before reading, and
    /// wiping 19 MiB would cost a tenth of the hash.
    fn compute(
        &mut self,
        algorithm: Algorithm,
        version: Version,
        params: Params,
        password: &[u8],
        salt: &[u8],
    ) -> Result<Output> {
        self.started.fetch_add(1, Ordering::Relaxed);
        let block_count = params.block_count();
        let mut output = [0; Output::MAX_LENGTH];
        let output = &mut output[..params.output_len().unwrap_or(OUTPUT_BYTES)];
        let argon2 = Argon2::new(algorithm, version, params);
        if block_count > self.present.block_count() {
            // Rare, and for this hash only: the memory that is kept has the size of the present cost.
            let beyond = Arc::clone(&self.beyond);
            let _held = hold(&beyond);
            argon2.hash_password_into_with_memory(password, salt, output, vec![Block::new(); block_count])
        } else {
            self.blocks.resize(self.present.block_count(), Block::new());
            argon2.hash_password_into_with_memory(password, salt, output, &mut self.blocks)
        }
        .map_err(Error::internal)?;
        Output::new(output).map_err(Error::internal)
    }
}

/// A panic while this is held leaves nothing half done.
fn hold(beyond: &Beyond) -> MutexGuard<'_, ()> {
    beyond.lock().unwrap_or_else(PoisonError::into_inner)
}

/// About how many microseconds of a core a comparison with this text takes, at the present cost for one that cannot be
/// read.
pub(super) fn microseconds(stored: Option<&str>, present: &Params) -> u64 {
    let foreign = stored.and_then(foreign::Stored::read).map(|stored| stored.microseconds());
    let argon2 = |params: &Params| foreign::argon2_microseconds(params);
    foreign
        .or_else(|| stored.and_then(Stored::read).map(|stored| argon2(&stored.params)))
        .unwrap_or_else(|| argon2(present))
}

/// The class of a hash by Argon2 at another cost than the usual one.
pub(super) fn class(stored: &str) -> Option<String> {
    let read = Stored::read(stored)?;
    let (m, t, p) = (read.params.m_cost(), read.params.t_cost(), read.params.p_cost());
    let is_usual = Cost { memory_kib: m, iterations: t, parallelism: p } == Cost::default();
    let version = u32::from(read.version);
    (!is_usual).then(|| format!("{}$v={version}$m={m},t={t},p={p}", read.algorithm))
}

/// Writes a PHC string of Argon2 from elsewhere anew.
///
/// # Errors
/// Why it is not taken.
pub(super) fn read_argon2(text: &str) -> std::result::Result<String, Refused> {
    let mut phc = PasswordHash::new(text).map_err(|_| Refused::Malformed)?;
    if phc.params.get_str("keyid").is_some() {
        return Err(Refused::KeyMissing);
    }
    // Without a version it is the first one (the format of the reference implementation).
    phc.version = phc.version.or(Some(Version::V0x10.into()));
    for (name, most) in [("m", STORED_MEMORY_KIB_MAX), ("p", STORED_LANES_MAX)] {
        let asked = phc.params.get_decimal(name).ok_or(Refused::Malformed)?;
        if asked > most {
            let of = if name == "m" { "KiB of memory for Argon2" } else { "lanes of Argon2" };
            return Err(Refused::TooCostly { asked: asked.into(), most: most.into(), of });
        }
    }
    let params = Params::try_from(&phc).map_err(|_| Refused::Malformed)?;
    if !bearable(&params) {
        let asked = u64::from(params.m_cost()) * u64::from(params.t_cost());
        let of = "KiB of memory times passes of Argon2";
        return Err(Refused::TooCostly { asked, most: STORED_WORK_KIB_MAX, of });
    }
    let text = phc.to_string();
    Stored::read(&text).map(|_| text).ok_or(Refused::Malformed)
}

/// A PHC string that can be verified.
struct Stored {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    fn read(text: &str) -> Option<Self> {
        let phc = PasswordHash::new(text).ok()?;
        let params = Params::try_from(&phc).ok().filter(bearable)?;
        Some(Self {
            algorithm: Algorithm::try_from(phc.algorithm.as_str()).ok()?,
            version: phc.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?,
            params,
            salt: phc.salt?,
            output: phc.hash?,
        })
    }

    fn is_at(&self, present: &Params) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.salt.len() >= SALT_BYTES
            && self.params == *present
    }
}
