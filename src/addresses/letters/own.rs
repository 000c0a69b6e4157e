//! The mails about a change of an address in the words of a tenant. What happened to whose address cannot be left out: who may
//! word them may be the one who wants the address changed.

use super::mail::{AddressFacts, cool_off, mail, subject};
use super::words::Words;
use super::{KINDS, LIFE_SECONDS, Letter};
use crate::address::shown;
use crate::language::Language;
use crate::mail::letter::{CODE, Filling, LINK, Text, Wording, minute};
use crate::mails::{Hole, KindOfMail, Sample};

const FROM: Hole = Hole::needed("from", "The address of the account before the change.");
const TO: Hole = Hole::needed("to", "The address after it.");
const LIFETIME: Hole =
    Hole::free("lifetime", "A sentence that says until when the link works, and that it works once.");
const ASKED_AT: Hole = Hole::needed("at", "When the change was requested, to the minute, in UTC.");
const CHANGED_AT: Hole = Hole::needed("at", "When the address was changed, to the minute, in UTC.");
const GOES_THERE: Hole = Hole::free(
    "cool_off",
    "A sentence that says until when mail still goes to the former address; nothing where it goes to the new one at once.",
);
const COMES_HERE: Hole = Hole::needed(
    "cool_off",
    "A sentence that says until when mail of the account still comes here, and how to get the account back; nothing where it \
     goes to the new address at once.",
);

/// These kinds of mail, in the order of [`KINDS`].
pub const WORDED: [KindOfMail; 4] = [
    KindOfMail {
        name: KINDS[0],
        sent: "A new address was requested for the recipient's account; the new address gets it.",
        holes: &[Hole::GREETING, Hole::NAME, Hole::TENANT, FROM, TO, Hole::LINK, LIFETIME, Hole::CODE, Hole::CONTACT],
        shipped: |language| shipped(Letter::Confirm, language),
        sample: |facts, own| sample(Letter::Confirm, facts, own),
    },
    KindOfMail {
        name: KINDS[1],
        sent: "A new address was requested for the recipient's account; the address where its mail goes gets it.",
        holes: &[Hole::GREETING, Hole::NAME, Hole::TENANT, FROM, TO, ASKED_AT, Hole::CONTACT],
        shipped: |language| shipped(Letter::Requested, language),
        sample: |facts, own| sample(Letter::Requested, facts, own),
    },
    KindOfMail {
        name: KINDS[2],
        sent: "The recipient's account has another address; the new one gets it.",
        holes: &[Hole::GREETING, Hole::NAME, Hole::TENANT, FROM, TO, CHANGED_AT, GOES_THERE, Hole::CONTACT],
        shipped: |language| shipped(Letter::Changed, language),
        sample: |facts, own| sample(Letter::Changed, facts, own),
    },
    KindOfMail {
        name: KINDS[3],
        sent: "The recipient's account has another address; the former one gets it.",
        holes: &[Hole::GREETING, Hole::NAME, Hole::TENANT, FROM, TO, CHANGED_AT, COMES_HERE, Hole::CONTACT],
        shipped: |language| shipped(Letter::Left, language),
        sample: |facts, own| sample(Letter::Left, facts, own),
    },
];

/// The mail in these words, or in the shipped ones.
pub(super) fn write(letter: Letter, facts: &AddressFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    own.map_or_else(|| mail(letter, facts), |own| filling(letter, facts, called).write(own))
}

fn filling(letter: Letter, facts: &AddressFacts<'_>, called: &str) -> Filling {
    let words = Words(facts.language);
    let (link, code) = facts.link.unwrap_or_default();
    let works_until = facts.until.map(|until| words.works_until(minute(until)));
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with(FROM.name, shown(facts.from))
        .with(TO.name, shown(facts.to))
        .with(LINK, link)
        .with(CODE, code)
        .with(LIFETIME.name, works_until.unwrap_or_default())
        .with(CHANGED_AT.name, minute(facts.at))
        .with(COMES_HERE.name, cool_off(letter, words, facts).unwrap_or_default())
        .with_contact(facts.contact)
}

fn shipped(letter: Letter, language: Language) -> Wording {
    let words = Words(language);
    let (from, to, at, contact) = ("{from}", "{to}", "{at}", "{contact}");
    let hole = String::from;
    let said = match letter {
        Letter::Confirm => vec![words.confirm(from, to), hole("{link}"), hole("{lifetime}"), hole("{code}")],
        Letter::Requested => vec![words.requested(from, to, at), words.by_you().into(), words.stop_tell(contact)],
        Letter::Changed => {
            vec![words.changed(from, to, at), hole("{cool_off}"), words.by_you().into(), words.not_by_you_tell(contact)]
        }
        Letter::Left => {
            vec![words.changed(from, to, at), words.by_you().into(), hole("{cool_off}"), words.not_by_you_tell(contact)]
        }
    };
    let said = said.iter().flat_map(|said| said.split("\n\n")).map(String::from);
    let wording = Wording {
        subject: subject(letter, words, "{tenant}"),
        paragraphs: [hole("{greeting}")].into_iter().chain(said).collect(),
        footer: words.no_link().into(),
        ..Wording::default()
    };
    match letter {
        Letter::Confirm => Wording {
            link_label: words.confirm_label().into(),
            code_label: words.code().into(),
            footer: words.unexpected().into(),
            ..wording
        },
        Letter::Requested | Letter::Changed | Letter::Left => wording,
    }
}

fn sample(letter: Letter, sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let settings = &sample.tenant.settings;
    let hours = settings.reset.address_cool_off_hours;
    let until = match letter {
        Letter::Confirm => Some(LIFE_SECONDS),
        Letter::Requested => None,
        Letter::Changed | Letter::Left => (hours > 0).then_some(hours * 3600),
    };
    let link = sample.link("/email");
    let facts = AddressFacts {
        tenant_name: &settings.brand.display_name,
        person_name: sample.person,
        from: "alex@example.com",
        to: "alex@example.org",
        link: (letter == Letter::Confirm).then_some((link.as_str(), sample.code)),
        at: sample.now,
        until: until.map(|seconds| sample.now.plus_seconds(seconds)),
        contact: settings.brand.contact.as_deref(),
        language: sample.language,
    };
    write(letter, &facts, sample.person, own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn the_shipped_words_make_the_shipped_mail() {
        for (letter, worded) in Letter::ALL.into_iter().zip(WORDED) {
            assert_eq!(worded.name, letter.kind());
            for (language, until) in Language::ALL.into_iter().flat_map(|one| [(one, None), (one, Some(Timestamp(9)))])
            {
                let has_link = letter == Letter::Confirm;
                let facts = AddressFacts {
                    tenant_name: "Example Corp",
                    person_name: "Alice Example",
                    from: "alice@example.com",
                    to: "alice@xn--mnchen-3ya.example",
                    link: has_link.then_some(("https://id.example.com/email#x", "x")),
                    at: Timestamp(0),
                    until: until.or(has_link.then_some(Timestamp(9))),
                    contact: Some("help@example.com"),
                    language,
                };
                let made = write(letter, &facts, "Alice Example", Some(&(worded.shipped)(language)));
                assert_eq!(made, mail(letter, &facts), "{} {language:?}", worded.name);
            }
        }
    }
}
