//! The file of a tenant, written and brought in by the real command line; and what becomes of both beside writes, failures and
//! kills.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tenantry::people::{self, NewUser};
use tenantry::store::Tx;

use crate::access::ok;
use crate::command_line::{Ended, tenantry};
use crate::dice::Dice;
use crate::import_files::{newest, shown, start, wait_until};
use crate::imports::{IMPORTS, begin, put, step};
use crate::process::{Place, Process};
use crate::rig::Rig;
use crate::whole_tenants::{BOSS, elsewhere, empty_tenant, export, furnish, kind, substance};

fn cli(rig: &Rig, token: &str, directory: &Path, words: &[&str]) -> Ended {
    let mut command = tenantry(directory, words);
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", token).output().unwrap().into()
}

#[test]
fn the_command_line_moves_a_tenant_as_its_page_says() {
    let (here, there) = (Rig::start(), elsewhere());
    let work = tempfile::tempdir().unwrap();
    let (tenant, token) = empty_tenant(&here, "acme", BOSS);
    furnish(&here, tenant, &token, &mut Dice::of("a tenant on the command line"));
    for nth in 0..1_100 {
        here.add_user(tenant, &format!("many{nth}@acme.example"), |_| {});
    }
    let told = cli(&here, &token, work.path(), &["tenant", "export", "--out", "acme.jsonl"]).done();
    let file = work.path().join("acme.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let (before, end) = text.trim_end().rsplit_once('\n').unwrap();
    let digest: String = Sha256::digest(format!("{before}\n")).iter().map(|byte| format!("{byte:02x}")).collect();
    let end: Value = serde_json::from_str(end).unwrap();
    assert_eq!(end, json!({ "kind": "end", "records": before.lines().count() - 1, "sha256": digest }));
    assert!(told.contains(&digest) && told.contains("acme.jsonl"), "{told}");
    assert!(
        cli(&here, &token, work.path(), &["tenant", "export", "--out", "acme.jsonl"]).refused().contains("acme.jsonl")
    );
    let streamed = cli(&here, &token, work.path(), &["tenant", "export"]).done();
    assert_eq!(substance(&lines_of(&streamed)), substance(&lines_of(&text)));

    let (_, mover) = empty_tenant(&there, "acme-new", BOSS);
    let there_by = |words: &[&str]| cli(&there, &mover, work.path(), words);
    for (name, code, changed) in [
        ("cut.jsonl", "F_TRUNCATED", format!("{before}\n")),
        ("changed.jsonl", "F_DIGEST", text.replacen("acme.example", "acme.exampla", 1)),
        ("newer.jsonl", "F_VERSION", text.replacen(r#""tenantry":1"#, r#""tenantry":2"#, 1)),
    ] {
        std::fs::write(work.path().join(name), changed).unwrap();
        let stopped = there_by(&["tenant", "import", name]);
        assert!(stopped.code == 2 && stopped.complaint.contains(code), "{name} {stopped:?}");
    }
    let none = there.as_token(&mover, "GET", IMPORTS, None).body;
    assert_eq!(none["items"], json!([]), "what is cut or changed begins nothing");
    let dry = there_by(&["tenant", "import", "acme.jsonl", "--dry-run"]).done();
    assert!(dry.contains("users") && dry.contains("namespaces") && dry.contains("settings"), "{dry}");
    let plan = dry.split("tenantry tenant import --plan ").nth(1).unwrap().split(' ').next().unwrap().to_string();
    assert_eq!(export(&there, &mover, 1_000).iter().filter(|line| kind(line) == "user").count(), 1);
    there_by(&["tenant", "import", "acme.jsonl", "--plan", &plan]).done();
    assert_eq!(substance(&export(&there, &mover, 1_000)), substance(&lines_of(&text)));
    let again: Value = serde_json::from_str(&there_by(&["--json", "tenant", "import", "acme.jsonl"]).done()).unwrap();
    assert_eq!(again["counts"]["unchanged"], again["counts"]["rows"], "{again}");
    let result = std::fs::read_to_string(work.path().join("acme.jsonl.result.csv")).unwrap();
    assert!(result.contains("namespace default,,unchanged"), "{result:.400}");
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().filter(|line| kind(line) != "end").map(str::to_owned).collect()
}

#[test]
fn a_failure_anywhere_leaves_whole_slices_and_the_same_chunk_goes_on() {
    let (here, there) = (Rig::start(), Rig::start());
    let (tenant, token) = empty_tenant(&here, "acme", BOSS);
    furnish(&here, tenant, &token, &mut Dice::of("failures within whole tenants"));
    let written = export(&here, &token, 1_000);
    let (_, mover) = empty_tenant(&there, "acme-new", BOSS);
    let id = begin(&there, &mover, &json!({ "tenant": true }));
    let chunks: Vec<Vec<String>> = written.chunks(9).map(<[String]>::to_vec).collect();
    let mut failed = 0;
    let mut send = |number: usize, chunk: &[String]| {
        there.store.faults().fail_call(1 + 3 * number as u32);
        failed += usize::from(put(&there, &mover, &id, number, chunk).status != 200);
        there.store.faults().stop();
        while put(&there, &mover, &id, number, chunk).body["is_whole"] != true {}
    };
    chunks.iter().enumerate().for_each(|(nth, chunk)| send(nth + 1, chunk));
    let planned = ok(&step(&there, &mover, &id, "plan", &json!({}))).clone();
    ok(&step(&there, &mover, &id, "run", &json!({ "plan": planned["plan"] })));
    chunks.iter().enumerate().for_each(|(nth, chunk)| send(nth + 1, chunk));
    assert!(failed > 2, "nothing failed");
    let ended = ok(&step(&there, &mover, &id, "end", &json!({}))).clone();
    assert_eq!((&ended["counts"]["refused"], &ended["counts"]), (&json!(0), &planned["counts"]));
    assert_eq!(substance(&export(&there, &mover, 1_000)), substance(&written));
}

#[test]
fn beside_writes_every_user_who_stays_is_written_out_once_and_the_command_line_says_so() {
    let rig = Rig::start();
    let work = tempfile::tempdir().unwrap();
    let (tenant, token) = empty_tenant(&rig, "acme", BOSS);
    let stay: Vec<String> = (0..3_000).map(|nth| format!("stay{nth:04}@acme.example")).collect();
    let (now, emails) = (rig.clock.now(), stay.clone());
    rig.write(move |tx: &mut Tx<'_>| {
        let new = |email: &String| {
            let email = tenantry::mail::address::Email::parse(email).unwrap();
            NewUser::person(email, &tenantry::random::Random::system(), now)
        };
        people::insert_all(tx, tenant, &emails.iter().map(new).collect::<Vec<_>>(), "test", now)
    });
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut nth = 0;
            while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                let path = "/api/web/custom/namespaces/system/user_roles";
                let email = format!("new{nth}@acme.example");
                let body = json!({ "email": email, "first_name": "N", "last_name": "N", "type": "USER", "idm_type": "SSO",
                                   "namespace_roles": [] });
                // Records of the same millisecond have no order.
                rig.clock.advance_seconds(1);
                let made = rig.as_token(&token, "POST", path, Some(&body));
                assert_eq!(made.status, 200, "{}", made.text);
                nth += 1;
            }
        });
        let ended = cli(&rig, &token, work.path(), &["tenant", "export", "--out", "acme.jsonl"]);
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
        writer.join().unwrap();
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.complaint.contains("Something was done in this tenant while it was written out"), "{ended:?}");
        std::fs::read_to_string(work.path().join("acme.jsonl")).unwrap()
    });
    let found = |email: &str| written.matches(&format!(r#""email":"{email}""#)).count();
    assert!(stay.iter().all(|email| found(email) == 1));
    let quiet = cli(&rig, &token, work.path(), &["tenant", "export", "--out", "quiet.jsonl"]);
    quiet.done();
}

#[test]
fn killed_at_both_ends_a_tenant_goes_on_and_everything_of_it_comes_once() {
    const USERS: usize = 5_000;
    let place = Place::new();
    let work = tempfile::tempdir().unwrap();
    let mut lines = vec![
        json!({ "kind": "namespace", "name": "shop" }),
        json!({ "kind": "role", "name": "auditor", "api_groups": ["ves-io-uam-read"] }),
        json!({ "kind": "group", "name": "ops", "roles": [{ "namespace": "shop", "role": "auditor" }] }),
    ];
    lines.extend(
        (0..USERS)
            .map(|nth| json!({ "kind": "user", "email": format!("u{nth:05}@import.example"), "groups": ["ops"] })),
    );
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(work.path().join("all.jsonl"), text).unwrap();
    let mut process = Process::start(&place, 0);
    let mut client = start(&process, work.path(), &["tenant", "import", "all.jsonl"]);
    let id = newest(&process);
    for part in 1..=2 {
        wait_until(&process, &id, part * USERS / 4);
        process.kill();
        client.kill().unwrap();
        client.wait().unwrap();
        process = Process::start(&place, 0);
        client = start(&process, work.path(), &["import", "resume", &id, "all.jsonl", "--from", "tenantry"]);
    }
    client.wait().unwrap();
    let ended = shown(&process, &id);
    assert_eq!((&ended["state"], &ended["counts"]["taken"]), (&json!("done"), &json!(USERS + 3)), "{ended}");
    for (action, records) in [("namespace.create", 1), ("role.create", 1), ("group.create", 1)] {
        let listed = process.get(&format!("/api/tenantry/v1/audit?action={action}&limit=1000")).body;
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let of_import = |item: &&Value| item["facts"]["import"] == json!(id);
        assert_eq!(listed["items"].as_array().unwrap().iter().filter(of_import).count(), records, "{action}");
    }
    assert!(process.terminate().1);
}
