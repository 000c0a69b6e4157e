//! Two processes on one database: each knows at the next request what the other did, and nothing is done twice.

use std::cell::Cell;
use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::clock::{Clock, SECOND, Timestamp};

use crate::factor_stores::{cookie, step_at};
use crate::fleet::{Fleet, Served, code};
use crate::phone::Phone;
use crate::postgres::server;
use crate::relay::{Act, Fault, Step};
use crate::rig::GOOD_PASSWORD;
use crate::wire::{self, Reply, Wire, request};

const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";
const REMAIL: &str = "/api/web/custom/namespaces/system/send_password_email";
const ROLES: &str = "/api/web/custom/namespaces/system/user_roles";
const WHO: &str = "/api/web/custom/namespaces/system/whoami";

fn email(number: usize) -> String {
    format!("user{number:05}@example.com")
}

fn call(served: &Served, method: &str, path: &str, headers: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Wire::to(served.address).call(request(method, path, headers, &body)).expect("an answer")
}

fn reset(fleet: &Fleet, email: &str) -> String {
    request("POST", ADMIN_RESET, &fleet.authorization(), &json!({ "email": email }).to_string())
}

/// Each request to the next of the processes, all at the same moment.
fn at_once(processes: [&Served; 2], requests: Vec<String>) -> Vec<Reply> {
    let addresses = processes.map(|process| process.address).into_iter().cycle();
    wire::at_once(addresses.zip(requests).collect())
}

fn how_many(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

/// The cookie of a new session.
fn signed_in(served: &Served, email: &str, password: &str) -> String {
    let reply = call(served, "POST", "/signin", "", &json!({ "email": email, "password": password }));
    assert_eq!(reply.status, 204, "{reply:?}");
    let lines = reply.head.lines().filter_map(|line| line.split_once(": "));
    let mut cookies = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| value);
    let cookie = cookies.find(|value| value.starts_with("tenantry=")).expect("a sign-in sets its cookie");
    format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
}

#[test]
fn what_one_process_has_revoked_or_ended_the_other_refuses_at_the_next_request() {
    let fleet = Fleet::new(server().database("several_revoked").unwrap(), 0);
    let (one, other) = (fleet.serve(), fleet.serve());
    let status = |served, headers: &str| call(served, "GET", WHO, headers, &Value::Null).status;
    let (admin, password) = (fleet.sample.admin_email, &*fleet.sample.admin_password);
    for round in 0..10 {
        let (here, there) = if round % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let session = signed_in(here, admin, password);
        assert_eq!(status(there, &session), 200, "a session is known to both");
        let ask = json!({ "name": format!("token-{round}"), "spec": { "type": "API_TOKEN" } });
        let made = call(here, "POST", "/api/web/namespaces/system/api_credentials", &session, &ask);
        let made: Value = serde_json::from_str(&made.body).unwrap();
        let token = format!("Authorization: APIToken {}\r\n", made["data"].as_str().unwrap());
        assert_eq!((status(here, &token), status(there, &token)), (200, 200));
        let name = json!({ "name": made["name"], "namespace": "system" });
        let revoke = "/api/web/namespaces/system/revoke/api_credentials";
        assert_eq!(call(here, "POST", revoke, &session, &name).status, 200);
        assert_eq!(status(there, &token), 401, "round {round}: the token was revoked");
        assert!(matches!(call(here, "POST", "/signout", &session, &json!({})).status, 200..400));
        assert_eq!(status(there, &session), 401, "round {round}: the session has ended");
    }
    let session = signed_in(&one, fleet.sample.user_email, &fleet.sample.user_password);
    assert_eq!(status(&other, &session), 200);
    let asked = call(&one, "POST", ADMIN_RESET, &fleet.authorization(), &json!({ "email": fleet.sample.user_email }));
    assert_eq!(asked.status, 200);
    assert_eq!(status(&other, &session), 401, "a reset ends the sessions");
    let again = json!({ "email": fleet.sample.user_email, "password": fleet.sample.user_password });
    assert_eq!(call(&other, "POST", "/signin", "", &again).status, 401, "and kills the password");
}

/// Two processes and a helper who may reset: one process changes things, the other is asked.
struct Helped {
    fleet: Fleet,
    database: &'static str,
    here: Served,
    there: Served,
    next: Cell<usize>,
}

impl Helped {
    fn new(database: &'static str) -> Self {
        let fleet = Fleet::new(server().database(database).unwrap(), 30);
        let (here, there) = (fleet.serve(), fleet.serve());
        let helped = Self { fleet, database, here, there, next: Cell::new(1) };
        helped.give("ves-io-uam-admin-role");
        helped
    }

    /// Gives the helper this role and no other.
    fn give(&self, role: &str) {
        let roles = json!([{ "namespace": "system", "role": role }]);
        self.change("PUT", ROLES, &json!({ "email": self.fleet.sample.user_email, "namespace_roles": roles }));
    }

    /// The owner changes something where nobody else asks.
    fn change(&self, method: &str, path: &str, asked: &Value) {
        assert_eq!(call(&self.here, method, path, &self.fleet.authorization(), asked).status, 200);
    }

    /// A new token of the helper: its name, and its header line.
    fn issue(&self) -> (Value, String) {
        let session = signed_in(&self.here, self.fleet.sample.user_email, &self.fleet.sample.user_password);
        let ask = json!({ "name": "helper", "spec": { "type": "API_TOKEN" } });
        let made = call(&self.here, "POST", "/api/web/namespaces/system/api_credentials", &session, &ask);
        let made: Value = serde_json::from_str(&made.body).unwrap();
        let line = format!("Authorization: APIToken {}\r\n", made["data"].as_str().unwrap());
        (json!({ "name": made["name"], "namespace": "system" }), line)
    }

    /// Resets two further users by the other process, one by each call; the status of both, and the second reset.
    fn ask(&self, token: &str) -> (u16, String) {
        let ask = |path| {
            let asked = json!({ "email": email(self.next.replace(self.next.get() + 1)) });
            call(&self.there, "POST", path, token, &asked)
        };
        let (remailed, reset) = (ask(REMAIL), ask(ADMIN_RESET));
        assert_eq!(remailed.status, reset.status, "both calls are judged alike");
        (reset.status, reset.header("tenantry-reset-id").unwrap_or_default().to_owned())
    }

    fn count(&self, what: &str) -> String {
        server().ask(self.database, &format!("SELECT COUNT(*) FROM {what}")).unwrap()
    }
}

/// A reset is accepted on an earlier look-up of its credential; the reset itself finds that something has ended.
#[test]
fn a_reset_is_judged_by_the_rights_of_now_wherever_they_were_changed() {
    let helped = Helped::new("several_presumed");
    let (name, token) = helped.issue();
    assert_eq!((helped.ask(&token).0, helped.ask(&token).0), (200, 200));
    helped.give("ves-io-default-role");
    let records = || helped.count("audit WHERE action = 'access.refuse'");
    assert_eq!((&*records(), helped.ask(&token).0, &*records()), ("0", 403, "2"), "the role was taken away");
    helped.give("ves-io-uam-admin-role");
    assert_eq!((helped.ask(&token).0, helped.ask(&token).0), (200, 200), "and given again");
    helped.change("POST", "/api/web/namespaces/system/revoke/api_credentials", &name);
    assert_eq!((helped.ask(&token).0, helped.ask(&token).0), (401, 401), "the token was revoked");
    let (_, token) = helped.issue();
    assert_eq!(helped.ask(&token).0, 200);
    helped.change("POST", "/api/tenantry/v1/users/disable", &json!({ "email": helped.fleet.sample.user_email }));
    assert_eq!(helped.ask(&token).0, 401, "the user was disabled");
    let accepted = helped.count("audit WHERE action = 'reset.request' AND outcome = 'accepted'");
    assert_eq!((&*helped.count("resets"), &*accepted), ("10", "10"), "what was refused left nothing");
}

/// The other process has looked the caller up before, and presumes that it still holds.
#[test]
fn a_suspended_tenant_is_shut_out_by_every_process_from_the_next_request_on() {
    let helped = Helped::new("several_suspended");
    let (_, token) = helped.issue();
    assert_eq!((helped.ask(&token).0, helped.ask(&token).0), (200, 200));
    helped.change("PUT", "/api/saas/namespaces/system/v2/tenant/deactivate", &json!({}));
    assert_eq!((helped.ask(&token).0, helped.ask(&token).0), (403, 403));
    assert_eq!(&*helped.count("resets"), "4", "what was refused left nothing");
}

#[test]
fn a_reset_is_made_by_the_settings_of_now_wherever_they_were_changed() {
    let helped = Helped::new("several_outdated");
    let (_, token) = helped.issue();
    let lives = || {
        let path = format!("/api/tenantry/v1/resets/{}", helped.ask(&token).1);
        let shown = call(&helped.there, "GET", &path, &helped.fleet.authorization(), &Value::Null);
        let shown: Value = serde_json::from_str(&shown.body).unwrap();
        let moment = |field: &str| Timestamp::parse(shown[field].as_str().unwrap()).unwrap();
        moment("expires_at").seconds_since(moment("requested_at"))
    };
    assert_eq!(lives(), 60 * 60);
    let change = "settings = jsonb_set(settings::jsonb, '{link_lifetime_minutes}', '7')::text, revision = revision + 1";
    server().ask(helped.database, &format!("UPDATE tenants SET {change}")).unwrap();
    assert_eq!(lives(), 7 * 60, "the tenant shortened the life of its links");
}

#[test]
fn limits_and_budgets_are_those_of_one_installation_however_many_processes_it_has() {
    const BUDGET: usize = 20;
    let fleet = Fleet::with(server().database("several_limits").unwrap(), 80, |config| {
        config.reset.budget_per_person_per_hour = u32::try_from(BUDGET).unwrap();
        config.reset.repeat_window_seconds = 0;
    });
    let (one, other) = (fleet.serve(), fleet.serve());
    let ask = |nth: usize| {
        let served = if nth.is_multiple_of(2) { &one } else { &other };
        Wire::to(served.address).call(reset(&fleet, fleet.sample.user_email)).unwrap()
    };
    let replies: Vec<_> = (0..12).map(ask).collect();
    assert_eq!(how_many(&replies, 200), 12, "the end of a password is not bounded by mails");
    let left = "SELECT COUNT(*) FROM resets WHERE mail_waits_until IS NULL";
    assert_eq!(server().ask("several_limits", left).unwrap(), "5", "mails with a link to one user");

    let each_once = (1..=60).map(|number| reset(&fleet, &email(number))).collect();
    let replies = at_once([&one, &other], each_once);
    assert_eq!((how_many(&replies, 200), how_many(&replies, 429)), (BUDGET - 12, 60 - (BUDGET - 12)), "the budget");

    let guess = |nth: usize| {
        let served = if nth.is_multiple_of(2) { &one } else { &other };
        call(served, "POST", "/signin", "", &json!({ "email": email(70), "password": "not this one" })).status
    };
    assert_eq!((0..7).map(guess).collect::<Vec<_>>(), [401, 401, 401, 401, 401, 429, 429], "guesses");
}

#[test]
fn each_mail_leaves_once_and_a_link_is_won_once_whichever_process_is_asked() {
    const USERS: usize = 200;
    let fleet = Fleet::new(server().database("several_mails").unwrap(), u32::try_from(USERS + 1).unwrap());
    let (one, other) = (fleet.serve(), fleet.serve());
    let replies = at_once([&one, &other], (1..=USERS).map(|number| reset(&fleet, &email(number))).collect());
    assert_eq!(how_many(&replies, 200), USERS);

    let last = email(USERS + 1);
    let replies = at_once([&one, &other], (0..50).map(|_| reset(&fleet, &last)).collect());
    let ids: HashSet<_> = replies.iter().filter_map(|reply| reply.header("tenantry-reset-id")).collect();
    assert_eq!((how_many(&replies, 200), ids.len()), (50, 1), "fifty requests for one user are one reset");

    let link = fleet.code(&last);
    let waits = "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL";
    while server().ask("several_mails", waits).unwrap() != "0" {
        thread::sleep(Duration::from_millis(20));
    }
    let mails = fleet.relay.mails();
    let (to, links): (HashSet<_>, HashSet<_>) =
        (mails.iter().map(|mail| &mail.to).collect(), mails.iter().filter_map(code).collect());
    eprintln!("two processes: {} mails to {} users, {} links", mails.len(), to.len(), links.len());
    assert_eq!((mails.len(), to.len(), links.len()), (USERS + 1, USERS + 1, USERS + 1));

    let redemption = |client: usize| {
        let from = format!("X-Forwarded-For: 10.0.{}.{}\r\n", client / 250, client % 250 + 1);
        let body = json!({ "token": link, "password": format!("{GOOD_PASSWORD} {client:03}") });
        request("POST", "/reset", &from, &body.to_string())
    };
    let replies = at_once([&one, &other], (0..200).map(redemption).collect());
    let (won, lost, busy) = (how_many(&replies, 204), how_many(&replies, 400), how_many(&replies, 503));
    eprintln!("two processes: 200 redemptions of one link: {won} won, {lost} refused, {busy} turned away");
    assert_eq!((won, won + lost + busy), (1, 200));
}

/// A user sets up an app at a process: it is confirmed by the code before the present one, which so stays free.
fn enrol(served: &Served, session: &str) -> (Phone, Vec<String>) {
    let begun = call(served, "POST", "/account/second-factor/begin", session, &json!({}));
    let step = cookie(&begun, "tenantry-step").unwrap_or_else(|| panic!("{begun:?}"));
    let begun: Value = serde_json::from_str(&begun.body).unwrap();
    let phone = Phone { secret: begun["secret"].as_str().unwrap().into() };
    while Clock::system().now().0 / SECOND % 30 > 20 {
        thread::sleep(Duration::from_millis(100));
    }
    let code = json!({ "code": phone.code_at(Clock::system().now().plus_seconds(-30)) });
    let both = format!("{}; {step}\r\n", session.trim_end());
    let confirmed = call(served, "POST", "/account/second-factor/confirm", &both, &code);
    let confirmed: Value = serde_json::from_str(&confirmed.body).unwrap();
    (phone, serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap_or_else(|_| panic!("{confirmed}")))
}

#[test]
fn one_code_at_two_processes_at_once_begins_one_session_and_each_other_is_refused_counted_and_recorded() {
    const DATABASE: &str = "several_codes";
    let fleet = Fleet::new(server().database(DATABASE).unwrap(), 2);
    let (one, other) = (fleet.serve(), fleet.serve());
    let password = fleet.sample.user_password.as_str();
    for number in [1, 2] {
        let (phone, codes) = enrol(&one, &signed_in(&one, &email(number), password));
        let steps: Vec<_> = (0..16)
            .map(|nth| {
                let (at, from) = (if nth % 2 == 0 { &one } else { &other }, format!("10.4.{number}.{nth}"));
                step_at(at.address, (email(number).as_str(), password), &from)
            })
            .collect();
        let code = if number == 1 { phone.code_at(Clock::system().now()) } else { codes[3].clone() };
        let enter = |(nth, step): (usize, &String)| {
            let headers = format!("{step}X-Forwarded-For: 10.5.{number}.{nth}\r\n");
            request("POST", "/signin/code", &headers, &json!({ "code": code }).to_string())
        };
        let replies = at_once([&one, &other], steps.iter().enumerate().map(enter).collect());
        let statuses = [204, 401, 429].map(|status| how_many(&replies, status));
        assert_eq!(statuses, [1, 5, 10], "{:?}", replies.iter().map(|reply| &reply.body).collect::<Vec<_>>());
        assert_eq!(replies.iter().filter(|reply| cookie(reply, "tenantry").is_some()).count(), 1);
        let records = "SELECT COUNT(*) FROM audit WHERE action = 'sign_in' AND outcome = 'refused'";
        assert_eq!(server().ask(DATABASE, records).unwrap(), (15 * number).to_string());
    }
    assert_eq!(server().ask(DATABASE, "SELECT SUM(failures) FROM second_factors").unwrap(), "10");
    let barred = "SELECT runs_from - number FROM migrations WHERE name = 'second_factors'";
    assert_eq!(server().ask(DATABASE, barred).unwrap(), "0");
}

#[test]
fn the_mail_of_a_process_that_was_killed_is_sent_by_another_with_the_same_link() {
    const DATABASE: &str = "several_killed";
    let fleet = Fleet::new(server().database(DATABASE).unwrap(), 1);
    // The first attempt shows the link, the second is under way for ever.
    let faults = [Fault::new(Step::Body, Act::HangUp).times(1), Fault::new(Step::Mail, Act::Silence).times(1)];
    fleet.relay.set_faults(faults.into_iter().zip([0, 1]).map(|(fault, skip)| fault.after(skip)).collect());
    let one = fleet.serve();
    assert_eq!(Wire::to(one.address).call(reset(&fleet, &email(1))).unwrap().status, 200);
    // A leased mail is not yet under way: only one that has reached the relay cannot go to the other process.
    let is_under_way = || fleet.relay.commands().iter().filter(|line| line.starts_with("MAIL")).count() == 2;
    while server().ask(DATABASE, "SELECT attempts FROM mails").unwrap() != "2" || !is_under_way() {
        thread::sleep(Duration::from_millis(20));
    }
    drop(one);
    let first = code(&fleet.relay.mails()[0]).unwrap();
    assert_eq!(fleet.mails(&email(1)).len(), 0, "the relay has not said that it took it");
    // The lease runs out.
    server().ask(DATABASE, "UPDATE mails SET due_at = queued_at").unwrap();
    let other = fleet.serve();
    let second = fleet.code(&email(1));
    assert!(first == second, "the links differ");
    let chosen = call(&other, "POST", "/reset", "", &json!({ "token": second, "password": GOOD_PASSWORD }));
    assert_eq!(chosen.status, 204);
}
