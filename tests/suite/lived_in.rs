//! A store as real use leaves it, made by the product's own commands and calls: for the verbs that keep a store.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::clock::Clock;
use tenantry::dev::Directions;
use tenantry::params;
use tenantry::store::{Scope, Store, Tx};
use uuid::Uuid;

use crate::copies;
use crate::engine::{is_postgres, settings_of};
use crate::keeping::{
    ADMIN_RESET, CHOSEN, PUBLIC_URL, call, count, credential, reset, revoke, run, say, text, token, user,
};
use crate::process::{Place, Process};
use crate::settled_in::{assert_choices_are_as_they_were, settle_in};
use crate::wire::{Reply, Wire, request};

/// The owner of the tenant that is in use.
pub const OWNER: &str = "ada@acme.example";
/// The owner of the other one, who has not used the first link.
pub const NEWCOMER: &str = "grace@globex.example";
const OWN: &str = "eleven ferries under a paper moon";
const USERS: &str = "/api/web/custom/namespaces/system/user_roles";
const GROUPS: &str = "/api/web/custom/namespaces/system/user_groups";
const PROGRAMS: &str = "/api/web/namespaces/system/service_credentials";
const CONTACTS: &str = "/api/web/namespaces/team-a/contacts";
const EXPIRED: usize = 2;
/// May read users by a group that holds a role of the tenant's own.
const READER: usize = 11;

/// The store, not served, as its last process left it when it was killed.
pub struct LivedIn {
    pub place: Place,
    /// The owner's session.
    pub cookie: String,
    /// A link that is alive.
    pub link: String,
}

/// A call at a tenant's own host; the headers are whole lines.
pub fn at(address: SocketAddr, tenant: &str, path: &str, headers: &str, body: &Value) -> Reply {
    let host = format!("Host: {tenant}.localhost:{}", address.port());
    let ask = request("POST", path, headers, &body.to_string()).replace("Host: 127.0.0.1", &host);
    Wire::to(address).call(ask).expect("an answer")
}

/// The status of a redemption at a tenant's own host.
pub fn redeem(process: &Process, tenant: &str, link: &str, password: &str) -> u16 {
    let token = link.rsplit('#').next().unwrap();
    at(process.address, tenant, "/reset", "", &json!({ "token": token, "password": password })).status
}

/// The cookie line of a new session at a tenant's own host, or the status that refuses it.
pub fn sign_in(process: &Process, tenant: &str, email: &str, password: &str) -> Result<String, u16> {
    let reply = at(process.address, tenant, "/signin", "", &json!({ "email": email, "password": password }));
    if reply.status != 204 {
        return Err(reply.status);
    }
    let cookie = reply.head.lines().find_map(|line| line.split_once("tenantry=")).unwrap().1;
    Ok(format!("Cookie: tenantry={}\r\n", cookie.split(';').next().unwrap()))
}

fn init(place: &Place, tenant: &str, email: &str) -> String {
    let line = ["init", "--tenant", tenant, "--email", email, "--public-url", PUBLIC_URL, "--data"];
    let made = say(place, &[&line[..], &[text(&place.data())]].concat());
    made["link"].as_str().unwrap().into()
}

fn ask(process: &Process, path: &str, body: &Value) {
    let reply = call(process, "POST", path, &process.authorization(), body);
    assert_eq!(reply.status, 200, "{path} {body}: {reply:?}");
}

/// The one that is made in a run, of which every test gets a copy.
struct Original {
    store: copies::Original,
    cookie: String,
    link: String,
}

impl LivedIn {
    pub fn new() -> Self {
        static ORIGINAL: OnceLock<Original> = OnceLock::new();
        let original = ORIGINAL.get_or_init(|| {
            let Self { place, cookie, link } = Self::make();
            Original { store: copies::Original::of(&place.data()), cookie, link }
        });
        let place = Place::new();
        original.store.copy_to(&place.data(), is_postgres());
        Self { place, cookie: original.cookie.clone(), link: original.link.clone() }
    }

    fn make() -> Self {
        let place = Place::new();
        let first = init(&place, "acme", OWNER);
        init(&place, "globex", NEWCOMER);
        directions("").write(&place.data()).unwrap();
        let mut process = Process::start(&place, 0);
        assert_eq!(redeem(&process, "acme", &first, CHOSEN), 204);
        let cookie = sign_in(&process, "acme", OWNER, CHOSEN).unwrap();
        process.directions = directions(&first_token(&process, &cookie));
        process.directions.write(&place.data()).unwrap();
        let link = live(&place, &process);
        let lived_in = Self { place, cookie, link };
        process.kill();
        lived_in.let_a_link_expire();
        lived_in
    }

    /// As two days would.
    fn let_a_link_expire(&self) {
        const DAYS: i64 = 2 * 24 * 3_600_000_000;
        let store = Store::open(&settings_of(&self.place.data(), 4), Clock::system().now()).unwrap();
        let age = |tx: &mut Tx<'_>| {
            let find = "SELECT tenant, id, open_reset FROM users WHERE email = $1";
            let row = tx.one(find, &params![user(EXPIRED).as_str()])?;
            let (tenant, id, open): (i64, i64, Uuid) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let reset = "UPDATE resets SET requested_at = requested_at - $3, expires_at = expires_at - $3
                WHERE tenant = $1 AND id = $2";
            let place =
                "UPDATE users SET open_reset_expires_at = open_reset_expires_at - $3 WHERE tenant = $1 AND id = $2";
            assert_eq!(tx.run(reset, &params![tenant, &open, DAYS])?, 1);
            assert_eq!(tx.run(place, &params![tenant, id, DAYS])?, 1);
            Ok(())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(store.write(Scope::HOUSE, age)).unwrap();
        store.close();
    }
}

/// The file that `dev` would have written for the owner of the tenant in use.
pub fn directions(api_token: &str) -> Directions {
    let blank = String::new;
    Directions {
        base_url: blank(),
        tenant: "acme".into(),
        tenant_url: blank(),
        admin_email: OWNER.into(),
        admin_password: CHOSEN.into(),
        api_token: api_token.into(),
        user_email: user(1),
        user_password: OWN.into(),
        mailbox_url: blank(),
        ca_file: None,
    }
}

fn first_token(process: &Process, cookie: &str) -> String {
    let wish = json!({ "name": "first", "spec": { "type": "API_TOKEN" } });
    let reply = at(process.address, "acme", "/api/web/namespaces/system/api_credentials", cookie, &wish);
    let made: Value = serde_json::from_str(&reply.body).unwrap();
    made["data"].as_str().unwrap_or_else(|| panic!("{reply:?}")).into()
}

fn invite(process: &Process, number: usize) {
    let roles = json!([{ "namespace": "team-a", "role": "ves-io-monitor-role" }]);
    ask(process, USERS, &json!({ "email": user(number), "first_name": "Nora", "namespace_roles": roles }));
}

/// Does `act` while the relay misbehaves; the outbox then holds the mail.
fn in_the_mood(process: &Process, mood: &str, act: impl FnOnce()) {
    assert_eq!(call(process, "POST", "/dev/faults", "", &json!({ "mail": mood })).status, 200);
    act();
    thread::sleep(Duration::from_millis(700));
}

/// People come and go, one in each state; a link of theirs that is alive at the end.
fn live(place: &Place, process: &Process) -> String {
    ask(process, "/api/web/namespaces", &json!({ "metadata": { "name": "team-a" }, "spec": {} }));
    for number in 1..=8 {
        invite(process, number);
    }
    for number in 1..=6 {
        assert_eq!(redeem(process, "acme", &token(process, &user(number), 1), OWN), 204);
    }
    assert_eq!(at(process.address, "acme", "/forgot", "", &json!({ "email": user(EXPIRED) })).status, 200);
    token(process, &user(EXPIRED), 3);
    assert_eq!(reset(process, &user(EXPIRED)), 200, "which takes the place of their own");
    for _ in 0..8 {
        assert!(sign_in(process, "acme", &user(3), "not it at all, not at all").is_err());
    }
    ask(process, "/api/tenantry/v1/users/disable", &json!({ "email": user(4) }));
    let session = sign_in(process, "acme", &user(5), OWN).unwrap();
    let wish = json!({ "current_password": OWN, "password": "a lantern over quiet harbour water" });
    assert_eq!(at(process.address, "acme", "/account/password", &session, &wish).status, 204);
    let keyed = format!("{}Idempotency-Key: monday\r\n", process.authorization());
    assert_eq!(call(process, "POST", ADMIN_RESET, &keyed, &json!({ "email": user(6) })).status, 200);
    ask(process, "/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": user(8) }));
    revoke(process, &credential(process).0);
    give_access(process);
    let reader = sign_in(process, "acme", &user(READER), OWN).unwrap();
    settle_in(process, &user(READER), &reader);
    run(place, &["key", "rotate", "--data", text(&place.data())]).done();
    assert_eq!(reset(process, &user(1)), 200);
    let link = token(process, &user(1), 3);
    in_the_mood(process, "bounce", || invite(process, 9));
    in_the_mood(process, "refuse", || invite(process, 10));
    in_the_mood(process, "stall", || assert_eq!(reset(process, &user(5)), 200));
    link
}

/// A role of the tenant's own, a group that holds it, a program with its token, an object of a namespace.
fn give_access(process: &Process) {
    invite(process, READER);
    assert_eq!(redeem(process, "acme", &token(process, &user(READER), 1), OWN), 204);
    let role = json!({ "metadata": { "name": "auditor" }, "api_groups": ["ves-io-uam-read"] });
    ask(process, "/api/web/custom/namespaces/system/roles", &role);
    let roles = json!([{ "namespace": "system", "role": "auditor" }]);
    ask(process, GROUPS, &json!({ "name": "readers", "usernames": [user(READER)], "namespace_roles": roles }));
    let program = json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "namespace_roles": roles });
    ask(process, PROGRAMS, &program);
    ask(process, CONTACTS, &json!({ "metadata": { "name": "main" }, "spec": { "city": "Springfield" } }));
}

/// Checks that access by roles and groups, programs and objects are what they were, where passwords were kept.
pub fn assert_access_is_as_it_was(process: &Process) {
    let of = |cookie: &str, path: &str| call(process, "GET", path, cookie, &Value::Null);
    let reader = sign_in(process, "acme", &user(READER), OWN).unwrap();
    assert_eq!(of(&reader, USERS).status, 200, "by the group");
    assert_eq!(of(&reader, "/api/tenantry/v1/audit").status, 403);
    let owner = sign_in(process, "acme", OWNER, CHOSEN).unwrap();
    let group: Value = serde_json::from_str(&of(&owner, &format!("{GROUPS}/readers")).body).unwrap();
    assert_eq!(group["usernames"], json!([user(READER)]), "{group}");
    let programs: Value = serde_json::from_str(&of(&owner, PROGRAMS).body).unwrap();
    assert!(programs["items"][0]["name"].as_str().unwrap().starts_with("robot-"), "{programs}");
    let contact: Value = serde_json::from_str(&of(&owner, &format!("{CONTACTS}/main")).body).unwrap();
    assert_eq!(contact["spec"]["city"], "Springfield", "{contact}");
    assert_choices_are_as_they_were(process, &owner, &reader);
}

/// The store that is meant to be full of every kind of row lacks none.
#[test]
fn the_store_has_something_of_everything() {
    let lived_in = LivedIn::new();
    let store = Store::open(&settings_of(&lived_in.place.data(), 4), Clock::system().now()).unwrap();
    for wanted in [
        "SELECT COUNT(*) - 1 FROM tenants WHERE id <> 0",
        "SELECT COUNT(*) FROM users WHERE disabled_at IS NOT NULL",
        "SELECT COUNT(*) FROM users WHERE open_reset IS NOT NULL AND open_reset_expires_at < created_at",
        "SELECT COUNT(*) FROM users WHERE owner_since IS NOT NULL AND password_hash IS NULL",
        "SELECT COUNT(*) FROM users WHERE owner_since IS NOT NULL AND reset_mail_times <> ''",
        "SELECT COUNT(*) FROM users WHERE password_dead_at IS NOT NULL",
        "SELECT COUNT(*) FROM password_history",
        "SELECT COUNT(*) FROM namespaces WHERE name = 'team-a'",
        "SELECT COUNT(*) FROM credentials WHERE inactive_at IS NULL",
        "SELECT COUNT(*) FROM credentials WHERE kind LIKE 'SERVICE%'",
        "SELECT COUNT(*) FROM roles",
        "SELECT COUNT(*) FROM user_groups",
        "SELECT COUNT(*) FROM group_members",
        "SELECT COUNT(*) FROM group_grants",
        "SELECT COUNT(*) FROM objects",
        "SELECT COUNT(*) FROM credentials WHERE narrowed_to IS NOT NULL",
        "SELECT COUNT(*) FROM users WHERE tos_version <> ''",
        "SELECT COUNT(*) FROM user_settings",
        "SELECT COUNT(*) FROM user_images",
        "SELECT COUNT(*) FROM pictures",
        "SELECT COUNT(*) FROM mail_texts",
        "SELECT COUNT(*) FROM address_changes WHERE confirmed_at IS NULL",
        "SELECT COUNT(*) FROM sessions",
        "SELECT COUNT(*) FROM resets WHERE redeemed_at IS NOT NULL",
        "SELECT COUNT(*) FROM resets WHERE superseded_at IS NOT NULL",
        "SELECT COUNT(*) FROM resets WHERE key_id = 2",
        "SELECT COUNT(*) FROM resets WHERE undeliverable_at IS NOT NULL",
        "SELECT COUNT(*) FROM reset_keys",
        "SELECT COUNT(*) FROM mails WHERE failed_at IS NOT NULL",
        "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND attempts > 0",
        "SELECT COUNT(*) FROM sign_in_failures WHERE failures > 3",
        "SELECT COUNT(*) FROM audit_links",
    ] {
        assert!(count(&store, wanted) > 0, "{wanted}");
    }
    store.close();
}

/// Checks that the commands that examine a store find it sound.
pub fn assert_well(place: &Place, data: &Path) {
    let examined = run(place, &["doctor", "--data", text(data)]).out;
    assert!(!examined.contains("FAIL  store") && !examined.contains("FAIL  audit chains"), "{examined}");
    assert!(examined.contains("are as they were written"), "{examined}");
    let verified = run(place, &["audit", "verify", "--offline", "--data", text(data)]).done();
    assert!(verified.contains("acme") && verified.contains("globex"), "{verified}");
}
