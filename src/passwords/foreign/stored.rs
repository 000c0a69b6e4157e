//! The one spelling in which a hash from elsewhere lies in the store: a PHC string. A slow hash is kept as it is,
//! `$bcrypt$c=12$…$…`; a fast one lies beneath Argon2id, `$argon2id-ssha1$v=19$m=19456,t=2,p=1,is=…$…$…`.

use argon2::Params;
use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};

use super::decode;
use super::scheme::Scheme;
use crate::error::{Error, Result};

/// Argon2id of 19 MiB and two passes, in microseconds of a core.
const ARGON2_MICROSECONDS: u64 = 14_000;
const ARGON2_WORK_KIB: u64 = 2 * 19 * 1024;

/// A hash from elsewhere, as it is stored.
pub(in crate::passwords) enum Stored {
    /// The output of the scheme itself.
    Kept { scheme: Scheme, salt: Salt, output: Output },
    /// Argon2id at `cost` over the output of the scheme.
    Wrapped { scheme: Scheme, inner_salt: Vec<u8>, cost: Params, salt: Salt, output: Output },
}

impl Stored {
    /// Reads what was stored; `None` for all else, Argon2 of a password itself included.
    pub(in crate::passwords) fn read(text: &str) -> Option<Self> {
        let phc = PasswordHash::new(text).ok()?;
        let (salt, output) = (phc.salt?, phc.hash?);
        let name = phc.algorithm.as_str();
        let Some(inner) = name.strip_prefix("argon2id-") else {
            let scheme = Scheme::read(name, |name| phc.params.get_str(name).map(String::from))?;
            let fits = !scheme.is_fast() && output.as_bytes().len() <= scheme.bytes();
            return fits.then_some(Self::Kept { scheme, salt, output });
        };
        let scheme = Scheme::read(inner, |name| phc.params.get_str(format!("i{name}").as_str()).map(String::from))?;
        let inner_salt = phc.params.get_str("is").map_or(Some(Vec::new()), decode::from_b64)?;
        let number = |name| phc.params.get_decimal(name);
        let cost = Params::new(number("m")?, number("t")?, number("p")?, Some(output.as_bytes().len())).ok()?;
        let is_ours = phc.version == Some(19) && crate::passwords::area::bearable(&cost);
        is_ours.then_some(Self::Wrapped { scheme, inner_salt, cost, salt, output })
    }

    /// The scheme and its cost, without what belongs to one user. Hashes of one class take the same time.
    pub(in crate::passwords) fn class(&self) -> String {
        let joined = |pairs: Vec<(&'static str, String)>, before: &str| -> String {
            // What precedes the password is of one user, and takes no time.
            let pairs = pairs.into_iter().filter(|(name, _)| *name != "b");
            pairs.map(|(name, value)| format!(",{before}{name}={value}")).collect()
        };
        match self {
            Self::Kept { scheme, .. } => {
                format!("{}${}", scheme.name(), joined(scheme.params(), "").trim_start_matches(','))
            }
            Self::Wrapped { scheme, cost, .. } => format!(
                "argon2id-{}$v=19$m={},t={},p={}{}",
                scheme.name(),
                cost.m_cost(),
                cost.t_cost(),
                cost.p_cost(),
                joined(scheme.params(), "i")
            ),
        }
    }

    /// About how many microseconds of a core one comparison takes.
    pub(in crate::passwords) fn microseconds(&self) -> u64 {
        match self {
            Self::Kept { scheme, .. } => scheme.microseconds(),
            Self::Wrapped { scheme, cost, .. } => scheme.microseconds() + argon2_microseconds(cost),
        }
    }

    /// Whether the scheme takes memory of its own beside the area that a thread keeps.
    pub(in crate::passwords) fn takes_memory(&self) -> bool {
        match self {
            Self::Kept { scheme, .. } | Self::Wrapped { scheme, .. } => scheme.takes_memory(),
        }
    }
}

/// What Argon2 takes at a cost.
pub(in crate::passwords) fn argon2_microseconds(cost: &Params) -> u64 {
    argon2_work_microseconds(u64::from(cost.m_cost()) * u64::from(cost.t_cost()))
}

/// What Argon2 takes for memory times passes.
pub(super) fn argon2_work_microseconds(work_kib: u64) -> u64 {
    work_kib * ARGON2_MICROSECONDS / ARGON2_WORK_KIB
}

/// Whether a text is one of ours, letter for letter.
pub(super) fn is_ours(text: &str) -> bool {
    let written = match Stored::read(text) {
        None => return false,
        Some(Stored::Kept { scheme, salt, output }) => kept(&scheme, &salt, output.as_bytes()),
        Some(Stored::Wrapped { scheme, inner_salt, cost, salt, output }) => {
            wrapped(&scheme, &inner_salt, &cost, &salt, output.as_bytes())
        }
    };
    written.is_ok_and(|written| written == text)
}

/// The text of a hash that is kept.
///
/// # Errors
/// `Internal` for a salt or an output that does not fit; the reader has refused such.
pub(super) fn kept(scheme: &Scheme, salt: &[u8], output: &[u8]) -> Result<String> {
    let mut params = ParamsString::new();
    for (name, value) in scheme.params() {
        params.add_str(name, value.as_str()).map_err(Error::internal)?;
    }
    phc(&scheme.name(), None, params, salt, output)
}

/// The text of a hash beneath Argon2id.
///
/// # Errors
/// `Internal` for parameters that do not fit; the reader has refused such.
pub(super) fn wrapped(scheme: &Scheme, inner_salt: &[u8], cost: &Params, salt: &[u8], output: &[u8]) -> Result<String> {
    let name = format!("argon2id-{}", scheme.name());
    phc(&name, Some(19), wrapped_params(scheme, inner_salt, cost)?, salt, output)
}

/// The parameters of a hash beneath Argon2id: those of both, and the salt of the inner one.
pub(super) fn wrapped_params(scheme: &Scheme, inner_salt: &[u8], cost: &Params) -> Result<ParamsString> {
    let mut params = ParamsString::new();
    for (name, value) in [("m", cost.m_cost()), ("t", cost.t_cost()), ("p", cost.p_cost())] {
        params.add_decimal(name, value).map_err(Error::internal)?;
    }
    if !inner_salt.is_empty() {
        params.add_str("is", decode::b64(inner_salt).as_str()).map_err(Error::internal)?;
    }
    for (name, value) in scheme.params() {
        params.add_str(format!("i{name}").as_str(), value.as_str()).map_err(Error::internal)?;
    }
    Ok(params)
}

fn phc(name: &str, version: Option<u32>, params: ParamsString, salt: &[u8], output: &[u8]) -> Result<String> {
    let phc = PasswordHash {
        algorithm: Ident::new(name).map_err(Error::internal)?,
        version,
        params,
        salt: Some(Salt::new(salt).map_err(Error::internal)?),
        hash: Some(Output::new(output).map_err(Error::internal)?),
    };
    Ok(phc.to_string())
}

/// What Argon2id is computed over. The frame keeps it from being what another password would give.
pub(in crate::passwords) fn frame(scheme: &Scheme, output: &[u8]) -> Vec<u8> {
    [b"tenantry over\0", scheme.name().as_bytes(), b"\0", output].concat()
}
