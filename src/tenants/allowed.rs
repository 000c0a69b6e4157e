//! The values that a tenant's settings may have.

use super::set::wrong;
use crate::clock::Timestamp;
use crate::config::{PublicUrl, bounds};
use crate::error::{Error, Result};
use crate::identity::{ImportSettings, InactiveUsersSettings, REMOVED_LATER_DAYS, TenantSettings, TermsSettings};
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
        ("incident_approval_above", settings.reset.incident_approval_above, (-1, 10_000_000)),
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
    if settings.mail.audit_head.as_ref().is_some_and(|address| Email::parse(address).is_err()) {
        return Err(wrong("audit_head_mail", "an email address"));
    }
    check_terms(&settings.terms)?;
    check_import(&settings.import)?;
    check_inactive(&settings.inactive_users)?;
    passwords::validate(&settings.password)
}

fn check_import(settings: &ImportSettings) -> Result<()> {
    match settings.hashes_until.as_deref() {
        Some(until) if Timestamp::parse(until).is_none() => {
            Err(wrong("import.hashes_until", "a time such as 2026-03-04T09:15:27Z"))
        }
        _ => Ok(()),
    }
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

/// The fewest days after which users may be disabled: nobody is for a holiday.
const DISABLE_DAYS_MIN: i64 = 14;
const DISABLE_DAYS_MAX: i64 = 3_650;
const NOTICE_DAYS: (i64, i64) = (3, 90);
const REMOVE_DAYS_MAX: i64 = 7_300;

fn check_inactive(settings: &InactiveUsersSettings) -> Result<()> {
    let InactiveUsersSettings { disable_days, notice_days, remove_days } = *settings;
    if disable_days != 0 && !(DISABLE_DAYS_MIN..=DISABLE_DAYS_MAX).contains(&disable_days) {
        let range = format!("0, or a number from {DISABLE_DAYS_MIN} to {DISABLE_DAYS_MAX}");
        return Err(wrong("inactive_users.disable_days", &range));
    }
    if !(NOTICE_DAYS.0..=NOTICE_DAYS.1).contains(&notice_days) {
        return Err(wrong(
            "inactive_users.notice_days",
            &format!("a number from {} to {}", NOTICE_DAYS.0, NOTICE_DAYS.1),
        ));
    }
    if disable_days != 0 && notice_days >= disable_days {
        return Err(wrong("inactive_users.notice_days", "fewer than inactive_users.disable_days"));
    }
    if remove_days != 0 && disable_days == 0 {
        return Err(wrong(
            "inactive_users.remove_days",
            "0 where inactive_users.disable_days is: only who is disabled so is removed",
        ));
    }
    let least = disable_days + REMOVED_LATER_DAYS;
    if remove_days != 0 && !(least..=REMOVE_DAYS_MAX).contains(&remove_days) {
        let range = format!(
            "0, or a number from {least} to {REMOVE_DAYS_MAX}, {REMOVED_LATER_DAYS} more than disable_days at least"
        );
        return Err(wrong("inactive_users.remove_days", &range));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_told_before_they_are_disabled_and_removed_later() {
        let refused = |disable_days, notice_days, remove_days| {
            let checked = check_inactive(&InactiveUsersSettings { disable_days, notice_days, remove_days });
            checked.err().map(|refused| refused.message.split(' ').next().unwrap_or_default().to_owned())
        };
        for fine in [(0, 14, 0), (14, 13, 24), (45, 14, 0), (3_650, 90, 7_300), (0, 90, 0)] {
            assert_eq!(refused(fine.0, fine.1, fine.2), None, "{fine:?}");
        }
        for (wrong, name) in [
            ((13, 3, 0), "disable_days"),
            ((-1, 14, 0), "disable_days"),
            ((3_651, 14, 0), "disable_days"),
            ((45, 2, 0), "notice_days"),
            ((3_650, 91, 0), "notice_days"),
            ((14, 14, 0), "notice_days"),
            ((0, 14, 90), "remove_days"),
            ((45, 14, 54), "remove_days"),
            ((45, 14, 7_301), "remove_days"),
            ((45, 14, -1), "remove_days"),
        ] {
            assert_eq!(refused(wrong.0, wrong.1, wrong.2), Some(format!("inactive_users.{name}")), "{wrong:?}");
        }
    }

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
