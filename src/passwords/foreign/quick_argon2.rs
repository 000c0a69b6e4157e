//! Argon2 at a cost so low that it is no slow hash: it lies beneath Argon2id at the present cost, as other quick ones do.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};

use super::scheme::Scheme;
use crate::passwords::Cost;

/// How many times quicker than ours one guess must be.
const QUICKER: u64 = 10;

/// The parameters of one hash by Argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::passwords) struct Argon2Cost {
    pub(super) algorithm: Algorithm,
    /// 16 or 19.
    pub(super) version: u32,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    /// Bytes of the output, which is another one for each length.
    pub(super) bytes: usize,
}

impl Argon2Cost {
    /// The name of its scheme.
    pub(super) fn name(self) -> &'static str {
        self.algorithm.as_str()
    }

    /// Memory times passes.
    pub(super) fn work_kib(self) -> u64 {
        u64::from(self.memory_kib) * u64::from(self.passes)
    }

    /// Whether a guess takes less than a tenth of one at our default cost.
    pub(super) fn is_quick(self) -> bool {
        let ours = Cost::default();
        self.work_kib() * QUICKER < u64::from(ours.memory_kib) * u64::from(ours.iterations)
    }

    /// What can be computed; `None` for what the algorithm does not allow.
    pub(super) fn params(self) -> Option<(Version, Params)> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(self.bytes)).ok()?;
        Some((Version::try_from(self.version).ok()?, params))
    }

    /// The output for a password. It takes memory of its own: less than 4 MiB, or it would not be quick.
    pub(super) fn compute(self, password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
        let (version, params) = self.params()?;
        let mut output = vec![0; self.bytes];
        Argon2::new(self.algorithm, version, params).hash_password_into(password, salt, &mut output).ok()?;
        Some(output)
    }
}

impl Scheme {
    /// What a PHC string of Argon2 holds, if it is quick to guess.
    pub(super) fn quick_argon2(text: &str) -> Option<(Self, Vec<u8>, Vec<u8>)> {
        let phc = PasswordHash::new(text).ok()?;
        let (salt, output) = (phc.salt.as_ref()?, phc.hash.as_ref()?);
        let params = Params::try_from(&phc).ok()?;
        let cost = Argon2Cost {
            algorithm: Algorithm::try_from(phc.algorithm.as_str()).ok()?,
            version: phc.version?,
            memory_kib: params.m_cost(),
            passes: params.t_cost(),
            lanes: params.p_cost(),
            bytes: output.len(),
        };
        let parts = || (Self::Argon2(cost), salt.to_vec(), output.as_bytes().to_vec());
        cost.is_quick().then(parts)
    }
}
