//! Simultaneous requests, over real HTTP.

use serde_json::json;
use tenantry::config::Config;
use tenantry::store::Scope;

use crate::rig::{GOOD_PASSWORD, Rig};
use crate::wire::{self, Reply, request};

/// Room for everyone at once.
fn roomy(config: &mut Config) {
    config.passwords.queue_max = 1_000;
    config.http.connections_per_address_max = 1_000;
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

fn rig_with(users: u32) -> (Rig, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    (Rig::at(data.path(), users, roomy), data)
}

/// Sends one request on each connection, all at the same moment.
fn at_once(rig: &Rig, requests: Vec<String>) -> Vec<Reply> {
    wire::at_once(requests.into_iter().map(|request| (rig.address, request)).collect())
}

/// Clients behind a proxy, each with an address of its own.
fn from(client: usize) -> String {
    format!("X-Forwarded-For: 10.0.{}.{}\r\n", client / 250, client % 250 + 1)
}

fn redemption(client: usize, token: &str, password: &str) -> String {
    request("POST", "/reset", &from(client), &json!({ "token": token, "password": password }).to_string())
}

fn admin_call(rig: &Rig, method: &str, path: &str, body: &serde_json::Value) -> String {
    request(method, path, &format!("Authorization: {}\r\n", rig.authorization()), &body.to_string())
}

fn statuses(replies: &[Reply]) -> Vec<u16> {
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_many_redemptions_of_one_link_exactly_one_wins() {
    const LINKS: usize = 12;
    const CLIENTS: usize = 200;
    let (rig, _data) = rig_with(u32::try_from(LINKS).unwrap());
    for link in 1..=LINKS {
        let email = format!("user{link:05}@example.com");
        assert_eq!(rig.reset(&email).status, 200);
        let token = rig.token(&email, 1);
        let password = |client: usize| format!("{GOOD_PASSWORD} {client:03}");
        let requests = (0..CLIENTS).map(|client| redemption(client, &token, &password(client))).collect();
        let replies = at_once(&rig, requests);
        let winners: Vec<usize> = (0..CLIENTS).filter(|client| replies[*client].status == 204).collect();
        assert_eq!(winners.len(), 1, "{email}: {:?}", statuses(&replies));
        // A full queue of hashes is a legal way to lose: nothing was used up by it.
        let losers = replies.iter().filter(|reply| reply.status != 204);
        assert!(losers.clone().all(|loser| matches!(loser.status, 400 | 503)), "{:?}", statuses(&replies));
        assert_eq!(rig.sign_in(&email, &password(winners[0])), 204);
        let loser = (winners[0] + 1) % CLIENTS;
        assert_eq!(rig.sign_in(&email, &password(loser)), 401);
        // The attempts from this machine are counted by the hour.
        rig.clock.advance_seconds(3600);
    }
}

#[test]
fn many_resets_of_one_user_at_once_are_one() {
    let (rig, _data) = rig_with(10);
    for number in 1..=10 {
        let email = format!("user{number:05}@example.com");
        let ask = admin_call(&rig, "POST", "/api/web/custom/password/admin_reset", &json!({ "email": email }));
        let replies = at_once(&rig, vec![ask; 50]);
        assert!(replies.iter().all(|reply| (reply.status, reply.body.as_str()) == (200, "{}")), "{replies:?}");
        let mut ids: Vec<&str> = replies.iter().map(|reply| reply.header("tenantry-reset-id").unwrap()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(rows(&rig, "SELECT COUNT(*) FROM resets WHERE email = $1", &email), 1);
        assert_eq!(rows(&rig, "SELECT COUNT(*) FROM users WHERE email = $1 AND open_reset IS NOT NULL", &email), 1);
        let records = "SELECT COUNT(*) FROM audit WHERE action = 'reset.request' AND subject = $1";
        assert_eq!(rows(&rig, records, &email), 1);
        assert_eq!(
            rows(&rig, "SELECT COUNT(*) FROM mails WHERE reset_id = (SELECT id FROM resets WHERE email = $1)", &email),
            1
        );
        assert_eq!(rig.wait_for_mails(&email, 1).len(), 1);
    }
}

fn rows(rig: &Rig, statement: &'static str, email: &str) -> i64 {
    rig.store.read(Scope::HOUSE, |tx| tx.one(statement, &[tenantry::store::Param::from(email)])?.get(0)).unwrap()
}

/// A signed-in user who asks for a link themself: the old password works until the link is used.
fn signed_in_with_link(rig: &Rig, email: &str) -> (String, String) {
    let cookie = rig.session(email, &rig.sample.user_password);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": email })).status, 200);
    (cookie, rig.token(email, 1))
}

#[test]
fn a_redemption_and_a_change_of_ones_own_never_both_win() {
    const ROUNDS: usize = 25;
    let (rig, _data) = rig_with(u32::try_from(ROUNDS).unwrap());
    let mut won = [0; 2];
    for round in 1..=ROUNDS {
        let email = format!("user{round:05}@example.com");
        let (cookie, token) = signed_in_with_link(&rig, &email);
        let (by_link, by_change) = (format!("{GOOD_PASSWORD} by link"), format!("{GOOD_PASSWORD} by change"));
        let body = json!({ "current_password": rig.sample.user_password, "password": by_change });
        let change = request("POST", "/account/password", &format!("Cookie: {cookie}\r\n"), &body.to_string());
        let replies = at_once(&rig, vec![redemption(round, &token, &by_link), change]);
        let (link, change) = (replies[0].status, replies[1].status);
        match (link, change) {
            (204, 401 | 409) => won[0] += 1,
            (400, 204) => won[1] += 1,
            other => panic!("{email}: {other:?} {replies:?}"),
        }
        let is_link = link == 204;
        assert_eq!(rig.sign_in(&email, &by_link), if is_link { 204 } else { 401 });
        assert_eq!(rig.sign_in(&email, &by_change), if is_link { 401 } else { 204 });
        assert_eq!(rig.sign_in(&email, &rig.sample.user_password.clone()), 401);
        assert_eq!(rig.redeem(&token, &format!("{GOOD_PASSWORD} late")), 400);
        rig.clock.advance_seconds(3600);
    }
    eprintln!("the link won {} times, the change {} times", won[0], won[1]);
}

#[test]
fn a_redemption_never_outlives_a_lock_or_a_removal() {
    const ROUNDS: usize = 30;
    let (rig, _data) = rig_with(u32::try_from(ROUNDS).unwrap());
    for round in 1..=ROUNDS {
        let email = format!("user{round:05}@example.com");
        assert_eq!(rig.reset(&email).status, 200);
        let token = rig.token(&email, 1);
        let is_lock = round % 2 == 0;
        let path = match is_lock {
            true => "/api/tenantry/v1/users/disable",
            false => "/api/web/custom/namespaces/system/users/cascade_delete",
        };
        let end = admin_call(&rig, "POST", path, &json!({ "email": email }));
        let replies = at_once(&rig, vec![redemption(round, &token, GOOD_PASSWORD), end]);
        assert!(matches!(replies[0].status, 204 | 400), "{replies:?}");
        assert_eq!(replies[1].status, 200, "{replies:?}");
        assert_eq!(rig.sign_in(&email, GOOD_PASSWORD), 401);
        assert_eq!(rig.redeem(&token, "another lantern over quiet water"), 400);
        if is_lock {
            assert_eq!(rig.post("/api/tenantry/v1/users/enable", &json!({ "email": email })).status, 200);
            // Enabled again, the user has the password that the link set, or none: never the old one.
            let expected = if replies[0].status == 204 { 204 } else { 401 };
            assert_eq!(rig.sign_in(&email, GOOD_PASSWORD), expected);
            assert_eq!(rig.sign_in(&email, &rig.sample.user_password.clone()), 401);
        }
        rig.clock.advance_seconds(3600);
    }
}
