//! The values that a tenant's settings may have.

use super::set::wrong;
use crate::clock::Timestamp;
use crate::config::{PublicUrl, bounds};
use crate::error::{Error, Result};
use crate::identity::{TenantSettings, TermsSettings};
use crate::language::Language;
use crate::mail::address::Email;
use crate::pages::accent;
use crate::{passwords, text};

/// Longest name and longest contact, in bytes (the name as in the public API).
const TEXT_MAX: usize = 255;

/// Checks all settings together.
///
/// # Errors
/// `Invalid`, with the name of the first that may not be so.
pub(super) fn check(settings: &TenantSettings) -> Result<()> {
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
        // Every relay on the way must carry it, for each recipient.
        if address.as_ref().is_some_and(|address| !Email::parse(address).is_ok_and(|email| email.is_ascii())) {
            return Err(wrong(key, "an email address, in ASCII before the @"));
        }
    }
    check_terms(&settings.terms)?;
    if settings.import.hashes_until.as_deref().is_some_and(|until| Timestamp::parse(until).is_none()) {
        return Err(wrong("import.hashes_until", "a time such as 2026-03-04T09:15:27Z"));
    }
    passwords::validate(&settings.password)
}

/// The longest time for which an owner may let hashes in.
const WINDOW_SECONDS: i64 = 7 * 24 * 3600;

/// Checks the window for hashes when it is set.
///
/// # Errors
/// `Invalid` for one that ends too late, or is over.
pub(super) fn check_window(settings: &TenantSettings, now: Timestamp) -> Result<()> {
    let until = settings.import.hashes_until.as_deref().and_then(Timestamp::parse);
    match until {
        Some(until) if until <= now || until > now.plus_seconds(WINDOW_SECONDS) => {
            Err(wrong("import.hashes_until", "a time to come, at most 7 days ahead"))
        }
        _ => Ok(()),
    }
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
    text::check_lines("terms_text", &terms.text)?;
    text::check("terms_version", &terms.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_have_a_text_of_some_lines_and_a_version() {
        let terms =
            |text: &str, version: &str| check_terms(&TermsSettings { text: text.into(), version: version.into() });
        assert!(terms("Be kind.\nPay in time.", "2").is_ok());
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
}
