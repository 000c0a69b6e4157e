//! The mails about a second factor in the words of a tenant. When and from where it was changed cannot be left out: by this
//! the reader judges whether it was them.

use super::mail::{FactorFacts, mail};
use super::words::Words;
use super::{KINDS, LIFE_SECONDS, Letter};
use crate::language::Language;
use crate::mail::letter::{CODE, Filling, LINK, Text, Wording, minute};
use crate::mails::{Hole, KindOfMail, Sample};

const AT: Hole = Hole::needed("at", "When it happened, to the minute, in UTC.");
const ADDRESS: Hole = Hole::needed("address", "The network address from which it was done.");
const LIFETIME: Hole =
    Hole::free("lifetime", "A sentence that says until when the link works, and that it works once.");
const CODES_LEFT: Hole = Hole::free("codes_left", "A sentence that says how many recovery codes are left.");

const OF_A_NOTICE: &[Hole] = &[Hole::GREETING, Hole::NAME, Hole::TENANT, AT, ADDRESS, Hole::CONTACT];

/// These kinds of mail, in the order of [`KINDS`].
pub const WORDED: [KindOfMail; 5] = [
    KindOfMail {
        name: KINDS[0],
        sent: "An administrator has taken away the recipient's code app.",
        holes: &[Hole::GREETING, Hole::NAME, Hole::TENANT, AT, Hole::LINK, LIFETIME, Hole::CODE, Hole::CONTACT],
        shipped: |language| shipped(Letter::TakenAway, language),
        sample: |facts, own| sample(Letter::TakenAway, facts, own),
    },
    KindOfMail {
        name: KINDS[1],
        sent: "A code app was set up for the recipient's account.",
        holes: OF_A_NOTICE,
        shipped: |language| shipped(Letter::SetUp, language),
        sample: |facts, own| sample(Letter::SetUp, facts, own),
    },
    KindOfMail {
        name: KINDS[2],
        sent: "The code app of the recipient's account was switched off.",
        holes: OF_A_NOTICE,
        shipped: |language| shipped(Letter::SwitchedOff, language),
        sample: |facts, own| sample(Letter::SwitchedOff, facts, own),
    },
    KindOfMail {
        name: KINDS[3],
        sent: "New recovery codes were made for the recipient's account.",
        holes: OF_A_NOTICE,
        shipped: |language| shipped(Letter::CodesMade, language),
        sample: |facts, own| sample(Letter::CodesMade, facts, own),
    },
    KindOfMail {
        name: KINDS[4],
        sent: "A recovery code of the recipient's account was used.",
        holes: &[Hole::GREETING, Hole::NAME, Hole::TENANT, AT, ADDRESS, CODES_LEFT, Hole::CONTACT],
        shipped: |language| shipped(Letter::CodeUsed, language),
        sample: |facts, own| sample(Letter::CodeUsed, facts, own),
    },
];

/// The mail in these words, or in the shipped ones.
pub(super) fn write(letter: Letter, facts: &FactorFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    own.map_or_else(|| mail(letter, facts), |own| filling(facts, called).write(own))
}

fn filling(facts: &FactorFacts<'_>, called: &str) -> Filling {
    let words = Words(facts.language);
    let (link, code) = facts.link.map(|(link, code, _)| (link, code)).unwrap_or_default();
    let works_until = facts.link.map(|(_, _, until)| words.works_until(minute(until)));
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with(AT.name, minute(facts.at))
        .with(ADDRESS.name, facts.address)
        .with(LINK, link)
        .with(CODE, code)
        .with(LIFETIME.name, works_until.unwrap_or_default())
        .with(CODES_LEFT.name, words.codes_left(facts.left))
        .with_contact(facts.contact)
}

fn shipped(letter: Letter, language: Language) -> Wording {
    let words = Words(language);
    let (at, address, contact) = ("{at}", "{address}", "{contact}");
    let hole = String::from;
    let said = match letter {
        Letter::TakenAway => vec![words.taken_away(at), hole("{link}"), hole("{lifetime}"), hole("{code}")],
        Letter::SetUp => vec![words.set_up(at, address)],
        Letter::SwitchedOff => vec![words.switched_off(at, address)],
        Letter::CodesMade => vec![words.codes_made(at, address)],
        Letter::CodeUsed => vec![words.code_used(at, address), hole("{codes_left}")],
    };
    let end = match letter {
        Letter::TakenAway => vec![words.unexpected_tell(contact)],
        _ => vec![words.by_you().into(), words.not_by_you_tell(contact)],
    };
    let said = said.iter().chain(&end).flat_map(|said| said.split("\n\n")).map(String::from);
    let wording = Wording {
        subject: words.subject("{tenant}"),
        paragraphs: [hole("{greeting}")].into_iter().chain(said).collect(),
        ..Wording::default()
    };
    match letter {
        Letter::TakenAway => Wording { link_label: words.label().into(), code_label: words.code().into(), ..wording },
        _ => Wording { footer: words.no_link().into(), ..wording },
    }
}

fn sample(letter: Letter, sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let brand = &sample.tenant.settings.brand;
    let link = sample.link("/second-factor");
    let until = sample.now.plus_seconds(LIFE_SECONDS);
    let facts = FactorFacts {
        tenant_name: &brand.display_name,
        person_name: sample.person,
        at: sample.now,
        // It belongs to nobody (RFC 5737).
        address: "203.0.113.7",
        link: (letter == Letter::TakenAway).then_some((link.as_str(), sample.code, until)),
        left: 9,
        contact: brand.contact.as_deref(),
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
            for (language, left) in Language::ALL.into_iter().flat_map(|one| [(one, 0), (one, 1), (one, 9)]) {
                let link = ("https://id.example.com/second-factor#x", "x", Timestamp(9));
                let facts = FactorFacts {
                    tenant_name: "Example Corp",
                    person_name: "Alice Example",
                    at: Timestamp(0),
                    address: "203.0.113.7",
                    link: (letter == Letter::TakenAway).then_some(link),
                    left,
                    contact: Some("help@example.com"),
                    language,
                };
                let made = write(letter, &facts, "Alice Example", Some(&(worded.shipped)(language)));
                assert_eq!(made, mail(letter, &facts), "{} {language:?}", worded.name);
            }
        }
    }
}
