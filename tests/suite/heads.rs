//! Heads of the audit log: made once an hour, sent out on each way, kept by others, and held against the chain.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::config::SmtpSecurity;
use tenantry::heads::Maker;
use tenantry::identity::TenantId;
use tenantry::keys::Keys;
use tenantry::params;
use tenantry::random::Random;
use tenantry::signing::{Signer, VerifierKey, note, read_heads};
use tenantry::store::{Scope, Store, Tx};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::access::{ok, refused};
use crate::command_line::{Ended, tenantry};
use crate::engine::{database_of, is_postgres, settings_of};
use crate::keeping::{beside, say, text, user};
use crate::letter::Letter;
use crate::operator::{data, done, operator, post};
use crate::people::in_system;
use crate::process::{Place, Process};
use crate::receiver::{Receiver, Say};
use crate::relay::{Act, Fault, Relay, Script, Step};
use crate::restore::restore_line;
use crate::rig::Rig;
use crate::syslog::Syslog;
use crate::webhooks::add;

pub const HEADS: &str = "/api/tenantry/v1/audit/heads";
pub const HEAD_MAIL: &str = "/api/tenantry/v1/audit/head_mail";
const JANE: &str = "jane@example.com";
const AUDITOR: &str = "audit@example.net";
const HOUR: i64 = 3600;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// The heads of the sample tenant, the newest first.
fn heads(rig: &Rig) -> Vec<Value> {
    ok(&rig.get(HEADS))["items"].as_array().unwrap().clone()
}

fn note_of(head: &Value) -> String {
    head["note"].as_str().unwrap().to_owned()
}

/// Seals what waits, lets an hour go by, and waits until there are so many heads.
fn after_an_hour(rig: &Rig, count: usize) -> Vec<Value> {
    rig.wait_until_sealed();
    rig.clock.advance_seconds(HOUR + 1);
    until(|| heads(rig), |heads| heads.len() == count)
}

fn until<T: std::fmt::Debug>(look: impl Fn() -> T, is_so: impl Fn(&T) -> bool) -> T {
    for _ in 0..4_000 {
        let found = look();
        if is_so(&found) {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{:?}", look());
}

fn published(rig: &Rig) -> Vec<VerifierKey> {
    let told = rig.send("GET", "/.well-known/tenantry-keys", &[], None).text;
    told.lines().map(|line| VerifierKey::parse(line).unwrap()).collect()
}

/// The files that an auditor has kept, as the command line takes them.
struct Kept(tempfile::TempDir);

impl Kept {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn keep(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// A verb that speaks to the rig, or looks at its store.
fn run(rig: &Rig, line: &[&str]) -> Ended {
    let data = data(rig);
    let mut command = tenantry(&data, line);
    command.envs(database_of(&data).map(|url| ("TENANTRY_STORE_POSTGRES", url)));
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
}

fn offline(rig: &Rig, files: &[&PathBuf]) -> Ended {
    let data = data(rig);
    let mut line = vec!["audit", "verify", "--offline", "--data", data.to_str().unwrap()];
    for file in files {
        line.extend(["--head", file.to_str().unwrap()]);
    }
    run(rig, &line)
}

fn verify(rig: &Rig, files: &[&PathBuf], more: &[&str]) -> Ended {
    let mut line = vec!["audit", "verify"];
    for file in files {
        line.extend(["--head", file.to_str().unwrap()]);
    }
    line.extend(more);
    run(rig, &line)
}

#[test]
fn an_hour_after_a_record_its_head_leaves_on_every_way_and_each_is_verified_against_the_chain() {
    let (runtime, receiver, syslog) = (runtime(), Receiver::start(), Syslog::start());
    let relay = runtime.block_on(Relay::start(Script::default()));
    let rig = Rig::with(|config| {
        (config.smtp.host, config.smtp.port) = (Some(relay.address.ip().to_string()), relay.address.port());
        config.smtp.security = SmtpSecurity::None;
        syslog.configure(config);
    });
    ok(&rig.as_token(&rig.sample.api_token, "PUT", HEAD_MAIL, Some(&json!({ "email": AUDITOR }))));
    add(&rig, &receiver, &["audit.head"]);
    rig.reset(JANE);
    let before = rig.number("SELECT COUNT(*) FROM audit WHERE tenant <> 0", &[]);
    let head = after_an_hour(&rig, 1).remove(0);
    let (note, keys) = (note_of(&head), published(&rig));
    let (text, _) = note::open(&note, &keys).expect("it is signed by the key that is published");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].ends_with("/tenantry/example-corp/audit"), "{text}");
    assert_eq!(
        lines[1..4],
        [head["number"].to_string(), head["hash"].as_str().unwrap().into(), format!("records {before}")]
    );
    assert_eq!(lines[4], format!("at {}", head["at"].as_str().unwrap()));

    let mailed = until(|| relay.mails(), |mails| mails.iter().any(|mail| mail.to == [AUDITOR]));
    let mail = Letter::read(mailed.iter().find(|mail| mail.to == [AUDITOR]).unwrap());
    let came = receiver.wait_for_kind("audit.head");
    let message = syslog.wait_for(|messages| messages.iter().any(|one| one.contains("\"tenant\":\"example-corp\"")));
    let message = message.into_iter().find(|one| one.contains("\"tenant\":\"example-corp\"")).unwrap();
    assert!(message.starts_with("<109>1 ") && message.contains(" tenantry - audit.head - \u{feff}{"), "{message}");
    for (way, text) in [("mail", &mail.text), ("webhook", &came.body), ("syslog", &message)] {
        assert_eq!(read_heads(text), std::slice::from_ref(&note), "{way}: {text}");
    }
    assert_eq!(came.json()["data"]["records"], before);
    until(|| heads(&rig).remove(0), |head| head["sent_at"].is_string());

    let kept = Kept::new();
    let files = [kept.keep("mail.txt", &mail.text), kept.keep("syslog.log", &message), kept.keep("head", &note)];
    let said = verify(&rig, &files.iter().collect::<Vec<_>>(), &["--key", &keys[0].to_string()]).done();
    assert!(said.contains("All 3 heads agree with the chain.") && said.contains(&keys[0].to_string()), "{said}");
    assert!(verify(&rig, &[&files[2]], &[]).done().contains("The head agrees with the chain."));
    let recorded = rig.get("/api/tenantry/v1/audit?action=audit.head").body;
    assert_eq!(recorded["items"], json!([]), "no record tells of a head");
}

#[test]
fn where_nothing_is_recorded_no_head_is_made_and_nothing_is_due() {
    let rig = Rig::start();
    ok(&rig.as_token(&rig.sample.api_token, "PUT", HEAD_MAIL, Some(&json!({ "email": AUDITOR }))));
    let first = after_an_hour(&rig, 1);
    rig.wait_for_mails(AUDITOR, 1);
    let due = "SELECT COUNT(*) FROM audit_heads_due";
    rig.wait_until_none(due, &[]);
    for _ in 0..3 {
        rig.clock.advance_seconds(HOUR + 1);
        std::thread::sleep(Duration::from_millis(600));
    }
    assert_eq!((heads(&rig), rig.number(due, &[])), (first.clone(), 0));
    rig.reset(JANE);
    let both = after_an_hour(&rig, 2);
    assert_eq!(both[1], first[0]);
    assert!(
        both[0]["records"].as_i64() > both[1]["records"].as_i64()
            && both[0]["number"].as_i64() > both[1]["number"].as_i64()
    );
    assert_eq!(rig.wait_for_mails(AUDITOR, 2).len(), 2);
    let page = ok(&rig.get(&format!("{HEADS}?limit=1"))).clone();
    assert_eq!(page["items"], json!([both[0]]));
    let next = page["next"].as_str().unwrap();
    assert_eq!(ok(&rig.get(&format!("{HEADS}?limit=1&cursor={next}")))["items"], json!([both[1]]));
    assert!(run(&rig, &["audit", "heads"]).done().contains(both[0]["hash"].as_str().unwrap()));
}

#[test]
fn receivers_that_were_down_get_each_head_once_they_are_back_and_nobody_waits_for_them() {
    let (runtime, receiver, mut syslog) = (runtime(), Receiver::saying(vec![Say::Status(503, ""); 2]), Syslog::start());
    let faults = vec![Fault::new(Step::Recipient, Act::Say("451 4.3.0 later")).times(2)];
    let relay = runtime.block_on(Relay::start(Script { faults, ..Script::default() }));
    let data = tempfile::tempdir().unwrap();
    let (host, port) = (relay.address.ip().to_string(), relay.address.port());
    let configure = |config: &mut tenantry::config::Config| {
        (config.smtp.host, config.smtp.port) = (Some(host.clone()), port);
        config.smtp.security = SmtpSecurity::None;
        syslog.configure(config);
    };
    let mut rig = Rig::at(data.path(), 0, configure);
    ok(&rig.as_token(&rig.sample.api_token, "PUT", HEAD_MAIL, Some(&json!({ "email": AUDITOR }))));
    add(&rig, &receiver, &["audit.*"]);
    syslog.stop();
    after_an_hour(&rig, 1);
    receiver.wait_for(1);
    assert_eq!(rig.reset(JANE).status, 200);
    let tried = "SELECT COUNT(*) FROM audit_heads WHERE tenant <> 0 AND attempts = 0";
    rig.wait_until_none(tried, &[]);
    assert!(heads(&rig)[0]["sent_at"].is_null());
    let configure = |config: &mut tenantry::config::Config| {
        (config.smtp.host, config.smtp.port) = (Some(host.clone()), port);
        config.smtp.security = SmtpSecurity::None;
        syslog.configure(config);
    };
    rig.restart(data.path(), configure);
    syslog.start_again();
    for _ in 0..60 {
        rig.clock.advance_seconds(30);
        std::thread::sleep(Duration::from_millis(50));
    }
    let is_there = |head: &Value| head["sent_at"].is_string();
    until(|| heads(&rig), |heads| heads.iter().all(is_there));
    let note = note_of(heads(&rig).last().unwrap());
    let taken = until(|| relay.mails(), |mails| mails.iter().any(|mail| mail.taken && mail.to == [AUDITOR]));
    let of_first = |text: &str| read_heads(text) == [note.clone()];
    // The clock leaps over leases here, so that one may leave while another attempt is on its way: it is the same mail.
    let mails = taken.iter().filter(|mail| mail.taken && mail.to == [AUDITOR]);
    let mails = mails.filter(|mail| of_first(&Letter::read(mail).text)).map(|mail| mail.header("Message-ID").unwrap());
    assert_eq!(mails.collect::<std::collections::BTreeSet<_>>().len(), 1);
    let messages = syslog.messages();
    assert_eq!(messages.iter().filter(|one| of_first(one)).count(), 1, "{messages:?}");
    until(|| receiver.came(), |came| came.iter().filter(|one| of_first(&one.body)).count() == 3);
    let came = receiver.came();
    let ids: std::collections::BTreeSet<_> =
        came.iter().filter(|one| of_first(&one.body)).map(|one| one.id()).collect();
    assert_eq!(ids.len(), 1, "what comes again comes with its id");
    rig.stop();
}

#[test]
fn two_processes_make_and_send_a_head_once() {
    let (receiver, syslog) = (Receiver::start(), Syslog::start());
    let data = tempfile::tempdir().unwrap();
    let rig = Rig::at(data.path(), 0, |config| syslog.configure(config));
    ok(&rig.as_token(&rig.sample.api_token, "PUT", HEAD_MAIL, Some(&json!({ "email": AUDITOR }))));
    add(&rig, &receiver, &["audit.head"]);
    let store = match is_postgres() {
        true => Store::open(&settings_of(data.path(), 100), rig.clock.now()).unwrap(),
        false => rig.store.clone(),
    };
    let (runtime, (stop, stopped)) = (runtime(), watch::channel(false));
    let keys = Keys::open(&data.path().join("link.keys"), false, &Random::system()).unwrap();
    let maker = || Maker {
        store: store.clone(),
        signer: Signer::new(&keys, "localhost"),
        clock: rig.clock.clone(),
        random: Random::system(),
        has_receiver: true,
    };
    let others: Vec<_> = (0..3).map(|_| runtime.spawn(maker().keep_making(stopped.clone()))).collect();
    let shippers: Vec<_> = (0..2)
        .map(|_| runtime.spawn(syslog.shipper(store.clone(), rig.clock.clone()).keep_sending(stopped.clone())))
        .collect();
    for round in 1..=3 {
        rig.clock.advance_seconds(31);
        rig.reset(JANE);
        after_an_hour(&rig, round);
        receiver.wait_for(round);
        rig.wait_for_mails(AUDITOR, round);
        until(|| heads(&rig), |heads| heads.iter().all(|head| head["sent_at"].is_string()));
    }
    stop.send(true).unwrap();
    others.into_iter().chain(shippers).for_each(|worker| runtime.block_on(worker).unwrap());
    if is_postgres() {
        store.close();
    }
    let all: Vec<_> = heads(&rig).iter().rev().map(note_of).collect();
    assert_eq!(receiver.came().iter().flat_map(|came| read_heads(&came.body)).collect::<Vec<_>>(), all);
    let messages: Vec<_> = syslog.messages().into_iter().filter(|one| one.contains("\"example-corp\"")).collect();
    assert_eq!(messages.iter().flat_map(|one| read_heads(one)).collect::<Vec<_>>(), all);
    assert_eq!(rig.mails(AUDITOR).len(), 3);
}

#[test]
fn of_a_suspended_tenant_nothing_goes_out_until_it_is_resumed() {
    let (receiver, syslog) = (Receiver::start(), Syslog::start());
    let rig = Rig::with(|config| syslog.configure(config));
    ok(&rig.as_token(&rig.sample.api_token, "PUT", HEAD_MAIL, Some(&json!({ "email": AUDITOR }))));
    add(&rig, &receiver, &["audit.head"]);
    rig.reset(JANE);
    rig.wait_until_sealed();
    let disabled = |at: i64| {
        move |tx: &mut Tx<'_>| {
            tx.run("UPDATE tenants SET disabled_at = $1 WHERE name = 'example-corp'", &params![(at > 0).then_some(at)])
        }
    };
    rig.write(disabled(rig.clock.now().0));
    rig.clock.advance_seconds(HOUR + 1);
    let due = "SELECT COUNT(*) FROM audit_heads_due WHERE tenant <> 0 AND due_at < $1";
    rig.wait_until_none(due, &params![rig.clock.now()]);
    assert_eq!(rig.number("SELECT COUNT(*) FROM audit_heads WHERE tenant <> 0", &[]), 0);
    rig.write(disabled(0));
    rig.clock.advance_seconds(601);
    assert_eq!(until(|| heads(&rig), |heads| !heads.is_empty()).len(), 1);
    receiver.wait_for(1);
    rig.wait_for_mails(AUDITOR, 1);
    syslog.wait_for(|messages| messages.iter().any(|one| one.contains("\"example-corp\"")));
}

/// The relay refuses the address for good. A record of that would be sealed, and the next head be mailed there, for ever.
#[test]
fn a_mail_with_a_head_that_is_given_up_leaves_no_record() {
    let runtime = runtime();
    let faults = vec![Fault::new(Step::Recipient, Act::Say("550 5.7.1 not here"))];
    let relay = runtime.block_on(Relay::start(Script { faults, ..Script::default() }));
    let rig = Rig::with(|config| {
        (config.smtp.host, config.smtp.port) = (Some(relay.address.ip().to_string()), relay.address.port());
        config.smtp.security = SmtpSecurity::None;
    });
    ok(&rig.as_token(&rig.sample.api_token, "PUT", HEAD_MAIL, Some(&json!({ "email": AUDITOR }))));
    after_an_hour(&rig, 1);
    rig.wait_until_none("SELECT COUNT(*) FROM mails WHERE kind = 'head' AND failed_at IS NULL", &[]);
    assert_eq!(rig.number("SELECT COUNT(*) FROM mails WHERE kind = 'head'", &[]), 1);
    let given_up = rig.get("/api/tenantry/v1/audit?action=mail.give_up").body;
    assert_eq!(given_up["items"], json!([]));
    rig.wait_until_none("SELECT COUNT(*) FROM audit_heads_due", &[]);
}

#[test]
fn an_owner_alone_sets_where_heads_are_mailed() {
    let rig = Rig::start();
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    let set = |token: &str, email: &str| rig.as_token(token, "PUT", HEAD_MAIL, Some(&json!({ "email": email })));
    assert_eq!(set(&helper, AUDITOR).status, 403);
    refused(&set(&rig.sample.api_token, "nobody"), 400, "audit_head_mail must be an email address.");
    assert_eq!(ok(&set(&rig.sample.api_token, AUDITOR)), &json!({ "email": AUDITOR }));
    assert_eq!(ok(&set(&rig.sample.api_token, "")), &json!({ "email": "" }));
    assert!(run(&rig, &["setting", "audit-head-mail", AUDITOR]).done().contains(AUDITOR));
    assert!(run(&rig, &["setting", "audit-head-mail"]).done().contains("mailed no more"));
    let records = rig.get("/api/tenantry/v1/audit?action=tenant.set").body;
    assert_eq!(records["items"].as_array().unwrap().len(), 4, "{records}");
    assert_eq!(rig.as_token(&helper, "GET", HEADS, None).status, 200, "one who reads the records reads their heads");
    let reader = rig.add_member(rig.tenant(), "reader@example.com", Vec::new());
    assert_eq!(rig.as_token(&reader, "GET", HEADS, None).status, 403);
}

/// The chain goes on from before a head, as after a restore or by one who has the database and the keys.
#[test]
fn a_chain_that_lacks_a_head_or_has_another_link_in_its_place_is_named_by_the_first_such_head() {
    let rig = Rig::start();
    let mut notes = Vec::new();
    for count in 1..=3 {
        rig.clock.advance_seconds(31);
        rig.reset(JANE);
        notes.push(note_of(&after_an_hour(&rig, count)[0]));
    }
    let kept = Kept::new();
    let all = kept.keep("all", &notes.concat());
    let second = heads(&rig)[1]["number"].as_i64().unwrap();
    verify(&rig, &[&all], &[]).done();
    let tenant = rig.tenant().0;
    let agree = offline(&rig, &[&all]).done();
    assert!(agree.contains("All 3 heads agree"), "{agree:?}");
    rig.tamper(&format!(
        "DELETE FROM audit WHERE tenant = {tenant} AND id IN (SELECT id FROM audit WHERE tenant = {tenant} ORDER BY id DESC LIMIT 2)"
    ));
    rig.tamper(&format!("DELETE FROM audit_links WHERE tenant = {tenant} AND number >= {second}"));
    let cut = verify(&rig, &[&all], &[]).refused();
    assert!(cut.contains(&format!("Head {second} of ")) && cut.contains("is missing"), "{cut:?}");
    rig.clock.advance_seconds(31);
    rig.reset(JANE);
    rig.wait_until_sealed();
    let other = verify(&rig, &[&all], &[]).refused();
    assert!(other.contains(&format!("Head {second} of ")), "{other:?}");
    assert!(other.contains("another link stands there"), "{other:?}");
    let refused = offline(&rig, &[&all]).refused();
    assert!(refused.contains("example-corp: Head") && refused.contains("another link stands there"), "{refused}");
    let first = kept.keep("first", &notes[0]);
    verify(&rig, &[&first], &[]).done();

    let forged = kept.keep("forged", &notes[0].replace("records ", "records 1"));
    assert!(verify(&rig, &[&forged], &[]).refused().contains("is not as it was signed."));
    let stranger = VerifierKey::new("localhost/tenantry", [7; 32]).unwrap().to_string();
    assert!(verify(&rig, &[&first], &["--key", &stranger]).refused().contains("was signed by a key that is not known"));
    let nothing = kept.keep("nothing", "hello\n");
    assert!(verify(&rig, &[&nothing], &[]).refused().contains("holds no head of an audit log."));
}

#[test]
fn a_head_of_another_tenant_is_not_taken_for_one_of_this() {
    let rig = Rig::start();
    rig.reset(JANE);
    let own = note_of(&after_an_hour(&rig, 1)[0]);
    let token = operator(&rig);
    done(post(&rig, &token, "", json!({ "name": "globex" })));
    rig.wait_until_sealed();
    rig.clock.advance_seconds(HOUR + 1);
    let statement = "SELECT note FROM audit_heads WHERE tenant = $1";
    let of_operators = |tx: &mut Tx<'_>| tx.maybe(statement, &params![TenantId::SYSTEM]);
    let look = || rig.store.read(Scope::HOUSE, of_operators).unwrap().map(|row| row.get::<String>(0).unwrap());
    let other = until(look, Option::is_some).unwrap();
    assert!(other.starts_with("localhost/tenantry/system/audit\n"), "{other}");
    let kept = Kept::new();
    let (own, other) = (kept.keep("own", &own), kept.keep("other", &other));
    verify(&rig, &[&own], &[]).done();
    assert!(verify(&rig, &[&own, &other], &[]).refused().contains("is not of this chain"));
    let agree = offline(&rig, &[&own, &other]).done();
    assert!(agree.contains("All 2 heads agree"), "{agree:?}");
}

#[test]
fn a_restored_copy_lacks_the_heads_that_were_made_since() {
    let place = Place::new();
    let process = Process::start(&place, 3);
    assert_eq!(crate::keeping::reset(&process, &user(1)), 200);
    std::thread::sleep(Duration::from_millis(1_200));
    let file = place.data().with_file_name("some.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    assert_eq!(crate::keeping::reset(&process, &user(2)), 200);
    std::thread::sleep(Duration::from_millis(1_200));
    process.move_clock(3601);
    let listed = until(|| process.get(HEADS).body, |body| body.contains("\"note\""));
    let folder = Kept::new();
    let kept = folder.keep("heads.json", &listed);
    let verify = |data: &Path| {
        crate::keeping::run(&place, &["audit", "verify", "--offline", "--data", text(data), "--head", text(&kept)])
    };
    assert!(verify(&place.data()).done().contains("The head agrees with the chain."));
    process.kill();
    let there = beside(&place, "restored");
    say(&place, &restore_line(text(&file), text(&there)));
    let refused = verify(&there).refused();
    assert!(refused.contains("example-corp: Head ") && refused.contains("is not of this chain"), "{refused}");
    let again = Process::start_at(&place, &there, 0);
    until(|| verify(&there).refused(), |refused| refused.contains("is not of this chain"));
    again.kill();
}
