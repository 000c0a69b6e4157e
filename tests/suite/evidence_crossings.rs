//! A file of evidence beside what happens while it is made.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;
use tenantry::audit::{Link, last_link, link_behind, link_hash};
use tenantry::params;
use tenantry::store::Scope;

use crate::access::ok;
use crate::bulk::records;
use crate::evidence::{checked, fetch, keys, rotate, run};
use crate::incident_reminders::wait_until;
use crate::incidents::{INCIDENTS, act, begun, planned, start, wait_while};
use crate::rig::{GOOD_PASSWORD, Rig};
use crate::wire::request;

const JANE: &str = "jane@example.com";
/// So many that the buffers of a connection do not take their file: the rest is made when the reader goes on.
const MANY: u32 = 13_000;

/// A file that is read to its head, and no further.
struct Begun(BufReader<TcpStream>);

impl Begun {
    fn of(rig: &Rig, id: &str) -> Self {
        rig.wait_until_sealed();
        let mut stream = BufReader::new(TcpStream::connect(rig.address).unwrap());
        stream.get_ref().set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let headers = format!("Authorization: {}\r\nConnection: close\r\n", rig.authorization());
        let body = json!({ "emails": "plain" }).to_string();
        let asked = request("POST", &format!("{INCIDENTS}/{id}/evidence"), &headers, &body);
        stream.get_mut().write_all(asked.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
        }
        assert!(
            head.starts_with("HTTP/1.1 200") && head.to_lowercase().contains("\r\ntransfer-encoding: chunked"),
            "{head}"
        );
        Self(stream)
    }

    /// What comes, and whether the answer came to its end.
    fn rest(mut self) -> (String, bool) {
        let mut text = Vec::new();
        loop {
            let mut size = String::new();
            let read = self.0.read_line(&mut size);
            let Some(size) = read.ok().and_then(|_| usize::from_str_radix(size.trim_end(), 16).ok()) else {
                return (String::from_utf8(text).unwrap(), false);
            };
            if size == 0 {
                return (String::from_utf8(text).unwrap(), true);
            }
            let at = text.len();
            text.resize(at + size, 0);
            self.0.read_exact(&mut text[at..]).unwrap();
            self.0.read_exact(&mut [0; 2]).unwrap();
        }
    }
}

#[test]
fn while_records_wait_to_be_sealed_no_file_is_begun() {
    let rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Jane", "emails": [JANE], "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    fetch(&rig, &id, "plain");
    let waiting = || rig.number("SELECT COUNT(*) FROM audit_waiting WHERE tenant = $1", &params![rig.tenant()]) > 0;
    // The sealer comes twice a second: sooner or later it has not come yet.
    wait_until(|| {
        rig.store.faults().stop();
        ok(&rig.reset(JANE));
        rig.store.faults().fail_every_call();
        // One that has come already ends what it does.
        sleep(Duration::from_millis(500));
        waiting()
    });
    // Ids of one moment have no order: the call comes behind what waits.
    rig.clock.advance_seconds(1);
    let began = Instant::now();
    let refused = act(&rig, &id, "evidence", &json!({ "emails": "plain" }));
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")), "{refused:?}");
    assert_eq!(refused.message(), "The last records are being sealed. Try again in a second.");
    assert!(began.elapsed() >= Duration::from_secs(5) && waiting(), "it has waited for the sealer");
    assert_eq!(records(&rig, "incident.evidence").get(&id), Some(&1), "what was refused is no fetch");
    rig.store.faults().stop();
    checked(&rig, &fetch(&rig, &id, "plain")).unwrap();
}

#[test]
fn a_file_under_way_keeps_its_key_and_one_that_breaks_off_is_seen_to() {
    let data = tempfile::tempdir().unwrap();
    let mut rig = Rig::at(data.path(), MANY, |_| {});
    rig.data = Some(data);
    let id = begun(&rig, &json!({ "name": "Everyone", "filter": { "q": "user" }, "hold": true }));
    wait_while(&rig, &id, &["ending"]);
    let last = format!("user{MANY:05}@example.com");
    ok(&act(&rig, &id, "release", &json!({ "emails": [last] })));
    let link = rig.token(&last, 1);
    let before = keys(&rig)[0].clone();
    let file = Begun::of(&rig, &id);
    rotate(&rig);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 204);
    let (whole, is_whole) = file.rest();
    assert!(is_whole);
    let found = checked(&rig, &whole).unwrap();
    assert_eq!(found.totals.redeemed, 1, "its last users were not looked at before the key was rotated");
    assert_eq!((found.signed_by.to_string(), &found.header.key), (before.clone(), &before));
    assert_eq!(found.totals.ended, i64::from(MANY));
    assert_ne!(checked(&rig, &fetch(&rig, &id, "plain")).unwrap().header.key, before);

    let file = Begun::of(&rig, &id);
    let tenant = rig.tenant();
    let unreadable = "UPDATE incident_users SET reason = 'nonsense' WHERE tenant = $1 AND user_id = (
        SELECT u.id FROM users u WHERE u.tenant = $1 AND u.email = $2)";
    assert_eq!(rig.write(move |tx| tx.run(unreadable, &params![tenant, &last])), 1);
    let (part, is_whole) = file.rest();
    assert!(!is_whole && part.lines().count() > 1_000, "{}", part.lines().count());
    let why = checked(&rig, &part).unwrap_err();
    assert!(why.contains("it ends before its last line") && why.ends_with("is missing"), "{why}");
    let out = rig.data.as_ref().unwrap().path().join("evidence.jsonl");
    let refused = run(&rig, &["incident", "evidence", &id, "--out", out.to_str().unwrap()]).refused();
    assert!(!out.exists() && !out.with_file_name("evidence.jsonl.part").exists(), "{refused}");
}

/// Records that wait at the same time are sealed in the order of their ids, which may not be that of what was done.
#[test]
fn what_was_declared_may_be_sealed_behind_what_has_ended() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let id = planned(&rig, &token, &json!({ "name": "Jane", "emails": [JANE], "hold": true }));
    rig.wait_until_sealed();
    let tenant = rig.tenant();
    let declared = rig.store.read(Scope::HOUSE, |tx| last_link(tx, tenant)).unwrap().unwrap();
    ok(&start(&rig, &token, &id));
    wait_while(&rig, &id, &["ending"]);
    rig.wait_until_sealed();
    let first = declared.number;
    rig.write(move |tx| {
        let mut links = vec![declared.clone()];
        while let Some(next) = link_behind(tx, tenant, links.last().unwrap().number)? {
            links.push(next);
        }
        assert!(links.len() > 1);
        let others: Vec<_> = links.iter().cycle().skip(1).take(links.len()).cloned().collect();
        let mut previous = declared.previous.clone();
        for (link, other) in links.iter().zip(others) {
            let moved = Link { number: link.number, previous, ..other };
            let change =
                "UPDATE audit_links SET records = $3, digests = $4, previous = $5 WHERE tenant = $1 AND number = $2";
            let (entries, before) = (moved.entries.as_slice(), moved.previous.as_slice());
            tx.run(change, &params![tenant, moved.number, moved.records, entries, before])?;
            previous = link_hash(tenant, &moved).to_vec();
        }
        Ok(())
    });
    let found = checked(&rig, &fetch(&rig, &id, "plain")).unwrap();
    assert_eq!((found.totals.ended, found.links.0), (1, first));
}
