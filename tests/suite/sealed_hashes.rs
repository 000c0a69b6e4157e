//! Hashes of passwords that move with their tenant: sealed for the one target, and of no use anywhere else.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::passwords::{Cost, Hasher};
use tenantry::random::Random;
use tenantry::secret::Secret;
use tenantry::store::Tx;

use crate::access::{ok, refused};
use crate::command_line::{Ended, tenantry};
use crate::dice::Dice;
use crate::imports::{IMPORTS, line};
use crate::people::in_system;
use crate::rig::{Answered, Rig};
use crate::whole_tenants::{BOSS, bring_whole, elsewhere, empty_tenant, export, furnish, kind, substance};

const EXPORT: &str = "/api/tenantry/v1/export/hashes";
const KEY: &str = "/api/tenantry/v1/imports/key";
const JANE: &str = "jane@acme.example";
const BEN: &str = "ben@acme.example";
const DEAD: &str = "dead@acme.example";
const PASSWORD: &str = "harbor-ember-umber-58";

/// A user with a password, made at what rigs hash at.
fn add(rig: &Rig, tenant: TenantId, email: &str) -> String {
    let hash = hashed();
    let kept = hash.clone();
    rig.add_user(tenant, email, |new| new.password_hash = Some(kept));
    hash
}

/// The password as a server hashes it: what is quicker to guess than that is nobody's hash.
fn hashed() -> String {
    let hasher = Hasher::start(Cost::default(), 1, 4, Random::system()).unwrap();
    let hash = hasher.hash(Secret::new(PASSWORD.into()), Instant::now() + Duration::from_secs(60));
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(hash).unwrap()
}

/// The key of a target.
fn key(rig: &Rig, token: &str) -> String {
    ok(&rig.as_token(token, "POST", KEY, Some(&json!({}))))["key"].as_str().unwrap().into()
}

fn page(rig: &Rig, token: &str, key: &str, limit: usize, after: Option<&str>) -> Answered {
    rig.as_token(token, "POST", EXPORT, Some(&json!({ "seal_with": key, "limit": limit, "after": after })))
}

/// All lines of a tenant with its hashes, by pages of so many, and how many hashes are told.
fn sealed(rig: &Rig, token: &str, key: &str, limit: usize) -> (Vec<String>, usize) {
    let (mut lines, mut hashes, mut after) = (Vec::new(), 0, None);
    loop {
        let page = page(rig, token, key, limit, after.as_deref());
        assert_eq!(page.status, 200, "{}", page.text);
        lines.extend(page.text.lines().map(str::to_owned));
        hashes += page.header("tenantry-hashes").unwrap().parse::<usize>().unwrap();
        match page.header("tenantry-next-cursor") {
            Some(next) => after = Some(next.to_owned()),
            None => return (lines, hashes),
        }
    }
}

fn open_window(rig: &Rig, token: &str) {
    let until = rig.clock.now().plus_seconds(3_600).to_string();
    ok(&rig.as_token(token, "PUT", &format!("{IMPORTS}/hashes"), Some(&json!({ "until": until }))));
}

/// How a user signs in at a tenant of their own, by its host.
fn signs_in(rig: &Rig, tenant: &str, email: &str, password: &str) -> u16 {
    rig.clock.advance_seconds(60);
    rig.sign_in_at(tenant, email, password)
}

/// The same lines but for what is sealed, which differs with each sealing.
fn unsealed(lines: &[String]) -> Vec<Value> {
    let line = |line: &String| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if line["password"]["sealed"].is_string() {
            line["password"]["sealed"] = json!("sealed");
        }
        line
    };
    substance(lines).iter().map(line).collect()
}

#[test]
fn old_passwords_sign_in_at_the_target_and_back_again() {
    let (here, there) = (Rig::start(), elsewhere());
    let (tenant, token) = empty_tenant(&here, "acme", BOSS);
    furnish(&here, tenant, &token, &mut Dice::of("sealed hashes"));
    // What is furnished has marks for hashes.
    let real = hashed();
    here.write(move |tx: &mut Tx<'_>| {
        let give = "UPDATE users SET password_hash = $2 WHERE tenant = $1 AND password_hash IS NOT NULL";
        tx.run(give, &params![tenant, &real]).map(drop)
    });
    let hashes = [JANE, BEN].map(|email| add(&here, tenant, email));
    here.write(move |tx: &mut Tx<'_>| {
        tx.run("UPDATE users SET password_must_change_at = 1 WHERE email_key = 'ben@acme.example'", &[]).map(drop)
    });
    add(&here, tenant, DEAD);
    here.write(|tx: &mut Tx<'_>| {
        tx.run("UPDATE users SET password_dead_at = 1 WHERE email_key = 'dead@acme.example'", &[]).map(drop)
    });
    let (_, mover) = empty_tenant(&there, "acme-new", BOSS);
    let (written, told) = sealed(&here, &token, &key(&there, &mover), 7);
    let with = written.iter().filter(|line| line.contains(r#""sealed":"#)).count();
    assert!(told == with && with >= 3, "{told} {with}");
    assert!(written[0].contains(r#""hashes":"sealed""#), "{}", written[0]);
    let text = written.concat();
    for mark in ["$argon2", "MARKERHASH", "$2b$", &hashes[0], &hashes[1]] {
        assert!(!text.contains(mark), "{mark}");
    }
    let of_dead = written.iter().find(|line| line.contains(DEAD)).unwrap();
    assert!(of_dead.contains(r#""password":null"#), "{of_dead}");

    open_window(&there, &mover);
    let brought = bring_whole(&there, &mover, &written, 50);
    assert_eq!(brought["counts"]["refused"], 0, "{brought}");
    // Before anyone signs in: then a rig puts a hash of its own in the place, at a cost that no other takes.
    let (_, back) = empty_tenant(&here, "acme-back", BOSS);
    let (again, _) = sealed(&there, &mover, &key(&here, &back), 1_000);
    assert_eq!(unsealed(&again), unsealed(&written));
    assert_eq!(signs_in(&there, "acme-new", JANE, PASSWORD), 204);
    assert_eq!(signs_in(&there, "acme-new", JANE, "another-password-77"), 401);
    assert_eq!(signs_in(&there, "acme-new", BEN, PASSWORD), 403, "it leads to a link");
    assert_eq!(signs_in(&there, "acme-new", DEAD, PASSWORD), 401);

    open_window(&here, &back);
    assert_eq!(bring_whole(&here, &back, &again, 1_000)["counts"]["refused"], 0);
    assert_eq!(signs_in(&here, "acme-back", JANE, PASSWORD), 204);
}

#[test]
fn anywhere_but_at_the_target_users_arrive_without_a_password_and_are_told() {
    let (here, there) = (Rig::start(), elsewhere());
    let (tenant, token) = empty_tenant(&here, "acme", BOSS);
    add(&here, tenant, JANE);
    let (_, target) = empty_tenant(&there, "target", BOSS);
    let (written, hashes) = sealed(&here, &token, &key(&there, &target), 100);
    assert_eq!(hashes, 1);
    let (_, other) = empty_tenant(&there, "other", BOSS);
    let (_, elsewhere) = empty_tenant(&here, "elsewhere", BOSS);
    for (rig, token, name) in [(&there, &other, "other"), (&here, &elsewhere, "elsewhere")] {
        let brought = bring_whole(rig, token, &written, 100);
        assert_eq!(brought["counts"]["codes"]["W_HASH_SEALED"], 1, "{brought}");
        assert_eq!(brought["counts"]["refused"], 0, "no window is asked for: {brought}");
        assert_eq!(signs_in(rig, name, JANE, PASSWORD), 401);
    }
    // At the target a window must be open, and another user's hash opens for nobody.
    let closed = bring_whole(&there, &target, &written, 100);
    assert_eq!(closed["counts"]["codes"]["HASHES_CLOSED"], 1, "{closed}");
    open_window(&there, &target);
    let of_jane: Value = serde_json::from_str(written.iter().find(|line| line.contains(JANE)).unwrap()).unwrap();
    let members = json!({ "uid": "0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208", "password": of_jane["password"] });
    let stolen = vec![line("thief@acme.example", &members)];
    assert_eq!(bring_whole(&there, &target, &stolen, 10)["counts"]["codes"]["W_HASH_SEALED"], 1);
    // The key counts for a week.
    there.clock.advance_seconds(7 * 24 * 3_600 + 60);
    let (_, fresh) = empty_tenant(&there, "late", BOSS);
    let late = bring_whole(&there, &fresh, &written, 100);
    assert_eq!(late["counts"]["codes"]["W_HASH_SEALED"], 1, "{late}");
}

#[test]
fn owners_alone_seal_and_open_with_one_record_each() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let admin = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-admin-role"));
    assert_eq!(rig.as_token(&admin, "POST", KEY, Some(&json!({}))).status, 403);
    let mine = key(&rig, &token);
    assert_eq!(page(&rig, &admin, &mine, 10, None).status, 403);
    let times = |action: &str| {
        rig.audit().iter().filter(|(known, outcome, _)| known == action && outcome == "accepted").count()
    };
    let (lines, _) = sealed(&rig, &token, &mine, 3);
    assert_eq!((times("import.make_key"), times("export.hashes")), (1, 1), "one for all pages");
    assert!(lines.iter().any(|line| kind(line) == "user"));
    let text = rig.get("/api/tenantry/v1/audit?limit=1000").text;
    let secret = mine.split('.').nth(2).unwrap();
    assert!(!text.contains(secret), "the key is in no record");
    // Pages behind the first belong to its key and its caller, and last a day.
    let next = page(&rig, &token, &mine, 1, None).header("tenantry-next-cursor").unwrap().to_owned();
    assert_eq!(page(&rig, &token, &mine, 1, Some(&next)).status, 200);
    refused(&page(&rig, &token, &key(&rig, &token), 1, Some(&next)), 400, "Field after");
    rig.clock.advance_seconds(24 * 3_600 + 60);
    refused(&page(&rig, &token, &mine, 1, Some(&next)), 400, "older than a day");
    rig.clock.advance_seconds(7 * 24 * 3_600);
    refused(&page(&rig, &token, &mine, 1, None), 400, "counted until");
    refused(&page(&rig, &token, "tnt1.hunter2", 1, None), 400, "is no key of");
}

fn cli(rig: &Rig, token: &str, directory: &Path, words: &[&str]) -> Ended {
    let mut command = tenantry(directory, words);
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", token).output().unwrap().into()
}

#[test]
fn the_command_line_moves_a_tenant_with_its_passwords() {
    let (here, there) = (Rig::start(), elsewhere());
    let work = tempfile::tempdir().unwrap();
    let (tenant, token) = empty_tenant(&here, "acme", BOSS);
    add(&here, tenant, JANE);
    here.add_user(tenant, BEN, |_| {});
    let (_, mover) = empty_tenant(&there, "acme-new", BOSS);
    let printed = cli(&there, &mover, work.path(), &["transfer", "key"]).done();
    assert!(printed.starts_with("tnt1.") && printed.lines().count() == 1, "{printed}");
    std::fs::write(work.path().join("key"), &printed).unwrap();
    let plain = cli(&here, &token, work.path(), &["tenant", "export"]).done();
    assert!(plain.contains(r#""hashes":"none""#) && !plain.contains("sealed"), "{plain}");
    let line = ["tenant", "export", "--hashes", "--seal-with", "key", "--out", "acme.jsonl"];
    let told = cli(&here, &token, work.path(), &line).done();
    assert!(told.contains("1 of them with a sealed hash"), "{told}");
    let text = std::fs::read_to_string(work.path().join("acme.jsonl")).unwrap();
    assert!(text.contains(r#""sealed":"#) && !text.contains("$argon2"), "{text}");
    open_window(&there, &mover);
    let dry = cli(&there, &mover, work.path(), &["tenant", "import", "acme.jsonl", "--dry-run"]).done();
    assert!(dry.contains("1 argon2id"), "the plan has opened it: {dry}");
    let plan = dry.split("tenantry tenant import --plan ").nth(1).unwrap().split(' ').next().unwrap().to_string();
    cli(&there, &mover, work.path(), &["tenant", "import", "acme.jsonl", "--plan", &plan]).done();
    assert_eq!(signs_in(&there, "acme-new", JANE, PASSWORD), 204);
    assert_eq!(export(&there, &mover, 100).iter().filter(|line| kind(line) == "user").count(), 3);
    let half = cli(&here, &token, work.path(), &["tenant", "export", "--hashes"]);
    assert_eq!(half.code, 2, "{half:?}");
}
