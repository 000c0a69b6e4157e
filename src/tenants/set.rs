//! Changes a tenant's settings by their names.

use serde_json::{Value, json};

use super::{find_by_id, find_by_name, get_standing, replace_settings};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::config::{PublicUrl, bounds};
use crate::error::{Error, Result};
use crate::identity::{Actor, Tenant, TenantId, TenantSettings, TermsSettings};
use crate::language::Language;
use crate::mail::address::Email;
use crate::pages::accent;
use crate::passwords;
use crate::store::Tx;
use crate::text;
use crate::whole::parse_whole;

/// The tenant of this name.
///
/// # Errors
/// `NotFound`; `Conflict` while it is suspended.
pub fn get_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Tenant> {
    if let Some(tenant) = find_by_name(tx, name)? {
        return Ok(tenant);
    }
    get_standing(tx, name)?;
    Err(Error::conflict(format!("The tenant {name} is suspended. `tenantry tenant resume {name}` serves it again.")))
}

/// Changes settings of a tenant, all of them or none.
///
/// # Errors
/// `Invalid`, with the name of the setting; `NotFound`.
pub fn set(tx: &mut Tx<'_>, name: &str, changes: &[(String, String)], actor: &Actor, now: Timestamp) -> Result<Tenant> {
    let tenant = get_by_name(tx, name)?;
    set_of(tx, tenant, changes, actor, now)
}

/// As [`set`], for the tenant of a call.
///
/// # Errors
/// As [`set`].
pub fn set_by_id(
    tx: &mut Tx<'_>,
    id: TenantId,
    changes: &[(String, String)],
    actor: &Actor,
    now: Timestamp,
) -> Result<Tenant> {
    let tenant = get_by_id(tx, id)?;
    set_of(tx, tenant, changes, actor, now)
}

fn get_by_id(tx: &mut Tx<'_>, id: TenantId) -> Result<Tenant> {
    find_by_id(tx, id)?.ok_or_else(|| Error::not_found("The tenant is not there any more."))
}

fn set_of(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    changes: &[(String, String)],
    actor: &Actor,
    now: Timestamp,
) -> Result<Tenant> {
    let (tenant, facts) = write(tx, tenant, changes)?;
    let (action, outcome) = ("tenant.set", Outcome::Accepted);
    audit::record(tx, &Event { tenant: tenant.id, at: now, action, outcome, actor, subject: &tenant.name, facts })?;
    Ok(tenant)
}

/// As [`set_by_id`], without a record: for a verb whose own record tells the change. The second value is what has changed,
/// each setting with what it was before and is after.
///
/// # Errors
/// As [`set`].
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

fn wrong(key: &str, what: &str) -> Error {
    Error::invalid(format!("{key} must be {what}."))
}

/// Longest name and longest contact, in bytes (the name as in the public API).
const TEXT_MAX: usize = 255;

fn check(settings: &TenantSettings) -> Result<()> {
    // Values that a new tenant inherits from the server's settings must be allowed here too.
    let server = |name| {
        let (least, most) = bounds(name);
        (i64::from(least), i64::from(most))
    };
    let budget_max = server("reset.budget_per_person_per_hour").1;
    let ranges = [
        ("link_lifetime_minutes", settings.reset.link_lifetime_minutes, server("links.lifetime_minutes")),
        ("reset_repeat_seconds", settings.reset.repeat_seconds, server("reset.repeat_window_seconds")),
        ("reset_mails_per_hour", settings.reset.mails_per_hour, server("reset.mails_per_user_per_hour")),
        ("reset_budget_per_hour", settings.reset.budget_per_hour, (-1, budget_max)),
        ("address_cool_off_hours", settings.reset.address_cool_off_hours, (0, 168)),
        ("sign_in_failures_max", settings.sign_in.failures_max, (1, 100)),
        ("session_idle_minutes", settings.session.idle_minutes, server("sessions.idle_minutes")),
        ("session_absolute_minutes", settings.session.absolute_minutes, server("sessions.absolute_minutes")),
        ("credential_days_max", settings.credential.days_max, (1, 3_650)),
    ];
    if let Some((key, _, (least, most))) =
        ranges.iter().find(|(_, value, (least, most))| !(least..=most).contains(&value))
    {
        return Err(wrong(key, &format!("a number from {least} to {most}")));
    }
    if Language::from_tag(&settings.brand.language).is_none() {
        return Err(wrong("language", "en, de, fr or ja"));
    }
    let is_safe = |url: &String| url.parse::<PublicUrl>().is_ok_and(|url| url.is_https() || url.is_loopback());
    if settings.brand.public_url.as_ref().is_some_and(|url| !is_safe(url)) {
        return Err(wrong("public_url", "https and a host, without a path; http only for this machine itself"));
    }
    let is_ours = |logo: &String| logo.starts_with("data:image/") || (logo.starts_with('/') && !logo.starts_with("//"));
    if settings.brand.logo.as_ref().is_some_and(|logo| !is_ours(logo)) {
        return Err(wrong("logo", "a path of this server or a data:image/ URL: pages load nothing from elsewhere"));
    }
    if settings.brand.display_name.len() > TEXT_MAX {
        return Err(wrong("display_name", "a text of at most 255 bytes"));
    }
    if settings.brand.contact.as_ref().is_some_and(|contact| contact.len() > TEXT_MAX) {
        return Err(wrong("contact", "a text of at most 255 bytes"));
    }
    settings.brand.colour.as_deref().map_or(Ok(()), accent::check)?;
    for (key, address) in [("mail_from", &settings.mail.from), ("mail_reply_to", &settings.mail.reply_to)] {
        if address.as_ref().is_some_and(|address| Email::parse(address).is_err()) {
            return Err(wrong(key, "an email address"));
        }
    }
    check_terms(&settings.terms)?;
    passwords::validate(&settings.password)
}

/// Longest terms of service, in bytes: the settings of a tenant are read with most calls.
const TERMS_MAX: usize = 16 * 1024;
/// Longest version of them, in bytes.
const TERMS_VERSION_MAX: usize = 64;

fn check_terms(terms: &TermsSettings) -> Result<()> {
    if terms.text.is_empty() != terms.version.is_empty() {
        return Err(Error::invalid("terms_text and terms_version go together: set both, or neither."));
    }
    if terms.text.len() > TERMS_MAX {
        return Err(wrong("terms_text", "at most 16384 bytes; longer ones say where they are to be read"));
    }
    if terms.version.len() > TERMS_VERSION_MAX {
        return Err(wrong("terms_version", "at most 64 bytes"));
    }
    terms.text.split('\n').try_for_each(|line| text::check("terms_text", line))?;
    text::check("terms_version", &terms.version)
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
    fn terms_have_a_text_of_some_lines_and_a_version() {
        let terms = |text: &str, version: &str| after(&[("terms_text", text), ("terms_version", version)]);
        let set = terms("Be kind.\nPay in time.", "2").unwrap().terms;
        assert_eq!((&*set.text, &*set.version), ("Be kind.\nPay in time.", "2"));
        assert!(terms(&"x".repeat(TERMS_MAX), &"1".repeat(TERMS_VERSION_MAX)).is_ok());
        for (text, version) in [
            (&*"x".repeat(TERMS_MAX + 1), "1"),
            ("x", &*"1".repeat(TERMS_VERSION_MAX + 1)),
            ("x\u{7}", "1"),
            ("x", "1\n2"),
        ] {
            assert!(terms(text, version).unwrap_err().message.contains("terms_"), "{text:.20} {version}");
        }
    }

    #[test]
    fn every_name_that_is_shown_can_be_set() {
        for (key, _) in named(&TenantSettings::default()).unwrap() {
            assert!(after(&[(&key, "")]).is_ok(), "{key}");
        }
    }
}
