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
    lines.push(format!("Go on within a day with: {again}"));
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
    lines.push(format!("  refused    {:>9}   {}", number("refused"), codes(counts, |code| !code.starts_with("W_"))));
    lines.push(format!("  told       {:>9}   {}", number("told"), codes(counts, |code| code.starts_with("W_"))));
    if number("expired") > 0 {
        lines.push(format!("  expired    {:>9}   passwords older than the tenant allows", number("expired")));
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

fn schemes(counts: &Value) -> String {
    let with: i64 = pairs(&counts["schemes"]).map(|(_, users)| users).sum();
    let without = counts["taken"].as_i64().unwrap_or_default() - with;
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
