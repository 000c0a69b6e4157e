//! Every operation of our own API has its verb, or a reason why it has none. Each verb is run, and the server counts the
//! operations that it calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use crate::command_line::tenantry;
use crate::rig::Rig;

const NOTHING: &str = "019cb821-7798-7dc9-9194-e1c74b27545f";

/// Each verb, and the operations that it calls. What it asks for may be refused: that it asks is what counts.
const VERBS: &[(&str, &[&str])] = &[
    ("audit export", &["v1.audit.export"]),
    ("audit heads", &["v1.audit.heads"]),
    ("audit tail", &["v1.audit.list"]),
    ("audit verify", &["v1.audit.verify"]),
    ("bulk plan disable --beginning kenji", &["bulk.plan"]),
    ("bulk list", &["bulk.list"]),
    ("bulk show {nothing}", &["bulk.show"]),
    ("bulk users {nothing} --left-out", &["bulk.users"]),
    ("bulk act {nothing} --users 1 --plan 7f3c90ab", &["bulk.act"]),
    ("bulk stop {nothing}", &["bulk.stop"]),
    ("incident plan people.csv --name Leak", &["incidents.declare", "incidents.lines", "incidents.plan"]),
    ("incident list", &["incidents.list"]),
    ("incident show {nothing}", &["incidents.show"]),
    ("incident people {nothing} --is stuck", &["incidents.people"]),
    ("incident start {nothing} --users 1 --plan 7f3c90ab", &["incidents.start"]),
    ("incident agree {nothing} --plan 7f3c90ab", &["incidents.agree"]),
    ("incident agree {nothing} --operator example-corp --plan 7f3c90ab --users 1", &["system.incidents.agree"]),
    ("incident decline {nothing}", &["incidents.decline"]),
    ("incident decline {nothing} --operator example-corp", &["system.incidents.decline"]),
    ("incident pause {nothing}", &["incidents.pause"]),
    ("incident go-on {nothing}", &["incidents.go_on"]),
    ("incident release {nothing}", &["incidents.release"]),
    ("incident retry {nothing}", &["incidents.retry"]),
    ("incident remind {nothing}", &["incidents.remind"]),
    ("incident change {nothing} --pace 60", &["incidents.change"]),
    ("incident cancel {nothing}", &["incidents.cancel"]),
    ("incident evidence {nothing} --out evidence.jsonl", &["incidents.evidence"]),
    ("can hello@example.com tenantry.users.search", &["access.can"]),
    ("import allow-hashes --never", &["imports.hashes"]),
    (
        "user import --from csv people.csv",
        &["imports.begin", "imports.chunk", "imports.plan", "imports.run", "imports.end"],
    ),
    ("import list", &["imports.list"]),
    ("import upload --from csv people.csv --dry-run", &["imports.upload"]),
    ("import show {nothing}", &["imports.show"]),
    ("import rows {nothing}", &["imports.rows"]),
    ("import stop {nothing}", &["imports.stop"]),
    ("import invite {nothing}", &["imports.invite"]),
    ("import invitations {nothing}", &["imports.invitations"]),
    ("key add", &["system.keys.add"]),
    ("key list", &["system.keys.list"]),
    ("key remove 9", &["system.keys.remove"]),
    ("key rotate", &["system.keys.rotate"]),
    ("key use 1", &["system.keys.use"]),
    ("mail allow example-corp hello@example.com", &["system.refused_addresses.allow"]),
    ("mail drop example-corp {nothing}", &["system.mails.drop"]),
    ("mail queue", &["system.mails.list"]),
    ("mail refused example-corp", &["system.refused_addresses.list"]),
    ("mail retry example-corp {nothing}", &["system.mails.retry"]),
    ("mail-text list", &["mail_texts.list"]),
    ("mail-text preview reset.invitation en --words words.json", &["mail_texts.preview"]),
    ("mail-text remove reset.invitation en", &["mail_texts.remove"]),
    ("mail-text set reset.invitation en --words words.json", &["mail_texts.set"]),
    ("mail-text show reset.invitation en", &["mail_texts.show"]),
    ("mail-text test reset.invitation en", &["mail_texts.test"]),
    ("reset cancel {nothing}", &["resets.cancel"]),
    ("reset jane@example.com --revoke-credentials", &["resets.create"]),
    ("reset list", &["resets.list"]),
    ("reset resend {nothing}", &["resets.resend"]),
    ("reset show {nothing}", &["resets.get"]),
    ("setting address-cool-off 24", &["users.address_cool_off"]),
    ("setting audit-head-mail audit@example.net", &["v1.audit.head_mail"]),
    ("setting list", &["settings.show"]),
    ("setting set link_lifetime_minutes=90", &["settings.change"]),
    ("state", &["system.state"]),
    ("tenant create other-corp", &["system.tenants.create"]),
    ("tenant export", &["tenant.export"]),
    ("tenant export --hashes --seal-with acme.key", &["tenant.export_hashes"]),
    ("transfer key", &["imports.key"]),
    ("tenant list", &["system.tenants.list"]),
    ("tenant owner other-corp owner@example.com", &["system.tenants.give_owner"]),
    ("tenant rename other-corp another-corp", &["system.tenants.rename"]),
    ("tenant set another-corp link_lifetime_minutes=90", &["system.tenants.set"]),
    ("tenant show another-corp", &["system.tenants.show"]),
    ("tenant suspend another-corp", &["system.tenants.suspend"]),
    ("tenant resume another-corp", &["system.tenants.resume"]),
    ("tenant remove another-corp", &["system.tenants.remove"]),
    ("tidy", &["system.housekeeping"]),
    ("user change-email kenji@example.com k@example.com", &["users.change_email"]),
    ("user keep-email kenji@example.com", &["users.keep_email"]),
    ("user disable kenji@example.com", &["users.disable"]),
    ("user enable kenji@example.com", &["users.enable"]),
    ("user list", &["users.search"]),
    ("user export kenji@example.com", &["people.export"]),
    ("user erase kenji@example.com --yes", &["people.erase"]),
    ("user second-factors", &["second_factors.count"]),
    ("user show kenji@example.com", &["users.show"]),
    ("webhook add https://hooks.example.com/in --event reset.*", &["webhooks.create"]),
    ("webhook change {nothing} https://hooks.example.com/in", &["webhooks.replace"]),
    ("webhook deliveries {nothing} --state failed", &["webhooks.deliveries"]),
    ("webhook list", &["webhooks.list"]),
    ("webhook off {nothing}", &["webhooks.off"]),
    ("webhook on {nothing} --from-now", &["webhooks.on"]),
    ("webhook remove {nothing}", &["webhooks.remove"]),
    ("webhook resend {nothing} {nothing}", &["webhooks.resend"]),
    ("webhook rotate {nothing}", &["webhooks.rotate"]),
    ("webhook show {nothing}", &["webhooks.show"]),
    ("webhook test {nothing}", &["webhooks.test"]),
];

/// Why there is no verb.
const NONE: &[(&str, &str)] = &[("compatibility.list", "`tenantry compat` knows it without a server")];

/// The operator's verbs find the server by the socket in its data directory.
const OF_THE_OPERATOR: [&str; 5] = ["key", "mail", "state", "tenant", "tidy"];

fn run(rig: &Rig, folder: &Path, verb: &str) {
    let line: Vec<_> = verb.split(' ').map(|word| if word == "{nothing}" { NOTHING } else { word }).collect();
    let mut command = tenantry(folder, &line);
    let is_by_operator = OF_THE_OPERATOR.contains(&line[0]) || line.contains(&"--operator");
    if is_by_operator && !line.starts_with(&["tenant", "export"]) {
        command.arg("--data").arg(rig.data.as_ref().unwrap().path());
    } else {
        let url = format!("http://{}", rig.address);
        command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token);
    }
    let ended = command.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_ne!(ended.status.code(), Some(2), "{verb}: {said}");
}

/// How often each operation of our own was called.
fn calls(rig: &Rig) -> BTreeMap<String, u64> {
    let text = rig.send("GET", "/metrics", &[], None).text;
    let mut calls = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("tenantry_http_requests_total{operation=\"tenantry."))
    {
        let (id, rest) = line.split_once('"').unwrap();
        let count: u64 = rest.rsplit(' ').next().unwrap().parse().unwrap();
        *calls.entry(id.to_owned()).or_default() += count;
    }
    calls
}

#[test]
fn every_operation_of_our_own_has_a_verb_that_calls_it_or_a_reason() {
    let rig = Rig::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("acme.key"), "tnt1.AAAA.AAAA\n").unwrap();
    std::fs::write(folder.path().join("people.csv"), "email\nnew@example.com\n").unwrap();
    let words = json!({ "subject": "Welcome to {tenant}", "paragraphs": ["{link}", "{lifetime}", "{code}"],
        "link_label": "Choose a password", "code_label": "The code:", "footer": "" });
    std::fs::write(folder.path().join("words.json"), words.to_string()).unwrap();

    let table = rig.get("/openapi.json").body;
    let paths = table["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/api/tenantry/"));
    let ids = paths.flat_map(|(_, path)| path.as_object().unwrap().values());
    let ids: BTreeSet<_> = ids.filter_map(|row| row["operationId"].as_str()?.strip_prefix("tenantry.")).collect();
    let listed: Vec<_> =
        VERBS.iter().flat_map(|(_, ids)| ids.iter().copied()).chain(NONE.iter().map(|(id, _)| *id)).collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), ids, "the operations of our own, each with its verb");
    assert_eq!(listed.len(), ids.len(), "each once");

    for (verb, ids) in VERBS {
        let before = calls(&rig);
        run(&rig, folder.path(), verb);
        let after = calls(&rig);
        for id in *ids {
            assert!(after[*id] > before.get(*id).copied().unwrap_or_default(), "tenantry {verb} does not call {id}");
        }
    }
}
