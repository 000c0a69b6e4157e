//! The console as a browser meets it: who is let in, what its forms do, and that it has no right of its own.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry::access::{ADMIN_ROLE, Grant};
use tenantry::params;

use crate::people::in_system;
use crate::phone::{cookie, form, page};
use crate::rig::{Answered, Rig};

const JANE: &str = "jane@example.com";
const TOKENS: &str = "/api/web/namespaces/system/api_credentials";

/// The owner's session.
pub fn owner(rig: &Rig) -> String {
    rig.session(rig.sample.admin_email, &rig.sample.admin_password)
}

fn uid(rig: &Rig, email: &str) -> String {
    rig.get(&format!("/api/tenantry/v1/users/{email}")).body["uid"].as_str().unwrap().to_owned()
}

/// Where an answer leads to.
pub fn place(answered: &Answered) -> &str {
    assert_eq!(answered.status, 303, "{}", answered.text);
    answered.header("location").unwrap()
}

/// The page, which is there.
pub fn shown(rig: &Rig, session: &str, path: &str) -> String {
    let answered = page(rig, session, path);
    assert_eq!(answered.status, 200, "{path}: {}", answered.text);
    answered.text
}

/// The records of an action.
pub fn records(rig: &Rig, action: &str) -> Vec<Value> {
    let found = rig.get(&format!("/api/tenantry/v1/audit?action={action}&limit=1000"));
    found.body["items"].as_array().unwrap().clone()
}

#[test]
fn a_browser_that_is_not_signed_in_is_led_to_the_sign_in_and_back() {
    let rig = Rig::start();
    let asked = page(&rig, "", "/console/users?q=jane");
    assert_eq!(place(&asked), "/signin?to=%2Fconsole%2Fusers%3Fq%3Djane");
    let sign_in = page(&rig, "", place(&asked));
    assert_eq!(sign_in.status, 200);
    let kept = cookie(&sign_in, "tenantry-to").unwrap();
    let fields = [("email", rig.sample.admin_email), ("password", &rig.sample.admin_password)];
    let signed_in = form(&rig, &kept, "/signin", &fields);
    assert_eq!(place(&signed_in), "/console/users?q=jane");
    let session = cookie(&signed_in, "tenantry").unwrap();
    assert!(signed_in.headers.iter().any(|(_, value)| value.starts_with("tenantry-to=;")), "what was kept ends");
    assert!(shown(&rig, &session, "/console/users?q=jane").contains(JANE));
    // One who is signed in is not asked again.
    assert_eq!(place(&page(&rig, &session, "/signin?to=%2Fconsole%2Faudit")), "/console/audit");
    // Nowhere else.
    for elsewhere in ["https://evil.example/", "//evil.example", "/consoles", "/account%2F..", "/console\\evil"] {
        let query: String = form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
        let sign_in = page(&rig, "", &format!("/signin?to={query}"));
        assert_eq!(cookie(&sign_in, "tenantry-to"), None, "{elsewhere}");
        assert_eq!(place(&page(&rig, &session, &format!("/signin?to={query}"))), "/account", "{elsewhere}");
        let forged =
            format!("tenantry-to={}", base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, elsewhere));
        assert_eq!(place(&form(&rig, &forged, "/signin", &fields)), "/account", "{elsewhere}");
    }
    // A program is told, and a form that came too late leads to its page again.
    assert_eq!(rig.send("GET", "/console/users", &[], None).status, 401);
    let late = form(&rig, "", &format!("/console/users/{}/reset", uid(&rig, JANE)), &[]);
    assert!(place(&late).ends_with("%2Freset"), "{}", place(&late));
}

/// Each row of the console, with a path for this user and this reset.
fn rows(user: &str, reset: &str) -> Vec<(&'static str, String)> {
    let of_user = |word: &str| format!("/console/users/{user}/{word}");
    let mut rows = vec![
        ("GET", "/console".to_owned()),
        ("GET", "/console/find?q=jane".to_owned()),
        ("GET", "/console/users".to_owned()),
        ("GET", format!("/console/users/{user}")),
        ("GET", "/console/resets".to_owned()),
        ("GET", format!("/console/resets/{reset}")),
        ("GET", "/console/audit".to_owned()),
        ("GET", "/console/credentials".to_owned()),
        ("GET", "/console/roles".to_owned()),
        ("GET", "/console/roles/rank".to_owned()),
        ("GET", "/console/roles/ves-io-monitor-role".to_owned()),
        ("POST", "/console/roles/ves-io-monitor-role".to_owned()),
        ("GET", "/console/namespaces".to_owned()),
        ("GET", "/console/namespaces/default".to_owned()),
        ("GET", "/console/webhooks".to_owned()),
        ("GET", format!("/console/webhooks/{reset}")),
        ("POST", format!("/console/webhooks/{reset}/test")),
        ("POST", format!("/console/webhooks/{reset}/deliveries/{reset}/resend")),
        ("POST", format!("/console/resets/{reset}/resend")),
        ("POST", format!("/console/resets/{reset}/cancel")),
    ];
    for word in ["new", "nothing/renew", "nothing/revoke"] {
        rows.extend(["GET", "POST"].map(|method| (method, format!("/console/credentials/{word}"))));
    }
    rows.extend(["GET", "POST"].map(|method| (method, "/console/users/new".into())));
    rows.extend(["GET", "POST"].map(|method| (method, of_user("roles"))));
    rows.extend(["GET", "POST"].map(|method| (method, of_user("roles/take"))));
    rows.push(("GET", "/console/groups".into()));
    rows.push(("GET", "/console/groups/none".into()));
    for word in ["join", "give"] {
        rows.push(("POST", format!("/console/groups/none/{word}")));
    }
    for word in ["leave", "take", "remove"] {
        rows.extend(["GET", "POST"].map(|method| (method, format!("/console/groups/none/{word}"))));
    }
    for path in ["new/group", "new/role", "new/namespace", "namespaces/none/remove", "roles/none/remove"] {
        rows.extend(["GET", "POST"].map(|method| (method, format!("/console/{path}"))));
    }
    rows.push(("GET", "/console/credentials/nothing".into()));
    rows.push(("POST", "/console/credentials/nothing/activate".into()));
    for word in ["reset", "disable", "enable", "remove"] {
        rows.extend(["GET", "POST"].map(|method| (method, of_user(word))));
    }
    rows
}

/// The call behind a row about roles and namespaces.
fn of_access(path: &str, method: &str) -> Option<(&'static str, &'static str)> {
    const ROLES: &str = "/api/web/custom/namespaces/system/roles";
    let call = match (method, path.strip_prefix("/console/")?) {
        (_, "roles") => ("GET", ROLES),
        (_, "roles/rank") => ("GET", "/api/tenantry/v1/can"),
        ("GET", "roles/ves-io-monitor-role") => ("GET", "/api/web/custom/namespaces/system/roles/ves-io-monitor-role"),
        (_, "roles/ves-io-monitor-role") => ("PUT", "/api/web/custom/namespaces/system/roles/none"),
        (_, "roles/none/remove") => ("DELETE", "/api/web/namespaces/system/roles/none"),
        (_, "new/role") => ("POST", ROLES),
        (_, "users/new") => ("POST", "/api/web/custom/namespaces/system/user_roles"),
        (_, path) if path.ends_with("/roles") => ("POST", "/api/web/custom/namespaces/system/role_users"),
        (_, path) if path.ends_with("/roles/take") => ("PUT", "/api/web/custom/namespaces/system/user_roles"),
        (_, "groups") => ("GET", "/api/web/namespaces/system/user_groups"),
        (_, "groups/none") => ("GET", "/api/web/custom/namespaces/system/user_groups/none"),
        (_, "new/group") => ("POST", "/api/web/custom/namespaces/system/user_groups"),
        (_, "groups/none/join") => ("PUT", "/api/web/custom/namespaces/system/users/group_add"),
        (_, "groups/none/leave") => ("PUT", "/api/web/custom/namespaces/system/users/group_remove"),
        (_, "groups/none/give") => ("PUT", "/api/web/custom/namespaces/system/user_groups/none/assign_namespace_roles"),
        (_, "groups/none/take") => ("PUT", "/api/web/custom/namespaces/system/user_groups/none/remove_namespace_roles"),
        (_, "groups/none/remove") => ("DELETE", "/api/web/custom/namespaces/system/user_groups/none"),
        (_, "new/namespace") => ("POST", "/api/web/namespaces"),
        (_, "namespaces") => ("GET", "/api/web/namespaces"),
        (_, "namespaces/default") => ("GET", "/api/web/namespaces/system"),
        (_, "namespaces/none/remove") => ("POST", "/api/web/namespaces/none/cascade_delete"),
        _ => return None,
    };
    Some(call)
}

/// Whether the API lets the holder of this session do what a row of the console does.
fn api_allows(rig: &Rig, session: &str, (method, path): (&str, &str), reset: &str) -> bool {
    if let Some(asked) = of_access(path, method) {
        let headers = [("Cookie", session), ("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")];
        let body = (asked.0 != "GET").then_some("{}");
        return rig.send(asked.0, asked.1, &headers, body).status != 403;
    }
    let (asked, body) = match (method, path.rsplit('/').next().unwrap()) {
        (_, "console" | "resets") => (("GET", "/api/tenantry/v1/resets".to_owned()), None),
        (_, "users" | "find?q=jane") => (("GET", "/api/tenantry/v1/users".to_owned()), None),
        (_, _) if path.starts_with("/console/webhooks") => {
            ((method, path.replace("/console", "/api/tenantry/v1")), (method == "POST").then(|| json!({})))
        }
        (_, "credentials") => (("GET", TOKENS.to_owned()), None),
        (_, "nothing") => (("GET", format!("{TOKENS}/nothing")), None),
        (_, "new") => (("POST", TOKENS.to_owned()), Some(json!({}))),
        (_, word @ ("renew" | "revoke" | "activate")) => {
            (("POST", format!("/api/web/namespaces/system/{word}/api_credentials")), Some(json!({ "name": "nothing" })))
        }
        (_, "audit") => (("GET", "/api/tenantry/v1/audit".to_owned()), None),
        (_, "reset") => (("POST", "/api/web/custom/password/admin_reset".to_owned()), Some(json!({}))),
        (_, "disable") => (("POST", "/api/tenantry/v1/users/disable".to_owned()), Some(json!({}))),
        (_, "enable") => (("POST", "/api/tenantry/v1/users/enable".to_owned()), Some(json!({}))),
        (_, "remove") => {
            (("POST", "/api/web/custom/namespaces/system/users/cascade_delete".to_owned()), Some(json!({})))
        }
        (_, word @ ("resend" | "cancel")) => {
            (("POST", format!("/api/tenantry/v1/resets/01a23001-687c-79f7-bb53-88b950ff2be5/{word}")), Some(json!({})))
        }
        (_, last) if last == reset => (("GET", format!("/api/tenantry/v1/resets/{reset}")), None),
        _ => (("GET", format!("/api/tenantry/v1/users/{JANE}")), None),
    };
    let body = body.map(|body: Value| body.to_string());
    let headers = [("Cookie", session), ("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")];
    rig.send(asked.0, &asked.1, &headers, body.as_deref()).status != 403
}

#[test]
fn every_row_lets_in_whom_its_operation_lets_in() {
    let rig = Rig::start();
    // A user who is not there: one who may act is told so, and nothing is done.
    let nobody = "01a23001-30a0-7352-b23c-d144b6b74f91";
    let roles = [
        ADMIN_ROLE,
        "ves-io-uam-admin-role",
        "ves-io-uam-role",
        "ves-io-monitor-role",
        "ves-io-power-developer-role",
        "ves-io-default-role",
    ];
    let mut seen = BTreeSet::new();
    for role in roles {
        let grants = if role == ADMIN_ROLE { vec![Grant::new("*", role)] } else { in_system(role) };
        rig.give(JANE, grants);
        let session = rig.session(JANE, &rig.sample.user_password);
        for (method, path) in rows(nobody, nobody) {
            let answered = if method == "GET" { page(&rig, &session, &path) } else { form(&rig, &session, &path, &[]) };
            let is_let_in = answered.status != 403;
            assert_eq!(is_let_in, api_allows(&rig, &session, (method, &path), nobody), "{role} {method} {path}");
            seen.insert((method, is_let_in));
        }
    }
    assert_eq!(seen.len(), 4, "some were let in and some were not, by each method: {seen:?}");
}

#[test]
fn a_form_that_does_not_say_where_it_comes_from_does_nothing() {
    let rig = Rig::start();
    let (session, path) = (owner(&rig), format!("/console/users/{}/reset", uid(&rig, JANE)));
    let form_type = ("Content-Type", "application/x-www-form-urlencoded");
    let send = |further: &[(&str, &str)]| {
        let headers = [&[("Cookie", session.as_str()), ("Accept", "text/html"), form_type], further].concat();
        rig.send("POST", &path, &headers, Some("")).status
    };
    assert_eq!(send(&[]), 403);
    assert_eq!(send(&[("Sec-Fetch-Site", "cross-site")]), 403);
    assert_eq!(send(&[("Sec-Fetch-Site", "same-site")]), 403);
    assert_eq!(send(&[("Origin", "https://evil.example")]), 403);
    assert_eq!(send(&[("Origin", "null")]), 403);
    assert!(records(&rig, "reset.request").is_empty());
    assert_eq!(send(&[("Origin", &format!("http://{}", rig.address))]), 303);
    assert_eq!(records(&rig, "reset.request").len(), 1);
}

#[test]
fn a_password_is_reset_from_the_page_of_its_user_as_by_the_call() {
    let rig = Rig::start();
    let session = owner(&rig);
    let found = page(&rig, &session, &format!("/console/find?q={JANE}"));
    let of_user = place(&found).to_owned();
    assert!(shown(&rig, &session, &of_user).contains(&format!("{of_user}/reset")));
    let asked = shown(&rig, &session, &format!("{of_user}/reset"));
    assert!(asked.contains("The old password stops working.") && asked.contains(JANE), "{asked}");
    assert!(records(&rig, "reset.request").is_empty(), "reading changes nothing");
    assert_eq!(place(&form(&rig, &session, &format!("{of_user}/reset"), &[])), of_user);
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 401, "the old password is dead");
    rig.wait_for_mails(JANE, 1);
    let user = shown(&rig, &session, &of_user);
    assert!(user.contains("Password dead") && user.contains("A link to choose a password is out."), "{user}");
    assert!(!user.contains(&rig.token(JANE, 1)), "nobody sees the link");
    // The record is that of the call, but for the credential.
    rig.reset("kenji@example.com");
    let records = records(&rig, "reset.request");
    let of = |email: &str| records.iter().find(|record| record["subject"] == email).unwrap();
    let (by_call, by_form) = (of("kenji@example.com"), of(JANE));
    assert_eq!(by_form["actor"], by_call["actor"]);
    let facts = |record: &Value| record["facts"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(facts(by_form), facts(by_call));
    assert_eq!(by_form["credential"], Value::Null);
}

#[test]
fn a_link_is_mailed_again_and_a_reset_is_cancelled_from_its_page() {
    let rig = Rig::start();
    let session = owner(&rig);
    rig.reset(JANE);
    rig.wait_for_mails(JANE, 1);
    let reset = rig.get("/api/tenantry/v1/resets").body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/console/resets/{reset}");
    rig.wait_until_none("SELECT COUNT(*) FROM resets WHERE tenant = $1 AND mailed_at IS NULL", &params![rig.tenant()]);
    rig.clock.advance_seconds(600);
    assert!(shown(&rig, &session, &path).contains("Mail the same link again"));
    assert_eq!(place(&form(&rig, &session, &format!("{path}/resend"), &[])), path);
    rig.wait_for_mails(JANE, 2);
    assert_eq!(rig.token(JANE, 1), rig.token(JANE, 2), "the same link");
    assert_eq!(place(&form(&rig, &session, &format!("{path}/cancel"), &[])), path);
    assert!(shown(&rig, &session, &path).contains("Cancelled"));
    let again = form(&rig, &session, &format!("{path}/cancel"), &[]);
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(again.text.contains("role=\"alert\"") && again.text.contains("<h1>Reset</h1>"), "{}", again.text);
    assert_eq!(records(&rig, "reset.cancel").len(), 1);
    assert_eq!(page(&rig, &session, "/console/resets/01a23001-687c-79f7-bb53-88b950ff2be5").status, 404);
}

#[test]
fn a_user_is_locked_out_let_in_again_and_removed() {
    let rig = Rig::start();
    let (session, id) = (owner(&rig), uid(&rig, JANE));
    let of_user = format!("/console/users/{id}");
    let does = |word: &str| place(&form(&rig, &session, &format!("{of_user}/{word}"), &[])).to_owned();
    assert!(shown(&rig, &session, &format!("{of_user}/disable")).contains("Disable user"));
    assert_eq!(does("disable"), of_user);
    let user = shown(&rig, &session, &of_user);
    assert!(user.contains("Cannot sign in: an administrator has locked this user out."), "{user}");
    assert!(!user.contains(&format!("{of_user}/reset")), "what cannot be done is not offered");
    assert_eq!(place(&page(&rig, &session, &format!("{of_user}/disable"))), of_user, "it was done meanwhile");
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 401);
    assert_eq!(does("enable"), of_user);
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 204);
    assert_eq!(does("remove"), "/console/users");
    assert_eq!(page(&rig, &session, &of_user).status, 404);
    assert_eq!(["user.disable", "user.enable", "user.remove"].map(|action| records(&rig, action).len()), [1, 1, 1]);
    // The owner is not offered what an owner cannot suffer.
    let own = format!("/console/users/{}", uid(&rig, rig.sample.admin_email));
    let page_of_owner = shown(&rig, &session, &own);
    assert!(!page_of_owner.contains("/disable") && !page_of_owner.contains("/remove"), "{page_of_owner}");
    assert_eq!(form(&rig, &session, &format!("{own}/disable"), &[]).status, 409, "oneself");
}

#[test]
fn nobody_acts_on_a_user_of_more_rights() {
    let rig = Rig::start();
    rig.give(JANE, in_system("ves-io-uam-admin-role"));
    let session = rig.session(JANE, &rig.sample.user_password);
    let of_owner = format!("/console/users/{}", uid(&rig, rig.sample.admin_email));
    let user = shown(&rig, &session, &of_owner);
    assert!(user.contains("You cannot act on this user."), "{user}");
    assert!(!user.contains(&format!("{of_owner}/reset")));
    assert_eq!(place(&page(&rig, &session, &format!("{of_owner}/reset"))), of_owner);
    assert_eq!(form(&rig, &session, &format!("{of_owner}/reset"), &[]).status, 403);
    assert!(records(&rig, "reset.request").iter().all(|record| record["outcome"] == "refused"));
}

#[test]
fn the_pages_of_a_list_name_each_user_once_and_keep_the_filter() {
    let rig = Rig::start();
    let (session, tenant) = (owner(&rig), rig.tenant());
    for nth in 0..120 {
        rig.add_user(tenant, &format!("listed{nth:03}@example.com"), |_| {});
    }
    let (mut path, mut seen, mut pages) = ("/console/users?q=listed".to_owned(), Vec::new(), 0);
    loop {
        let text = shown(&rig, &session, &path);
        assert!(text.contains("value=\"listed\""), "the filter stands in the field");
        assert_eq!(text.contains("rel=\"first\""), pages > 0);
        let rows = text.split("<th role=\"rowheader\"").skip(1);
        seen.extend(rows.map(|row| row.split("<bdi>").nth(1).unwrap().split('<').next().unwrap().to_owned()));
        pages += 1;
        let Some((before, _)) = text.split_once("\" rel=\"next\"") else { break };
        let href = before.rsplit("href=\"").next().unwrap();
        path = href.replace("&amp;", "&");
        assert!(path.starts_with("/console/users?q=listed&cursor="), "{path}");
    }
    assert_eq!((pages, seen.len()), (3, 120));
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 120);
    let forged = page(&rig, &session, &path.replace("listed", "other"));
    assert_eq!(forged.status, 400, "a cursor counts with its question alone");
    assert!(shown(&rig, &session, "/console/users?q=zzz").contains("Nobody is found"));
    assert!(shown(&rig, &session, "/console/users?state=disabled").contains("No user of this tenant stands so."));
}

#[test]
fn anything_is_found_by_one_field() {
    let rig = Rig::start();
    let (session, id) = (owner(&rig), uid(&rig, JANE));
    rig.reset(JANE);
    let reset = rig.get("/api/tenantry/v1/resets").body["items"][0]["id"].as_str().unwrap().to_owned();
    let leads = |typed: &str| {
        let query: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        place(&page(&rig, &session, &format!("/console/find?q={query}"))).to_owned()
    };
    assert_eq!(leads(&format!("  {}  ", JANE.to_uppercase())), format!("/console/users/{id}"));
    assert_eq!(leads(&id), format!("/console/users/{id}"));
    assert_eq!(leads(&reset), format!("/console/resets/{reset}"));
    assert_eq!(leads("Jane R"), "/console/users?q=Jane+R");
    assert_eq!(leads("nobody@example.com"), "/console/users?q=nobody%40example.com");
    assert_eq!(leads(""), "/console/users?q=");
}

#[test]
fn of_another_tenant_there_is_nothing() {
    let rig = Rig::start();
    let session = owner(&rig);
    let other = rig.add_tenant("elsewhere");
    let theirs = rig.add_user(other, "theirs@example.com", |_| {});
    for word in ["", "/reset", "/disable"] {
        assert_eq!(page(&rig, &session, &format!("/console/users/{}{word}", theirs.uid)).status, 404, "{word}");
    }
    assert_eq!(form(&rig, &session, &format!("/console/users/{}/reset", theirs.uid), &[]).status, 404);
    assert!(!shown(&rig, &session, "/console/users").contains("theirs@example.com"));
    assert_eq!(
        place(&page(&rig, &session, &format!("/console/find?q={}", theirs.uid))).find("/console/users?q="),
        Some(0)
    );
}

#[test]
fn the_records_are_shown_as_they_are_filtered() {
    let rig = Rig::start();
    let session = owner(&rig);
    rig.reset(JANE);
    let text = shown(&rig, &session, "/console/audit?action=reset.request");
    assert!(text.contains(JANE) && text.matches("class=\"inside\"").count() == 1, "{text}");
    assert!(
        shown(&rig, &session, "/console/audit?subject=nobody%40example.com").contains("No record passes this filter.")
    );
    assert!(shown(&rig, &session, "/console/audit?outcome=refused").contains("No record passes this filter."));
    assert_eq!(page(&rig, &session, "/console/audit?outcome=perhaps").status, 400);
}

#[test]
fn the_overview_says_first_what_needs_someone() {
    let rig = Rig::start();
    let session = owner(&rig);
    assert!(shown(&rig, &session, "/console").contains("Nothing. No incident is under way"));
    let terms = json!({ "name": "Stolen laptop", "emails": [JANE], "hold": true });
    let id = crate::incidents::planned(&rig, &rig.sample.api_token, &terms);
    crate::access::ok(&crate::incidents::start(&rig, &rig.sample.api_token, &id));
    crate::incidents::wait_while(&rig, &id, &["ending"]);
    let text = shown(&rig, &session, "/console");
    assert!(
        text.contains("Stolen laptop") && text.contains("Holds mails") && text.contains("1 password has ended."),
        "{text}"
    );
    assert!(!text.contains("Nothing. No incident"));
    let of_jane = shown(&rig, &session, &format!("/console/users/{}", uid(&rig, JANE)));
    assert!(of_jane.contains("an incident holds the link back"), "{of_jane}");
}

#[test]
fn a_reader_chooses_light_or_dark_and_comes_back() {
    let rig = Rig::start();
    let session = owner(&rig);
    let chosen = form(&rig, &session, "/console/theme", &[("theme", "dark"), ("back", "/console/users?q=jane")]);
    assert_eq!(place(&chosen), "/console/users?q=jane");
    let both = format!("{session}; {}", cookie(&chosen, "tenantry-theme").unwrap());
    assert!(shown(&rig, &both, "/console").contains("data-theme=\"dark\""));
    assert!(!shown(&rig, &session, "/console").contains("data-theme"));
    let elsewhere = form(&rig, &session, "/console/theme", &[("theme", "light"), ("back", "https://evil.example/")]);
    assert_eq!(place(&elsewhere), "/console");
    assert_eq!(form(&rig, &session, "/console/theme", &[("theme", "<script>")]).status, 400);
}
