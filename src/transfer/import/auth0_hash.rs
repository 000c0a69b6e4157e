//! `custom_password_hash` of Auth0: a hash that was itself imported there, in parts, with the spelling of each part.

use super::codes::Code;
use super::draft::Brought;
use super::members::Members;
use super::record::Reason;
use crate::passwords::foreign::{Dialect, Foreign, Refused, Spelt};

const FIELD: &str = "custom_password_hash";

/// Bytes as a member spells them.
struct Part {
    value: String,
    encoding: String,
}

impl Part {
    fn spelt(&self) -> Result<Spelt<'_>, Refused> {
        match self.encoding.as_str() {
            "utf8" | "" => Ok(Spelt::Text(&self.value)),
            "hex" => Ok(Spelt::Hex(&self.value)),
            "base64" => Ok(Spelt::Base64(&self.value)),
            _ => Err(Refused::Unknown),
        }
    }
}

/// Reads the whole of it.
///
/// # Errors
/// `SHAPE`. What is wrong with the hash itself is told when the row is judged.
pub(super) fn read(mut custom: Members) -> Result<Brought, Reason> {
    let algorithm = custom.text("algorithm")?.unwrap_or_default();
    let mut hash = custom.object("hash")?.ok_or_else(|| Reason::field(Code::Shape, format!("{FIELD}.hash")))?;
    if let Some(mut password) = custom.object("password")?
        && password.text("encoding")?.is_some_and(|encoding| encoding != "utf8")
    {
        // Ours are UTF-8: a password in another encoding would be another one.
        return Ok(Brought::Read { field: FIELD.into(), read: Err(Refused::Unknown) });
    }
    let value = part(&mut hash)?;
    if matches!(algorithm.as_str(), "argon2" | "bcrypt" | "ldap" | "pbkdf2") {
        return Ok(Brought::Text { field: format!("{FIELD}.hash.value"), text: value.value, dialect: Dialect::Usual });
    }
    let read = match algorithm.as_str() {
        "md5" | "sha1" | "sha256" | "sha512" => salted(&algorithm, &value, &mut custom)?,
        "hmac" => keyed(&value, &mut hash)?,
        "scrypt" => scrypt(&value, &mut custom)?,
        _ => Err(Refused::Unknown),
    };
    Ok(Brought::Read { field: FIELD.into(), read })
}

fn part(members: &mut Members) -> Result<Part, Reason> {
    let value = members.text("value")?.unwrap_or_default();
    Ok(Part { value, encoding: members.text("encoding")?.unwrap_or_default() })
}

type Read = Result<Foreign, Refused>;

fn salted(digest: &str, value: &Part, custom: &mut Members) -> Result<Read, Reason> {
    let Some(mut salt) = custom.object("salt")? else { return Ok(Err(Refused::Unsafe)) };
    let is_before = salt.text("position")?.as_deref() == Some("prefix");
    let salt = part(&mut salt)?;
    let read = || Foreign::salted(digest, salt.spelt()?, is_before, value.spelt()?);
    Ok(read())
}

fn keyed(value: &Part, hash: &mut Members) -> Result<Read, Reason> {
    let digest = hash.text("digest")?.unwrap_or_default();
    let Some(mut key) = hash.object("key")? else { return Ok(Err(Refused::KeyMissing)) };
    let key = part(&mut key)?;
    let read = || Foreign::keyed(&digest, key.spelt()?, value.spelt()?);
    Ok(read())
}

fn scrypt(value: &Part, custom: &mut Members) -> Result<Read, Reason> {
    let n = custom.number("cost")?.unwrap_or(1 << 14);
    let number = |number: Option<u64>, usual: u32| number.map_or(usual, |n| u32::try_from(n).unwrap_or(u32::MAX));
    let r = number(custom.number("blockSize")?, 8);
    let p = number(custom.number("parallelization")?, 1);
    let Some(mut salt) = custom.object("salt")? else { return Ok(Err(Refused::Unsafe)) };
    let salt = part(&mut salt)?;
    let read = || Foreign::scrypt(n, r, p, salt.spelt()?, value.spelt()?);
    Ok(read())
}
