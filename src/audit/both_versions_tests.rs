//! A chain that older releases began: its links keep the first halves of digests, and it goes on with links that keep all of them.

use super::super::digest::{Kept, Listed, count, link_hash, pack_listed, unpack};
use super::super::rows::{find_each, find_next_link};
use super::*;

fn halves(list: &[u8]) -> Vec<u8> {
    let half = |one: Listed| Listed { digest: Kept::read(&one.digest.bytes()[..16]).unwrap(), ..one };
    pack_listed(&unpack(list).unwrap().into_iter().map(half).collect::<Vec<_>>()).unwrap()
}

/// Leaves what waits as the releases before this one left it.
fn leave_as_before(tx: &mut Tx<'_>) -> crate::error::Result<()> {
    for row in tx.all("SELECT id, digests FROM audit_waiting WHERE tenant = $1", &params![TENANT])? {
        let (id, list): (Uuid, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let insert = "INSERT INTO audit_unsealed (tenant, id, digests) VALUES ($1, $2, $3)";
        tx.run(insert, &params![TENANT, &id, halves(&list).as_slice()])?;
    }
    tx.run("DELETE FROM audit_waiting WHERE tenant = $1", &params![TENANT]).map(drop)
}

async fn write_as_before(store: &Store, id: u128) {
    write(store, id, "root").await;
    store.write(Scope::of(TENANT), leave_as_before).await.unwrap();
}

async fn seal_from(store: &Store, left: Left) -> usize {
    store.write(Scope::of(TENANT), move |tx| seal(tx, &key(), (TENANT, left), None, NOW, 9)).await.unwrap().records
}

/// The bytes of each link's list.
fn lists(store: &Store) -> Vec<Vec<u8>> {
    let statement = "SELECT digests FROM audit_links WHERE tenant = $1 ORDER BY number";
    let rows = store.read(Scope::of(TENANT), |tx| tx.all(statement, &params![TENANT])).unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

#[tokio::test]
async fn links_of_both_versions_make_one_chain() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    for id in 1..=2 {
        write_as_before(&store, id).await;
    }
    assert_eq!(store.read(Scope::HOUSE, |tx| tenants(tx, Left::ByOlderReleases)).unwrap(), [TENANT]);
    write(&store, 3, "root").await;
    assert_eq!(verified(&store, None).unsealed, 3, "what waits in both tables is compared");
    assert_eq!(seal_from(&store, Left::ByOlderReleases).await, 2);
    assert_eq!(seal_from(&store, Left::Waiting).await, 1);
    // A process of the release before that still runs puts its link behind that one.
    write_as_before(&store, 4).await;
    assert_eq!(seal_from(&store, Left::ByOlderReleases).await, 1);
    write(&store, 5, "root").await;
    assert_eq!(seal_from(&store, Left::Waiting).await, 1);
    assert_eq!(lists(&store).iter().map(Vec::len).collect::<Vec<_>>(), [2 * 32, 49, 32, 49]);
    let found = verified(&store, None);
    assert_eq!((found.records, found.links, found.unsealed, found.fault), (5, 4, 0, None));
    for id in 1..=5_u128 {
        tamper(
            &dir,
            &format!(
                "CREATE TABLE kept AS SELECT * FROM audit; UPDATE audit SET facts = '{{}}' WHERE id = {}",
                super::id(id)
            ),
        );
        assert_eq!(verified(&store, None).fault.unwrap().record, Some(Uuid::from_u128(id)));
        tamper(&dir, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
    }
    assert_eq!(verified(&store, Some(&found.anchor)).fault, None);
}

#[tokio::test]
async fn no_list_of_one_version_is_joined_with_one_of_the_other() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write_as_before(&store, 1).await;
    write(&store, 2, "root").await;
    write(&store, 3, "root").await;
    // As no release does it.
    tamper(&dir, "INSERT INTO audit_unsealed SELECT * FROM audit_waiting; DELETE FROM audit_waiting");
    for records in [1, 2, 0] {
        assert_eq!(seal_from(&store, Left::ByOlderReleases).await, records);
    }
    assert_eq!(lists(&store).iter().map(Vec::len).collect::<Vec<_>>(), [32, 97]);
    assert_eq!(verified(&store, None).fault, None);
}

#[tokio::test]
async fn bytes_that_are_no_list_are_not_sealed() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write(&store, 1, "root").await;
    tamper(&dir, "UPDATE audit_waiting SET digests = x'0202'");
    let verb = |tx: &mut Tx<'_>| seal(tx, &key(), (TENANT, Left::Waiting), None, NOW, 9);
    assert_eq!(store.write(Scope::of(TENANT), verb).await.unwrap_err().kind, crate::error::Kind::Internal);
    assert_eq!(lists(&store), Vec::<Vec<u8>>::new());
}

/// The link with this number, with one byte of its list changed and signed anew by one who has the key.
fn forged(tx: &mut Tx<'_>, number: i64, at: usize) -> crate::error::Result<()> {
    let (mut link, _) = find_next_link(tx, TENANT, number - 1)?.unwrap();
    link.entries[at] ^= 1;
    let signature = key().sign(&link_hash(TENANT, &link));
    let statement = "UPDATE audit_links SET digests = $3, signature = $4 WHERE tenant = $1 AND number = $2";
    tx.run(statement, &params![TENANT, number, link.entries.as_slice(), &signature]).map(drop)
}

#[tokio::test]
async fn a_changed_byte_in_either_half_of_a_digest_is_found() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write_as_before(&store, 1).await;
    assert_eq!(seal_from(&store, Left::ByOlderReleases).await, 1);
    write(&store, 2, "root").await;
    assert_eq!(seal_from(&store, Left::Waiting).await, 1);
    for (link, bytes) in [(1, 16..32), (2, 17..49)] {
        for at in bytes {
            let once = move |tx: &mut Tx<'_>| forged(tx, link, at);
            store.write(Scope::of(TENANT), once).await.unwrap();
            let fault = verified(&store, None).fault.unwrap();
            assert_eq!((fault.link, fault.what), (link, What::Changed), "byte {at} of link {link}");
            store.write(Scope::of(TENANT), once).await.unwrap();
            assert_eq!(verified(&store, None).fault, None);
        }
    }
    write(&store, 3, "root").await;
    write_as_before(&store, 4).await;
    write(&store, 5, "root").await;
    for table in ["audit_waiting", "audit_unsealed"] {
        let changed = format!(
            "CREATE TABLE kept AS SELECT * FROM {table};
             UPDATE {table} SET digests = CAST(substr(digests, 1, length(digests) - 1) || x'00' AS BLOB)"
        );
        tamper(&dir, &changed);
        assert_eq!(verified(&store, None).fault.unwrap().what, What::Changed, "{table}");
        tamper(&dir, &format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept"));
        assert_eq!(verified(&store, None).fault, None);
    }
}

/// The record that vouches, as an older release wrote it: with halves of digests, signed over a list of these.
fn vouch_as_before(tx: &mut Tx<'_>, by: Uuid) -> crate::error::Result<()> {
    let mut record = find_each(tx, TENANT, &[by])?.remove(0).unwrap();
    let mut facts: serde_json::Value = serde_json::from_str(&record.facts).unwrap();
    let mut listed = Vec::new();
    for pair in facts["rewritten"].as_array_mut().unwrap() {
        let half = pair[1].as_str().unwrap()[..32].to_owned();
        let digest = Kept::read(&crate::hex::from_hex(&half).unwrap()).unwrap();
        listed.push(Listed { id: Uuid::try_parse(pair[0].as_str().unwrap()).unwrap(), digest });
        pair[1] = half.into();
    }
    facts["signature"] = crate::hex::hex(&key().vouch(TENANT, &pack_listed(&listed).unwrap())).into();
    record.facts = facts.to_string();
    tx.run("UPDATE audit SET facts = $3 WHERE tenant = $1 AND id = $2", &params![TENANT, &by, &record.facts])?;
    let list = super::super::digest::pack(&[record.entry(TENANT)]);
    let statement = "UPDATE audit_waiting SET digests = $3 WHERE tenant = $1 AND id = $2";
    tx.run(statement, &params![TENANT, &by, list.as_slice()])?;
    leave_as_before(tx)
}

#[tokio::test]
async fn a_person_is_erased_in_records_of_older_releases_and_what_these_vouched_for_stays_sound() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write_as_before(&store, 1).await;
    assert_eq!(erase(&store, 10, "ada").await, 1);
    store.write(Scope::of(TENANT), |tx| vouch_as_before(tx, Uuid::from_u128(10))).await.unwrap();
    assert_eq!(seal_from(&store, Left::ByOlderReleases).await, 2);
    write_as_before(&store, 2).await;
    assert_eq!(seal_from(&store, Left::ByOlderReleases).await, 1);
    write(&store, 3, "root").await;
    assert_eq!(erase(&store, 11, "ada").await, 2);
    assert_eq!(seal_from(&store, Left::Waiting).await, 2);
    let found = verified(&store, None);
    assert_eq!((found.records, found.erased, found.fault), (5, 3, None));
    assert_eq!(lists(&store).iter().map(|list| count(list).unwrap()).collect::<Vec<_>>(), [2, 1, 2]);
    for record in [1, 2, 3] {
        tamper(
            &dir,
            &format!(
                "CREATE TABLE kept AS SELECT * FROM audit; UPDATE audit SET subject = 'eve' WHERE id = {}",
                id(record)
            ),
        );
        assert_eq!(verified(&store, None).fault.unwrap().record, Some(Uuid::from_u128(record)));
        tamper(&dir, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
    }
}

#[tokio::test]
async fn what_an_older_release_left_when_it_was_killed_is_sealed_at_the_start_and_at_the_end() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    write_as_before(&store, 1).await;
    let (stopper, stop) = tokio::sync::watch::channel(false);
    let clock = crate::clock::Clock::by_hand(NOW);
    let sealer = tokio::spawn(keep_sealing(store.clone(), key(), clock, Witness::default(), stop));
    while verified(&store, None).records < 1 {
        tokio::task::yield_now().await;
    }
    write_as_before(&store, 2).await;
    stopper.send(true).unwrap();
    sealer.await.unwrap();
    let found = verified(&store, None);
    assert_eq!((found.records, found.unsealed, found.fault), (2, 0, None));
}
