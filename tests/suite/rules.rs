//! Twenty rules that real clients of the public API depend on, each asked of every served operation that it concerns.

use serde_json::{Value, json};

use crate::asked::{House, STRICT, USUAL, form, in_house};
use crate::contract_form::is_moment;
use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};
use crate::sweeps::{Named, Row, make_room};
use crate::wire::Wire;

/// The last word of an id.
fn verb(row: &Row) -> &str {
    row.id.rsplit('.').next().unwrap_or_default()
}

/// Every value of the members of this name, at any depth.
fn every<'v>(name: &str, value: &'v Value, found: &mut Vec<&'v Value>) {
    for (member, inner) in value.as_object().into_iter().flatten() {
        if member == name {
            found.push(inner);
        }
        every(name, inner, found);
    }
    value.as_array().into_iter().flatten().for_each(|inner| every(name, inner, found));
}

/// The members of this name in the usual answers.
fn answered(name: &str) -> impl Iterator<Item = (&'static Row, &'static Value)> {
    USUAL.iter().flat_map(move |asked| {
        let mut found = Vec::new();
        every(name, &asked.answered.body, &mut found);
        found.into_iter().map(|value| (&asked.row, value))
    })
}

fn assert_error(answered: &Answered, what: &str) {
    let code = match answered.status {
        400 | 413 | 422 => 3,
        401 => 16,
        403 => 7,
        404 => 5,
        409 if answered.message().contains("already exist") => 6,
        409 => 9,
        501 => 12,
        status => panic!("{what}: {status} {}", answered.text),
    };
    let error = &answered.body;
    assert_eq!(error["code"], json!(code), "{what}: {}", answered.text);
    assert!(error["details"].is_array() && !answered.message().is_empty(), "{what}: {}", answered.text);
}

#[test]
fn rule_01_every_success_is_200_with_a_json_object() {
    for asked in USUAL.iter().filter(|asked| !asked.is_file()) {
        let answered = &asked.answered;
        assert_eq!(answered.status, 200, "{} {}", asked.sent, answered.text);
        assert!(answered.body.is_object(), "{} {}", asked.sent, answered.text);
        assert_eq!(answered.header("content-type"), Some("application/json"), "{}", asked.sent);
    }
}

#[test]
fn rule_02_every_error_is_a_json_object_with_a_number_and_a_sentence() {
    let house = House::empty();
    let newcomer = house.rig.add_member(house.rig.tenant(), "newcomer@example.com", Vec::new());
    let newcomer = format!("APIToken {newcomer}");
    for row in house.rows.iter().filter(|row| !row.path.starts_with("/api/scim/")) {
        let body = row.body.as_ref().map(|_| "{}");
        let judge = |headers: &[(&str, &str)], body: Option<&str>, status: u16| {
            let answered = house.send(row, headers, body);
            assert_eq!(answered.status, status, "{} {}", row.id, answered.text);
            assert_error(&answered, &row.id);
        };
        if !row.is_open {
            judge(&[], body, 401);
        }
        if row.group.is_some() {
            judge(&[("Authorization", &newcomer)], body, 403);
        }
        if row.body.is_some() {
            judge(&[("Authorization", &house.rig.authorization())], Some("{"), 400);
            let absent = house.ask(row, &house.valid(row));
            assert!(absent.status == 200 || absent.body["code"].is_i64(), "{} {}", row.id, absent.text);
        }
    }
    for (path, status) in [("/api/web/nothing", 404), ("/api/config/namespaces/a/tokens_of_nobody", 404)] {
        let answered = house.rig.get(path);
        assert_eq!(answered.status, status);
        assert_error(&answered, path);
    }
}

/// What is created under a name of its own each time.
const SUFFIXED: [&str; 2] = [
    "ves.io.schema.api_credential.CustomAPI.Create",
    "ves.io.schema.api_credential.CustomAPI.CreateServiceCredentials",
];

#[test]
fn rule_03_a_duplicate_is_409_and_says_already_exist() {
    let house = House::furnished();
    let mut refused = 0;
    for row in house.rows.iter().filter(|row| verb(row).contains("Create") && !SUFFIXED.contains(&&*row.id)) {
        make_room(&house.rig, &row.id, &house.named);
        assert_eq!(house.ask(row, &house.valid(row)).status, 200, "{}", row.id);
        let again = house.ask(row, &house.valid(row));
        assert_eq!((again.status, &again.body["code"]), (409, &json!(6)), "{} {}", row.id, again.text);
        assert!(again.message().contains("already exist"), "{} {}", row.id, again.text);
        refused += 1;
    }
    assert!(refused >= 6, "only {refused}");
}

#[test]
fn rule_04_404_is_never_said_of_what_the_caller_may_list() {
    let house = House::furnished();
    let monitor = house.rig.add_member(house.rig.tenant(), "monitor@example.com", in_system("ves-io-monitor-role"));
    let monitor = format!("APIToken {monitor}");
    let mut forbidden = 0;
    for row in house.rows.iter().filter(|row| row.group.is_some()) {
        let body = row.body.as_ref().map(|_| house.valid(row).to_string());
        let answered = house.send(row, &[("Authorization", &monitor)], body.as_deref());
        assert!(matches!(answered.status, 200 | 403), "{} {}", row.id, answered.text);
        forbidden += usize::from(answered.status == 403);
    }
    assert!(forbidden > 30, "only {forbidden}");
    let built_in =
        |method: &str, path: &str| house.rig.as_token(&house.rig.sample.api_token, method, path, None).status;
    assert_eq!(built_in("DELETE", "/api/web/namespaces/system/roles/ves-io-admin-role"), 403);
    for name in ["system", "shared", "default"] {
        assert_eq!(built_in("POST", &format!("/api/web/namespaces/{name}/cascade_delete")), 403, "{name}");
    }
}

#[test]
fn rule_05_a_list_is_an_array_also_where_there_is_nothing() {
    let house = House::empty();
    let tenant = house.rig.add_tenant("other-corp");
    let token = house.rig.add_member(tenant, "boss@other.example", owner());
    let mut lists = 0;
    for row in house.reads().filter(|row| !row.path.contains("{name}") && !row.path.contains("{id}")) {
        for list in form(row).lists_of_answer() {
            let answered = house.send(row, &[("Authorization", &format!("APIToken {token}"))], None);
            // A file, of which there is none, is told in the public API as a body with lists.
            if answered.status == 404 && form(row).answers.as_deref() == Some("apiHttpBody") {
                continue;
            }
            assert!(answered.body[list].is_array(), "{} {list} {}", row.id, answered.text);
            lists += 1;
        }
    }
    assert!(lists > 15, "only {lists}");
}

#[test]
fn rule_06_all_members_are_there_in_every_item_of_a_list() {
    fn look(what: &str, value: &Value) {
        for item in value.as_array().into_iter().flatten() {
            let names = |item: &Value| item.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
            assert_eq!(names(item), names(&value[0]), "{what}");
        }
        value.as_array().into_iter().flatten().for_each(|inner| look(what, inner));
        value.as_object().into_iter().flatten().for_each(|(_, inner)| look(what, inner));
    }
    USUAL.iter().for_each(|asked| look(&asked.sent, &asked.answered.body));
    let last_logins: Vec<_> = answered("last_login_timestamp").collect();
    assert!(last_logins.iter().any(|(row, value)| row.id.ends_with("user.CustomAPI.List") && value.is_null()));
    assert!(last_logins.iter().all(|(_, value)| value.is_null() || value.as_str().is_some_and(is_moment)));
}

#[test]
fn rule_07_elements_of_namespace_roles_are_flat() {
    let mut elements = 0;
    for (row, roles) in answered("namespace_roles") {
        for element in roles.as_array().unwrap_or_else(|| panic!("{} {roles}", row.id)) {
            let [namespace, role] = [&element["namespace"], &element["role"]];
            assert!(namespace.is_string() && role.is_string(), "{} {element}", row.id);
            assert_eq!(element.as_object().map(serde_json::Map::len), Some(2), "{} {element}", row.id);
            elements += 1;
        }
    }
    assert!(elements > 5, "only {elements}");
}

#[test]
fn rule_08_unknown_members_are_ignored_but_in_the_password_calls() {
    let house = House::empty();
    for row in house.writes() {
        let mut body = house.valid(row);
        house.ask(row, &body);
        let known = house.ask(row, &body).status;
        body["no_such_member"] = json!({ "x": [1] });
        let answered = house.ask(row, &body);
        if STRICT.contains(&row.id.as_str()) {
            assert_eq!(answered.status, 400, "{} {}", row.id, answered.text);
            assert!(answered.message().contains("no_such_member"), "{} {}", row.id, answered.text);
        } else {
            assert_eq!(answered.status, known, "{} {}", row.id, answered.text);
        }
    }
}

#[test]
fn rule_09_null_equals_absent() {
    let house = House::empty();
    let mut members = 0;
    for row in house.writes() {
        let names = row.body.as_ref().and_then(|schema| schema["properties"].as_object()).into_iter().flatten();
        for (name, _) in names {
            let mut body = house.valid(row);
            body.as_object_mut().unwrap().remove(name);
            house.ask(row, &body);
            let absent = house.told(row, &body);
            body[name] = Value::Null;
            let null = house.told(row, &body);
            let is_suffixed = SUFFIXED.contains(&row.id.as_str());
            assert!(null == absent || (is_suffixed && null.0 == absent.0), "{} {name}: {null:?} {absent:?}", row.id);
            members += 1;
        }
    }
    assert!(members > 60, "only {members}");
}

#[test]
fn rule_10_any_content_type_is_read_as_json_and_json_is_answered() {
    let house = House::empty();
    let authorization = house.rig.authorization();
    for row in &house.rows {
        let body = row.body.as_ref().map(|_| house.valid(row).to_string());
        let send = |headers: &[(&str, &str)]| {
            let headers = [&[("Authorization", authorization.as_str())][..], headers].concat();
            let answered = house.send(row, &headers, body.as_deref());
            let kind = answered.header("content-type").unwrap_or_default();
            let is_free = row.path.starts_with("/api/scim/") || form(row).answers.as_deref() == Some("apiHttpBody");
            assert!(kind == "application/json" || is_free, "{} {kind}", row.id);
            answered.status
        };
        send(&[("Content-Type", "application/json")]);
        let usual = send(&[("Content-Type", "application/json")]);
        for kind in ["application/data", "application/x-www-form-urlencoded", "text/plain", "nonsense"] {
            assert_eq!(send(&[("Content-Type", kind), ("Accept", "application/data")]), usual, "{} {kind}", row.id);
        }
        assert_eq!(send(&[("Accept", "*/*")]), usual, "{} without a kind", row.id);
    }
}

#[test]
fn rule_11_a_body_of_get_is_ignored_and_a_missing_one_is_an_empty_object() {
    let house = House::furnished();
    let authorization = house.rig.authorization();
    for row in house.reads() {
        let query = if row.id.contains("LookupCname") { "?cname=some-corp" } else { "" };
        let path = house.named.fill(row) + query;
        let usual = house.rig.get(&path);
        let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n");
        for body in ["{\"name\":\"x\"}", "{", "null"] {
            let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
            let reply = Wire::to(house.rig.address).call(request).unwrap();
            assert_eq!((reply.status, &reply.body), (usual.status, &usual.text), "{} {body}", row.id);
        }
    }
    let house = House::empty();
    let authorization = house.rig.authorization();
    for row in house.writes() {
        house.ask(row, &json!({}));
        let empty = house.told(row, &json!({}));
        let missing = house.send(row, &[("Authorization", &authorization)], None);
        assert_eq!(house.named.masked(&missing), empty, "{}", row.id);
    }
}

#[test]
fn rule_12_numbers_may_come_as_text() {
    let house = House::empty();
    let mut numbers = 0;
    for row in house.writes() {
        for name in form(row).numbers_asked() {
            let mut body = house.valid(row);
            let mut told = |number: Value| {
                body[name] = number;
                house.ask(row, &body);
                house.ask(row, &body)
            };
            let (number, text) = (told(json!(7)), told(json!("7")));
            assert_eq!((number.status, number.message()), (text.status, text.message()), "{} {name}", row.id);
            numbers += 1;
        }
    }
    assert!(numbers > 3, "only {numbers}");
}

#[test]
fn rule_13_unknown_parameters_are_ignored_and_report_fields_counts_without_a_value() {
    let house = House::furnished();
    let mut lists = 0;
    for row in house.reads() {
        let query = if row.id.contains("LookupCname") { "?cname=some-corp" } else { "?" };
        let path = house.named.fill(row) + query;
        let (usual, more) =
            (house.rig.get(&path), house.rig.get(&format!("{path}&csrf=x&page_start=1&page_limit=&ns=a")));
        assert_eq!((usual.status, &usual.text), (more.status, &more.text), "{}", row.id);
        if !form(row).query.iter().any(|name| name == "report_fields") {
            continue;
        }
        for query in ["report_fields", "report_fields=", "report_fields=true"] {
            let items = house.rig.get(&format!("{path}&{query}")).body["items"].clone();
            let mut items = items.as_array().into_iter().flatten();
            assert!(items.all(|item| item["get_spec"].is_object()), "{} {query}", row.id);
            lists += 1;
        }
    }
    assert!(lists > 10, "only {lists}");
}

#[test]
fn rule_14_moments_have_exactly_six_digits_behind_the_second() {
    fn look(what: &str, value: &Value, found: &mut usize) {
        let is_dated = |text: &str| text.len() > 18 && text.get(10..11) == Some("T") && text.get(4..5) == Some("-");
        if let Some(text) = value.as_str().filter(|text| is_dated(text)) {
            assert!(is_moment(text), "{what}: {text}");
            *found += 1;
        }
        value.as_array().into_iter().flatten().for_each(|inner| look(what, inner, found));
        value.as_object().into_iter().flatten().for_each(|(_, inner)| look(what, inner, found));
    }
    let mut found = 0;
    USUAL.iter().for_each(|asked| look(&asked.sent, &asked.answered.body, &mut found));
    assert!(found > 50, "only {found}");
}

#[test]
fn rule_15_retry_after_is_a_number_of_seconds() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.budget_per_hour = 1);
    rig.reset("jane@example.com");
    let beyond = rig.reset("kenji@example.com");
    assert_eq!(beyond.status, 429, "{}", beyond.text);
    let lookups = (0..40).map(|_| rig.get("/api/web/namespaces/system/tenant/lookup?cname=some-corp"));
    let refused: Vec<_> = lookups.chain([beyond]).filter(|answered| answered.status == 429).collect();
    assert!(refused.len() > 2, "only {}", refused.len());
    for answered in refused {
        let wait = answered.header("retry-after").and_then(|wait| wait.parse::<u32>().ok());
        assert!(wait.is_some_and(|seconds| seconds > 0), "{:?}", answered.headers);
        assert_eq!(answered.body["code"], 8);
    }
}

#[test]
fn rule_16_every_write_may_come_again() {
    let house = House::furnished();
    // All houses have the same things and the same password.
    let ask = |row: &Row, rig: &Rig, named: &Named| {
        make_room(rig, &row.id, named);
        let body = house.valid(row);
        let answers = [(); 3].map(|()| rig.as_token(&rig.sample.api_token, &row.method, &named.fill(row), Some(&body)));
        (row.clone(), answers)
    };
    let writes: Vec<_> = house.writes().cloned().collect();
    for (row, answers) in in_house(writes, ask, |(_, answers)| answers[0].status == 200) {
        let told = answers.each_ref().map(|answered| answered.text.as_str());
        assert_eq!(answers[0].status, 200, "{} {told:?}", row.id);
        for again in &answers[1..] {
            assert!(matches!(again.status, 200 | 404 | 409 | 429), "{} {told:?}", row.id);
            assert_eq!(again.status, answers[2].status, "{} {told:?}", row.id);
        }
    }
    let rig = Rig::start();
    (0..3).for_each(|_| assert_eq!(rig.reset("jane@example.com").text, "{}"));
    rig.wait_for_mails("jane@example.com", 1);
    rig.let_background_rest();
    assert_eq!(rig.mails("jane@example.com").len(), 1, "a retry is not mailed again");
}

#[test]
fn rule_17_only_namespaces_have_initializers_and_theirs_are_done() {
    let (mut namespaces, mut others) = (0, 0);
    for (row, metadata) in answered("system_metadata").filter(|(_, metadata)| !metadata.is_null()) {
        if row.id.starts_with("ves.io.schema.namespace.") {
            assert_eq!(metadata["initializers"], json!({ "pending": [], "result": null }), "{}", row.id);
            namespaces += 1;
        } else {
            assert_eq!(metadata.get("initializers"), Some(&Value::Null), "{}", row.id);
            others += 1;
        }
    }
    assert!(namespaces > 2 && others > 20, "{namespaces} {others}");
}

#[test]
fn rule_18_a_credential_is_named_with_a_suffix_that_is_drawn() {
    let house = House::furnished();
    for row in house.rows.iter().filter(|row| SUFFIXED.contains(&row.id.as_str())) {
        let body = house.valid(row);
        let names = [(); 2].map(|()| house.ask(row, &body).body["name"].as_str().unwrap().to_string());
        for name in &names {
            let suffix = name.strip_prefix(body["name"].as_str().unwrap()).and_then(|rest| rest.strip_prefix('-'));
            let suffix = suffix.unwrap_or_else(|| panic!("{name}"));
            assert!(suffix.len() == 8 && suffix.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
        }
        assert_ne!(names[0], names[1]);
    }
}

#[test]
fn rule_19_what_was_made_is_there_and_what_was_revoked_is_gone_from_the_next_request_on() {
    let rig = Rig::start();
    let asked = json!({ "name": "robot", "spec": { "type": "API_TOKEN" } });
    let made = rig.post("/api/web/namespaces/system/api_credentials", &asked).body;
    let (name, token) = (made["name"].as_str().unwrap(), made["data"].as_str().unwrap());
    let whoami = || rig.as_token(token, "GET", "/api/web/custom/namespaces/system/whoami", None).status;
    assert_eq!(whoami(), 200);
    let asked = json!({ "name": name, "namespace": "system" });
    assert_eq!(rig.post("/api/web/namespaces/system/revoke/api_credentials", &asked).body, json!({ "status": true }));
    assert_eq!(whoami(), 401);
    let users = "/api/web/custom/namespaces/system/user_roles";
    for (path, asked, listed, name) in [
        (users, json!({ "email": "new@example.com" }), users, "new@example.com"),
        ("/api/web/namespaces", json!({ "metadata": { "name": "new" } }), "/api/web/namespaces", "new"),
    ] {
        assert_eq!(rig.post(path, &asked).status, 200);
        let items = rig.get(listed).body["items"].clone();
        assert!(items.as_array().unwrap().iter().any(|item| item["name"] == name), "{items}");
    }
}

#[test]
fn rule_20_built_in_roles_are_of_ves_io_and_their_groups_are_read_under_its_name() {
    let rig = Rig::start();
    let roles = rig.get("/api/web/custom/namespaces/system/roles").body["items"].clone();
    let built_in: Vec<_> =
        roles.as_array().unwrap().iter().filter(|role| role["name"].as_str().unwrap().starts_with("ves-io-")).collect();
    assert!(built_in.len() >= 7, "{roles}");
    for role in built_in {
        assert_eq!((&role["tenant"], &role["namespace"]), (&json!("ves-io"), &json!("shared")), "{role}");
        for group in role["api_groups"].as_array().unwrap() {
            let path = format!("/api/web/namespaces/ves-io-shared/api_groups/{}", group.as_str().unwrap());
            let group = rig.get(&path);
            assert_eq!(group.status, 200, "{path} {}", group.text);
            let elements = group.body["spec"]["elements"].as_array().unwrap();
            assert!(elements.iter().all(|element| element["tenant"] == "ves-io"), "{path}");
        }
    }
}
