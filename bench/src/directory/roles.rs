//! A role given to a group of which every user is a member: what follows is written with each of them.

use std::time::Instant;

use serde_json::{Value, json};

use super::lists::middle;
use super::{Ground, Line};
use crate::Result;
use crate::product::exchange;

const GROUPS: &str = "/api/web/custom/namespaces/system/user_groups";
/// How often the role is given, and taken again in between.
const ROUNDS: usize = 5;

/// Makes the group and gives it the role, by turns with one statement that writes into every user's row.
pub(super) fn measure(ground: &Ground<'_>) -> Result<Line> {
    let members: Vec<String> = (1..=ground.plan.users).map(|number| format!("user{number:05}@example.com")).collect();
    ask(ground, "POST", GROUPS, &json!({ "name": "everyone", "usernames": members }))?;
    let (mut given, mut written) = (Vec::new(), Vec::new());
    let roles = json!([{ "namespace": "default", "role": "ves-io-monitor-role" }]);
    let body = json!({ "name": "everyone", "namespace_roles": roles });
    for round in 0..ROUNDS {
        if round > 0 {
            ask(ground, "PUT", &format!("{GROUPS}/everyone/remove_namespace_roles"), &body)?;
        }
        let asked = Instant::now();
        ask(ground, "PUT", &format!("{GROUPS}/everyone/assign_namespace_roles"), &body)?;
        given.push(asked.elapsed());
        written.push(ground.bare.write_everyone(format!("{{\"everyone\":[[\"default\",\"round{round}\",1]]}}"))?);
    }
    let (ours, bare) = (middle(&mut given).as_secs_f64(), middle(&mut written).as_secs_f64());
    let (p50_ms, beside) = (Some(ours * 1e3), "one statement on as many rows");
    let what = "a role given to a group of all";
    Ok(Line { what, per_second: 1.0 / ours, p50_ms, beside, beside_per_second: 1.0 / bare })
}

fn ask(ground: &Ground<'_>, method: &str, path: &str, body: &Value) -> Result<()> {
    let directions = &ground.product.directions;
    let (host, token, body) = (directions.host(), ground.token(), body.to_string());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{token}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    match exchange(directions.address()?, &[head.as_bytes(), body.as_bytes()].concat())? {
        (200, _) => Ok(()),
        (status, said) => Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(&said)).into()),
    }
}
