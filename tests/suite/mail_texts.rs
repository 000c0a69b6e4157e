//! The words of mails that a tenant has chosen: in the mails that arrive and in previews, and what is refused.

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{delete, ok, put, refused};
use crate::rig::{GOOD_PASSWORD, Rig};

const TEXTS: &str = "/api/tenantry/v1/mail_texts";
pub const GERMAN: &str = "/api/tenantry/v1/mail_texts/reset.administrator/languages/de";
const JANE: &str = "jane@example.com";
pub const ADMIN: &str = "admin@example.com";

/// Words with everything that must come out as it stands.
pub fn german() -> Value {
    json!({
        "subject": "{tenant} & Söhne: neues Passwort für {name}",
        "paragraphs": [
            "Moin {name}!", "Wir <3 \"Sicherheit\" & 'Ruhe'. {old_password}", "{link}", "{lifetime}", "{code}",
        ],
        "link_label": "Los & wählen",
        "code_label": "Oder so:",
        "footer": "Fragen? {contact}",
    })
}

fn with(words: &Value, part: &str, value: Value) -> Value {
    let mut words = words.clone();
    words[part] = value;
    words
}

fn speak(rig: &Rig, email: &'static str, language: &'static str) {
    let tenant = rig.tenant();
    let statement = "UPDATE users SET language = $3 WHERE tenant = $1 AND email_key = $2";
    assert_eq!(rig.write(move |tx| tx.run(statement, &params![tenant, email, language])), 1);
}

/// The newest mail to an address, once it has `count` mails.
pub fn newest(rig: &Rig, email: &str, count: usize) -> Value {
    rig.wait_for_mails(email, count)[count - 1].clone()
}

pub fn text<'m>(mail: &'m Value, part: &str) -> &'m str {
    mail[part].as_str().unwrap()
}

/// Every text that there is: its kind, its language, and the kind as it is listed.
fn every_text(rig: &Rig) -> Vec<(String, Value, Value)> {
    let listed = rig.get(TEXTS);
    let kinds = ok(&listed)["items"].as_array().unwrap().clone();
    let of_kind = |kind: Value| {
        let texts = kind["texts"].as_array().unwrap().clone();
        let path = |one: &Value| format!("{TEXTS}/{}/languages/{}", text(one, "kind"), text(one, "language"));
        texts.into_iter().map(move |one| (path(&one), one, kind.clone())).collect::<Vec<_>>()
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

#[test]
fn chosen_words_are_in_the_next_mail_of_their_kind_and_language_and_in_no_other() {
    let rig = Rig::start();
    speak(&rig, JANE, "de");
    rig.reset(JANE);
    let shipped = newest(&rig, JANE, 1);
    assert!(text(&shipped, "text").starts_with("Guten Tag Jane Roe,"), "{shipped}");
    rig.clock.advance_seconds(31);

    let chosen = put(&rig, GERMAN, &german());
    assert_eq!(ok(&chosen)["own"], german());
    assert_eq!(chosen.body["changed_by"], ADMIN);
    rig.reset(JANE);
    let mail = newest(&rig, JANE, 2);
    assert_eq!(text(&mail, "subject"), "Example Corp & Söhne: neues Passwort für Jane Roe");
    let (plain, html) = (text(&mail, "text"), text(&mail, "html"));
    assert!(
        plain.starts_with("Moin Jane Roe!\n\nWir <3 \"Sicherheit\" & 'Ruhe'. Ihr altes Passwort gilt nicht mehr.\n\n")
    );
    assert!(html.contains("Wir &lt;3 &quot;Sicherheit&quot; &amp; 'Ruhe'. Ihr altes"), "{html}");
    assert!(html.contains("Los &amp; wählen</a>") && html.contains("<html lang=\"de\">"), "{html}");
    assert!(plain.contains("Fragen? help@example.com") && plain.contains("etwa 60 Minuten"), "{plain}");
    let link = text(&mail, "link");
    assert!(
        plain.contains(&format!("Los & wählen:\n{link}\n")) && html.contains(&format!("href=\"{link}\"")),
        "{plain}"
    );
    let code = link.split_once('#').unwrap().1;
    assert!(plain.contains(&format!("Oder so:\n\n    {code}\n")), "{plain}");

    // Another kind, and another language, have their shipped words.
    rig.reset("hello@example.com");
    assert_eq!(newest(&rig, "hello@example.com", 1)["subject"], "Choose a new password for Example Corp");
    assert_eq!(rig.redeem(code, GOOD_PASSWORD), 204, "the link works");
    let changed = newest(&rig, JANE, 3);
    assert_eq!(text(&changed, "subject"), "Ihr Passwort für Example Corp wurde geändert");

    ok(&delete(&rig, GERMAN));
    rig.clock.advance_seconds(31);
    rig.reset(JANE);
    let back = newest(&rig, JANE, 4);
    assert_eq!(back["subject"], shipped["subject"]);
    refused(&delete(&rig, GERMAN), 404, "shipped words in de already");
    assert_eq!(ok(&rig.get(GERMAN))["own"], Value::Null);
}

/// The records of this room, oldest first.
pub fn records(rig: &Rig) -> Vec<(String, String, String)> {
    rig.audit().into_iter().filter(|(action, ..)| action.starts_with("mail_text")).collect()
}

#[test]
fn a_change_of_words_leaves_one_record_that_does_not_hold_them() {
    let rig = Rig::start();
    let again = with(&german(), "footer", json!(""));
    for body in [Some(german()), Some(again), None] {
        ok(&body.map_or_else(|| delete(&rig, GERMAN), |words| put(&rig, GERMAN, &words)));
        rig.clock.advance_seconds(1);
    }
    let wanted = ["mail_text.set", "mail_text.set", "mail_text.remove"];
    let wanted = wanted.map(|action| (action.to_owned(), "accepted".to_owned(), "reset.administrator".to_owned()));
    assert_eq!(records(&rig), wanted);
    let listed = rig.get("/api/tenantry/v1/audit?action=mail_text.set");
    assert_eq!(ok(&listed)["items"][0]["facts"], json!({ "language": "de" }));
    assert!(!listed.text.contains("Moin"), "{}", listed.text);
}

#[test]
fn every_mail_can_be_looked_at_in_every_language_and_its_shipped_words_can_be_chosen() {
    let rig = Rig::start();
    let all = every_text(&rig);
    assert_eq!(all.len(), 22 * 4);
    let before = rig.audit().len();
    let preview = |path: &str, body: &Value| ok(&rig.post(&format!("{path}/preview"), body)).clone();
    for (path, one, kind) in &all {
        let mails = [preview(path, &json!({})), preview(path, &json!({ "words": one["shipped"] }))];
        for mail in &mails {
            let (plain, html) = (text(mail, "text"), text(mail, "html"));
            assert!(!text(mail, "subject").is_empty() && !plain.contains(['{', '}']), "{path} {plain}");
            assert!(html.starts_with(&format!("<!DOCTYPE html><html lang={}>", one["language"])), "{path} {html}");
            let has_link = kind["holes"].as_array().unwrap().iter().any(|hole| hole["name"] == "link");
            let page = match path {
                path if path.contains("/addresses.") => "/email#sample",
                path if path.contains("/factors.") => "/second-factor#sample",
                path if path.contains("/users.") => "/signin",
                _ => "/reset#sample",
            };
            assert_eq!(plain.contains(&format!("{page}\n")), has_link, "{path} {plain}");
            assert_eq!(html.contains(&format!("{page}\"")), has_link, "{path} {html}");
        }
        assert!(text(&mails[0], "subject").contains("Example Corp"), "{path}");
    }
    assert_eq!((rig.audit().len(), rig.mails(ADMIN).len()), (before, 0), "nothing was written or sent");
    for (path, one, _) in &all {
        assert_eq!(ok(&put(&rig, path, &one["shipped"]))["own"], one["shipped"], "{path}");
    }
    assert!(every_text(&rig).iter().all(|(_, one, _)| one["own"] == one["shipped"]));
}

#[test]
fn a_preview_shows_the_words_that_are_sent_or_those_that_count() {
    let rig = Rig::start();
    let path = format!("{GERMAN}/preview");
    assert_eq!(
        ok(&rig.post(&path, &json!({ "words": german() })))["subject"],
        "Example Corp & Söhne: neues Passwort für Alex Beispiel"
    );
    assert!(!rig.post(&path, &json!({})).text.contains("Moin"), "what was only looked at does not count");
    ok(&put(&rig, GERMAN, &german()));
    let shown = rig.post(&path, &json!({}));
    assert!(text(ok(&shown), "text").starts_with("Moin Alex Beispiel!"), "{}", shown.text);
    refused(&rig.post(&path, &json!({ "words": { "subject": "x" } })), 400, "Field paragraphs");
    refused(
        &rig.post(&format!("{TEXTS}/reset.nothing/languages/de/preview"), &json!({})),
        404,
        "There is no mail reset.nothing",
    );
    refused(&rig.post(&format!("{TEXTS}/reset.own/languages/de-AT/preview"), &json!({})), 404, "en, de, fr, ja");
}

#[test]
fn a_hole_that_a_mail_needs_cannot_be_left_out() {
    let rig = Rig::start();
    let mut asked = 0;
    for (path, one, kind) in every_text(&rig) {
        for hole in kind["holes"].as_array().unwrap().iter().filter(|hole| hole["needed"] == true) {
            let name = format!("{{{}}}", text(hole, "name"));
            let paragraphs = one["shipped"]["paragraphs"].as_array().unwrap().iter();
            let without = paragraphs.map(|paragraph| paragraph.as_str().unwrap().replace(&name, "").trim().to_owned());
            let without: Vec<_> = without.filter(|paragraph| !paragraph.is_empty()).collect();
            let answered = put(&rig, &path, &with(&one["shipped"], "paragraphs", json!(without)));
            refused(&answered, 400, &format!("Field paragraphs lacks {name}"));
            asked += 1;
        }
    }
    assert_eq!(asked, (6 * 2 + 3 + 2 * 3 + 2 + (4 + 3 + 3 + 4) + (3 + 4 * 2) + 2 + 2 + 3) * 4);
    assert!(every_text(&rig).iter().all(|(_, one, _)| one["own"].is_null()));
}

#[test]
fn hostile_and_mistaken_words_are_refused_by_the_name_of_the_field() {
    let rig = Rig::start();
    let paragraph = |text: &str| json!([text, "{link}", "{code}"]);
    for (part, value, says) in [
        ("subject", json!("A\r\nBcc: everyone@example.com"), "Field subject holds U+000D"),
        ("subject", json!("\u{202e}evil"), "Field subject holds U+202E"),
        ("subject", json!("x".repeat(121)), "Field subject is longer than 120"),
        ("subject", json!("{link}"), "Field subject must not have {link}"),
        ("footer", json!("Your code: {code}"), "Field footer must not have {code}"),
        ("footer", json!("Line\u{2028}line"), "Field footer holds U+2028"),
        ("paragraphs", paragraph("<img src=x onerror=alert(1)>"), "Field paragraphs[0] has the tag <img"),
        (
            "paragraphs",
            paragraph("Sign in at https://evil.example"),
            "Field paragraphs[0] has the address https://evil",
        ),
        ("paragraphs", paragraph("Sign in at evil.example"), "the address evil.example"),
        ("paragraphs", paragraph("Dear {nmae}"), "Did you mean {name}?"),
        ("paragraphs", paragraph("a { b"), "Field paragraphs[0] has a { of its own"),
        ("paragraphs", paragraph(&"x".repeat(60_000)), "Field paragraphs[0] is longer than 1000"),
        ("paragraphs", json!(["Click {link}", "{code}"]), "{link} as a paragraph of its own"),
        ("paragraphs", json!([]), "from 1 to 20 paragraphs"),
        ("link_label", json!(""), "Field link_label is empty"),
        ("greeting", json!("Hello"), "greeting"),
    ] {
        refused(&put(&rig, GERMAN, &with(&german(), part, value.clone())), 400, says);
        let words = json!({ "words": with(&german(), part, value) });
        for to in ["preview", "test"] {
            refused(&rig.post(&format!("{GERMAN}/{to}"), &words), 400, says.trim_start_matches("Field "));
        }
    }
    let huge = with(&german(), "paragraphs", paragraph(&"x".repeat(100_000)));
    assert_eq!(put(&rig, GERMAN, &huge).status, 413);
    assert_eq!((ok(&rig.get(GERMAN))["own"].clone(), rig.mails(ADMIN).len()), (Value::Null, 0));
}

#[test]
fn the_words_of_a_tenant_are_in_its_own_mails_only() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    let token = rig.add_member(other, "boss@other.example", crate::people::owner());
    rig.add_user(other, "someone@other.example", |_| {});
    let english = format!("{TEXTS}/reset.administrator/languages/en");
    let words = json!({ "words": german() });
    ok(&put(&rig, &english, &german()));
    let seen = rig.as_token(&token, "GET", &english, None);
    assert_eq!((ok(&seen)["own"].clone(), ok(&seen)["changed_by"].clone()), (Value::Null, Value::Null));
    refused(&rig.as_token(&token, "DELETE", &english, None), 404, "shipped words");
    let reset = json!({ "email": "someone@other.example" });
    ok(&rig.as_token(&token, "POST", "/api/web/custom/password/admin_reset", Some(&reset)));
    assert_eq!(newest(&rig, "someone@other.example", 1)["subject"], "Choose a password for other-corp");
    let shown = rig.as_token(&token, "POST", &format!("{english}/preview"), Some(&words));
    assert_eq!(ok(&shown)["subject"], "other-corp & Söhne: neues Passwort für Alex Example");
}

#[test]
fn words_that_lack_the_link_are_passed_over_however_they_came_into_the_store() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    rig.write(move |tx| {
        let insert = "INSERT INTO mail_texts (tenant, kind, language, wording, changed_at, changed_by)
            VALUES ($1, $2, 'en', $3, 0, 'test')";
        let words = json!({ "subject": "Hello", "paragraphs": ["No link"] }).to_string();
        tx.run(insert, &params![tenant, "reset.administrator", &words])?;
        tx.run(insert, &params![tenant, "notices.password_changed", "no words at all"])
    });
    rig.reset(JANE);
    let mail = newest(&rig, JANE, 1);
    assert_eq!(mail["subject"], "Choose a new password for Example Corp");
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
    assert_eq!(newest(&rig, JANE, 2)["subject"], "Your password for Example Corp was changed");
    assert!(every_text(&rig).iter().all(|(path, one, _)| one["own"].is_null() || path.contains("reset.administrator")));
}
