//! What an operator reaches, and what leads to an operator's call: every operation of the table is asked.

use serde_json::{Value, json};
use tenantry::identity::TenantId;

use crate::local::Local;
use crate::operator::{data, operator, post};
use crate::people::in_system;
use crate::rig::Rig;
use crate::sweeps::{Named, Row, asks, furnish, table_of};

#[test]
fn by_the_socket_come_the_operators_calls_and_nothing_else() {
    let rig = Rig::start();
    let (directory, ops) = (data(&rig), operator(&rig));
    let local = Local(&directory);
    let document = rig.get("/openapi.json").body;
    let (mut operators, mut others) = (0, 0);
    for row in table_of(&document) {
        let path = Named::nothing().fill(&row).replace("{tenant}", "example-corp").replace("{number}", "9");
        let body = row.body.as_ref().map(|_| json!({}));
        let call = (row.method.as_str(), path.as_str());
        if is_operators(&row) {
            operators += 1;
            let spelt = format!("Authorization: APIToken {ops}\r\n");
            assert_eq!(local.with("localhost", &spelt, call, body.as_ref()).0, 403, "{}: two callers", row.id);
            assert_eq!(
                local.with("example-corp.localhost", "", call, body.as_ref()).0,
                403,
                "{}: a tenant's host",
                row.id
            );
        } else if !is_public(&row) {
            others += 1;
            for host in ["localhost", "example-corp.localhost", "127.0.0.1"] {
                let (status, told) = local.with(host, "", call, body.as_ref());
                assert_eq!(status, 403, "{} at {host}: {told}", row.id);
            }
            // A caller who is known from a call before is presumed over the network, and not here.
            let spelt = format!("Authorization: {}\r\nX-Forwarded-For: 203.0.113.7\r\n", rig.authorization());
            assert_eq!(local.with("localhost", &spelt, call, body.as_ref()).0, 403, "{}", row.id);
        }
    }
    assert!(operators >= 10 && others > 100, "{operators} {others}");
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets", &[]), 0);
    assert_eq!(local.call("GET", "/livez", None).0, 200);
}

fn is_operators(row: &Row) -> bool {
    row.told["x-tenantry-operator"] == true
}

/// What says the same to anyone, whatever tenant there is.
fn is_public(row: &Row) -> bool {
    const SAME: [&str; 9] = [
        "tenantry.livez",
        "tenantry.readyz",
        "tenantry.metrics",
        "tenantry.openapi",
        "tenantry.keys",
        "tenantry.assets",
        "tenantry.accent",
        "tenantry.compatibility.list",
        "tenantry.account.to_the_change",
    ];
    SAME.contains(&row.id.as_str())
}

#[test]
fn an_operator_reaches_no_other_call_of_a_tenant_and_no_tenant_an_operators_call() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let (named, _) = furnish(&rig);
    let asks = asks(&named, &rig.sample.user_password);
    let document = rig.get("/openapi.json").body;
    let helper = rig.add_member(TenantId::SYSTEM, "helper@example.net", in_system("ves-io-uam-admin-role"));
    let own = rig.sample.api_token.clone();
    rig.add_tenant("other-corp");
    rig.add_tenant("asleep-corp");
    assert_eq!(post(&rig, &ops, "/asleep-corp/suspend", json!({})).status, 200);
    let done = "SELECT COUNT(*) FROM audit WHERE tenant <> 0 AND action <> 'access.refuse'";
    let before = rig.number(done, &[]);
    for row in table_of(&document) {
        let path = named.fill(&row).replace("{tenant}", "example-corp").replace("{number}", "9");
        let body = row.body.as_ref().map(|_| asks.get(row.id.as_str()).map_or(json!({}), |(_, body)| body.clone()));
        let ask = |host: &str, token: Option<&str>| {
            let authorization = token.map(|token| format!("APIToken {token}"));
            let mut headers =
                vec![("Host", host), ("Content-Type", "application/json"), ("Accept", "application/json")];
            headers.extend(authorization.as_deref().map(|value| ("Authorization", value)));
            rig.send(&row.method, &path, &headers, body.as_ref().map(Value::to_string).as_deref()).status
        };
        if is_operators(&row) {
            for (token, status) in [(None, 401), (Some(&*own), 403), (Some(&*helper), 403)] {
                assert_eq!(ask("localhost", token), status, "{} {token:?}", row.id);
            }
            assert_eq!(ask("example-corp.localhost", Some(&ops)), 401, "{}: not at a tenant's host", row.id);
        } else if !row.is_open {
            for host in ["example-corp.localhost", "other-corp.localhost", "asleep-corp.localhost"] {
                assert_eq!(ask(host, Some(&ops)), 401, "{} at {host}", row.id);
            }
        }
    }
    assert_eq!(rig.number(done, &[]), before, "nothing was done in any tenant");
}

#[test]
fn an_operator_is_told_no_secret_of_a_user() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let cookie = rig.session("kenji@example.com", &rig.sample.user_password);
    assert_eq!(rig.reset("jane@example.com").status, 200);
    let link = rig.token("jane@example.com", 1);
    assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": "refuse" })).status, 200);
    assert_eq!(rig.reset("kenji@example.com").status, 200);
    let made = post(&rig, &ops, "", json!({ "name": "acme", "owner": "ada@example.com" }));
    assert_eq!((made.status, &made.body["link"]), (200, &Value::Null), "{}", made.text);
    let secrets =
        [&*link, cookie.split_once('=').unwrap().1, &rig.sample.user_password, &rig.sample.api_token, "$argon2", "#"];
    let mut told = vec![made.text];
    for row in table_of(&rig.get("/openapi.json").body).iter().filter(|row| is_operators(row) && row.method == "GET") {
        let path = row.path.replace("{tenant}", "example-corp");
        let answered = rig.as_token(&ops, "GET", &path, None);
        assert_eq!(answered.status, 200, "{path}: {}", answered.text);
        told.push(answered.text);
    }
    assert!(told.len() > 5 && told.iter().any(|text| text.contains("kenji@example.com")), "{told:?}");
    for (text, secret) in told.iter().flat_map(|text| secrets.iter().map(move |secret| (text, secret))) {
        assert!(!text.contains(*secret), "{secret} in {text}");
    }
}
