//! Who may call what: the page of operations and built-in roles that people read, made from the table.

use std::fmt::Write as _;

use tenantry::access::{ApiGroup, BUILT_IN};

use crate::rig::Rig;
use crate::sweeps::{Row, table_of};
use crate::tidy::read;

const HEAD: &str = "# Who may call what

Each operation belongs to one API group, and a role allows the groups that it is made from. A role counts in the namespace
where it is given: `*` is every namespace of applications, now and later, and neither `system` nor `shared`. What belongs to
the tenant itself (users, groups, roles, credentials, settings) is asked in `system`, whatever namespace a path names. Nobody
acts on a person who has a right that they lack, and nobody gives or takes what they do not have.

A tenant makes further roles from these API groups, and gives roles to user groups as well as to users.

This page is made from the table of operations, and a test compares the two.
";

/// The name of a role without what all have in common.
fn short(role: &str) -> &str {
    role.trim_start_matches("ves-io-").trim_end_matches("-role")
}

fn page(rows: &[Row]) -> String {
    let mut page = HEAD.to_string();
    for group in ApiGroup::ALL {
        let mine: Vec<&Row> = rows.iter().filter(|row| row.group.as_deref() == Some(group.name())).collect();
        let roles = BUILT_IN.iter().filter(|(_, groups)| groups.contain(group)).map(|(role, _)| short(role));
        let roles = roles.collect::<Vec<_>>().join(", ");
        write!(page, "\n## {}\n\nBuilt-in roles with it: {roles}.\n", group.name()).unwrap();
        page += &lines(&mine);
    }
    let (operators, rest): (Vec<&Row>, Vec<&Row>) =
        rows.iter().filter(|row| row.group.is_none()).partition(|row| row.told["x-tenantry-operator"] == true);
    let (open, rest): (Vec<&Row>, Vec<&Row>) = rest.into_iter().partition(|row| row.is_open);
    page += "\n## Operators\n\nUsers of the operators' tenant with the rights of admin, and the command line of the machine.\n";
    page += &lines(&operators);
    page += "\n## Any valid credential or session\n\nWhatever roles its user has.\n";
    page += &lines(&rest);
    page += "\n## Anyone\n\nWithout a credential; what a page or a link shows depends on the secret that is sent.\n";
    page + &lines(&open)
}

fn lines(rows: &[&Row]) -> String {
    if rows.is_empty() {
        return "\nNo operation is served yet.\n".into();
    }
    let mut text = "\n| Operation | Call | Does |\n| --- | --- | --- |\n".to_string();
    for row in rows {
        let does = row.told["summary"].as_str().unwrap_or_default();
        let id = row.id.trim_start_matches("ves.io.schema.");
        writeln!(text, "| {id} | `{} {}` | {does} |", row.method, row.path).unwrap();
    }
    text
}

#[test]
fn the_page_of_who_may_call_what_is_what_the_table_says() {
    let mut rows = table_of(&Rig::start().get("/openapi.json").body);
    rows.sort_by(|one, next| (&one.path, &one.method).cmp(&(&next.path, &next.method)));
    let page = page(&rows);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("access.md");
    std::fs::write(&path, &page).unwrap();
    let kept = read(std::path::Path::new("docs/access.md"));
    assert!(kept == page, "docs/access.md is not what the table says; copy {} over it", path.display());
}
