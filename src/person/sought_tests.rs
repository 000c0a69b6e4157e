use serde_json::json;
use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp(1_772_615_727_000_000);

fn sought(email: &str) -> Sought {
    let sought = Sought::new(&Email::parse(email).unwrap(), NOW);
    Sought::read(&sought.to_keep(), "person:0").unwrap()
}

fn reworded(email: &str, text: &str) -> String {
    sought(email).reword(text, NOW).unwrap_or_else(|| text.into())
}

#[test]
fn an_address_is_found_in_any_case_and_company_and_longer_ones_are_left_alone() {
    for (text, expected) in [
        ("jane@example.com", "person:0"),
        ("JANE@Example.COM", "person:0"),
        ("operator jane@example.com", "operator person:0"),
        ("250 <jane@example.com> ok, jane@example.com.", "250 <person:0> ok, person:0."),
        ("'jane@example.com'", "'person:0'"),
        ("jane@example.com,jane@example.com", "person:0,person:0"),
        ("mary-jane@example.com", "mary-jane@example.com"),
        ("mary.jane@example.com", "mary.jane@example.com"),
        ("jane@example.com.au", "jane@example.com.au"),
        ("jane@example.community", "jane@example.community"),
        ("jane@example.com-a", "jane@example.com-a"),
        ("Ärger: jane@example.com\u{a0}…", "Ärger: person:0\u{a0}…"),
        ("", ""),
    ] {
        assert_eq!(reworded("Jane@example.com", text), expected, "{text}");
    }
}

#[test]
fn an_address_in_its_own_script_is_found_as_it_is_stored_and_as_it_is_shown() {
    assert_eq!(reworded("zoë@bücher.example", "ZOË@xn--bcher-kva.example"), "person:0");
    assert_eq!(reworded("zoë@bücher.example", "to zoë@bücher.example now"), "to person:0 now");
}

#[test]
fn what_was_written_later_may_be_another_persons() {
    let later = Timestamp(NOW.0 + 1);
    assert_eq!(sought("jane@example.com").reword("jane@example.com", later), None);
}

fn record(action: &str, actor: &str, subject: &str, facts: &Value) -> Record {
    Record {
        id: Uuid::nil(),
        at: NOW,
        action: action.into(),
        outcome: "accepted".into(),
        actor: actor.into(),
        credential: Some("janes-token".into()),
        subject: subject.into(),
        address: "203.0.113.7".into(),
        facts: facts.to_string(),
        salt: None,
        erased_by: None,
    }
}

fn told(record: &Record) -> (String, Option<&str>, String, String, Value) {
    let facts = serde_json::from_str(&record.facts).unwrap();
    (record.actor.clone(), record.credential.as_deref(), record.subject.clone(), record.address.clone(), facts)
}

#[test]
fn of_their_own_acts_the_origin_goes_and_of_acts_upon_them_it_stays() {
    let mut own = record("user.disable", "Jane@example.com", "ada@example.com", &json!({ "was_disabled": false }));
    assert!(sought("jane@example.com").reword_record(&mut own));
    let facts = json!({ "was_disabled": false });
    assert_eq!(told(&own), ("person:0".into(), None, "ada@example.com".into(), String::new(), facts.clone()));
    let mut upon = record("user.disable", "ada@example.com", "jane@example.com", &facts);
    assert!(sought("jane@example.com").reword_record(&mut upon));
    let expected = ("ada@example.com".into(), Some("janes-token"), "person:0".into(), "203.0.113.7".into(), facts);
    assert_eq!(told(&upon), expected);
    let mut open = record("reset.redeem", "anonymous", "jane@example.com", &json!({}));
    assert!(sought("jane@example.com").reword_record(&mut open));
    assert_eq!(open.address, "");
    let mut other = record("user.disable", "ada@example.com", "bob@example.com", &json!({ "n": [1, null, true] }));
    let before = other.clone();
    assert!(!sought("jane@example.com").reword_record(&mut other));
    assert_eq!(other, before);
}

#[test]
fn facts_lose_the_address_wherever_it_stands_and_what_only_the_person_brings() {
    let facts = json!({ "users": ["ada@example.com", "Jane@example.com"], "of": { "jane@example.com": ["x"] } });
    let mut given = record("user.give_role", "ada@example.com", "2 users", &facts);
    assert!(sought("jane@example.com").reword_record(&mut given));
    let expected = json!({ "users": ["ada@example.com", "person:0"], "of": { "person:0": ["x"] } });
    assert_eq!(serde_json::from_str::<Value>(&given.facts).unwrap(), expected);
    let facts = json!({ "name": { "before": "Jane Roe", "after": "Jane Doe" }, "image_bytes": null });
    let mut changed = record("settings.change", "jane@example.com", "jane@example.com", &facts);
    assert!(sought("jane@example.com").reword_record(&mut changed));
    let expected = json!({ "name": "person:0", "image_bytes": null });
    assert_eq!(serde_json::from_str::<Value>(&changed.facts).unwrap(), expected);
    let mut others = record("settings.change", "ada@example.com", "ada@example.com", &facts);
    assert!(!sought("jane@example.com").reword_record(&mut others));
    let mut broken = Record { facts: "jane@example.com {".into(), ..record("x", "ada", "ada", &json!({})) };
    assert!(sought("jane@example.com").reword_record(&mut broken));
    assert_eq!(broken.facts, "person:0 {");
}

#[test]
fn the_names_of_their_credentials_go_with_them() {
    let mut sought = sought("jane@example.com");
    sought.add_credential("janes-laptop-abcdefgh");
    let mut revoked = record(
        "credential.revoke",
        "ada@example.com",
        "janes-old-phone-abcdefgh",
        &json!({ "user": "jane@example.com" }),
    );
    assert!(sought.reword_record(&mut revoked));
    assert_eq!((revoked.subject.as_str(), revoked.facts.as_str()), ("person:0", r#"{"user":"person:0"}"#));
    let names = json!({ "revoked": ["janes-laptop-abcdefgh", "adas-laptop-abcdefgh"] });
    let mut bulk = record("credential.revoke_in_bulk", "ada@example.com", "API_TOKEN", &names);
    assert!(sought.reword_record(&mut bulk));
    assert_eq!(bulk.facts, r#"{"revoked":["person:0","adas-laptop-abcdefgh"]}"#);
    let mut made = record("credential.create", "jane@example.com", "janes-old-phone-abcdefgh", &json!({}));
    assert!(sought.reword_record(&mut made));
    assert_eq!(made.subject, "person:0");
}

#[test]
fn a_former_address_counts_for_what_was_done_before_it_was_changed() {
    let mut sought = sought("jane@example.com");
    let mut confirm = Record {
        at: Timestamp(NOW.0 - 10),
        ..record("address.confirm", "anonymous", "old@example.com", &json!({ "to": "jane@example.com" }))
    };
    let at =
        |at: i64| Record { at: Timestamp(NOW.0 + at), ..record("user.enable", "ada", "old@example.com", &json!({})) };
    assert!(!sought.reword_record(&mut at(-11)), "it is not known yet");
    assert!(sought.reword_record(&mut confirm));
    assert_eq!((confirm.subject.as_str(), confirm.facts.as_str()), ("person:0", r#"{"to":"person:0"}"#));
    assert!(!sought.reword_record(&mut at(-9)), "another person may have it by now");
    assert!(sought.reword_record(&mut at(-11)));
    let refused = Record { outcome: "refused".into(), subject: "third@example.com".into(), ..at(-12) };
    let mut refused =
        Record { action: "address.confirm".into(), facts: r#"{"to":"jane@example.com"}"#.into(), ..refused };
    assert!(sought.reword_record(&mut refused), "it names the address");
    assert_eq!(refused.subject, "third@example.com", "whose it was not");
}
