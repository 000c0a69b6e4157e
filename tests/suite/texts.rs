//! Forbidden characters in every input of the API: refused with the name of the field, on either engine.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry::error::Kind;
use tenantry::params;

use crate::rig::{Answered, Rig};
use crate::schema::resolved;
use crate::sweeps::{Named, Row, table};

/// As JSON writes them. A secret may hold the last three.
const NO_TEXTS: [&str; 9] =
    ["a\\u0000b", "\\u0001", "\\n", "\\u007f", "\\u0085", "\\ud800", "\\u2028", "a\\u202eb", "\\u2066"];
/// The fields whose text has several lines by nature: the end of a line is no fault there.
const OF_LINES: [&str; 1] = ["terms_text"];
/// As an address writes them.
const NO_TEXTS_ENCODED: [&str; 6] = ["a%00b", "%0d%0a", "%7f", "%ff", "%ed%a0%80", "a%e2%80%aeb"];
/// Every query parameter that some operation of the API reads, and one that none reads.
fn queries(rig: &Rig) -> BTreeSet<String> {
    let rows = table(rig).into_iter().filter(is_api);
    let parameters = rows.flat_map(|row| row.told["parameters"].as_array().cloned().unwrap_or_default());
    let read = parameters.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap().to_string());
    read.chain(["nobody_reads_this".into()]).collect()
}

/// Each place for a text in a body of this schema, as the body around it, with `@` for the text, and the field's name.
fn places(document: &Value, schema: &Value, depth: usize) -> Vec<(String, String)> {
    let schema = resolved(document, schema);
    if depth > 6 {
        return Vec::new();
    }
    let of = |inner: &Value| places(document, inner, depth + 1);
    if schema["type"].to_string().contains("string") {
        return vec![("\"@\"".into(), String::new())];
    }
    let named = |name: &str, inner: &Value| -> Vec<(String, String)> {
        let around = |(body, field): (String, String)| {
            (format!("{{\"{name}\":{body}}}"), if field.is_empty() { name.to_string() } else { field })
        };
        of(inner).into_iter().map(around).collect()
    };
    let mut found = Vec::new();
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        found.extend(named(name, inner));
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        found.extend(of(choice));
    }
    if schema["items"].is_object() {
        found.extend(of(&schema["items"]).into_iter().map(|(body, field)| (format!("[{body}]"), field)));
    }
    if schema["additionalProperties"].is_object() {
        found.extend(named("any", &schema["additionalProperties"]));
        found.push(("{\"@\":\"a\"}".into(), String::new()));
    }
    found
}

fn refuses(answered: &Answered, field: &str, asked: &str) {
    assert_eq!((answered.status, &answered.body["code"]), (400, &json!(3)), "{asked} {}", answered.text);
    let message = answered.message();
    assert!(message.contains(field), "{asked} {message}");
    assert!(message.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{asked} {message}");
}

/// Whether programs alone call it.
fn is_api(row: &Row) -> bool {
    row.path.starts_with("/api/") || row.path.starts_with("/no_auth")
}

/// As the owner; the allowance of an address is refilled in between.
fn send(rig: &Rig, row: &Row, path: &str, content_type: &str, body: Option<&str>) -> Answered {
    rig.clock.advance_seconds(6);
    let authorization = rig.authorization();
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", content_type)];
    rig.send(&row.method, path, &headers, body)
}

#[test]
fn every_text_of_every_body_is_refused_by_the_name_of_its_field() {
    let rig = Rig::start();
    let (document, named) = (rig.get("/openapi.json").body, Named::nothing());
    let mut asked = 0;
    for row in table(&rig) {
        let Some(schema) = &row.body else { continue };
        let mut all = places(&document, schema, 0);
        // Members that no operation reads, and nested ones, are checked too.
        all.push(("{\"nobody_reads_this\":[{\"deep\":\"@\"}]}".into(), "deep".into()));
        for (body, field) in all {
            let is_secret = field.ends_with("password");
            let is_no_text = |bad: &&&str| **bad != "\\n" || !OF_LINES.contains(&field.as_str());
            for bad in NO_TEXTS[..if is_secret { 6 } else { NO_TEXTS.len() }].iter().filter(is_no_text) {
                let body = body.replace('@', bad);
                let answered = send(&rig, &row, &named.fill(&row), "application/json", Some(&body));
                refuses(&answered, &field, &format!("{} {body}", row.id));
                asked += 1;
            }
            let takes_forms = !is_api(&row) && field != "deep";
            for bad in NO_TEXTS_ENCODED.iter().filter(|_| takes_forms) {
                let bad = if is_secret { bad.replace("%e2%80%ae", "%00") } else { bad.to_string() };
                let body = format!("{field}={bad}");
                let answered = send(&rig, &row, &named.fill(&row), "application/x-www-form-urlencoded", Some(&body));
                refuses(&answered, &field, &format!("{} {body}", row.id));
            }
        }
    }
    assert!(asked > 500, "only {asked}");
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets", &[]), 0, "nothing was done");
}

#[test]
fn every_query_parameter_and_every_part_of_a_path_is_refused_by_its_name() {
    let rig = Rig::start();
    let (named, names) = (Named::nothing(), queries(&rig));
    assert!(names.len() > 14, "only {names:?}");
    let (mut queries, mut parts) = (0, 0);
    for row in table(&rig) {
        let body = row.body.as_ref().map(|_| "{}");
        for name in names.iter().filter(|_| is_api(&row)) {
            let bad = NO_TEXTS_ENCODED[queries % NO_TEXTS_ENCODED.len()];
            let path = format!("{}?other=1&{name}={bad}", named.fill(&row));
            refuses(&send(&rig, &row, &path, "application/json", body), name, &path);
            queries += 1;
        }
        for part in row.path.split('/').filter(|part| part.starts_with('{')) {
            let name = part.trim_matches(['{', '}']);
            for bad in NO_TEXTS_ENCODED.iter().chain(&["%2e%2e", "a%2Fb"]) {
                let path = named.fill(&Row { path: row.path.replace(part, bad), ..row.clone() });
                refuses(&send(&rig, &row, &path, "application/json", body), name, &path);
                parts += 1;
            }
        }
    }
    assert!(queries > 400 && parts > 150, "{queries} queries, {parts} parts");
}

#[test]
fn a_header_that_is_kept_is_text_or_refused_by_its_name() {
    let rig = Rig::start();
    let (authorization, body) = (rig.authorization(), json!({ "email": "hello@example.com" }).to_string());
    let send = |name: &str, value: &str| {
        let headers = [("Authorization", authorization.as_str()), (name, value)];
        rig.send("POST", "/api/web/custom/password/admin_reset", &headers, Some(&body))
    };
    for value in ["a\tb", "k\u{e9}y"] {
        refuses(&send("Idempotency-Key", value), "idempotency-key", value);
        // It names no tenant, so it names another one than this.
        assert_eq!(send("x-volterra-apigw-tenant", value).status, 403, "{value}");
    }
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets", &[]), 0);
}

#[test]
fn a_page_is_shown_whatever_was_appended_to_its_address() {
    let rig = Rig::start();
    for path in ["/reset", "/forgot", "/signin"] {
        let page = rig.send("GET", &format!("{path}?utm=%ff%00&x=%e2%80%ae"), &[("Accept", "text/html")], None);
        assert_eq!(page.status, 200, "{path}");
    }
}

#[test]
fn a_text_of_any_script_comes_back_as_it_was_sent() {
    let rig = Rig::start();
    // Unassigned, private, non-characters, beyond the first plane, joined, right to left with its marks.
    let text = "\u{378}\u{e000}\u{fdd0}\u{ffff}\u{10ffff}\u{1f980}a\u{200d}b\u{200f}\u{5d0}e\u{301}";
    let users = "/api/web/custom/namespaces/system/user_roles";
    let made = rig.post(users, &json!({ "email": "new@example.com", "first_name": text }));
    assert_eq!(made.status, 200, "{}", made.text);
    let shown = rig.get("/api/tenantry/v1/users/new@example.com");
    assert_eq!(shown.body["first_name"], text);
    let labels = json!({ "metadata": { "name": "team-a", "description": text, "labels": { "script": text } } });
    assert_eq!(rig.post("/api/web/namespaces", &labels).status, 200);
    let read = rig.get("/api/web/namespaces/team-a").body;
    assert_eq!((&read["metadata"]["labels"]["script"], &read["metadata"]["description"]), (&json!(text), &json!(text)));
    let found = rig.get("/api/tenantry/v1/audit?subject=%cd%b8%ef%bf%bf%f4%8f%bf%bf");
    assert_eq!((found.status, &found.body["items"]), (200, &json!([])), "{}", found.text);
}

#[test]
fn a_text_of_several_lines_ends_each_in_one_way_and_holds_no_other_control_character() {
    let rig = Rig::start();
    let change = |text: &str| {
        let body = json!({ "terms_version": "2", "terms_text": text });
        rig.as_token(&rig.sample.api_token, "PATCH", "/api/tenantry/v1/settings", Some(&body))
    };
    for bad in ["a\rb", "a\r", "a\n\tb", "\n\0", "a\u{85}b", "a\u{2028}b", "a\n\u{202e}b"] {
        refuses(&change(bad), "terms_text", bad);
    }
    for (text, kept) in [
        ("Be kind.\r\nPay in time.\r\n\r\nEnd.", "Be kind.\nPay in time.\n\nEnd."),
        ("Be kind.\nPay.\n", "Be kind.\nPay.\n"),
    ] {
        let changed = change(text);
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(rig.get("/api/web/custom/namespaces/system/tos").body, json!({ "text": kept, "version": "2" }));
    }
    let records = rig.get("/api/tenantry/v1/audit?action=tenant.set").text;
    assert!(records.contains("Be kind.\\nPay.\\n") && !records.contains("\\r"), "{records}");
}

#[test]
fn neither_engine_is_given_text_that_the_other_could_not_store() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    let kind = rig.write(move |tx| {
        let written = tx.run("UPDATE users SET first_name = $2 WHERE tenant = $1", &params![tenant, "a\0b"]);
        let read = tx.all("SELECT id FROM users WHERE tenant = $1 AND email_key = $2", &params![tenant, "\0"]);
        Ok([written.err().map(|error| error.kind), read.err().map(|error| error.kind)])
    });
    assert_eq!(kind, [Some(Kind::Invalid), Some(Kind::Invalid)]);
}

#[test]
fn a_whole_number_is_taken_however_it_is_written() {
    let rig = Rig::start();
    let path = "/api/web/namespaces/system/api_credentials";
    let authorization = rig.authorization();
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let wanted = rig.clock.now().plus_seconds(10 * 86_400).to_string();
    for days in ["10", "10.0", "1e1", "100E-1", "\"10\"", "\"10.0\"", "\"1e1\""] {
        let body = format!(r#"{{"name":"robot","spec":{{"type":"API_TOKEN"}},"expiration_days":{days}}}"#);
        let made = rig.send("POST", path, &headers, Some(&body));
        assert_eq!((made.status, &made.body["expiration_timestamp"]), (200, &json!(wanted)), "{days} {}", made.text);
    }
    for days in
        ["1.5", "1e400", "1e30", "9007199254740993.0", "\"1.5\"", "\"ten\"", "366", "-1", "18446744073709551616"]
    {
        let body = format!(r#"{{"name":"robot","spec":{{"type":"API_TOKEN"}},"expiration_days":{days}}}"#);
        refuses(&rig.send("POST", path, &headers, Some(&body)), "expiration_days", days);
    }
    for query in ["resets?limit=", "audit?limit="] {
        assert_eq!(rig.get(&format!("/api/tenantry/v1/{query}1e1")).status, 200, "{query}");
        for limit in ["0", "1.5", "-1", "1e400", "18446744073709551616", "ten", ""] {
            refuses(&rig.get(&format!("/api/tenantry/v1/{query}{limit}")), "limit", query);
        }
    }
    for moment in ["yesterday", "99999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01", "-1"] {
        for query in ["resets?since=", "audit?until="] {
            let (_, field) = query.trim_end_matches('=').split_once('?').unwrap();
            refuses(&rig.get(&format!("/api/tenantry/v1/{query}{moment}")), field, moment);
        }
    }
}
