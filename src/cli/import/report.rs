//! What people are told of an import.

use serde_json::Value;

use crate::cli::output::{cell, moment, person};

/// An import, as `import show` tells it.
pub(super) fn shown(import: &Value) -> String {
    let mut lines = vec![
        format!("Import   {}", cell(&import["id"])),
        format!("Source   {}", cell(&import["source"])),
        format!("State    {}", cell(&import["state"])),
        format!("Begun    {} by {}", moment(&import["created_at"]), person(&import["created_by"])),
    ];
    if let Some(plan) = import["plan"].as_str() {
        lines.push(format!("Plan     {plan}"));
    }
    if let Some(seconds) = import["seconds_left"].as_i64() {
        lines.push(format!("Left     about {seconds} s at {} rows a second", cell(&import["rate"])));
    }
    if let Some(why) = import["why"].as_str() {
        lines.push(format!("Why      {why}"));
    }
    lines.push(format!("Rows     {}", cell(&import["counts"]["rows"])));
    lines.extend(counts(&import["counts"]));
    lines.join("\n")
}

/// A plan, with the way on.
pub(super) fn planned(import: &Value, result: Option<&str>, again: &str) -> String {
    let rows = cell(&import["planned"]["rows"]);
    let mut lines = vec![format!("Read {rows} rows. Nothing was changed.")];
    lines.extend(counts(&import["planned"]));
    lines.extend(result.map(|path| format!("Every row with its reason: {path}")));
    let within = if import["kept_until"].is_null() { "a day" } else { "an hour" };
    lines.push(format!("Go on within {within} with: {again}"));
    lines.join("\n")
}

/// An import that has come to its end.
pub(super) fn ended(import: &Value, result: Option<&str>) -> String {
    let mut lines = vec![format!("{} rows are done.", cell(&import["counts"]["rows"]))];
    lines.extend(counts(&import["counts"]));
    lines.extend(result.map(|path| format!("Every row with its reason: {path}")));
    lines.join("\n")
}

fn counts(counts: &Value) -> Vec<String> {
    let number = |name: &str| counts[name].as_i64().unwrap_or_default();
    let mut lines = vec![format!("  taken      {:>9}   {}", number("taken"), schemes(counts))];
    for name in ["updated", "unchanged"] {
        if number(name) > 0 {
            lines.push(format!("  {name:<10} {:>9}", number(name)));
        }
    }
    lines.extend(kinds(counts));
    lines.push(format!("  refused    {:>9}   {}", number("refused"), codes(counts, |code| !code.starts_with("W_"))));
    lines.push(format!("  told       {:>9}   {}", number("told"), codes(counts, |code| code.starts_with("W_"))));
    if number("expired") > 0 {
        lines.push(format!("  expired    {:>9}   passwords older than the tenant allows", number("expired")));
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Of a whole tenant, a line for each kind of row.
fn kinds(counts: &Value) -> Vec<String> {
    let words = [
        ("settings", "settings"),
        ("namespace", "namespaces"),
        ("role", "roles"),
        ("group", "groups"),
        ("mail_text", "mail texts"),
        ("object", "objects"),
        ("user", "users"),
    ];
    let is_whole = counts["kinds"].as_object().is_some_and(|kinds| kinds.keys().any(|kind| kind != "user"));
    let said = |kind: &str| {
        let outcomes = [("taken", "made"), ("updated", "changed"), ("unchanged", "unchanged"), ("refused", "refused")];
        let number = |outcome: &str| counts["kinds"][kind][outcome].as_i64().filter(|number| *number > 0);
        let said = outcomes.iter().filter_map(|(outcome, word)| Some(format!("{} {word}", number(outcome)?)));
        said.collect::<Vec<_>>().join(" · ")
    };
    let lines = words.iter().filter(|(kind, _)| is_whole && !counts["kinds"][*kind].is_null());
    lines.map(|(kind, word)| format!("    {word:<12}       {}", said(kind))).collect()
}

fn schemes(counts: &Value) -> String {
    let with: i64 = pairs(&counts["schemes"]).map(|(_, users)| users).sum();
    let users = counts["kinds"]["user"]["taken"].as_i64().or(counts["taken"].as_i64());
    let without = users.unwrap_or_default() - with;
    let named = pairs(&counts["schemes"]).map(|(scheme, users)| format!("{users} {scheme}"));
    let without = (without > 0).then(|| format!("{without} without a password"));
    named.chain(without).collect::<Vec<_>>().join(" · ")
}

fn codes(counts: &Value, is_wanted: impl Fn(&str) -> bool) -> String {
    let wanted = pairs(&counts["codes"]).filter(|(code, _)| *code != "UNCHANGED" && is_wanted(code));
    wanted.map(|(code, rows)| format!("{rows} {code}")).collect::<Vec<_>>().join(" · ")
}

fn pairs(object: &Value) -> impl Iterator<Item = (&str, i64)> {
    object.as_object().into_iter().flatten().map(|(name, number)| (name.as_str(), number.as_i64().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_whole_tenant_each_kind_has_a_line() {
        let outcomes = |taken, updated, unchanged, refused| json!({ "taken": taken, "updated": updated, "unchanged": unchanged, "refused": refused });
        let kinds = json!({
            "settings": outcomes(0, 1, 0, 0), "namespace": outcomes(2, 0, 3, 1), "user": outcomes(7, 0, 0, 0),
        });
        let counts = json!({
            "rows": 14, "taken": 9, "updated": 1, "unchanged": 3, "refused": 1, "told": 0, "expired": 0,
            "codes": { "EXISTS_DIFFERS": 1, "UNCHANGED": 3 }, "schemes": {}, "kinds": kinds,
        });
        assert_eq!(
            super::counts(&counts),
            [
                "  taken              9   7 without a password",
                "  updated            1",
                "  unchanged          3",
                "    settings           1 changed",
                "    namespaces         2 made · 3 unchanged · 1 refused",
                "    users              7 made",
                "  refused            1   1 EXISTS_DIFFERS",
                "  told               0",
            ]
        );
    }

    #[test]
    fn a_plan_tells_schemes_and_reasons() {
        let counts = json!({
            "rows": 12, "taken": 9, "updated": 0, "unchanged": 1, "refused": 2, "told": 3, "expired": 0,
            "codes": { "NO_ADDRESS": 2, "UNCHANGED": 1, "W_NO_PASSWORD": 3 }, "schemes": { "bcrypt": 6 },
        });
        let import = json!({ "planned": counts });
        assert_eq!(
            planned(&import, Some("a.csv.result.csv"), "tenantry user import --plan 7f3c90ab"),
            "Read 12 rows. Nothing was changed.\n  taken              9   6 bcrypt · 3 without a password\n  unchanged          1\n  \
             refused            2   2 NO_ADDRESS\n  told               3   3 W_NO_PASSWORD\nEvery row with its reason: \
             a.csv.result.csv\nGo on within a day with: tenantry user import --plan 7f3c90ab"
        );
    }
}
