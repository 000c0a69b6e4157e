//! `golden/` holds the mails of each language as users get them; a change of wording must be repeated there.

use std::collections::BTreeSet;

use super::*;
use crate::addresses::{AddressFacts, Letter, mail as address_mail};
use crate::clock::Timestamp;
use crate::factors::{FactorFacts, Letter as Factor, mail as factor_mail};
use crate::heads::head_mail;
use crate::incidents::{IncidentFacts, Told, incident_mail};
use crate::language::Language;
use crate::mail::letter::Text;
use crate::mail::test_mail::{self, TestFacts};
use crate::notices::ChangeFacts;
use crate::random::Random;
use crate::reset::{BudgetFacts, Kind, LinkFacts, OldPassword, link_mail, warning_mail};
use crate::user_settings::{AccessFacts, access_mail};
use crate::users::{AsleepFacts, asleep_mail};
use crate::webhooks::{TroubleFacts, trouble_mail};

const WITH_LINK: [Kind; 6] = Kind::ALL;

fn link_facts(language: Language) -> LinkFacts<'static> {
    LinkFacts {
        tenant_name: "Example Corp",
        person_name: "Alice Example",
        link: "https://example-corp.example.com/reset#k1.0190f0c2.Zm9vYmFy",
        code: "k1.0190f0c2.Zm9vYmFy",
        lives_minutes: 60,
        old_password: OldPassword::Works,
        words: None,
        contact: Some("help@example.com"),
        language,
    }
}

fn change_facts(language: Language) -> ChangeFacts<'static> {
    ChangeFacts {
        tenant_name: "Example Corp",
        person_name: "Alice Example",
        at: Timestamp(1_772_615_727_004_211),
        from_address: "203.0.113.7".parse().unwrap(),
        contact: Some("help@example.com"),
        language,
    }
}

fn access_facts(language: Language) -> AccessFacts<'static> {
    AccessFacts {
        tenant_name: "Example Corp",
        person_name: "Olga Owner",
        asker: "jane@example.com",
        at: Timestamp(1_772_615_727_004_211),
        language,
    }
}

fn address_facts(language: Language) -> AddressFacts<'static> {
    let at = Timestamp(1_772_615_727_004_211);
    AddressFacts {
        tenant_name: "Example Corp",
        person_name: "Alice Example",
        from: "alice@example.com",
        to: "alice@xn--mnchen-3ya.example",
        link: None,
        at,
        until: Some(at.plus_seconds(24 * 3600)),
        contact: Some("help@example.com"),
        language,
    }
}

/// The mails about a change of an address.
fn about_addresses(language: Language) -> [Text; 4] {
    let facts = address_facts(language);
    let link = Some(("https://example-corp.example.com/email#k1.0190f0c2.Zm9vYmFy", "k1.0190f0c2.Zm9vYmFy"));
    [
        address_mail(Letter::Confirm, &AddressFacts { link, ..facts }),
        address_mail(Letter::Requested, &facts),
        address_mail(Letter::Changed, &facts),
        address_mail(Letter::Left, &facts),
    ]
}

/// The mails about a second factor.
fn about_factors(language: Language) -> [Text; 5] {
    let at = Timestamp(1_772_615_727_004_211);
    let token = "k1.0190f0c2.Zm9vYmFy";
    let link = ("https://example-corp.example.com/second-factor#k1.0190f0c2.Zm9vYmFy", token, at.plus_seconds(3_600));
    let facts = FactorFacts {
        tenant_name: "Example Corp",
        person_name: "Alice Example",
        at,
        address: "203.0.113.7",
        link: Some(link),
        left: 7,
        contact: Some("help@example.com"),
        language,
    };
    Factor::ALL.map(|letter| factor_mail(letter, &facts))
}

fn asleep_facts(language: Language) -> AsleepFacts<'static> {
    AsleepFacts {
        tenant_name: "Example Corp",
        person_name: "Alice Example",
        link: "https://example-corp.example.com/signin",
        until: Timestamp(1_772_615_727_004_211),
        is_removed: true,
        contact: Some("help@example.com"),
        language,
    }
}

fn trouble_facts(language: Language) -> TroubleFacts<'static> {
    TroubleFacts {
        tenant_name: "Example Corp",
        person_name: "Olga Owner",
        webhook: "Help desk",
        since: Timestamp(1_772_615_727_004_211),
        is_off: false,
        language,
    }
}

const HEAD: &str =
    "id.example.com/tenantry/example-corp/audit\n812\n7c1e\nrecords 48210\nat 2026-03-04T09:15:27.004211Z\n
\u{2014} id.example.com/tenantry Az3g\n";

fn about_webhooks(language: Language) -> [Text; 2] {
    [false, true].map(|is_off| trouble_mail(&TroubleFacts { is_off, ..trouble_facts(language) }))
}

fn all(language: Language) -> Vec<Text> {
    let change = change_facts(language);
    let having = |old_password| LinkFacts { old_password, ..link_facts(language) };
    let (none, works, dead) = (having(OldPassword::None), having(OldPassword::Works), having(OldPassword::Dead));
    let budget = BudgetFacts {
        tenant_name: "Example Corp",
        person_name: "Olga Owner",
        spender: "helpdesk@example.com",
        used: 25,
        budget: 50,
        language,
    };
    let incident = IncidentFacts {
        tenant_name: "Example Corp",
        person_name: "Olga Owner",
        incident: "Leaked laptop backup",
        by: "admin@example.com",
        users: 9_871,
        language,
    };
    let at = change.at;
    let asks = access_facts(language);
    let about_passwords = [
        link_mail(Kind::Administrator, &dead),
        link_mail(Kind::Administrator, &works),
        link_mail(Kind::Administrator, &none),
        link_mail(Kind::Remail, &works),
        link_mail(Kind::Remail, &dead),
        link_mail(Kind::Invitation, &none),
        link_mail(Kind::Forgotten, &works),
        link_mail(Kind::Forgotten, &dead),
        link_mail(Kind::Incident, &LinkFacts { words: Some("A laptop with a copy of our list was stolen."), ..dead }),
        notices::change_mail(&change),
        warning_mail(&budget),
        incident_mail(Told::Asked, &incident),
        incident_mail(Told::Started, &incident),
        access_mail(&asks),
        test_mail::write(&TestFacts { server: "id.example.com", relay: "smtp.example.com:587", at, language }),
    ];
    let others = about_addresses(language).into_iter().chain(about_factors(language));
    let asleep = asleep_mail(&asleep_facts(language));
    let others = others.chain([asleep]).chain(about_webhooks(language));
    about_passwords.into_iter().chain(others).chain([head_mail("Example Corp", 812, HEAD, language)]).collect()
}

/// The form of the golden files. Trailing blanks are part of a mail, but editors strip them.
fn printed(language: Language) -> String {
    let mails: Vec<_> = all(language)
        .into_iter()
        .map(|mail| format!("Subject: {}\n\n{}", mail.subject, mail.text.replace("-- \n", "--\n")))
        .collect();
    mails.join("\n========\n\n")
}

#[test]
fn each_mail_says_what_was_agreed() {
    for (language, golden) in [
        (Language::English, include_str!("golden/english.txt")),
        (Language::German, include_str!("golden/german.txt")),
        (Language::French, include_str!("golden/french.txt")),
        (Language::Japanese, include_str!("golden/japanese.txt")),
    ] {
        assert_eq!(printed(language), golden, "{language:?}");
    }
}

#[test]
fn text_and_html_carry_the_same_link_and_code() {
    for language in Language::ALL {
        let facts = link_facts(language);
        for mail in WITH_LINK.map(|kind| link_mail(kind, &facts)) {
            assert!(mail.text.contains(&format!("\n{}\n", facts.link)));
            assert!(mail.html.contains(&format!("<a href=\"{}\"", facts.link)));
            assert!(
                mail.html.contains(&format!(">{}</p>", facts.code))
                    && mail.text.contains(&format!("    {}\n", facts.code))
            );
            assert!(mail.text.contains("help@example.com") && mail.html.contains("help@example.com"));
        }
    }
}

#[test]
fn every_html_part_speaks_its_language_and_loads_nothing() {
    for language in Language::ALL {
        for mail in all(language) {
            assert!(mail.html.starts_with(&format!("<!DOCTYPE html><html lang=\"{}\">", language.tag())));
            for loads in ["src=", "url(", "<img", "<script", "@import", "<link"] {
                assert!(!mail.html.contains(loads), "{loads}");
            }
        }
    }
}

#[test]
fn the_notice_of_a_change_has_nothing_to_click_on() {
    for language in Language::ALL {
        let mail = notices::change_mail(&change_facts(language));
        assert!(!mail.html.contains("href") && !mail.text.contains("http"));
        assert!(mail.text.contains("2026-03-04 09:15 UTC") && mail.text.contains("203.0.113.7"));
    }
}

#[test]
fn hostile_names_come_out_literal_or_cleaned() {
    let long = "x".repeat(10_240);
    for (hostile, clean, escaped) in [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("{{7*7}}${7*7}", "{{7*7}}${7*7}", "{{7*7}}${7*7}"),
        ("\"><b>", "\"><b>", "&quot;&gt;&lt;b&gt;"),
        ("Eve\r\nBcc: x@y.z\r\n\r\n<p>", "Eve Bcc: x@y.z <p>", "Eve Bcc: x@y.z &lt;p&gt;"),
        ("\u{202E}evil\u{2066}", "evil", "evil"),
        (&long, &format!("{}…", "x".repeat(79)), &format!("{}…", "x".repeat(79))),
    ] {
        for language in Language::ALL {
            let link = LinkFacts {
                tenant_name: hostile,
                person_name: hostile,
                contact: Some(hostile),
                ..link_facts(language)
            };
            let change = ChangeFacts { tenant_name: hostile, person_name: hostile, ..change_facts(language) };
            let (used, budget) = (1, 2);
            let half = BudgetFacts { tenant_name: hostile, person_name: "", spender: hostile, used, budget, language };
            let trial = TestFacts { server: hostile, relay: hostile, at: change.at, language };
            let asks = AccessFacts { tenant_name: hostile, asker: hostile, ..access_facts(language) };
            let address = AddressFacts { tenant_name: hostile, person_name: hostile, ..address_facts(language) };
            let moved = [Letter::Confirm, Letter::Requested, Letter::Changed, Letter::Left];
            let moved = moved.map(|letter| address_mail(letter, &address));
            let others =
                [notices::change_mail(&change), warning_mail(&half), access_mail(&asks), test_mail::write(&trial)];
            let asleep = AsleepFacts { tenant_name: hostile, person_name: hostile, ..asleep_facts(language) };
            let trouble = TroubleFacts { tenant_name: hostile, webhook: hostile, ..trouble_facts(language) };
            let head = head_mail(hostile, 812, HEAD, language);
            let others = others.into_iter().chain(moved).chain([asleep_mail(&asleep), trouble_mail(&trouble), head]);
            for mail in WITH_LINK.map(|kind| link_mail(kind, &link)).into_iter().chain(others) {
                assert!(mail.subject.contains(clean) && mail.text.contains(clean), "{hostile:?}");
                assert!(mail.html.contains(escaped), "{hostile:?}");
                assert!(!mail.subject.contains(['\r', '\n', '\u{202E}']) && !mail.text.contains(['\r', '\u{202E}']));
                assert!(!mail.html.contains("<img") && !mail.html.contains("<b>") && !mail.html.contains("\u{202E}"));
            }
        }
    }
}

#[test]
fn without_a_contact_the_administrator_is_named() {
    for (language, word) in [
        (Language::English, "your administrator"),
        (Language::German, "Ihrer Administration"),
        (Language::French, "votre administrateur"),
        (Language::Japanese, "管理者までお問い合わせ"),
    ] {
        for contact in [None, Some(" \u{200E}\n")] {
            assert!(link_mail(Kind::Administrator, &LinkFacts { contact, ..link_facts(language) }).text.contains(word));
        }
    }
}

#[test]
fn a_lifetime_is_told_in_its_natural_unit() {
    for (minutes, words) in [
        (0, "for less than a minute."),
        (10, "for about 10 minutes."),
        (60, "for about 60 minutes."),
        (90, "for about 90 minutes."),
        (180, "for about 3 hours."),
        (1_439, "for about 23 hours."),
        (1_440, "for about 24 hours."),
    ] {
        let facts = LinkFacts { lives_minutes: minutes, ..link_facts(Language::English) };
        assert!(link_mail(Kind::Invitation, &facts).text.contains(words), "{minutes}");
    }
}

/// The mails whose words no tenant chooses, each with the reason.
const NOT_WORDED: [(&str, &str); 2] = [
    ("mail_texts.trial", "It shows the words of another mail, and marks itself as a test by its own."),
    ("heads.head", "It goes to no user, but to one who checks on the tenant's own administrators."),
];

fn kinds() -> Vec<&'static str> {
    let directory = tempfile::tempdir().unwrap();
    let keys = Keys::open(&directory.path().join("link.keys"), true, &Random::seeded(1)).unwrap();
    letters(&keys, &"https://id.example.com".parse().unwrap()).kinds().collect()
}

#[test]
fn a_tenant_can_choose_the_words_of_every_mail_to_its_users() {
    let worded: Vec<_> = WORDED.concat().iter().map(|kind| kind.name).collect();
    let known: Vec<_> = worded.iter().copied().chain(NOT_WORDED.map(|(kind, _)| kind)).collect();
    assert_eq!(known.iter().copied().collect::<BTreeSet<_>>(), kinds().into_iter().collect());
    assert_eq!(known.len(), kinds().len(), "each is worded, or stands here with a reason");
}

#[test]
fn nobody_is_greeted_by_an_empty_name() {
    for language in Language::ALL {
        let mail = link_mail(Kind::Invitation, &LinkFacts { person_name: "", ..link_facts(language) });
        assert!(!mail.text.starts_with([' ', '\n']) && !mail.text.lines().next().unwrap().contains(" ,"));
    }
}

#[test]
fn every_kind_has_its_room_in_front_and_its_letter_once() {
    let listed = kinds();
    let kinds = || listed.iter().map(|kind| kind.split_once('.').expect("<room>.<letter>"));
    let letters: BTreeSet<_> = kinds().map(|(_, letter)| letter).collect();
    assert_eq!(letters.len(), listed.len(), "rows of this release name the letter alone");
    assert!(
        kinds().all(|(room, _)| [
            "addresses",
            "factors",
            "heads",
            "incidents",
            "mail_texts",
            "notices",
            "reset",
            "user_settings",
            "users",
            "webhooks"
        ]
        .contains(&room)),
        "{listed:?}"
    );
}
