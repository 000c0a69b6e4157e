//! Who of an import is invited by mail: what is asked for, and how it is told.

use serde_json::{Value, json};

use super::IMPORTS;
use crate::cli::arguments::Invited;
use crate::cli::output::{cell, moment, person};

/// Where the invitations of an import are asked for.
pub(super) fn path(import: &impl std::fmt::Display) -> String {
    format!("{IMPORTS}/{import}/invite")
}

/// What is asked for.
pub(super) fn ask(whom: Invited, per_hour: Option<i64>) -> Value {
    let whom = match whom {
        Invited::None => "none",
        Invited::WithoutPassword => "without_password",
        Invited::All => "all",
    };
    match per_hour {
        Some(per_hour) => json!({ "whom": whom, "per_hour": per_hour }),
        None => json!({ "whom": whom }),
    }
}

/// The invitations of an import, as they are told.
pub(super) fn shown(invitations: &Value) -> String {
    let whom = match invitations["whom"].as_str() {
        Some("none") => "none",
        Some("all") => "all who have not signed in yet",
        _ => "users without a password",
    };
    let asked = match &invitations["asked_at"] {
        Value::Null => String::new(),
        at => format!(", as {} has said at {} (UTC)", person(&invitations["asked_by"]), moment(at)),
    };
    let next = match &invitations["next_at"] {
        Value::Null => "none".to_owned(),
        next => format!("{} (UTC), at most {} an hour", moment(next), cell(&invitations["per_hour"])),
    };
    [
        format!("Import   {}", cell(&invitations["import"])),
        format!("Whom     {whom}{asked}"),
        format!("Invited  {}", cell(&invitations["invited"])),
        format!("Next     {next}"),
    ]
    .join("\n")
}
