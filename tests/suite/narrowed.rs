//! Tokens that may do less than their user: in which calls, namespaces and networks they count, and that no wider token comes
//! of them.

use serde_json::{Value, json};
use tenantry::access::ApiGroup;

use crate::access::{JANE, USERS, WHOAMI, ok, refused};
use crate::people::in_system;
use crate::rig::{Answered, Rig};
use crate::sweeps::{Named, table};

const TOKENS: &str = "/api/web/namespaces/system/api_credentials";
const SERVICES: &str = "/api/web/namespaces/system/service_credentials";
const EVALUATE: &str = "/api/web/namespaces/system/evaluate-api-access";
const RESET: &str = "/api/web/custom/password/admin_reset";
const OWNER: &str = "admin@example.com";

/// Asks by a token for another one of its user.
fn ask(rig: &Rig, by: &str, narrowed_to: &Value) -> Answered {
    let asked = json!({ "name": "ci", "spec": { "type": "API_TOKEN" }, "narrowed_to": narrowed_to });
    rig.as_token(by, "POST", TOKENS, Some(&asked))
}

/// A token of the owner that is narrowed so, and its name.
fn make(rig: &Rig, narrowed_to: &Value) -> (String, String) {
    let made = ask(rig, &rig.sample.api_token, narrowed_to);
    let text = |name: &str| ok(&made)[name].as_str().unwrap().to_string();
    (text("data"), text("name"))
}

fn reset(rig: &Rig, token: &str, email: &str) -> Answered {
    rig.as_token(token, "POST", RESET, Some(&json!({ "email": email })))
}

/// A call whose client's address a proxy tells.
fn from(rig: &Rig, token: &str, address: &str, method: &str, path: &str, body: Option<&Value>) -> Answered {
    let authorization = format!("APIToken {token}");
    let headers =
        [("Authorization", authorization.as_str()), ("Content-Type", "application/json"), ("X-Forwarded-For", address)];
    rig.send(method, path, &headers, body.map(Value::to_string).as_deref())
}

#[test]
fn a_token_of_some_api_groups_makes_their_calls_and_no_others() {
    let rig = Rig::start();
    let narrowed_to = json!({ "api_groups": ["ves-io-uam-read"] });
    let (token, name) = make(&rig, &narrowed_to);
    assert!(token.starts_with("tnn_"), "an older release takes none that begins so");
    ok(&rig.as_token(&token, "GET", USERS, None));
    let before = rig.audit().len();
    let said = reset(&rig, &token, "hello@example.com");
    refused(&said, 403, "by this token: it is narrowed to the API groups ves-io-uam-read");
    assert!(said.message().contains("needs ves-io-uam-admin-write in namespace system"), "{}", said.message());
    let refusals = rig.audit().into_iter().filter(|(_, outcome, _)| outcome == "refused").count();
    assert_eq!((rig.audit().len(), refusals), (before + 1, 1));

    let me = rig.as_token(&token, "GET", WHOAMI, None);
    assert_eq!(ok(&me)["narrowed_to"], narrowed_to);
    assert_eq!(me.body["email"], OWNER);
    assert_eq!(rig.get(WHOAMI).body.get("narrowed_to"), None);
    let listed = rig.get(TOKENS).body;
    let item = listed["items"].as_array().unwrap().iter().find(|item| item["name"] == name).unwrap();
    assert_eq!(item["narrowed_to"], narrowed_to);
    assert_eq!(rig.get(&format!("{TOKENS}/{name}")).body["object"]["spec"]["gc_spec"]["narrowed_to"], narrowed_to);

    let items = json!([{ "method": "GET", "path": USERS }, { "method": "POST", "path": RESET }]);
    let asked = json!({ "namespace": "system", "item_lists": [{ "list_id": "menu", "items": items }] });
    let judged = rig.as_token(&token, "POST", EVALUATE, Some(&asked));
    let results = |item: usize| ok(&judged)["item_lists"][0]["items"][item]["result"].clone();
    assert_eq!((results(0), results(1)), (json!(true), json!(false)));
}

#[test]
fn what_both_the_token_and_the_roles_allow_counts_at_each_moment() {
    let rig = Rig::start();
    let jane = rig.add_member(rig.tenant(), JANE, in_system("ves-io-default-role"));
    let narrowed_to = json!({ "api_groups": ["ves-io-general-read", "ves-io-uam-read"] });
    let token = ok(&ask(&rig, &jane, &narrowed_to))["data"].as_str().unwrap().to_string();
    let said = rig.as_token(&token, "GET", USERS, None);
    refused(&said, 403, "it needs a role with ves-io-uam-read");
    rig.give(JANE, in_system("ves-io-admin-role"));
    ok(&rig.as_token(&token, "GET", USERS, None));
    refused(&reset(&rig, &token, "hello@example.com"), 403, "by this token: it is narrowed");
    rig.give(JANE, in_system("ves-io-default-role"));
    assert_eq!(rig.as_token(&token, "GET", USERS, None).status, 403);
}

#[test]
fn a_token_of_some_namespaces_acts_in_them_and_knows_no_others() {
    let rig = Rig::start();
    for name in ["team-a", "team-b"] {
        ok(&rig.post("/api/web/namespaces", &json!({ "metadata": { "name": name } })));
    }
    let (token, _) = make(&rig, &json!({ "namespaces": ["team-a"] }));
    let contacts = |namespace: &str| {
        let path = format!("/api/web/namespaces/{namespace}/contacts");
        rig.as_token(&token, "GET", &path, None)
    };
    ok(&contacts("team-a"));
    refused(&contacts("team-b"), 403, "narrowed to the namespaces team-a");
    refused(&rig.as_token(&token, "GET", USERS, None), 403, "narrowed to the namespaces team-a");
    let listed = rig.as_token(&token, "GET", "/api/web/namespaces", None).body.to_string();
    assert!(listed.contains("team-a") && !listed.contains("team-b"), "{listed}");

    let (token, _) = make(&rig, &json!({ "namespaces": ["*"] }));
    let applications = rig.as_token(&token, "GET", "/api/web/namespaces/team-b/contacts", None);
    ok(&applications);
    assert_eq!(rig.as_token(&token, "GET", USERS, None).status, 403, "neither system nor shared");
}

#[test]
fn a_token_of_some_networks_is_taken_from_there_alone() {
    let rig = Rig::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let (token, _) = make(&rig, &json!({ "networks": ["192.0.2.0/24", "2001:db8::/32"] }));
    for address in ["192.0.2.7", "2001:db8::7"] {
        ok(&from(&rig, &token, address, "GET", WHOAMI, None));
    }
    let before = rig.audit().len();
    for (address, path) in [("198.51.100.1", USERS), ("198.51.100.1", WHOAMI)] {
        let said = from(&rig, &token, address, "GET", path, None);
        refused(&said, 403, "This token is not taken from 198.51.100.1.");
        assert!(said.message().contains("the networks 192.0.2.0/24, 2001:db8::/32"), "{}", said.message());
    }
    refused(&rig.as_token(&token, "GET", WHOAMI, None), 403, "not taken from 127.0.0.1");
    assert_eq!(rig.audit().len(), before + 3, "a stolen token leaves its traces");

    // The gate presumes the caller of a reset, who was looked up a moment ago.
    let body = json!({ "email": "hello@example.com" });
    ok(&from(&rig, &token, "192.0.2.7", "POST", RESET, Some(&body)));
    let other = json!({ "email": "jane@example.com" });
    refused(&from(&rig, &token, "198.51.100.1", "POST", RESET, Some(&other)), 403, "not taken from 198.51.100.1");
    assert_eq!(rig.mails("jane@example.com").len(), 0);
    ok(&from(&rig, &token, "192.0.2.7", "POST", RESET, Some(&other)));
}

#[test]
fn by_a_narrowed_token_nobody_of_more_rights_is_reset_not_even_its_own_user() {
    let rig = Rig::start();
    let (bare, _) = make(&rig, &json!({ "api_groups": ["ves-io-uam-admin-write"] }));
    let said = reset(&rig, &bare, "hello@example.com");
    refused(&said, 403, "hello@example.com has rights that you do not have");
    assert!(said.message().contains("The token of this call is narrowed to the API groups"), "{}", said.message());
    let helper = ["ves-io-general-read", "ves-io-general-write", "ves-io-uam-admin-write"];
    let (token, _) = make(&rig, &json!({ "api_groups": helper }));
    ok(&reset(&rig, &token, "hello@example.com"));
    refused(&reset(&rig, &token, OWNER), 403, "has rights that you do not have");
    ok(&reset(&rig, &rig.sample.api_token, OWNER));
}

#[test]
fn by_a_narrowed_token_no_wider_one_is_made_renewed_activated_or_ended() {
    let rig = Rig::start();
    let (_, wide) = make(&rig, &Value::Null);
    let networks = json!(["127.0.0.0/8"]);
    let groups = json!(["ves-io-general-write", "ves-io-uam-admin-write"]);
    let (token, name) = make(&rig, &json!({ "api_groups": groups, "networks": networks }));
    for wider in [
        Value::Null,
        json!({ "api_groups": groups }),
        json!({ "networks": networks }),
        json!({ "api_groups": ["ves-io-uam-read"], "networks": networks }),
        json!({ "api_groups": groups, "networks": ["0.0.0.0/0"] }),
    ] {
        refused(&ask(&rig, &token, &wider), 403, "the credential would be or is wider");
    }
    for narrow in [
        json!({ "api_groups": groups, "networks": networks }),
        json!({ "api_groups": ["ves-io-general-write"], "networks": ["127.0.0.1"], "namespaces": ["system"] }),
    ] {
        ok(&ask(&rig, &token, &narrow));
    }
    for verb in ["renew", "activate", "revoke"] {
        let path = format!("/api/web/namespaces/system/{verb}/api_credentials");
        refused(&rig.as_token(&token, "POST", &path, Some(&json!({ "name": wide }))), 403, "is wider");
    }
    let service = |narrowed_to: Value, roles: Value| {
        let asked = json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "namespace_roles": roles,
                            "narrowed_to": narrowed_to });
        rig.as_token(&token, "POST", SERVICES, Some(&asked))
    };
    let mine = json!({ "api_groups": groups, "networks": networks });
    let reader = json!([{ "namespace": "system", "role": "ves-io-monitor-role" }]);
    refused(&service(Value::Null, json!([])), 403, "wider");
    refused(&service(mine.clone(), reader), 403, "You cannot give what you do not have");
    ok(&service(mine, json!([])));
    for verb in ["renew", "activate", "revoke"] {
        let path = format!("/api/web/namespaces/system/{verb}/api_credentials");
        let body = json!({ "name": name, "active": true, "expiration_days": 10 });
        ok(&rig.as_token(&token, "POST", &path, Some(&body)));
    }
    assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 401, "it has ended itself");
}

#[test]
fn a_service_credential_is_narrowed_alike() {
    let rig = Rig::start();
    let narrowed_to = json!({ "networks": ["192.0.2.1/32"] });
    let roles = json!([{ "namespace": "system", "role": "ves-io-monitor-role" }]);
    let asked =
        json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "namespace_roles": roles, "narrowed_to": narrowed_to });
    let made = rig.post(SERVICES, &asked);
    let (name, token) = (ok(&made)["name"].as_str().unwrap(), made.body["data"].as_str().unwrap());
    assert_eq!(ok(&rig.get(&format!("{SERVICES}/{name}")))["narrowed_to"], narrowed_to);
    refused(&rig.as_token(token, "GET", WHOAMI, None), 403, "not taken from 127.0.0.1");
}

#[test]
fn it_is_told_what_a_user_may_do_by_a_narrowed_token() {
    let rig = Rig::start();
    let (_, name) = make(&rig, &json!({ "api_groups": ["ves-io-uam-read"], "namespaces": ["system"] }));
    let can = |operation: &str| {
        rig.get(&format!("/api/tenantry/v1/can?user={OWNER}&operation={operation}&credential={name}"))
    };
    let may = can("tenantry.users.show");
    assert_eq!(ok(&may)["allowed"], true);
    let told = may.body["because"].to_string();
    assert!(
        told.contains("narrowed to the API groups ves-io-uam-read; the namespaces system, which leaves this."),
        "{told}"
    );
    let may_not = can("ves.io.schema.user.CustomAPI.ResetPasswordByAdmin");
    assert_eq!(ok(&may_not)["allowed"], false);
    assert!(may_not.body["because"].to_string().contains("by this token: it is narrowed"), "{}", may_not.text);
    let reader = rig.add_member(rig.tenant(), JANE, in_system("ves-io-uam-admin-role"));
    let of_other = format!("/api/tenantry/v1/can?user={JANE}&operation=tenantry.users.show&credential={name}");
    refused(&rig.as_token(&reader, "GET", &of_other, None), 404, "was not found");
}

#[test]
fn what_narrows_to_nothing_or_to_what_is_none_is_refused() {
    let rig = Rig::start();
    for (narrowed_to, sentence) in [
        (json!({}), "Field narrowed_to must name api_groups, namespaces or networks."),
        (json!({ "api_groups": [] }), "Field narrowed_to.api_groups must have 1 to 64 entries."),
        (json!({ "api_groups": ["uam"] }), "names API groups that do not exist: uam."),
        (json!({ "namespaces": ["system", "no-such-team"] }), "names namespaces that do not exist: no-such-team."),
        (json!({ "networks": ["10.0.0.0/33"] }), "names what is neither an address nor a range"),
        (json!({ "networks": "10.0.0.0/8" }), "narrowed_to.networks"),
    ] {
        refused(&ask(&rig, &rig.sample.api_token, &narrowed_to), 400, sentence);
    }
}

/// Each call of the table by tokens of one API group each: the gate and the evaluation let the same pass.
#[test]
fn a_token_of_one_api_group_makes_the_calls_of_that_group_in_the_whole_table() {
    let rig = Rig::start();
    let rows = table(&rig);
    let (nothing, empty) = (Named::nothing(), json!({}));
    for (nth, group) in ApiGroup::ALL.into_iter().enumerate() {
        let (token, _) = make(&rig, &json!({ "api_groups": [group.name()] }));
        let judged: Vec<_> = rows.iter().filter(|row| row.group.is_some()).collect();
        let items: Vec<_> =
            judged.iter().map(|row| json!({ "method": row.method, "path": nothing.fill(row) })).collect();
        for (rows, items) in judged.chunks(100).zip(items.chunks(100)) {
            let asked = json!({ "namespace": "system", "item_lists": [{ "list_id": "all", "items": items }] });
            let answered = rig.as_token(&token, "POST", EVALUATE, Some(&asked));
            for (row, item) in rows.iter().zip(ok(&answered)["item_lists"][0]["items"].as_array().unwrap()) {
                let is_of_group = row.group.as_deref() == Some(group.name());
                assert_eq!(item["result"], is_of_group, "{} {} by {}", row.method, row.path, group.name());
            }
        }
        // The gate asks the same decision: each call is made by one of the tokens.
        let made = judged.iter().skip(nth).step_by(ApiGroup::ALL.len());
        for row in made.filter(|row| row.group.as_deref() != Some(group.name())) {
            let said = rig.as_token(&token, &row.method, &nothing.fill(row), row.body.as_ref().map(|_| &empty));
            refused(&said, 403, "by this token: it is narrowed");
        }
    }
}
