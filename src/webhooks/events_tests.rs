use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// Texts that look like actions and are none: names of files, of settings, of members of foreign files, of mails.
fn is_something_else(text: &str) -> bool {
    let heads = [
        "addresses.",
        "attributes.",
        "authority.",
        "credentials.",
        "factors.",
        "heads.",
        "inactive_users.",
        "mail_texts.",
    ]
    .into_iter()
    .chain(["metadata.", "namespaces_role.", "notices.", "password_policy.", "profile.", "roles.", "spec.", "sso."])
    .chain(["tenantry.", "told.", "traits.", "user_settings.", "users.", "webhooks.", "given.", "service.invalid"]);
    let tails = [".rs", ".bin", ".db", ".json", ".jsonl", ".keys", ".key", ".lock", ".pem", ".sock", ".toml"];
    // The kinds of the mails of resets and incidents, and what other products call things.
    let others = ["password.hash", "user.password", "import.hashes_until", PING].into_iter().chain([
        "reset.administrator",
        "reset.budget",
        "reset.forgotten",
        "reset.incident",
        "reset.invitation",
        "reset.own",
        "reset.remail",
        "incidents.asked",
        "incidents.started",
    ]);
    heads.into_iter().any(|head| text.starts_with(head))
        || tails.iter().any(|tail| text.ends_with(tail))
        || others.into_iter().any(|other| text == other)
        || (all().any(|name| name == text) && DONE.iter().all(|event| !event.actions.contains(&text)))
        || crate::config::SETTINGS.iter().any(|setting| setting.name == text)
}

/// Every text of the product that looks like an action, but for those of this list.
fn actions() -> BTreeSet<String> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if is_of_the_product(&path) {
                found.extend(texts(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.retain(|text| is_action(text) && !is_something_else(text));
    // Objects that are only kept name their kind.
    found.extend(["create", "replace", "remove"].map(|verb| format!("contact.{verb}")));
    found
}

fn is_of_the_product(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "rig.rs" && !path.ends_with("webhooks/events.rs")
}

fn texts(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    code.split('"').skip(1).step_by(2).map(String::from).collect()
}

fn is_action(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    match text.split_once('.') {
        Some((noun, verb)) => is_word(noun) && is_word(verb),
        None => ["sign_in", "sign_out"].contains(&text),
    }
}

#[test]
fn every_action_that_is_recorded_is_told_or_has_its_reason() {
    let told = DONE.iter().flat_map(|event| event.actions.iter().copied());
    let known: BTreeSet<String> = told
        .chain(UNTOLD.iter().map(|(action, _)| *action))
        .chain(REFUSED.actions.iter().copied())
        .map(String::from)
        .collect();
    assert_eq!(known, actions(), "give each action its line in DONE, or in UNTOLD with the reason");
    for (action, reason) in UNTOLD {
        assert!(of_record(action, "accepted").is_none() && reason.len() > 20, "{action}");
    }
}

#[test]
fn an_action_is_one_event_and_an_event_is_named_once() {
    let names: Vec<_> = all().collect();
    let actions: Vec<_> = DONE.iter().flat_map(|event| event.actions.iter()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert_eq!(actions.iter().collect::<BTreeSet<_>>().len(), actions.len());
    assert!(
        names.iter().all(|name| name.split_once('.').is_some_and(|(noun, past)| !noun.is_empty() && !past.is_empty()))
    );
}

#[test]
fn the_outcome_decides() {
    for (action, outcome, event) in [
        ("sign_in", "accepted", Some("sign_in.succeeded")),
        ("sign_in", "refused", Some("sign_in.refused")),
        ("sign_in.step", "accepted", None),
        ("sign_in.step", "refused", Some("sign_in.refused")),
        ("access.refuse", "refused", Some("access.refused")),
        ("password.change", "refused", Some("access.refused")),
        ("password.change", "accepted", Some("password.changed")),
        ("of.another_release", "accepted", None),
    ] {
        assert_eq!(of_record(action, outcome), event, "{action} {outcome}");
    }
}

#[test]
fn a_webhook_wants_names_nouns_or_all() {
    let wanted = |patterns: &[&str]| Wanted::parse(patterns.iter().map(|text| (*text).to_owned()).collect());
    let some = wanted(&["reset.*", "user.created", "reset.*"]).unwrap();
    assert_eq!(some.0, ["reset.*", "user.created"]);
    assert!(some.has("reset.redeemed") && some.has("user.created") && !some.has("user.changed"));
    assert!(wanted(&["*"]).unwrap().has("webhook.created"));
    for bad in [
        vec![],
        vec!["reset"],
        vec!["reset.**"],
        vec!["res*"],
        vec!["reset.gone"],
        vec!["none.*"],
        vec![""],
        vec![PING],
    ] {
        assert!(wanted(&bad).unwrap_err().message.starts_with("Field events"), "{bad:?}");
    }
    assert!(wanted(&vec!["*"; 101]).is_err());
}

#[test]
fn the_page_for_administrators_lists_every_event() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/admin/webhooks.md")).unwrap();
    for name in all().chain([PING]) {
        assert!(page.contains(&format!("`{name}`")), "docs/admin/webhooks.md does not name {name}");
    }
}
