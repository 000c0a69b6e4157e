//! The list of resets: what its filters leave, in what order, page after page.

use serde_json::{Value, json};

use crate::rig::{GOOD_PASSWORD, Rig};

const LIST: &str = "/api/tenantry/v1/resets";
const STATES: [&str; 8] =
    ["requested", "mailed", "opened", "redeemed", "superseded", "expired", "undeliverable", "cancelled"];

fn listed(rig: &Rig, query: &str) -> Vec<Value> {
    let answered = rig.get(&format!("{LIST}?{query}"));
    assert_eq!(answered.status, 200, "{query}: {}", answered.text);
    answered.body["items"].as_array().unwrap().clone()
}

/// All that a query lists, a few at a time.
fn paged(rig: &Rig, query: &str, limit: usize) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = rig.get(&format!("{LIST}?{query}&limit={limit}&cursor={cursor}")).body;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{page}");
        found.extend_from_slice(items);
        match page["next"].as_str() {
            Some(next) => cursor = next.into(),
            None => return found,
        }
    }
}

fn of(all: &[Value], member: &str, value: &str) -> Vec<Value> {
    all.iter().filter(|reset| reset[member] == value).cloned().collect()
}

/// A reset of this user, whose mail has gone out; returns its id.
fn mailed(rig: &Rig, email: &str) -> String {
    let before = rig.mails(email).len();
    let answered = rig.reset(email);
    assert_eq!(answered.status, 200, "{}", answered.text);
    let id = answered.header("tenantry-reset-id").unwrap().to_owned();
    rig.wait_for_mails(email, before + 1);
    while rig.get(&format!("{LIST}/{id}")).body["state"] == "requested" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    rig.clock.advance_seconds(60);
    id
}

/// Resets of three users in as many states as they can get into here, and a user who is removed.
fn lived_in() -> Rig {
    let rig = Rig::start();
    mailed(&rig, "jane@example.com");
    rig.clock.advance_seconds(100_000);
    mailed(&rig, "hello@example.com");
    mailed(&rig, "hello@example.com");
    assert_eq!(rig.redeem(&rig.token("hello@example.com", 2), GOOD_PASSWORD), 204);
    let cancelled = mailed(&rig, "hello@example.com");
    assert_eq!(rig.post(&format!("{LIST}/{cancelled}/cancel"), &json!({})).status, 200);
    mailed(&rig, "kenji@example.com");
    let opened = json!({ "token": rig.token("kenji@example.com", 1) });
    assert_eq!(rig.post_open("/reset/open", &opened).status, 200);
    mailed(&rig, "hello@example.com");
    rig.add_user(rig.tenant(), "gone@example.com", |_| {});
    mailed(&rig, "gone@example.com");
    let removed =
        rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": "gone@example.com" }));
    assert_eq!(removed.status, 200, "{}", removed.text);
    rig
}

#[test]
fn a_list_of_resets_holds_what_its_filters_leave_and_nothing_else() {
    let rig = lived_in();
    let all = listed(&rig, "limit=1000");
    let ids: Vec<_> = all.iter().map(|reset| reset["id"].as_str().unwrap()).collect();
    assert!(ids.len() == 7 && ids.is_sorted_by(|newer, older| newer > older), "{ids:?}");
    let mut filled = Vec::new();
    for state in STATES {
        let found = listed(&rig, &format!("state={state}"));
        assert_eq!(found, of(&all, "state", state), "{state}");
        filled.extend((!found.is_empty()).then_some(state));
    }
    assert_eq!(filled, ["mailed", "opened", "redeemed", "superseded", "expired", "cancelled"]);
    for email in ["hello@example.com", "jane@example.com", "gone@example.com", "admin@example.com"] {
        let theirs = of(&all, "email", email);
        assert_eq!(listed(&rig, &format!("email={email}")), theirs, "{email}");
        for state in STATES {
            assert_eq!(listed(&rig, &format!("email={email}&state={state}")), of(&theirs, "state", state), "{email}");
        }
    }
    let at = |reset: &Value| reset["requested_at"].as_str().unwrap().to_owned();
    assert_eq!(listed(&rig, &format!("since={}&until={}", at(&all[4]), at(&all[1]))), all[2..5]);
    let query = format!("email=hello@example.com&until={}", at(&all[1]));
    assert_eq!(listed(&rig, &query), of(&all[2..], "email", "hello@example.com"));
}

#[test]
fn the_pages_of_a_list_of_resets_are_the_list() {
    let rig = lived_in();
    for query in ["", "state=cancelled", "email=hello@example.com", "email=hello@example.com&state=superseded"] {
        let all = listed(&rig, query);
        for limit in [1, 2, 3] {
            assert_eq!(paged(&rig, query, limit), all, "{query}, {limit} at a time");
        }
    }
}
