//! The mails with a link in the words of a tenant. Shipped, they say in whole sentences whether the old password still works;
//! a wording is one for all recipients, so it has a hole for that sentence.

use super::mail::{Differs, LinkFacts, OldPassword, differs, link_mail, works_for};
use super::words::Words;
use super::{KINDS, Kind, lifetime_minutes};
use crate::language::Language;
use crate::mail::letter::{CODE, Filling, LINK, Text, Wording};
use crate::mails::{Hole, KindOfMail, Sample};

const LIFETIME: Hole = Hole::free("lifetime", "A sentence that says how long the link works, and that it works once.");
const OLD_PASSWORD: Hole = Hole::free(
    "old_password",
    "A sentence that says whether the old password still works; nothing for a recipient who had none.",
);
const HOLES: &[Hole] =
    &[Hole::GREETING, Hole::NAME, Hole::TENANT, Hole::LINK, LIFETIME, Hole::CODE, OLD_PASSWORD, Hole::CONTACT];
const INCIDENT: Hole = Hole::free("incident", "What was written for the incident, in its own words; may be nothing.");
const HOLES_OF_INCIDENT: &[Hole] = &[
    Hole::GREETING,
    Hole::NAME,
    Hole::TENANT,
    INCIDENT,
    Hole::LINK,
    LIFETIME,
    Hole::CODE,
    OLD_PASSWORD,
    Hole::CONTACT,
];
const HOLES_OF_INVITATION: &[Hole] =
    &[Hole::GREETING, Hole::NAME, Hole::TENANT, Hole::LINK, LIFETIME, Hole::CODE, Hole::CONTACT];

/// These kinds of mail, in the order of [`KINDS`].
pub const WORDED: [KindOfMail; 6] = [
    KindOfMail {
        name: KINDS[0],
        sent: "An administrator has reset the password of the recipient.",
        holes: HOLES,
        shipped: |language| shipped(Kind::Administrator, language),
        sample: |facts, own| sample(Kind::Administrator, facts, own),
    },
    KindOfMail {
        name: KINDS[1],
        sent: "An account was made for the recipient.",
        holes: HOLES_OF_INVITATION,
        shipped: |language| shipped(Kind::Invitation, language),
        sample: |facts, own| sample(Kind::Invitation, facts, own),
    },
    KindOfMail {
        name: KINDS[2],
        sent: "An administrator has sent the recipient a link to choose a new password, without a reset.",
        holes: HOLES,
        shipped: |language| shipped(Kind::Remail, language),
        sample: |facts, own| sample(Kind::Remail, facts, own),
    },
    KindOfMail {
        name: KINDS[3],
        sent: "Somebody has asked for a new password for the recipient's address on the page for forgotten passwords.",
        holes: HOLES,
        shipped: |language| shipped(Kind::Forgotten, language),
        sample: |facts, own| sample(Kind::Forgotten, facts, own),
    },
    KindOfMail {
        name: KINDS[4],
        sent: "The recipient, signed in, has asked for a link to choose a new password.",
        holes: HOLES,
        shipped: |language| shipped(Kind::Own, language),
        sample: |facts, own| sample(Kind::Own, facts, own),
    },
    KindOfMail {
        name: KINDS[5],
        sent: "An incident has ended the passwords of many users at once, the recipient's among them.",
        holes: HOLES_OF_INCIDENT,
        shipped: |language| shipped(Kind::Incident, language),
        sample: |facts, own| sample(Kind::Incident, facts, own),
    },
];

/// The mail of a reset in these words, or in the shipped ones.
pub(super) fn write(kind: Kind, facts: &LinkFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    own.map_or_else(|| link_mail(kind, facts), |own| filling(facts, called).write(own))
}

fn filling(facts: &LinkFacts<'_>, called: &str) -> Filling {
    let words = Words(facts.language);
    let old_password = match facts.old_password {
        OldPassword::None => "",
        OldPassword::Works => words.old_works(),
        OldPassword::Dead => words.old_is_dead(),
    };
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with(LINK, facts.link)
        .with(CODE, facts.code)
        .with(LIFETIME.name, works_for(words, facts.lives_minutes))
        .with(OLD_PASSWORD.name, old_password)
        .with(INCIDENT.name, facts.words.unwrap_or_default())
        .with_contact(facts.contact)
}

/// The words for a recipient who has no old password are true for everyone, if the sentence on it stands behind them.
fn shipped(kind: Kind, language: Language) -> Wording {
    let words = Words(language);
    let Differs { subject, why, label, aside } =
        differs(kind, words, "{tenant}", OldPassword::None, Some("{contact}".into()));
    let old_password = (kind != Kind::Invitation).then_some("{old_password}");
    let incident = (kind == Kind::Incident).then_some("{incident}");
    let paragraphs = ["{greeting}", &why].into_iter().chain(incident).chain(old_password);
    let paragraphs = paragraphs.chain(["{link}", "{lifetime}", "{code}"]);
    Wording {
        subject,
        paragraphs: paragraphs.map(String::from).collect(),
        link_label: label.into(),
        code_label: words.code().into(),
        footer: aside,
    }
}

fn sample(kind: Kind, sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let settings = &sample.tenant.settings;
    let old_password = match kind {
        Kind::Invitation => OldPassword::None,
        Kind::Administrator if !settings.reset.keep_password_until_redeemed => OldPassword::Dead,
        Kind::Incident => OldPassword::Dead,
        Kind::Administrator | Kind::Remail | Kind::Forgotten | Kind::Own => OldPassword::Works,
    };
    let link = sample.link("/reset");
    let facts = LinkFacts {
        tenant_name: &settings.brand.display_name,
        person_name: sample.person,
        link: &link,
        code: sample.code,
        lives_minutes: u32::try_from(lifetime_minutes(&settings.reset, kind, None)).unwrap_or(u32::MAX),
        old_password,
        words: None,
        contact: settings.brand.contact.as_deref(),
        language: sample.language,
    };
    write(kind, &facts, sample.person, own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_words_make_the_shipped_mail_of_a_recipient_without_a_password() {
        for (kind, worded) in Kind::ALL.into_iter().zip(WORDED) {
            assert_eq!(worded.name, format!("reset.{}", kind.word()));
            for language in Language::ALL {
                let facts = LinkFacts {
                    tenant_name: "Example Corp",
                    person_name: "Alice Example",
                    link: "https://id.example.com/reset#x",
                    code: "x",
                    lives_minutes: 60,
                    old_password: OldPassword::None,
                    words: None,
                    contact: Some("help@example.com"),
                    language,
                };
                let made = write(kind, &facts, "Alice Example", Some(&(worded.shipped)(language)));
                assert_eq!(made, link_mail(kind, &facts), "{} {language:?}", worded.name);
                let facts = LinkFacts { old_password: OldPassword::Dead, ..facts };
                let made = write(kind, &facts, "Alice Example", Some(&(worded.shipped)(language)));
                let tells = made.text.contains(Words(language).old_is_dead());
                assert_eq!(tells, kind != Kind::Invitation, "{} {language:?}", worded.name);
            }
        }
    }
}
