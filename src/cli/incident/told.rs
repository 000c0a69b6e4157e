//! What people see of an incident on the command line.

use serde_json::{Value, json};

use super::super::output::{bar, cell, moment, person};

/// How far it has come, in one line.
pub(super) fn progress(incident: &Value) -> String {
    let (users, progress) = (incident["plan"]["users"].as_u64().unwrap_or_default(), &incident["progress"]);
    match incident["state"].as_str() {
        Some("planning") => format!("{users} users found"),
        Some("mailing") => {
            let mailed = progress["links"]["mailed"].as_u64().unwrap_or_default();
            let left = progress["minutes_left"].as_i64().map(|minutes| format!(", about {minutes} min left"));
            let slowed = progress["slowed_by"].as_str().map(|words| format!(", slowed: {words}"));
            let told = [left, slowed].into_iter().flatten().collect::<String>();
            format!("{} {mailed} of {users} mailed{told}", bar(mailed, users))
        }
        _ => {
            let gone = progress["ended"].as_u64().unwrap_or_default() + sum(&progress["dropped"]);
            format!("{} {gone} of {users} passwords ended", bar(gone, users))
        }
    }
}

/// What people see of it.
pub(super) fn shown(incident: &Value) -> String {
    let (id, plan, progress) = (cell(&incident["id"]), &incident["plan"], &incident["progress"]);
    let mut lines = vec![
        format!("Incident {id}"),
        format!("Name     {}", person(&incident["name"])),
        format!("Of       {}", chosen(&incident["terms"])),
        format!(
            "State    {}{}",
            cell(&incident["state"]),
            if incident["paused_at"].is_null() { "" } else { ", paused" }
        ),
        format!("Planned  {} by {}", moment(&incident["created_at"]), person(&incident["created_by"])),
        format!("Users    {}{}", cell(&plan["users"]), reasons("left out", &plan["left_out"])),
    ];
    lines.extend(ends(plan));
    if !incident["started_at"].is_null() {
        lines.push(format!("Begun    {}{}", moment(&incident["started_at"]), agreed(incident)));
        lines.push(format!("Ended    {}{}", cell(&progress["ended"]), reasons("left alone", &progress["dropped"])));
        lines.extend(links(progress));
    }
    lines.extend(incident["why"].as_str().map(|why| format!("Why      {}", person(&json!(why)))));
    lines.extend(next(incident, &id));
    lines.join("\n")
}

/// What ends with the passwords.
fn ends(plan: &Value) -> Option<String> {
    let parts = [
        ("sessions", "sessions"),
        ("open_resets", "open resets"),
        ("disabled", "disabled users without a mail"),
        ("factors", "code apps"),
    ];
    let told = parts.iter().filter(|(name, _)| plan[*name].as_i64().is_some_and(|count| count > 0));
    let told: Vec<_> = told.map(|(name, words)| format!("{} {words}", cell(&plan[*name]))).collect();
    (!told.is_empty()).then(|| format!("With     {}", told.join(", ")))
}

fn agreed(incident: &Value) -> String {
    incident["approval"]["agreed_by"].as_str().map(|by| format!(", agreed by {by}")).unwrap_or_default()
}

fn links(progress: &Value) -> Option<String> {
    let links = progress["links"].as_object()?;
    let told = links.iter().filter(|(_, count)| count.as_i64().is_some_and(|count| count > 0));
    let told: Vec<_> = told.map(|(name, count)| format!("{} {name}", cell(count))).collect();
    let reminded = match (&progress["rounds"], cell(&progress["reminded"])) {
        (rounds, users) if rounds.as_i64() > Some(0) => format!("; {users} reminders in {} of 3 rounds", cell(rounds)),
        _ => String::new(),
    };
    (!told.is_empty()).then(|| format!("Links    {}{reminded}", told.join(", ")))
}

/// What to do next.
fn next(incident: &Value, id: &str) -> Vec<String> {
    let users = cell(&incident["plan"]["users"]);
    match incident["state"].as_str() {
        Some("planned") => vec![
            format!("Nothing was changed. Look at them by: tenantry incident people {id}"),
            format!("Begin within a day by: tenantry incident start {id} --users {users}"),
        ],
        Some("awaiting") => vec![
            format!(
                "A second person must agree until {}: tenantry incident agree {id}",
                moment(&incident["approval"]["lapses_at"])
            ),
            format!(
                "Where nobody else could, the operator does: tenantry incident agree {id} --operator TENANT --plan {} --users {users}",
                cell(&incident["plan"]["digest"])
            ),
        ],
        Some("held") => vec![format!("The mails are held. Let them go by: tenantry incident release {id}")],
        _ => Vec::new(),
    }
}

fn chosen(terms: &Value) -> String {
    let members = terms["filter"].as_object().into_iter().flatten();
    let mut said: Vec<_> = members.map(|(name, value)| format!("{name}={}", cell(value))).collect();
    if terms["by_list"] == true {
        said.insert(0, "the users of its list".into());
    }
    if said.is_empty() { "all users".into() } else { said.join(" ") }
}

fn sum(left_out: &Value) -> u64 {
    left_out.as_array().into_iter().flatten().filter_map(|one| one["users"].as_u64()).sum()
}

/// How many users are left out, with the reasons; nothing where nobody is.
fn reasons(head: &str, left_out: &Value) -> String {
    let said = |one: &Value| {
        let words = match one["reason"].as_str().unwrap_or_default() {
            "yourself" => "yourself",
            "excepted" => "named as exceptions",
            "sso" => "sign in through single sign-on",
            "service" => "service users",
            "disabled" => "disabled",
            "above_rank" => "may do more than you",
            "no_match" => "of the list do not pass the filter",
            "unknown" => "addresses of nobody",
            "gone" => "were removed",
            "password_newer" => "have a newer password",
            other => other,
        };
        format!("{} {words}", cell(&one["users"]))
    };
    let all: Vec<_> = left_out.as_array().into_iter().flatten().map(said).collect();
    if all.is_empty() { String::new() } else { format!("; {} {head} ({})", sum(left_out), all.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_says_whom_it_leaves_out_and_how_to_go_on() {
        let mut incident = json!({
            "id": "i", "name": "Leak", "state": "planned", "paused_at": null, "created_at": "2026-03-04T09:15:27.004211Z",
            "created_by": "a@example.com", "started_at": null, "terms": { "filter": { "group": "ops" }, "by_list": true },
            "plan": { "users": 4, "sessions": 3, "disabled": 0, "left_out": [{ "reason": "sso", "users": 2 }] },
            "progress": { "ended": 4, "dropped": [], "links": { "mailed": 3, "stuck": 0 } },
            "approval": { "agreed_by": "b@example.com" },
        });
        let told = shown(&incident);
        for part in [
            "Of       the users of its list group=ops",
            "Users    4; 2 left out (2 sign in through single sign-on)",
            "With     3 sessions",
            "tenantry incident start i --users 4",
        ] {
            assert!(told.contains(part), "{told}");
        }
        incident["started_at"] = json!("2026-03-04T09:15:27.004211Z");
        incident["state"] = json!("held");
        let told = shown(&incident);
        for part in ["agreed by b@example.com", "Ended    4\n", "Links    3 mailed", "tenantry incident release i"] {
            assert!(told.contains(part), "{told}");
        }
    }
}
