//! A tenant written out and brought into another one, on this engine and on the other.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::identity::TenantId;
use tenantry::language::Language;
use tenantry::params;
use tenantry::people::{self, Brought, NewUser, SignInBy};
use tenantry::store::Tx;

use crate::access::{grants, make_group, make_role, ok, refused};
use crate::dice::Dice;
use crate::imports::{IMPORTS, begin, bring, line, open_window, plan, run};
use crate::people::{in_system, owner};
use crate::rig::{GOOD_PASSWORD, Rig};

const EXPORT: &str = "/api/tenantry/v1/export";
/// The largest chunk.
const CHUNK_MAX: usize = 2 * 1024 * 1024;
/// The owner of the tenants here.
pub const BOSS: &str = "boss@acme.example";

/// All lines of a tenant, by pages of so many.
pub fn export(rig: &Rig, token: &str, limit: usize) -> Vec<String> {
    let (mut lines, mut after) = (Vec::new(), String::new());
    loop {
        let page = rig.as_token(token, "GET", &format!("{EXPORT}?limit={limit}{after}"), None);
        assert_eq!((page.status, page.header("content-type")), (200, Some("application/x-ndjson")), "{}", page.text);
        lines.extend(page.text.lines().map(str::to_owned));
        match page.header("tenantry-next-cursor") {
            Some(next) => after = format!("&after={next}"),
            None => return lines,
        }
    }
}

/// What a line is about.
pub fn kind(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line["kind"].as_str().unwrap().into()
}

/// What must be the same in another tenant: all but the head and what is known of credentials.
pub fn substance(lines: &[String]) -> Vec<String> {
    lines.iter().filter(|line| !["head", "credential"].contains(&kind(line).as_str())).cloned().collect()
}

/// Brings lines into a tenant, by chunks of so many; what is shown of the import.
pub fn bring_whole(rig: &Rig, token: &str, lines: &[String], chunk: usize) -> Value {
    let id = begin(rig, token, &json!({ "tenant": true }));
    let mut chunks: Vec<Vec<String>> = vec![Vec::new()];
    for line in lines {
        let last = chunks.last_mut().unwrap();
        let bytes: usize = last.iter().map(|line| line.len() + 1).sum();
        if !last.is_empty() && (last.len() == chunk || bytes + line.len() > CHUNK_MAX) {
            chunks.push(Vec::new());
        }
        chunks.last_mut().unwrap().push(line.clone());
    }
    let planned = plan(rig, token, &id, &chunks);
    let ended = run(rig, token, &id, &planned, &chunks);
    assert_eq!(planned["counts"], ended["counts"], "the run does what the plan has said");
    ended
}

/// A tenant with nobody in it but its owner, and the owner's token.
pub fn empty_tenant(rig: &Rig, name: &str, boss: &str) -> (TenantId, String) {
    let tenant = rig.add_tenant(name);
    (tenant, rig.add_member(tenant, boss, owner()))
}

/// A server on the embedded engine, whichever the others are on.
pub fn elsewhere() -> Rig {
    Rig::with(|config| config.store.postgres = None)
}

fn outcomes(shown: &Value, kind: &str) -> [i64; 4] {
    ["taken", "updated", "unchanged", "refused"].map(|name| shown["counts"]["kinds"][kind][name].as_i64().unwrap_or(0))
}

/// A tenant as somebody might have furnished it: by the calls for namespaces, roles, groups and settings, and users of every sort.
pub fn furnish(rig: &Rig, tenant: TenantId, token: &str, dice: &mut Dice) {
    let call = |method: &str, path: &str, body: Value| {
        let answered = rig.as_token(token, method, path, Some(&body));
        assert!([200, 201].contains(&answered.status), "{path} {}", answered.text);
    };
    let words = ["", "Zoë Ñandú", "日本 語", "O'Brien \"x\"", "a\\b", "𝒳 🙂", "Ünïcödé"];
    let namespaces: Vec<String> = (0..dice.below(4)).map(|nth| format!("team-{nth}")).collect();
    for name in &namespaces {
        let labels = json!({ "stage": dice.pick(&words), "Ключ": "значение" });
        let metadata =
            json!({ "name": name, "labels": labels, "description": "first, second", "disable": dice.below(2) == 0 });
        call("POST", "/api/web/namespaces", json!({ "metadata": metadata }));
    }
    if dice.below(2) == 0 {
        call("PUT", "/api/web/namespaces/default", json!({ "metadata": { "description": dice.pick(&words) } }));
    }
    let roles: Vec<String> = (0..dice.below(3)).map(|nth| format!("auditor-{nth}")).collect();
    for name in &roles {
        let groups = ["ves-io-uam-read", "ves-io-general-read", "f5xc-billing"];
        let body = json!({ "metadata": { "name": name }, "api_groups": groups[..=dice.below(3)] });
        call("POST", "/api/web/custom/namespaces/system/roles", body);
    }
    let grant = |dice: &mut Dice| {
        let mut all = roles.iter().map(String::as_str).collect::<Vec<_>>();
        all.extend(["ves-io-monitor-role", "ves-io-admin-role", "ves-io-unknown-role"]);
        let mut places = namespaces.iter().map(String::as_str).collect::<Vec<_>>();
        places.extend(["system", "default", "*"]);
        Grant::new(*dice.pick(&places), *dice.pick(&all))
    };
    let groups: Vec<String> = (0..dice.below(4)).map(|nth| format!("Ops_{nth}")).collect();
    for name in &groups {
        let given: Vec<Grant> = (0..dice.below(3)).map(|_| grant(dice)).collect();
        let body =
            json!({ "name": name, "display_name": dice.pick(&words), "description": "x, y", "namespace_roles": given });
        call("POST", "/api/web/custom/namespaces/system/user_groups", body);
    }
    if dice.below(3) > 0 {
        let settings = json!({ "display_name": dice.pick(&words), "link_lifetime_minutes": 10 + dice.below(100),
            "password_policy.minimum_length": 12 + dice.below(5), "second_factor_required": dice.below(2) == 0,
            "terms_text": "Be kind.\nAlways.", "terms_version": "2" });
        call("PATCH", "/api/tenantry/v1/settings", settings);
    }
    for kind in &["reset.administrator", "reset.invitation"][dice.below(3)..] {
        let language = dice.pick(&["en", "ja"]);
        let path = format!("/api/tenantry/v1/mail_texts/{kind}/languages/{language}");
        let shown = rig.as_token(token, "GET", &path, None);
        let mut chosen = shown.body["shipped"].clone();
        chosen["subject"] = json!(format!("Acme {}", dice.pick(&words)));
        call("PUT", &path, chosen);
    }
    let users: Vec<NewUser> = (0..5 + dice.below(40))
        .map(|nth| {
            let email = format!("{}{nth}@acme.example", dice.pick(&["u", "Üser", "X.y+z"]));
            let given = (0..dice.below(3)).map(|_| grant(dice)).collect::<BTreeSet<_>>();
            let joined = groups.iter().filter(|_| dice.below(3) == 0).cloned().collect::<Vec<_>>();
            let is_owner = dice.below(15) == 0;
            let email = tenantry::mail::address::Email::parse(&email).unwrap();
            let now = rig.clock.now();
            NewUser {
                first_name: (*dice.pick(&words)).into(),
                last_name: (*dice.pick(&words)).into(),
                sign_in_by: if !is_owner && dice.below(4) == 0 { SignInBy::SingleSignOn } else { SignInBy::Password },
                is_owner,
                password_hash: (dice.below(2) == 0).then(|| {
                    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$MARKERHASHMARKERHASHMARKERHASHMARKERHASHABE".into()
                }),
                grants: if is_owner { owner() } else { given.into_iter().collect() },
                brought: Brought {
                    language: dice.pick(&[None, Some(Language::German), Some(Language::Japanese)]).to_owned(),
                    created_at: Some(now.plus_seconds(-1 - dice.below(1_000_000) as i64)),
                    is_disabled: dice.below(4) == 0,
                    is_verified: dice.below(2) == 0,
                    groups: joined,
                    ..Brought::default()
                },
                ..NewUser::person(email, &tenantry::random::Random::system(), now)
            }
        })
        .collect();
    let now = rig.clock.now();
    rig.write(move |tx: &mut Tx<'_>| people::insert_all(tx, tenant, &users, "test", now));
    furnish_further(rig, tenant, token, (&namespaces, dice));
    // Some came from elsewhere, under keys.
    let came: Vec<String> = (0..3)
        .map(|nth| {
            line(&format!("came{nth}@acme.example"), &json!({ "keys": [format!("keycloak:main:{nth}"), "csv:"] }))
        })
        .map(|line| line.replace(r#","csv:""#, ""))
        .collect();
    let id = begin(rig, token, &json!({}));
    let planned = plan(rig, token, &id, std::slice::from_ref(&came));
    assert_eq!(run(rig, token, &id, &planned, &[came])["counts"]["taken"], 3);
}

/// Programs with roles and groups, objects in namespaces, and pictures of users.
fn furnish_further(rig: &Rig, tenant: TenantId, token: &str, (namespaces, dice): (&[String], &mut Dice)) {
    let call = |path: &str, body: Value| {
        let answered = rig.as_token(token, "POST", path, Some(&body));
        assert!([200, 201].contains(&answered.status), "{path} {}", answered.text);
    };
    for nth in 0..dice.below(4) {
        let roles = json!([{ "namespace": "default", "role": "ves-io-monitor-role" }]);
        let asked = json!({ "name": format!("robot-{nth}"), "type": "SERVICE_API_TOKEN", "namespace_roles": roles });
        call("/api/web/namespaces/system/service_credentials", asked);
    }
    let mut places = vec!["default".to_owned(), "system".to_owned()];
    places.extend_from_slice(namespaces);
    for nth in 0..dice.below(8) {
        let place = dice.pick(&places).clone();
        let metadata = json!({ "name": format!("bills-{nth}"), "labels": { "a": "b" }, "description": "ü \"x\"" });
        let spec = json!({ "contact_type": "BILLING", "city": "Zürich", "zip_code": format!("{nth}") });
        call(&format!("/api/web/namespaces/{place}/contacts"), json!({ "metadata": metadata, "spec": spec }));
    }
    if dice.below(2) == 0 {
        let asked = json!({ "metadata": { "name": "ours", "annotations": { "k": "v" } } });
        call("/api/config/namespaces/system/tenant_configurations", asked);
    }
    let mut sizes = vec![PNG.len() + 1, 70_000, 400_000];
    sizes.truncate(dice.below(4));
    for size in sizes {
        let content = [PNG, &vec![dice.below(256) as u8; size - PNG.len()]].concat();
        let verb = move |tx: &mut Tx<'_>| {
            tx.run(
                "INSERT INTO user_images (tenant, user_id, content_type, image)
                 SELECT tenant, id, 'image/png', $2 FROM users u WHERE tenant = $1 AND kind = 'USER' AND NOT EXISTS
                    (SELECT 1 FROM user_images i WHERE i.tenant = u.tenant AND i.user_id = u.id) ORDER BY id LIMIT 3",
                &params![tenant, content.as_slice()],
            )
            .map(drop)
        };
        rig.write(verb);
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nmore";

#[test]
fn what_is_written_out_brought_in_and_written_out_again_is_the_same() {
    let (here, there) = (Rig::start(), elsewhere());
    let mut dice = Dice::of("whole tenants");
    for round in 0..6 {
        let (tenant, token) = empty_tenant(&here, &format!("source-{round}"), BOSS);
        furnish(&here, tenant, &token, &mut dice);
        let written = export(&here, &token, 1 + dice.below(30));
        let of_kind = |wanted: &str| written.iter().filter(|line| kind(line) == wanted).count();
        assert_eq!((of_kind("head"), of_kind("settings"), of_kind("end")), (1, 1, 0));
        assert!(!written.concat().contains("MARKERHASH"));
        let uids: BTreeSet<String> =
            written.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["uid"].to_string()).collect();
        assert!(uids.len() >= of_kind("user"), "every user once");

        let (_, mover) = empty_tenant(&there, &format!("target-{round}"), BOSS);
        let chunk = 1 + dice.below(40);
        let first = bring_whole(&there, &mover, &written, chunk);
        assert_eq!(first["counts"]["refused"], 0, "{first}");
        let again = export(&there, &mover, 1_000);
        assert_eq!(substance(&again), substance(&written), "round {round}");
        let second = bring_whole(&there, &mover, &written, chunk);
        assert_eq!(second["counts"]["unchanged"], second["counts"]["rows"], "{second}");

        // And back to this engine, whence it came.
        let (_, back) = empty_tenant(&here, &format!("back-{round}"), BOSS);
        assert_eq!(bring_whole(&here, &back, &again, 1_000)["counts"]["refused"], 0);
        assert_eq!(substance(&export(&here, &back, 100)), substance(&written), "round {round}, and back");
        assert_eq!(there.as_token(&mover, "GET", "/api/tenantry/v1/audit/verify", None).status, 200);
    }
}

#[test]
fn each_row_leaves_one_record_and_users_have_no_password_until_they_choose_one() {
    let (here, there) = (Rig::start(), elsewhere());
    let (tenant, token) = empty_tenant(&here, "acme", BOSS);
    furnish(&here, tenant, &token, &mut Dice::of("records of whole tenants"));
    here.add_user(tenant, "jane@acme.example", |_| {});
    let written = export(&here, &token, 1_000);
    let (_, mover) = empty_tenant(&there, "acme-new", BOSS);
    bring_whole(&there, &mover, &written, 1_000);
    let records = |action: &str| {
        let path = format!("/api/tenantry/v1/audit?limit=1000&action={action}");
        there.as_token(&mover, "GET", &path, None).body["items"].as_array().unwrap().len()
    };
    let lines = |wanted: &str| written.iter().filter(|line| kind(line) == wanted).count();
    assert_eq!((records("user.import"), records("user.import_update")), (lines("user") - 1, 1));
    assert_eq!((records("role.create"), records("group.create")), (lines("role"), lines("group")));
    assert_eq!(records("namespace.create"), lines("namespace") - 3);
    assert_eq!((records("import.begin"), records("import.run"), records("import.end")), (1, 1, 1));
    let asked = there.as_token(
        &mover,
        "POST",
        "/api/web/custom/password/admin_reset",
        Some(&json!({ "email": "jane@acme.example" })),
    );
    ok(&asked);
    assert_eq!(there.redeem(&there.token("jane@acme.example", 1), GOOD_PASSWORD), 204);
}

#[test]
fn a_program_comes_without_its_credential_and_gets_another_one() {
    const PROGRAMS: &str = "/api/web/namespaces/system/service_credentials";
    let (here, there) = (Rig::start(), elsewhere());
    let (_, token) = empty_tenant(&here, "acme", BOSS);
    let roles = json!([{ "namespace": "system", "role": "ves-io-monitor-role" }]);
    let asked = json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "namespace_roles": roles });
    let name = ok(&here.as_token(&token, "POST", PROGRAMS, Some(&asked)))["name"].as_str().unwrap().to_owned();
    let email = format!("{name}@service.invalid");
    let written = export(&here, &token, 100);
    assert!(written.iter().any(|line| line.contains(&email) && line.contains(r#""type":"SERVICE""#)), "{written:?}");
    let (_, mover) = empty_tenant(&there, "acme-new", BOSS);
    let brought = bring_whole(&there, &mover, &written, 100);
    assert_eq!(brought["counts"]["codes"]["W_NO_CREDENTIAL"], 1, "{brought}");
    // Of a file of users alone no program comes, and none that has what people have.
    let program = |further: Value| line("x@service.invalid", &further);
    for (tenant, further, code) in [
        (false, json!({ "type": "SERVICE" }), "SERVICE_USER"),
        (true, json!({ "type": "SERVICE", "owner": true }), "SHAPE"),
        (true, json!({ "type": "SERVICE", "idm_type": "SSO" }), "SHAPE"),
    ] {
        let id = begin(&there, &mover, &json!({ "tenant": tenant }));
        assert_eq!(plan(&there, &mover, &id, &[vec![program(further)]])["counts"]["codes"], json!({ code: 1 }));
        ok(&there.as_token(&mover, "POST", &format!("{IMPORTS}/{id}/stop"), Some(&json!({}))));
    }
    let ask = |further: Value| {
        let mut asked = json!({ "name": "again", "type": "SERVICE_API_TOKEN", "user": email });
        further.as_object().unwrap().iter().for_each(|(name, value)| asked[name] = value.clone());
        there.as_token(&mover, "POST", PROGRAMS, Some(&asked))
    };
    refused(&ask(json!({ "namespace_roles": [] })), 400, "Field user");
    refused(&ask(json!({ "user": BOSS })), 404, "names no service user");
    let secret = ok(&ask(json!({})))["data"].as_str().unwrap().to_owned();
    let who = there.as_token(&secret, "GET", "/api/web/custom/namespaces/system/whoami", None);
    assert_eq!(ok(&who)["email"], email.as_str(), "{}", who.text);
    refused(&ask(json!({})), 409, "has its credential");
}

#[test]
fn owners_come_by_an_owner_into_an_empty_tenant_alone() {
    let rig = Rig::start();
    let lines = vec![
        line("second@acme.example", &json!({ "owner": true, "uid": "0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208" })),
        line("sso@acme.example", &json!({ "owner": true, "idm_type": "SSO" })),
        line("jane@acme.example", &json!({})),
    ];
    let codes = |shown: &Value| shown["counts"]["codes"].clone();
    let (empty, boss) = empty_tenant(&rig, "empty", BOSS);
    let brought = bring_whole(&rig, &boss, &lines, 100);
    assert_eq!((outcomes(&brought, "user"), &codes(&brought)["OWNER"]), ([2, 0, 0, 1], &json!(1)), "{brought}");
    let verb = move |tx: &mut Tx<'_>| people::owner_ids(tx, empty);
    assert_eq!(rig.store.read(tenantry::store::Scope::HOUSE, verb).unwrap().len(), 2);

    // Where there are users, and where the caller is no owner, none comes.
    let (filled, boss) = empty_tenant(&rig, "filled", BOSS);
    let admin = rig.add_member(filled, "admin@acme.example", in_system("ves-io-admin-role"));
    for (token, taken) in [(&boss, 1), (&admin, 0)] {
        let brought = bring_whole(&rig, token, &lines, 100);
        assert_eq!((outcomes(&brought, "user")[0], &codes(&brought)["OWNER"]), (taken, &json!(2)), "{brought}");
    }
    let alone = rig.add_tenant("alone");
    let admin = rig.add_member(alone, "admin@acme.example", in_system("ves-io-admin-role"));
    assert_eq!(codes(&bring_whole(&rig, &admin, &lines, 100))["OWNER"], 2);

    // An id outside that someone has comes no second time.
    let taken =
        vec![line("other@acme.example", &json!({ "uid": "0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208", "keys": ["x:1"] }))];
    let (_, boss) = empty_tenant(&rig, "ids", BOSS);
    rig.write(move |tx: &mut Tx<'_>| {
        let user = NewUser {
            uid: "0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208".parse().unwrap(),
            ..NewUser::person(
                tenantry::mail::address::Email::parse("one@acme.example").unwrap(),
                &tenantry::random::Random::system(),
                crate::rig::START,
            )
        };
        let tenant = tenantry::tenants::find_by_name(tx, "ids")?.unwrap().id;
        people::insert(tx, tenant, &user, "test", crate::rig::START)
    });
    assert_eq!(codes(&bring_whole(&rig, &boss, &taken, 100))["DUPLICATE_KEY"], 1);
}

#[test]
fn what_is_there_and_differs_stays_and_nobody_gives_what_they_lack() {
    let rig = Rig::start();
    make_role(&rig, "auditor", &["ves-io-uam-read"]);
    ok(&make_group(&rig, "ops", &[], &[("system", "auditor")]));
    ok(&rig.post("/api/web/namespaces", &json!({ "metadata": { "name": "shop" } })));
    let thing = |value: Value| value.to_string();
    let group =
        |name: &str, role: &str| thing(json!({ "kind": "group", "name": name, "roles": grants(&[("system", role)]) }));
    let mail_text = |name: &str, language: &str, words: Value| {
        thing(json!({ "kind": "mail_text", "name": name, "language": language, "words": words }))
    };
    let texts = "/api/tenantry/v1/mail_texts/reset.administrator/languages";
    let shipped = rig.get(&format!("{texts}/de")).body["shipped"].clone();
    for (language, subject) in [("de", None), ("fr", Some("Acme"))] {
        let mut chosen = shipped.clone();
        if let Some(subject) = subject {
            chosen["subject"] = json!(subject);
        }
        ok(&rig.as_token(&rig.sample.api_token, "PUT", &format!("{texts}/{language}"), Some(&chosen)));
    }
    let rows = [
        (thing(json!({ "kind": "namespace", "name": "shop" })), "UNCHANGED"),
        (thing(json!({ "kind": "namespace", "name": "shop2", "labels": { "a": "b" } })), ""),
        (thing(json!({ "kind": "namespace", "name": "shop2" })), "DUPLICATE_IN_FILE"),
        (thing(json!({ "kind": "namespace", "name": "No Name" })), "SHAPE"),
        (thing(json!({ "kind": "namespace", "name": "default", "description": "ours" })), ""),
        (thing(json!({ "kind": "role", "name": "auditor", "api_groups": ["ves-io-uam-write"] })), "EXISTS_DIFFERS"),
        (thing(json!({ "kind": "role", "name": "ves-io-admin-role", "api_groups": [] })), "SHAPE"),
        (thing(json!({ "kind": "role", "name": "r2", "api_groups": ["nonsense"] })), "SHAPE"),
        (thing(json!({ "kind": "role", "name": "r3", "api_groups": ["ves-io-tenant-owner"] })), ""),
        (group("ops", "auditor"), "UNCHANGED"),
        (group("ops2", "r3"), "RANK"),
        (group("ops3", "missing"), "ROLE_UNKNOWN"),
        (group("ops4", "auditor"), ""),
        (thing(json!({ "kind": "settings", "settings": { "display_name": "Acme" } })), ""),
        (mail_text("reset.administrator", "de", shipped.clone()), "UNCHANGED"),
        (mail_text("reset.administrator", "fr", shipped.clone()), "EXISTS_DIFFERS"),
        (mail_text("reset.administrator", "ja", shipped.clone()), ""),
        (mail_text("reset.administrator", "ja", shipped.clone()), "DUPLICATE_IN_FILE"),
        (mail_text("reset.administrator", "xx", shipped.clone()), "SHAPE"),
        (mail_text("no.such", "de", shipped.clone()), "SHAPE"),
        (mail_text("reset.administrator", "en", json!({ "subject": "A", "paragraphs": ["no link"] })), "SHAPE"),
        (mail_text("reset.own", "en", json!({ "subject": "A\nB" })), "SHAPE"),
        (mail_text("reset.own", "de", json!({ "more": "A" })), "SHAPE"),
        (line("a@acme.example", &json!({ "groups": ["ops2"] })), "GROUP_UNKNOWN"),
        (line("b@acme.example", &json!({ "groups": ["ops4"], "roles": grants(&[("shop2", "auditor")]) })), "RANK"),
        (line("c@acme.example", &json!({ "groups": ["ops4"], "roles": grants(&[("system", "auditor")]) })), ""),
    ];
    let admin = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-admin-role"));
    let lines: Vec<String> = rows.iter().map(|(line, _)| line.clone()).collect();
    let id = begin(&rig, &admin, &json!({ "tenant": true }));
    let planned = plan(&rig, &admin, &id, std::slice::from_ref(&lines));
    let ended = run(&rig, &admin, &id, &planned, std::slice::from_ref(&lines));
    assert_eq!(planned["counts"], ended["counts"]);
    let listed = rig.get(&format!("{IMPORTS}/{id}/rows?outcome=refused&limit=1000")).body;
    let refused: Vec<(u64, String)> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["row"].as_u64().unwrap(), item["codes"][0].as_str().unwrap().into()))
        .collect();
    let wanted: Vec<(u64, String)> = rows
        .iter()
        .enumerate()
        .filter(|(_, (_, code))| !["", "UNCHANGED"].contains(code))
        .map(|(nth, (_, code))| (nth as u64 + 1, (*code).into()))
        .collect();
    assert_eq!(refused, wanted);
    assert_eq!(outcomes(&ended, "namespace"), [1, 1, 1, 2]);
    assert_eq!((outcomes(&ended, "role"), outcomes(&ended, "group")), ([1, 0, 0, 3], [1, 0, 1, 2]));
    assert_eq!((outcomes(&ended, "settings"), outcomes(&ended, "user")), ([0, 1, 0, 0], [1, 0, 0, 2]));
    // A row that is not even a line of the format counts for no kind.
    assert_eq!(outcomes(&ended, "mail_text"), [1, 0, 1, 6]);
    let own = |language: &str| rig.get(&format!("{texts}/{language}")).body["own"].clone();
    assert_eq!((own("ja"), &own("fr")["subject"]), (shipped, &json!("Acme")));
    let role = rig.get("/api/web/custom/namespaces/system/roles/auditor").body;
    assert!(role.to_string().contains("uam-read") && !role.to_string().contains("uam-write"), "{role}");
}

#[test]
fn settings_of_the_installation_of_owners_and_of_the_window_come_by_nobody_else() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-admin-role"));
    let settings = |settings: Value| vec![json!({ "kind": "settings", "settings": settings }).to_string()];
    let boss = rig.sample.api_token.clone();
    let until = rig.clock.now().plus_seconds(3_600).to_string();
    for (token, asked, code) in [
        (&boss, json!({ "public_url": "https://evil.example" }), "RANK"),
        (&boss, json!({ "import": { "hashes_until": until } }), "RANK"),
        (&admin, json!({ "address_cool_off_hours": 0 }), "RANK"),
        (&admin, json!({ "no_such": 1 }), "SHAPE"),
        (&admin, json!({ "link_lifetime_minutes": 1 }), "SHAPE"),
        (&admin, json!({ "mail_from": 7 }), "SHAPE"),
    ] {
        let brought = bring_whole(&rig, token, &settings(asked.clone()), 10);
        assert_eq!(brought["counts"]["codes"], json!({ code: 1 }), "{asked}");
    }
    let brought = bring_whole(&rig, &boss, &settings(json!({ "address_cool_off_hours": 0, "mail_from": null })), 10);
    assert_eq!(outcomes(&brought, "settings"), [0, 1, 0, 0]);
    let shown = rig.get("/api/tenantry/v1/settings").body.to_string();
    assert!(!shown.contains("evil.example"), "{shown}");
}

#[test]
fn writing_out_takes_the_rights_that_reading_takes_and_its_cursors_are_its_own() {
    let rig = Rig::start();
    make_role(&rig, "half", &["ves-io-uam-admin-read"]);
    let half = rig.add_member(rig.tenant(), "half@example.com", in_system("half"));
    refused(&rig.as_token(&half, "GET", EXPORT, None), 403, "ves-io-uam-read");
    make_role(&rig, "other-half", &["ves-io-uam-read"]);
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("other-half"));
    assert_eq!(rig.as_token(&reader, "GET", EXPORT, None).status, 403);
    refused(&rig.get(&format!("{EXPORT}?after=AAAA")), 400, "Field after is not one that this listing gave you");
    let before = rig.audit().len();
    assert!(!export(&rig, &rig.sample.api_token, 3).is_empty());
    assert_eq!(rig.audit().len(), before, "reading leaves no record");
}

/// Everything in a tenant that opens an account, made with marks that are looked for afterwards.
#[test]
fn nothing_that_opens_an_account_is_written_out() {
    let rig = Rig::start();
    open_window(&rig);
    let bcrypt = "$2b$08$abcdefghijklmnopqrstuuJ7RlursFnPuMpoO.k8exQmuUNiR/.eK";
    let rows = vec![line("old@example.com", &json!({ "password": { "hash": bcrypt }, "must_change": true }))];
    bring(&rig, &json!({}), &[rows]);
    rig.reset(rig.sample.user_email);
    let link = rig.token(rig.sample.user_email, 1);
    let cookie = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let made = rig
        .post("/api/web/namespaces/system/api_credentials", &json!({ "name": "ci", "spec": { "type": "API_TOKEN" } }));
    let token = ok(&made)["data"].as_str().unwrap().to_owned();
    let written = export(&rig, &rig.sample.api_token, 2).join("\n");
    assert!(written.contains(r#""kind":"credential","name":"ci-"#), "{written}");
    let secret = cookie.split('=').next_back().unwrap();
    for mark in [bcrypt, "$argon2", "$2b$", "hash\":", &link, &token, secret, &rig.sample.api_token] {
        assert!(!written.contains(mark), "{mark} in {written}");
    }
    for hash in secrets_of(&rig) {
        assert!(!written.contains(&hash), "{hash}");
    }
}

/// Hashes as they lie in the store, in hexadecimal and as texts.
fn secrets_of(rig: &Rig) -> Vec<String> {
    let verb = |tx: &mut Tx<'_>| {
        let mut found = Vec::new();
        for statement in ["SELECT secret_hash FROM credentials", "SELECT secret_hash FROM sessions"] {
            for row in tx.all(statement, &[])? {
                found.push(row.get::<Vec<u8>>(0)?.iter().map(|byte| format!("{byte:02x}")).collect());
            }
        }
        for row in tx.all("SELECT password_hash FROM users WHERE password_hash IS NOT NULL", &[])? {
            found.push(row.get(0)?);
        }
        Ok(found)
    };
    let found: Vec<String> = rig.store.read(tenantry::store::Scope::HOUSE, verb).unwrap();
    assert!(found.len() > 4);
    found
}
