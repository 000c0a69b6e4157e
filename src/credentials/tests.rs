use super::*;
use crate::access::{Grant, SYSTEM};
use crate::act::Act;
use crate::act::rig::{NOW, OWNER, Rig};
use crate::error::{Error, Kind, Result};
use crate::objects::Whole;
use crate::store::{Scope, Tx};

const JANE: &str = "jane@example.com";
const MONITOR: &str = "monitor@example.com";
const HELPER: &str = "helper@example.com";

fn rig() -> Rig {
    let rig = Rig::new();
    rig.add(JANE, &[Grant::new(SYSTEM, "ves-io-default-role")], false);
    rig.add(MONITOR, &[Grant::new(SYSTEM, "ves-io-monitor-role")], false);
    rig.add(HELPER, &[Grant::new(SYSTEM, "ves-io-uam-admin-role")], false);
    rig
}

/// A token of that user: its name and the token itself.
fn issue(rig: &Rig, email: &str) -> (String, Token) {
    let act = rig.act_of(email);
    let spec = Some(CredentialSpec { r#type: Some("API_TOKEN".into()) });
    let ask = CredentialAsk { name: Some("ci".into()), expiration_days: Some(Whole(10)), spec, narrowed_to: None };
    let (new, token) = draw(&ask, &rig.random, &act).unwrap();
    let name = new.name.clone();
    rig.write(move |tx| create(tx, &new, &act)).unwrap();
    (name, token)
}

fn change(
    rig: &Rig,
    name: &str,
    by: &str,
    verb: impl Fn(&mut Tx<'_>, &str, &Act) -> Result<()> + Send + 'static,
) -> Result<()> {
    let (act, name) = (rig.act_of(by), name.to_string());
    rig.write(move |tx| verb(tx, &name, &act))
}

fn revoke(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<()> {
    super::revoke(tx, CredentialKind::Token, name, act)
}

fn renew(tx: &mut Tx<'_>, name: &str, days: Option<i64>, act: &Act) -> Result<()> {
    super::renew(tx, (CredentialKind::Token, name), days, act)
}

fn activate(tx: &mut Tx<'_>, name: &str, active: Option<bool>, act: &Act) -> Result<()> {
    super::activate(tx, (CredentialKind::Token, name), active, act)
}

fn counts(rig: &Rig, token: &Token) -> bool {
    let found = rig.store.read(Scope::HOUSE, |tx| find_bearers(tx, &[token.hash()])).unwrap().remove(0);
    found.is_some_and(|bearer| bearer.expires_at > NOW)
}

fn refusal(outcome: Result<()>) -> Error {
    outcome.unwrap_err()
}

#[test]
fn a_token_counts_until_it_is_revoked() {
    let rig = rig();
    let (name, token) = issue(&rig, JANE);
    assert!(name.starts_with("ci-") && name.len() == "ci-".len() + 8, "{name}");
    assert!(counts(&rig, &token));
    change(&rig, &name, JANE, revoke).unwrap();
    assert!(!counts(&rig, &token));
    assert_eq!(refusal(change(&rig, &name, JANE, revoke)).kind, Kind::NotFound);
    assert_eq!((rig.records("credential.create"), rig.records("credential.revoke")), (1, 1));
}

#[test]
fn zero_days_end_a_token_and_a_renewal_revives_it() {
    let rig = rig();
    let (name, token) = issue(&rig, JANE);
    change(&rig, &name, JANE, |tx, name, act| renew(tx, name, Some(0), act)).unwrap();
    assert!(!counts(&rig, &token));
    change(&rig, &name, JANE, |tx, name, act| renew(tx, name, Some(7), act)).unwrap();
    assert!(counts(&rig, &token));
    assert_eq!(refusal(change(&rig, &name, JANE, |tx, name, act| renew(tx, name, Some(366), act))).kind, Kind::Invalid);
}

#[test]
fn activation_flips_unless_it_is_told() {
    let rig = rig();
    let (name, token) = issue(&rig, JANE);
    for (asked, expected) in
        [(None, false), (None, true), (Some(true), true), (Some(false), false), (Some(false), false)]
    {
        change(&rig, &name, JANE, move |tx, name, act| activate(tx, name, asked, act)).unwrap();
        assert_eq!(counts(&rig, &token), expected, "{asked:?}");
    }
}

#[test]
fn tokens_of_other_users_are_hidden_shown_or_changed_by_rank() {
    let rig = rig();
    let (owners, _) = issue(&rig, OWNER);
    let (janes, _) = issue(&rig, JANE);
    let absent = refusal(change(&rig, "ci-absentxx", JANE, revoke));
    let hidden = refusal(change(&rig, &owners, JANE, revoke));
    assert_eq!(hidden.message, absent.message.replace("ci-absentxx", &owners));
    assert_eq!(refusal(change(&rig, &janes, MONITOR, revoke)).kind, Kind::Forbidden);
    assert_eq!(refusal(change(&rig, &owners, HELPER, revoke)).kind, Kind::Forbidden);
    change(&rig, &janes, HELPER, revoke).unwrap();
}

#[test]
fn a_plain_user_lists_their_own() {
    let rig = rig();
    issue(&rig, OWNER);
    let (janes, _) = issue(&rig, JANE);
    let (tenant, jane) = (rig.tenant.id, rig.act_of(JANE).caller.user);
    let own: Vec<_> = rig.read(|tx| of_user(tx, tenant, jane)).into_iter().map(|found| found.name).collect();
    assert_eq!(own, [janes]);
    assert_eq!(rig.read(|tx| list(tx, tenant, CredentialKind::Token)).len(), 2);
}
