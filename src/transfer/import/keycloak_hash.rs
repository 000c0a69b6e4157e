//! The credentials of a user of Keycloak: JSON within texts since release 8, plain members before.

use super::codes::Code;
use super::draft::{Brought, Draft, Moment};
use super::members::Members;
use super::record::{Reason, Told};
use crate::passwords::foreign::{Argon2Parts, Foreign, Refused, Spelt};

const FIELD: &str = "credentials";
/// What stands in the place of each secret in a part of an export.
const MASKED: &str = "**********";

/// A password among the credentials.
struct Found {
    priority: u64,
    password: Brought,
    set_at: Option<Moment>,
    is_temporary: bool,
    is_masked: bool,
}

/// Takes the password of the lowest priority.
///
/// # Errors
/// `PASSWORD_PLAIN`, or `SHAPE`.
pub(super) fn credentials(draft: &mut Draft, credentials: Vec<Members>) -> Result<(), Reason> {
    let mut found = Vec::new();
    for mut credential in credentials {
        match credential.text("type")?.unwrap_or_default().as_str() {
            "password" => found.push(password(credential)?),
            // Former passwords: none can be compared with the whole of a new one here.
            "password-history" => {}
            kind => {
                let kind = if kind.is_empty() { "a credential" } else { kind };
                draft.told.push(Told::field(Code::SecondFactorDropped, format!("{FIELD}: {kind}")));
            }
        }
    }
    if found.len() > 1 {
        draft.told.push(Told::field(Code::SeveralCredentials, FIELD));
    }
    // The first of equal ones.
    let Some(first) = found.into_iter().min_by_key(|one| one.priority) else { return Ok(()) };
    if first.is_masked {
        draft.told.push(Told::field(Code::HashDropped, FIELD));
    }
    draft.password = first.password;
    draft.password_set_at = first.set_at;
    draft.must_change |= first.is_temporary;
    Ok(())
}

fn password(mut credential: Members) -> Result<Found, Reason> {
    if credential.any("value").is_some() {
        return Err(Reason::field(Code::PasswordPlain, "credentials.value"));
    }
    let set_at = credential.moment("createdDate")?;
    let priority = credential.number("priority")?.unwrap_or_default();
    let is_temporary = credential.flag("temporary")?.unwrap_or_default();
    let mut parts = parts(&mut credential)?;
    let is_masked = parts.value.is_empty() || parts.value == MASKED;
    let password = match is_masked {
        true => Brought::Nothing,
        false => Brought::Read { field: FIELD.into(), read: parts.read() },
    };
    Ok(Found { priority, password, set_at, is_temporary, is_masked })
}

/// A hash in parts.
struct Parts {
    algorithm: String,
    iterations: u64,
    value: String,
    salt: String,
    more: Members,
}

fn parts(credential: &mut Members) -> Result<Parts, Reason> {
    let (secret, data) = (credential.text("secretData")?, credential.text("credentialData")?);
    let (Some(secret), Some(data)) = (secret, data) else {
        return Ok(Parts {
            algorithm: credential.text("algorithm")?.unwrap_or_else(|| "pbkdf2".into()),
            iterations: credential.number("hashIterations")?.unwrap_or_default(),
            value: credential.text("hashedSaltedValue")?.unwrap_or_default(),
            salt: credential.text("salt")?.unwrap_or_default(),
            more: Members::default(),
        });
    };
    if secret == MASKED {
        let (algorithm, value) = (String::new(), secret);
        return Ok(Parts { algorithm, iterations: 0, value, salt: String::new(), more: Members::default() });
    }
    let within = |name: &str, text: &str| Members::within(&format!("{FIELD}.{name}"), text);
    let (mut secret, mut data) = (within("secretData", &secret)?, within("credentialData", &data)?);
    Ok(Parts {
        algorithm: data.text("algorithm")?.unwrap_or_else(|| "pbkdf2".into()),
        iterations: data.number("hashIterations")?.unwrap_or_default(),
        value: secret.text("value")?.unwrap_or_default(),
        salt: secret.text("salt")?.unwrap_or_default(),
        more: data.object("additionalParameters")?.unwrap_or_default(),
    })
}

impl Parts {
    fn read(&mut self) -> Result<Foreign, Refused> {
        let (salt, value) = (Spelt::Base64(&self.salt), Spelt::Base64(&self.value));
        let digest = match self.algorithm.as_str() {
            "pbkdf2" => "sha1",
            "pbkdf2-sha256" => "sha256",
            "pbkdf2-sha512" => "sha512",
            "argon2" => {
                let [variant, version, memory, lanes] =
                    ["type", "version", "memory", "parallelism"].map(|name| first(&mut self.more, name));
                let number = |text: String| text.parse().map_err(|_| Refused::Malformed);
                let parts = Argon2Parts {
                    variant: &variant,
                    version: if version == "1.0" { 16 } else { 19 },
                    memory: number(memory)?,
                    iterations: u32::try_from(self.iterations).unwrap_or(u32::MAX),
                    parallelism: number(lanes)?,
                };
                return Foreign::argon2(&parts, salt, value);
            }
            _ => return Err(Refused::Unknown),
        };
        Foreign::pbkdf2(digest, self.iterations, salt, value)
    }
}

/// Parameters are lists of texts.
fn first(more: &mut Members, name: &str) -> String {
    more.texts(name).ok().and_then(|texts| texts.into_iter().next()).unwrap_or_default()
}
