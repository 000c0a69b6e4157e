//! Changes a tenant's settings by their names.

use serde_json::{Value, json};

use super::allowed::{check, check_window};
use super::{find_by_id, get_standing_by_id, replace_settings};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, Tenant, TenantId, TenantSettings};
use crate::store::Tx;
use crate::text;
use crate::whole::{parse_whole, whole};

/// Changes settings of a tenant, all of them or none.
///
/// # Errors
/// `Invalid`, with the name of the setting; `NotFound`; `Conflict` while the tenant is suspended.
pub fn set_by_id(
    tx: &mut Tx<'_>,
    id: TenantId,
    changes: &[(String, String)],
    actor: &Actor,
    now: Timestamp,
) -> Result<Tenant> {
    let tenant = get_by_id(tx, id)?;
    let (tenant, facts) = write(tx, tenant, changes)?;
    if facts.get("import.hashes_until").is_some() {
        check_window(&tenant.settings, now)?;
    }
    let (action, outcome) = ("tenant.set", Outcome::Accepted);
    audit::record(tx, &Event { tenant: tenant.id, at: now, action, outcome, actor, subject: &tenant.name, facts })?;
    Ok(tenant)
}

fn get_by_id(tx: &mut Tx<'_>, id: TenantId) -> Result<Tenant> {
    if let Some(tenant) = find_by_id(tx, id)? {
        return Ok(tenant);
    }
    let name = get_standing_by_id(tx, id)?.tenant.name;
    Err(Error::conflict(format!("The tenant {name} is suspended. `tenantry tenant resume {name}` serves it again.")))
}

/// As [`set_by_id`], without a record: for a verb whose own record tells the change. The second value is what has changed,
/// each setting with what it was before and is after.
///
/// # Errors
/// As [`set_by_id`].
pub fn change(tx: &mut Tx<'_>, id: TenantId, changes: &[(String, String)]) -> Result<(Tenant, Value)> {
    let tenant = get_by_id(tx, id)?;
    write(tx, tenant, changes)
}

fn write(tx: &mut Tx<'_>, tenant: Tenant, changes: &[(String, String)]) -> Result<(Tenant, Value)> {
    let settings = changed(&tenant.settings, changes)?;
    replace_settings(tx, &tenant, &settings)?;
    let facts = difference(&tenant.settings, &settings)?;
    Ok((Tenant { settings, revision: tenant.revision + 1, ..tenant }, facts))
}

/// The settings with these changes; an empty value restores the default. Members of the password policy are named
/// `password_policy.minimum_length` and so on.
///
/// # Errors
/// `Invalid`, with the name of the setting.
pub fn changed(settings: &TenantSettings, changes: &[(String, String)]) -> Result<TenantSettings> {
    let usual = tree(&TenantSettings::default())?;
    let mut chosen = tree(settings)?;
    for (key, text) in changes {
        let default = usual.pointer(&pointer(key)).filter(|value| !value.is_object()).ok_or_else(|| unknown(key))?;
        let value = if text.is_empty() { default.clone() } else { read(key, text, default)? };
        *chosen.pointer_mut(&pointer(key)).ok_or_else(|| unknown(key))? = value;
    }
    let settings = serde_json::from_value(chosen)
        .map_err(|cause| Error::invalid(format!("These settings do not fit: {cause}.")))?;
    check(&settings)?;
    Ok(settings)
}

/// A change as a program asks for it: a value of the setting's own kind, or its text.
///
/// # Errors
/// `Invalid`, with the name of the setting.
pub fn change_of(name: String, value: Value) -> Result<(String, String)> {
    let kinds = named(&TenantSettings::default())?;
    let is_text = kinds.iter().any(|(known, usual)| *known == name && (usual.is_null() || usual.is_string()));
    if is_text && !value.is_string() {
        return Err(wrong(&name, "a text"));
    }
    let text = match value {
        Value::String(text) => text,
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match number.as_i64().or_else(|| whole(number.as_f64()?)) {
            Some(number) => number.to_string(),
            None => return Err(wrong(&text::shown(&name), "a whole number")),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => {
            let kinds = "a text, a number, or true or false. A rule for passwords is named password_policy.RULE";
            return Err(wrong(&text::shown(&name), kinds));
        }
    };
    Ok((name, text))
}

/// Every setting by the name that [`changed`] accepts, in alphabetical order.
///
/// # Errors
/// `Internal` only.
pub fn named(settings: &TenantSettings) -> Result<Vec<(String, Value)>> {
    let mut named = Vec::new();
    let Value::Object(members) = tree(settings)? else { return Ok(named) };
    for (key, value) in members {
        match value {
            Value::Object(inner) => {
                named.extend(inner.into_iter().map(|(name, value)| (format!("{key}.{name}"), value)))
            }
            value => named.push((key, value)),
        }
    }
    Ok(named)
}

fn tree(settings: &TenantSettings) -> Result<Value> {
    serde_json::to_value(settings).map_err(Error::internal)
}

fn pointer(key: &str) -> String {
    format!("/{}", key.replace('.', "/"))
}

fn unknown(key: &str) -> Error {
    let names = named(&TenantSettings::default()).unwrap_or_default();
    let near = text::nearest(key, names.iter().map(|(name, _)| name.as_str()));
    let advice = near.map_or_else(|| ".".into(), |near| format!("; did you mean {near}?"));
    Error::invalid(format!(
        "There is no setting {}{advice} `tenantry tenant show` and GET /api/tenantry/v1/settings list them.",
        text::shown(key)
    ))
}

/// The type of the default decides how the text is parsed; a setting without a default is text.
fn read(key: &str, text: &str, default: &Value) -> Result<Value> {
    match default {
        Value::Bool(_) => text.parse().map(Value::Bool).map_err(|_| wrong(key, "true or false")),
        Value::Number(_) => parse_whole(text).map(Value::from).ok_or_else(|| wrong(key, "a whole number")),
        _ => Ok(Value::String(text.into())),
    }
}

pub(super) fn wrong(key: &str, what: &str) -> Error {
    Error::invalid(format!("{key} must be {what}."))
}

/// Each setting that differs, with what it was and what it is.
fn difference(before: &TenantSettings, after: &TenantSettings) -> Result<Value> {
    let pairs = named(before)?.into_iter().zip(named(after)?);
    let differing = pairs.filter(|((_, before), (_, after))| before != after);
    Ok(differing.map(|((key, before), (_, after))| (key, json!({ "before": before, "after": after }))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::BrandSettings;

    fn acme() -> TenantSettings {
        let brand = BrandSettings { display_name: "Acme".into(), ..BrandSettings::default() };
        TenantSettings { brand, ..TenantSettings::default() }
    }

    fn after(changes: &[(&str, &str)]) -> Result<TenantSettings> {
        let changes: Vec<_> = changes.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        changed(&acme(), &changes)
    }

    #[test]
    fn settings_are_changed_by_name_and_kind() {
        let settings = after(&[
            ("link_lifetime_minutes", "90"),
            ("keep_password_until_redeemed", "true"),
            ("contact", "help@example.com"),
            ("password_policy.minimum_length", "15"),
            ("display_name", ""),
        ])
        .unwrap();
        assert_eq!(settings.reset.link_lifetime_minutes, 90);
        assert!(settings.reset.keep_password_until_redeemed);
        assert_eq!(settings.brand.contact.as_deref(), Some("help@example.com"));
        assert_eq!(settings.password.minimum_length, 15);
        assert_eq!(settings.brand.display_name, "");
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        for (key, value) in [
            ("link_lifetime_minutes", "5"),
            ("link_lifetime_minutes", "soon"),
            ("keep_password_until_redeemed", "1"),
            ("language", "xx"),
            ("public_url", "ftp://x"),
            ("public_url", "http://id.example.com"),
            ("mail_from", "nobody"),
            ("colour", "#ffcc00"),
            ("display_name", &"x".repeat(256)),
            ("contact", &"x".repeat(256)),
            ("logo", "https://elsewhere.example/logo.png"),
            ("logo", "//elsewhere.example/logo.png"),
            ("no_such", "1"),
            ("password_policy", "1"),
            ("password_policy.no_such", "1"),
            ("terms_text", "Be kind."),
            ("terms_version", "1"),
        ] {
            let refused = after(&[(key, value)]).unwrap_err();
            assert!(refused.message.contains(key), "{key}={value}: {}", refused.message);
        }
        let near = after(&[("link_life_minutes", "90")]).unwrap_err();
        assert!(near.message.contains("did you mean link_lifetime_minutes?"), "{}", near.message);
        assert!(after(&[("password_policy.minimum_length", "-1")]).is_err());
    }

    #[test]
    fn every_name_that_is_shown_can_be_set() {
        for (key, _) in named(&TenantSettings::default()).unwrap() {
            assert!(after(&[(&key, "")]).is_ok(), "{key}");
        }
    }
}
