//! The audit log: querying it, exporting it, and proving that it is whole.

use serde_json::{Value, json};
use tenantry::params;
use tenantry::store::Scope;

use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};

const AUDIT: &str = "/api/tenantry/v1/audit";
const NAMESPACES: &str = "/api/web/namespaces";

/// A rig whose owner has made `count` namespaces, a second apart.
fn with_namespaces(count: i64) -> Rig {
    let rig = Rig::start();
    for number in 1..=count {
        rig.clock.advance_seconds(1);
        let made = rig.post(NAMESPACES, &json!({ "metadata": { "name": format!("team-{number}") } }));
        assert_eq!(made.status, 200, "{}", made.text);
    }
    rig
}

fn subjects(answered: &Answered) -> Vec<&str> {
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.body["items"].as_array().unwrap().iter().map(|item| item["subject"].as_str().unwrap()).collect()
}

fn ask(rig: &Rig, query: &str) -> Answered {
    rig.get(&format!("{AUDIT}?{query}"))
}

fn verify(rig: &Rig) -> Value {
    let answered = rig.get(&format!("{AUDIT}/verify"));
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.body
}

#[test]
fn a_record_tells_who_did_what_to_whom_from_where_and_how() {
    let rig = with_namespaces(1);
    let found = ask(&rig, "action=namespace.create");
    let record = &found.body["items"][0];
    let members: Vec<_> = record.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "action",
            "actor",
            "address",
            "at",
            "credential",
            "digest",
            "erased_by",
            "facts",
            "id",
            "outcome",
            "subject",
            "tenant"
        ]
    );
    assert_eq!((&record["actor"], &record["credential"]), (&json!(rig.sample.admin_email), &json!("dev-token")));
    assert_eq!((&record["outcome"], &record["address"]), (&json!("accepted"), &json!("127.0.0.1")));
    assert_eq!(record["at"], rig.clock.now().to_string());
}

#[test]
fn each_filter_narrows_and_together_they_narrow_further() {
    let rig = with_namespaces(4);
    let member = rig.add_member(rig.tenant(), "member@example.com", in_system("ves-io-default-role"));
    let body = json!({ "metadata": { "name": "mine" } });
    assert_eq!(rig.as_token(&member, "POST", NAMESPACES, Some(&body)).status, 403);
    assert_eq!(subjects(&ask(&rig, "action=namespace.create")), ["team-4", "team-3", "team-2", "team-1"]);
    assert_eq!(subjects(&ask(&rig, "subject=team-2")), ["team-2"]);
    assert_eq!(ask(&rig, "actor=member%40example.com").body["items"][0]["outcome"], "refused");
    assert_eq!(subjects(&ask(&rig, "actor=member%40example.com&outcome=accepted")), [""; 0]);
    let (since, until) = (rig.clock.now().plus_seconds(-2), rig.clock.now());
    let between = ask(&rig, &format!("action=namespace.create&since={since}&until={until}"));
    assert_eq!(subjects(&between), ["team-3", "team-2"]);
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let rig = with_namespaces(5);
    let mut seen = Vec::new();
    let mut query = "action=namespace.create&limit=2".to_string();
    loop {
        let page = ask(&rig, &query);
        seen.extend(subjects(&page).into_iter().map(str::to_string));
        let Some(next) = page.body["next"].as_str() else { break };
        query = format!("action=namespace.create&limit=2&cursor={next}");
    }
    assert_eq!(seen, ["team-5", "team-4", "team-3", "team-2", "team-1"]);
}

#[test]
fn a_forged_or_foreign_cursor_is_refused() {
    let rig = with_namespaces(3);
    let next = ask(&rig, "limit=1").body["next"].as_str().unwrap().to_string();
    assert_eq!(ask(&rig, &format!("limit=1&cursor={next}")).status, 200);
    let swapped = if next.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{swapped}{}", &next[1..]);
    for cursor in ["x", &"A".repeat(43), &forged, &next[1..]] {
        let refused = ask(&rig, &format!("cursor={cursor}"));
        assert_eq!(refused.status, 400, "{cursor}: {}", refused.text);
        assert!(refused.message().starts_with("Field cursor "), "{}", refused.text);
    }
    let other_listing = rig.get(&format!("{AUDIT}/export?cursor={next}"));
    assert_eq!(other_listing.status, 400, "a cursor is for the listing that gave it");
    let other = rig.add_tenant("other-corp");
    let stranger = rig.add_member(other, "owner@other.example", owner());
    let elsewhere = rig.as_token(&stranger, "GET", &format!("{AUDIT}?cursor={next}"), None);
    assert_eq!(elsewhere.status, 400, "and for the tenant");
    for query in ["limit=0", "limit=1001", "limit=x", "since=yesterday", "until=2026-13-01T00:00:00Z", "outcome=maybe"]
    {
        assert_eq!(ask(&rig, query).status, 400, "{query}");
    }
}

#[test]
fn an_export_is_one_line_per_record_oldest_first() {
    let rig = with_namespaces(3);
    let mut lines = Vec::new();
    let mut query = "action=namespace.create&limit=2".to_string();
    loop {
        let page = rig.get(&format!("{AUDIT}/export?{query}"));
        assert_eq!((page.status, page.header("content-type")), (200, Some("application/x-ndjson")));
        lines.extend(page.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        let Some(next) = page.header("tenantry-next-cursor") else { break };
        query = format!("action=namespace.create&limit=2&cursor={next}");
    }
    let subjects: Vec<_> = lines.iter().map(|line| line["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["team-1", "team-2", "team-3"]);
    for line in &lines {
        assert_eq!(line["digest"].as_str().unwrap().len(), 64, "{line}");
    }
    let mut listed = ask(&rig, "action=namespace.create").body["items"].as_array().unwrap().clone();
    listed.reverse();
    assert_eq!(lines, listed, "a record has one shape");
}

#[test]
fn the_facts_of_a_record_are_read_and_its_digest_can_be_made_again() {
    let rig = with_namespaces(2);
    assert_eq!(rig.reset("hello@example.com").status, 200);
    let stored: Vec<(String, String)> = rig
        .store
        .read(tenantry::store::Scope::HOUSE, |tx| tx.all("SELECT action, facts FROM audit ORDER BY id", &[]))
        .unwrap()
        .iter()
        .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
        .collect();
    let exported = rig.get(&format!("{AUDIT}/export?limit=1000")).text;
    let lines: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines.iter().map(|line| (line["action"].as_str().unwrap(), line["facts"].to_string())).collect();
    assert!(told.len() > 3);
    let stored: Vec<_> = stored.iter().map(|(action, facts)| (action.as_str(), facts.clone())).collect();
    assert_eq!(told, stored, "the text that the digest is over is that of the object");
}

#[test]
fn reading_the_audit_log_needs_its_permission() {
    let rig = Rig::start();
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-default-role"));
    for path in [AUDIT.to_string(), format!("{AUDIT}/verify"), format!("{AUDIT}/export")] {
        assert_eq!(rig.as_token(&reader, "GET", &path, None).status, 403, "{path}");
        assert_eq!(rig.send("GET", &path, &[], None).status, 401, "{path}");
    }
}

#[test]
fn nobody_sees_the_record_of_another_tenant() {
    let rig = with_namespaces(2);
    let other = rig.add_tenant("other-corp");
    let stranger = rig.add_member(other, "owner@other.example", owner());
    for path in [AUDIT.to_string(), format!("{AUDIT}/export")] {
        let seen = rig.as_token(&stranger, "GET", &path, None);
        assert!(seen.status == 200 && !seen.text.contains("team-1"), "{}", seen.text);
    }
}

#[test]
fn an_untouched_record_is_proven_whole_also_against_a_kept_anchor() {
    let rig = with_namespaces(3);
    rig.wait_until_sealed();
    let verdict = verify(&rig);
    assert_eq!((&verdict["sound"], &verdict["fault"], &verdict["unsealed"]), (&json!(true), &Value::Null, &json!(0)));
    let (number, hash) = (verdict["anchor"]["number"].as_i64().unwrap(), verdict["anchor"]["hash"].as_str().unwrap());
    let kept = rig.get(&format!("{AUDIT}/verify?number={number}&hash={hash}"));
    assert_eq!(kept.body["sound"], true, "{}", kept.text);
    let another = format!("{AUDIT}/verify?number={number}&hash={}", "0".repeat(64));
    assert_eq!(rig.get(&another).body["sound"], false);
}

#[test]
fn an_anchor_that_no_verification_told_is_refused_by_its_field() {
    let rig = with_namespaces(1);
    rig.wait_until_sealed();
    let (anchor, zeros) = (verify(&rig)["anchor"].clone(), "0".repeat(64));
    let (number, hash) = (&anchor["number"], anchor["hash"].as_str().unwrap());
    for (query, field) in [
        ("number=1".to_string(), "number"),
        (format!("hash={hash}"), "hash"),
        (format!("number=&hash={hash}"), "number"),
        (format!("number=-1&hash={hash}"), "number"),
        (format!("number=%2B1&hash={hash}"), "number"),
        (format!("number=1.5&hash={hash}"), "number"),
        (format!("number=9223372036854775808&hash={hash}"), "number"),
        ("number=1&hash=".into(), "hash"),
        ("number=1&hash=00".into(), "hash"),
        (format!("number=1&hash={hash}0"), "hash"),
        (format!("number=1&hash=g{}", &hash[1..]), "hash"),
        // Before the first link there is only one hash, so no other was ever returned.
        (format!("number=0&hash={hash}"), "hash"),
    ] {
        let answered = rig.get(&format!("{AUDIT}/verify?{query}"));
        assert_eq!((answered.status, &answered.body["code"]), (400, &json!(3)), "{query} {}", answered.text);
        assert!(answered.message().contains(field), "{query} {}", answered.text);
    }
    for anchor in [format!("number=0&hash={zeros}"), format!("number={number}&hash={}", hash.to_uppercase())] {
        assert_eq!(rig.get(&format!("{AUDIT}/verify?{anchor}")).body["sound"], true, "{anchor}");
    }
}

#[test]
fn a_record_that_was_changed_in_the_file_is_named() {
    for (statement, what) in [
        ("UPDATE audit SET actor = 'nobody' WHERE subject = 'team-2'", "changed"),
        ("UPDATE audit SET facts = '{}' || ' ' WHERE subject = 'team-2'", "changed"),
        ("DELETE FROM audit WHERE subject = 'team-2'", "removed"),
    ] {
        let rig = with_namespaces(3);
        let id = ask(&rig, "subject=team-2").body["items"][0]["id"].as_str().unwrap().to_string();
        rig.wait_until_sealed();
        rig.tamper(statement);
        let verdict = verify(&rig);
        assert_eq!((&verdict["sound"], &verdict["fault"]["what"]), (&json!(false), &json!(what)), "{verdict}");
        assert!(verdict["sentence"].as_str().unwrap().contains(&id), "{verdict}");
    }
}

#[test]
fn a_tail_that_was_cut_off_is_found_by_a_kept_anchor() {
    let rig = with_namespaces(1);
    rig.wait_until_sealed();
    assert_eq!(rig.post(NAMESPACES, &json!({ "metadata": { "name": "last" } })).status, 200);
    rig.wait_until_sealed();
    let kept = verify(&rig)["anchor"].clone();
    let (number, hash) = (kept["number"].as_i64().unwrap(), kept["hash"].as_str().unwrap());
    let tenant = rig.tenant();
    rig.tamper(&format!("DELETE FROM audit WHERE tenant = {} AND subject = 'last'", tenant.0));
    rig.tamper(&format!("DELETE FROM audit_links WHERE tenant = {} AND number = {number}", tenant.0));
    assert_eq!(verify(&rig)["sound"], true, "nothing in the file alone can show it");
    let against = rig.get(&format!("{AUDIT}/verify?number={number}&hash={hash}")).body;
    assert_eq!((&against["sound"], &against["fault"]["what"]), (&json!(false), &json!("link_missing")), "{against}");
    let left = rig.store.read(Scope::HOUSE, |tx| {
        tx.one("SELECT COUNT(*) FROM audit WHERE tenant = $1 AND subject = 'last'", &params![tenant])?.get::<i64>(0)
    });
    assert_eq!(left.unwrap(), 0);
}
