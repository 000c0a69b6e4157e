//! Reads the sources as text and compares them with the model, so that neither changes without the other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::guard::Guard;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The product's sources without tests, each with its path from the root.
fn sources() -> Vec<(String, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && !name.ends_with("scene.rs") {
                let text = read(&name);
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                found.push((name, code.to_string()));
            }
        }
    }
    found
}

/// The names of an enum's variants.
fn variants(path: &str, head: &str) -> BTreeSet<String> {
    let text = read(path);
    let (_, rest) = text.split_once(head).unwrap_or_else(|| panic!("{path} has no {head}; bring the model up to it"));
    let body = rest.split("\n}").next().unwrap_or_default();
    let is_name = |c: char| c.is_alphanumeric();
    body.lines()
        .map(str::trim)
        .filter(|line| line.starts_with(|c: char| c.is_uppercase()))
        .map(|line| line.split(|c| !is_name(c)).next().unwrap_or_default().to_string())
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| name.to_string()).collect()
}

#[test]
fn the_states_of_a_reset_are_those_of_the_code() {
    let known = variants("model/src/state.rs", "pub enum Word {");
    let found = variants("src/reset/state.rs", "pub enum State {");
    assert_eq!(known, found, "give `Word` and `Store::word` in model/src/state.rs the states of src/reset/state.rs");
    let model = read("model/src/state.rs");
    let (word, state) = (model.split("pub fn word").nth(1).unwrap_or_default(), read("src/reset/state.rs"));
    let state = state.split("fn of(").nth(1).unwrap_or_default();
    let order = |text: &str, of: &str| -> Vec<String> {
        let names = text.split("\n    }\n").next().unwrap_or_default().split(of).skip(1);
        names.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect()).collect()
    };
    assert_eq!(order(word, "Word::"), order(state, "Self::"), "the order of the questions in `Store::word`");
}

#[test]
fn a_wish_is_of_a_kind_that_the_model_knows() {
    let known = variants("model/src/scene.rs", "pub enum Kind {");
    let found = variants("src/reset/rows.rs", "pub enum Kind {");
    assert_eq!(
        known, found,
        "give `Kind` in model/src/scene.rs the kinds of src/reset/rows.rs, and `is_repeat` what each repeats"
    );
}

#[test]
fn a_mail_has_the_fates_of_the_code() {
    let known = variants("model/src/state.rs", "pub enum Fate {");
    let found = variants("src/mails/settle.rs", "enum Fate {");
    assert_eq!(
        known, found,
        "give `Fate` in model/src/state.rs the fates of src/mails/settle.rs, and `settle` what they do"
    );
}

/// Actions that are recorded, with the step of the model that is that action; or why it has none.
const ACTIONS: &[(&str, &str)] = &[
    ("address.cancel", "outside: as address.request"),
    ("address.confirm", "outside: a name and where mail goes; its end of the open reset is Cancel"),
    (
        "address.request",
        "outside: a row of its own, which counts only in the epoch of sessions in which it was written",
    ),
    ("credential.activate", "outside: a credential stands for all, and only its end matters"),
    ("credential.create", "outside: as credential.activate"),
    ("credential.renew", "outside: as credential.activate"),
    ("credential.replace", "outside: roles and groups of a service user"),
    ("credential.revoke", "Revoke"),
    ("credential.revoke_in_bulk", "Revoke"),
    ("mail.allow_address", "outside: an address, and no row of a mail"),
    ("mail.drop", "Settle"),
    ("mail.give_up", "Settle"),
    ("mail.retry", "outside: as a mail that is queued; its link is as alive as its reset is"),
    ("password.change", "Change"),
    ("person.export", "outside: reads"),
    ("reset.cancel", "Cancel"),
    ("reset.end_password", "outside: password and sessions of a user who is disabled, without a reset"),
    ("reset.open", "Open"),
    ("reset.redeem", "Redeem"),
    ("reset.request", "Request"),
    ("reset.resend", "Resend"),
    (
        "second_factor.begin",
        "outside: a row of its own, which counts only in the epoch of sessions in which it was written",
    ),
    ("second_factor.link", "outside: as second_factor.recovery_codes, and a mail"),
    ("second_factor.recovery_codes", "outside: the user's own row of a second factor"),
    ("second_factor.set_up", "outside: as second_factor.recovery_codes"),
    ("second_factor.switch_off", "outside: as second_factor.recovery_codes"),
    ("session.end", "outside: takes one session's row away and nothing else"),
    ("session.prove", "outside: the time of a session's proof"),
    ("sign_in", "SignIn"),
    ("sign_in.step", "outside: as second_factor.begin; the session comes with SignIn"),
    ("sign_out", "outside: as session.end"),
    ("user.assign_owner", "Request"),
    ("user.create", "outside: a new user has a new id, and the first reset is a request like others"),
    ("user.disable", "Disable"),
    ("user.enable", "Enable"),
    ("user.fall_asleep", "Disable"),
    ("user.give_role", "outside: as user.replace"),
    ("user.group_add", "outside: as user.replace"),
    ("user.group_remove", "outside: as user.replace"),
    ("user.import", "outside: as user.create, without a reset"),
    ("user.import_update", "outside: as user.replace; Disable where it locks out"),
    ("user.invite", "outside: the first link of a user who was imported, as by user.create"),
    ("user.remove", "Delete"),
    ("user.replace", "outside: names, roles and address; none of the columns below"),
    ("user.reset_codes", "outside: the second factor goes, and the sessions as by Disable"),
    ("user.unassign_owner", "outside: as user.replace"),
    ("user.warn", "outside: a mail without a link, and a row of its own"),
];

#[test]
fn every_recorded_action_is_a_step_of_the_model() {
    let rooms = [
        "src/addresses/",
        "src/credentials/",
        "src/factors/",
        "src/mails/",
        "src/people/",
        "src/person/",
        "src/reset/",
        "src/sessions/",
        "src/sign_in/",
        "src/transfer/",
        "src/users/",
    ];
    let heads = [
        "address.",
        "credential.",
        "mail.",
        "password.",
        "person.",
        "reset.",
        "second_factor.",
        "session.",
        "sign_in",
        "sign_out",
        "user.",
    ];
    let is_action = |text: &&str| {
        heads.iter().any(|head| text.starts_with(head))
            && !text.ends_with('.')
            && text.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c))
    };
    let mut found = BTreeSet::new();
    for (path, code) in sources() {
        // The readers of files record nothing; some of their fields look like actions.
        let is_reader = path.starts_with("src/transfer/import/");
        if !is_reader && rooms.iter().any(|room| path.starts_with(room)) {
            found.extend(
                without_kinds_of_mails(&code).split('"').skip(1).step_by(2).filter(is_action).map(String::from),
            );
        }
    }
    let known: Vec<_> = ACTIONS.iter().map(|(action, _)| *action).collect();
    assert_eq!(set(&known), found, "add the action to model/src/act.rs and its line to ACTIONS here");
    let steps = variants("model/src/act.rs", "pub enum Act {");
    for (action, step) in ACTIONS {
        assert!(step.starts_with("outside: ") || steps.contains(*step), "{action} is said to be {step}");
    }
}

/// The code without the list of the mails that its room sends: their kinds look like actions.
fn without_kinds_of_mails(code: &str) -> String {
    let Some((before, rest)) = code.split_once("const KINDS: &[&str] =") else { return code.into() };
    before.to_owned() + rest.split_once(';').unwrap_or_default().1
}

/// How many statements of a file write a column that the protocol stands on, and the step of the model for them.
const WRITERS: &[(&str, usize, &str)] = &[
    ("src/mails/ahead.rs", 4, "Lease runs out: earlier, where nobody can hold it, or where the clock was set back"),
    ("src/mails/lease.rs", 1, "Lease"),
    (
        "src/mails/queue.rs",
        5,
        "Request and Resend queue, an incident's retry queues again; Restore drops; outside: the first owner's mail, and those whose fate is a month old",
    ),
    ("src/mails/settle.rs", 4, "Settle; one of them writes only that no try was made"),
    ("src/mails/unsent.rs", 2, "Settle, by the operator: a mail is given up; outside: one that waits is due now"),
    ("src/people/access.rs", 4, "Disable, Enable and Delete; outside: the end of sessions with a second factor"),
    ("src/people/end_access.rs", 2, "Restore: epochs and places; passwords, which the model lets stay"),
    ("src/people/new_user.rs", 1, "outside: a new user's row; an own row for each of the rest"),
    ("src/people/password.rs", 3, "SignIn and Change; outside: the same password at another cost"),
    ("src/reset/again.rs", 1, "Request, of anyone while an administrator's link lives"),
    ("src/reset/ahead.rs", 2, "outside: the end of a link's life, after the clock was set back"),
    (
        "src/reset/begin.rs",
        4,
        "Request: user, older reset, new reset with its mail; or, of an incident, one whose mail is held",
    ),
    ("src/reset/cancel.rs", 1, "Resend"),
    ("src/reset/end.rs", 2, "Cancel, and the end of the open reset by Change, Disable, Delete and Restore"),
    ("src/reset/end_each.rs", 1, "outside: password and sessions of a user who is disabled, without a reset"),
    ("src/reset/erased.rs", 1, "outside: the names in resets of a user who was removed"),
    ("src/reset/letters.rs", 3, "Settle; one of them writes only the relay's words"),
    ("src/reset/mail_each.rs", 2, "Release"),
    ("src/reset/open.rs", 1, "Open"),
    ("src/reset/redeem.rs", 2, "Redeem"),
    (
        "src/reset/remind_each.rs",
        1,
        "Resend, of many who have not chosen a password; in the place of a dead link Request",
    ),
    ("src/reset/rows.rs", 2, "outside: a later end of a link's life, before it is over"),
    ("src/reset/stuck.rs", 2, "Resend, of many whose mail was given up"),
];

#[test]
fn every_statement_on_the_protocols_rows_is_known() {
    let mut found = Vec::new();
    for (path, code) in sources() {
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        let count = writes(&code);
        if count > 0 {
            found.push((path, count));
        }
    }
    found.sort();
    let known: Vec<_> = WRITERS.iter().map(|(path, count, _)| (path.to_string(), *count)).collect();
    assert_eq!(
        known, found,
        "statements that write users' passwords, epochs and open resets, or resets or mails: give the model the step \
         (model/src/protocol), then WRITERS its line"
    );
}

/// Statements that write a column of `users` on which the protocol stands, or a row of `resets` or `mails`.
fn writes(code: &str) -> usize {
    const COLUMNS: [&str; 5] = ["open_reset", "session_epoch", "password_hash", "password_dead_at", "disabled_at"];
    let rows = [
        "UPDATE resets SET",
        "UPDATE mails SET",
        "INSERT INTO resets",
        "INSERT INTO mails",
        "DELETE FROM resets",
        "DELETE FROM mails",
        "DELETE FROM users",
        "INSERT INTO users",
    ];
    let of_rows: usize = rows.iter().map(|begin| code.matches(begin).count()).sum();
    let of_users = code.split("UPDATE users SET").skip(1).filter(|rest| {
        let assigned = rest.split("WHERE").next().unwrap_or_default();
        COLUMNS.iter().any(|column| assigned.contains(column))
    });
    of_rows + of_users.count()
}

#[test]
fn every_guard_stands_where_the_model_says() {
    for guard in Guard::ALL {
        let (path, words) = guard.place();
        let is_there = read(path).contains(words);
        assert!(is_there, "{path} has no {words:?} any more: where is it now that {}?", guard.what());
    }
}
