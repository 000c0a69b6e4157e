//! The chain against the real store, and against someone who writes into its file.

#[path = "both_versions_tests.rs"]
mod both_versions;

use std::net::{IpAddr, Ipv4Addr};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::digest::AuditKey;
use super::left::{Left, tenants};
use super::query::{Filter, list_newest};
use super::seal::{keep_sealing, seal};
use super::verify::{Anchor, Verified, What, verify};
use super::witness::{Cut, Mark, Witness, find_cut};
use super::{Event, Outcome, Record, Slice, record, rewrite};
use crate::clock::Timestamp;
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::{Scope, Settings, Store, Tx};

const TENANT: TenantId = TenantId(7);
const NOW: Timestamp = Timestamp(1_772_615_727_000_000);

fn key() -> AuditKey {
    AuditKey::new([3; 32])
}

fn open(dir: &TempDir) -> Store {
    let store = Store::open(&Settings::embedded(dir.path(), 100), NOW).unwrap();
    let tenant = "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
        VALUES (7, 'acme', 'acme-abcdefgh', '{}', 0, 1, 0) ON CONFLICT DO NOTHING";
    tamper(dir, tenant);
    store
}

async fn write(store: &Store, id: u128, name: &'static str) {
    let verb = move |tx: &mut crate::store::Tx<'_>| {
        let actor = Actor {
            user: None,
            name: name.into(),
            credential: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            request_id: Uuid::from_u128(id),
        };
        let at = Timestamp(NOW.0 + id as i64);
        let facts = json!({ "n": id as i64 });
        let (action, outcome) = ("user.disable", Outcome::Accepted);
        record(tx, &Event { tenant: TENANT, at, action, outcome, actor: &actor, subject: "ada", facts })
    };
    store.write(Scope::of(TENANT), verb).await.unwrap();
}

async fn seal_up_to(store: &Store, max: usize) -> usize {
    store
        .write(Scope::of(TENANT), move |tx| seal(tx, &key(), (TENANT, Left::Waiting), None, NOW, max))
        .await
        .unwrap()
        .records
}

fn verified(store: &Store, kept: Option<&Anchor>) -> Verified {
    store.read(Scope::of(TENANT), |tx| verify(tx, &key(), TENANT, kept.map_or(&[], std::slice::from_ref))).unwrap()
}

/// Records 1 to 9 in three links of three; then the file is tampered with and verified anew.
async fn after(tampering: &str) -> Verified {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    for id in 1..=9 {
        write(&store, id, "root").await;
    }
    for _ in 0..3 {
        assert_eq!(seal_up_to(&store, 3).await, 3);
    }
    let sound = verified(&store, None);
    assert_eq!((sound.records, sound.links, sound.unsealed, sound.fault), (9, 3, 0, None));
    tamper(&dir, tampering);
    verified(&store, Some(&sound.anchor))
}

fn tamper(dir: &TempDir, sql: &str) {
    Connection::open(dir.path().join("tenantry.db")).unwrap().execute_batch(sql).unwrap();
}

async fn names(tampering: &str, link: i64, record: u128, what: What) {
    let fault = after(tampering).await.fault.unwrap_or_else(|| panic!("not seen: {tampering}"));
    let expected = (link, (record > 0).then(|| Uuid::from_u128(record)), what);
    assert_eq!((fault.link, fault.record, fault.what), expected, "{tampering}");
}

fn id(number: u128) -> String {
    format!("x'{number:032x}'")
}

#[tokio::test]
async fn a_changed_record_is_named() {
    for change in [
        "at = 1",
        "action = 'x'",
        "outcome = 'x'",
        "actor = 'x'",
        "credential = ''",
        "subject = 'x'",
        "address = 'x'",
        "facts = '{}'",
    ] {
        names(&format!("UPDATE audit SET {change} WHERE id = {}", id(5)), 2, 5, What::Changed).await;
    }
}

#[tokio::test]
async fn a_removed_record_is_named() {
    names(&format!("DELETE FROM audit WHERE id = {}", id(4)), 2, 4, What::Removed).await;
    names(&format!("DELETE FROM audit WHERE id = {}", id(9)), 3, 9, What::Removed).await;
}

#[tokio::test]
async fn records_that_change_places_are_named() {
    for other in [6, 8] {
        let swap = format!(
            "UPDATE audit SET id = {t} WHERE id = {a}; UPDATE audit SET id = {a} WHERE id = {b};
             UPDATE audit SET id = {b} WHERE id = {t}",
            a = id(4),
            b = id(other),
            t = id(99)
        );
        names(&swap, 2, 4, What::Reordered).await;
    }
    names(&format!("UPDATE audit SET id = {} WHERE id = {}", id(99), id(5)), 2, 5, What::Reordered).await;
}

#[tokio::test]
async fn an_added_record_is_named() {
    for new in [99, 0x0fff] {
        let copy = format!(
            "INSERT INTO audit SELECT tenant, {}, at, action, outcome, actor, credential, subject, address, facts, salt, erased_by
             FROM audit WHERE id = {}",
            id(new),
            id(5)
        );
        names(&copy, 0, new, What::Added).await;
    }
}

#[tokio::test]
async fn what_waits_to_be_sealed_is_compared_too() {
    for (tampering, what) in [
        ("UPDATE audit SET actor = 'x'", What::Changed),
        ("DELETE FROM audit", What::Removed),
        ("DELETE FROM audit_waiting", What::Added),
    ] {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        write(&store, 1, "root").await;
        tamper(&dir, tampering);
        let fault = verified(&store, None).fault.unwrap_or_else(|| panic!("not seen: {tampering}"));
        assert_eq!((fault.record, fault.what), (Some(Uuid::from_u128(1)), what), "{tampering}");
    }
}

#[tokio::test]
async fn a_link_takes_in_whole_transactions_and_says_that_more_waits() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    for id in 1..=3 {
        write(&store, id, "root").await;
    }
    let sealed =
        store.write(Scope::of(TENANT), |tx| seal(tx, &key(), (TENANT, Left::Waiting), None, NOW, 2)).await.unwrap();
    assert_eq!((sealed.records, sealed.is_full), (2, true));
    let sealed =
        store.write(Scope::of(TENANT), |tx| seal(tx, &key(), (TENANT, Left::Waiting), None, NOW, 2)).await.unwrap();
    assert_eq!((sealed.records, sealed.is_full), (1, false));
}

#[tokio::test]
async fn an_altered_link_is_named() {
    for change in
        ["records = 2", "digests = x''", "previous = zeroblob(32)", "sealed_at = 1", "signature = zeroblob(32)"]
    {
        names(&format!("UPDATE audit_links SET {change} WHERE number = 2"), 2, 0, What::LinkForged).await;
    }
}

#[tokio::test]
async fn a_removed_link_is_named() {
    names("DELETE FROM audit_links WHERE number = 1", 1, 0, What::LinkMissing).await;
    names("DELETE FROM audit_links WHERE number = 2", 2, 0, What::LinkMissing).await;
    names("DELETE FROM audit_links WHERE number = 3", 3, 0, What::LinkMissing).await;
}

#[tokio::test]
async fn a_kept_anchor_reveals_a_chain_cut_off_with_its_records() {
    let cut = format!("DELETE FROM audit_links WHERE number = 3; DELETE FROM audit WHERE id >= {}", id(7));
    names(&cut, 3, 0, What::LinkMissing).await;
}

#[tokio::test]
async fn a_new_record_is_counted_and_not_taken_for_a_proven_one() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write(&store, 1, "root").await;
    assert_eq!(store.read(Scope::HOUSE, |tx| tenants(tx, Left::Waiting)).unwrap(), [TENANT]);
    assert_eq!(verified(&store, None).unsealed, 1);
    assert_eq!(seal_up_to(&store, 10).await, 1);
    assert_eq!(seal_up_to(&store, 10).await, 0);
    assert_eq!(verified(&store, None).records, 1);
}

#[tokio::test]
async fn a_line_break_and_json_in_a_name_stay_one_record() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let name = "x\n{\"event\":\"admin.login\"}";
    write(&store, 1, name).await;
    let filter = Filter { limit: 10, ..Filter::default() };
    let found = store.read(Scope::of(TENANT), |tx| list_newest(tx, TENANT, &filter)).unwrap();
    assert_eq!(found.iter().map(|record| record.actor.as_str()).collect::<Vec<_>>(), [name]);
    assert_eq!(seal_up_to(&store, 10).await, 1);
    assert_eq!(verified(&store, None).fault, None);
}

#[tokio::test]
async fn the_sealer_seals_what_is_left_before_it_ends() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write(&store, 1, "root").await;
    let (_stopper, stop) = tokio::sync::watch::channel(true);
    keep_sealing(store.clone(), key(), crate::clock::Clock::by_hand(NOW), Witness::default(), stop).await;
    let found = verified(&store, None);
    assert_eq!((found.records, found.unsealed, found.fault), (1, 0, None));
}

#[tokio::test]
async fn another_key_cannot_have_made_the_chain() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write(&store, 1, "root").await;
    seal_up_to(&store, 10).await;
    let other = AuditKey::new([4; 32]);
    let found = store.read(Scope::of(TENANT), |tx| verify(tx, &other, TENANT, &[])).unwrap();
    assert_eq!(found.fault.map(|fault| fault.what), Some(What::LinkForged));
}

#[tokio::test]
async fn a_process_that_saw_links_notices_their_loss() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let mut marks = Vec::new();
    for id in 1..=3 {
        write(&store, id, "root").await;
        let sealed =
            store.write(Scope::of(TENANT), |tx| seal(tx, &key(), (TENANT, Left::Waiting), None, NOW, 1)).await.unwrap();
        marks.push(sealed.newest.unwrap());
    }
    let cut = |seen: Mark| store.read(Scope::of(TENANT), move |tx| find_cut(tx, TENANT, seen, None)).unwrap();
    assert!(marks.iter().all(|mark| cut(*mark).is_none()), "all of them are there, the older ones too");
    let (seen, left) = (marks[2], Some(marks[1]));
    let statement = "DELETE FROM audit_links WHERE tenant = $1 AND number = 3";
    store.write(Scope::of(TENANT), |tx| tx.run(statement, &params![TENANT]).map(drop)).await.unwrap();
    assert_eq!(cut(seen), Some(Cut { tenant: TENANT, seen, left }));
    // Other processes have sealed links in its place since, and more.
    write(&store, 4, "root").await;
    let verb = move |tx: &mut Tx<'_>| seal(tx, &key(), (TENANT, Left::Waiting), Some(seen), NOW.plus_seconds(1), 1);
    assert_eq!(store.write(Scope::of(TENANT), verb).await.unwrap().cut, Some(Cut { tenant: TENANT, seen, left }));
    for id in 5..=6 {
        write(&store, id, "root").await;
        store.write(Scope::of(TENANT), |tx| seal(tx, &key(), (TENANT, Left::Waiting), None, NOW, 1)).await.unwrap();
    }
    assert_eq!(cut(seen).map(|cut| cut.left.unwrap().number), Some(5));
}

/// Rewrites the records about one subject as at an erasure; how many there were.
async fn erase(store: &Store, id: u128, subject: &'static str) -> i64 {
    let verb = move |tx: &mut Tx<'_>| {
        let request_id = Uuid::from_u128(id);
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let actor = Actor { user: None, name: "housekeeping".into(), credential: None, address, request_id };
        let slice = Slice {
            tenant: TENANT,
            key: &key(),
            before: Uuid::max(),
            from: Uuid::nil(),
            until: Timestamp(i64::MAX),
            pseudonym: "person:0",
            actor: &actor,
            now: NOW,
        };
        let reword = &mut |record: &mut Record| {
            let is_about = record.subject == subject;
            if is_about {
                record.subject = "person:0".into();
            }
            is_about
        };
        Ok(rewrite(tx, &slice, reword)?.records)
    };
    store.write(Scope::of(TENANT), verb).await.unwrap()
}

#[tokio::test]
async fn records_of_a_person_who_was_erased_are_sound_as_long_as_the_server_vouches_for_what_they_say() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    for id in 1..=6 {
        write(&store, id, "root").await;
        if id % 2 == 0 {
            assert_eq!(seal_up_to(&store, 2).await, 2);
        }
    }
    // The last two wait to be sealed.
    for id in 7..=8 {
        write(&store, id, "root").await;
    }
    assert_eq!(erase(&store, 9, "ada").await, 8);
    let sound = verified(&store, None);
    assert_eq!((sound.records, sound.unsealed, sound.erased, sound.fault), (6, 3, 8, None));
    assert_eq!(seal_up_to(&store, 9).await, 3);
    let sound = verified(&store, None);
    assert_eq!((sound.records, sound.erased, sound.fault), (9, 8, None));
    assert_eq!(erase(&store, 10, "person:0").await, 9, "once more, the record that vouched until now among them");
    assert_eq!(seal_up_to(&store, 9).await, 1);
    assert_eq!((verified(&store, None).erased, verified(&store, None).fault), (8, None));
    for change in ["at = 1", "subject = 'eve'", "facts = '{}'", "salt = x'00'", "erased_by = NULL"] {
        tamper(
            &dir,
            &format!("CREATE TABLE kept AS SELECT * FROM audit; UPDATE audit SET {change} WHERE id = {}", id(5)),
        );
        let fault = verified(&store, None).fault.unwrap_or_else(|| panic!("not seen: {change}"));
        assert_eq!((fault.record, fault.what), (Some(Uuid::from_u128(5)), What::Changed), "{change}");
        tamper(&dir, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
        assert_eq!(verified(&store, None).fault, None);
    }
}

#[tokio::test]
async fn a_record_that_vouches_and_was_written_into_the_database_is_sealed_and_vouches_for_nothing() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write(&store, 1, "root").await;
    assert_eq!(seal_up_to(&store, 9).await, 1);
    let changed = format!("UPDATE audit SET subject = 'nobody', erased_by = {} WHERE id = {}", id(2), id(1));
    tamper(&dir, &changed);
    // What the one who changed it can make without the key: a record, and the digest that the sealer takes.
    let forger = AuditKey::new([4; 32]);
    let verb = move |tx: &mut Tx<'_>| {
        let present = super::rows::present_of(tx, TENANT, &[Uuid::from_u128(1)])?.remove(0).unwrap().entry;
        let hex = crate::hex::hex;
        let facts = json!({
            "rewritten": [[present.id.simple().to_string(), hex(&present.digest)]],
            "signature": hex(&forger.vouch(TENANT, &super::digest::pack(&[present]))),
        });
        let actor = Actor {
            user: None,
            name: "housekeeping".into(),
            credential: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            request_id: Uuid::from_u128(2),
        };
        let (at, action, outcome, subject) = (NOW, super::PERSON_ERASED, Outcome::Accepted, "person:0");
        record(tx, &Event { tenant: TENANT, at, action, outcome, actor: &actor, subject, facts })
    };
    store.write(Scope::of(TENANT), verb).await.unwrap();
    assert_eq!(seal_up_to(&store, 9).await, 1);
    let fault = verified(&store, None).fault.unwrap();
    assert_eq!((fault.record, fault.what), (Some(Uuid::from_u128(1)), What::Changed));
}

#[tokio::test]
async fn a_record_with_a_salt_is_sound_and_the_salt_cannot_be_changed() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write(&store, 1, "root").await;
    // As the next release writes it.
    let verb = |tx: &mut Tx<'_>| {
        tx.run("UPDATE audit SET salt = $2 WHERE tenant = $1", &params![TENANT, &[7u8; 16]])?;
        let entry = super::rows::present_of(tx, TENANT, &[Uuid::from_u128(1)])?.remove(0).unwrap().entry;
        let digests = super::digest::pack(&[entry]);
        tx.run("UPDATE audit_waiting SET digests = $2 WHERE tenant = $1", &params![TENANT, digests.as_slice()])
    };
    store.write(Scope::of(TENANT), verb).await.unwrap();
    assert_eq!(seal_up_to(&store, 9).await, 1);
    assert_eq!(verified(&store, None).fault, None);
    for change in ["NULL", "x''", "x'07'"] {
        tamper(&dir, &format!("UPDATE audit SET salt = {change}"));
        assert_eq!(verified(&store, None).fault.unwrap().what, What::Changed, "{change}");
    }
}
