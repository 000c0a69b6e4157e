//! The mail to users who have not been active for long in the words of a tenant. From when on the account is disabled, and where
//! to sign in, cannot be left out: it would tell nothing.

use super::letter::{AsleepFacts, KINDS, asleep_mail};
use super::words::Words;
use crate::language::Language;
use crate::mail::letter::{Filling, LINK, Text, Wording, minute};
use crate::mails::{Hole, KindOfMail, Sample};

const UNTIL: Hole = Hole::needed("until", "From when on the account is disabled, to the minute, in UTC.");
const REMOVED: Hole = Hole::free(
    "removed",
    "A sentence that says that a disabled account is removed later; nothing where the tenant removes none.",
);

/// This kind of mail in a tenant's words.
pub const WORDED: KindOfMail = KindOfMail {
    name: KINDS[0],
    sent: "The recipient has not been active for long, and their account will be disabled.",
    holes: &[
        Hole::GREETING,
        Hole::NAME,
        Hole::TENANT,
        UNTIL,
        Hole::needed(LINK, "The link to the page for signing in, as a button. It is a paragraph of its own."),
        REMOVED,
        Hole::CONTACT,
    ],
    shipped,
    sample,
};

/// The mail in these words, or in the shipped ones.
pub(super) fn write(facts: &AsleepFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    let Some(own) = own else { return asleep_mail(facts) };
    let removed = if facts.is_removed { Words(facts.language).removed() } else { "" };
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with(UNTIL.name, minute(facts.until))
        .with(LINK, facts.link)
        .with(REMOVED.name, removed)
        .with_contact(facts.contact)
        .write(own)
}

fn shipped(language: Language) -> Wording {
    let words = Words(language);
    let until = words.disabled_from("{tenant}", "{until}");
    let said = [&until, words.to_stay(), "{link}", "{removed}", words.not_needed()];
    let said = said.into_iter().flat_map(|said| said.split("\n\n")).map(String::from);
    Wording {
        subject: words.subject("{tenant}"),
        paragraphs: ["{greeting}".to_owned()].into_iter().chain(said).collect(),
        link_label: words.label().into(),
        footer: words.ask_them("{contact}"),
        ..Wording::default()
    }
}

fn sample(sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let settings = &sample.tenant.settings;
    let facts = AsleepFacts {
        tenant_name: &settings.brand.display_name,
        person_name: sample.person,
        link: &format!("{}/signin", sample.pages),
        until: sample.now.plus_seconds(settings.inactive_users.notice_days * 24 * 3600),
        is_removed: settings.inactive_users.remove_days > 0,
        contact: settings.brand.contact.as_deref(),
        language: sample.language,
    };
    write(&facts, sample.person, own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn the_shipped_words_make_the_shipped_mail() {
        for (language, is_removed) in Language::ALL.into_iter().flat_map(|one| [(one, false), (one, true)]) {
            let facts = AsleepFacts {
                tenant_name: "Example Corp",
                person_name: "Alice Example",
                link: "https://example-corp.id.example.com/signin",
                until: Timestamp(0),
                is_removed,
                contact: Some("help@example.com"),
                language,
            };
            assert_eq!(write(&facts, "Alice Example", Some(&shipped(language))), asleep_mail(&facts), "{language:?}");
        }
    }
}
