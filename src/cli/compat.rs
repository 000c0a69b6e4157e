//! `tenantry compat`: which operations of the public API this program serves, and why not the others.

use super::arguments::Compat;
use super::output::{Output, aligned};
use crate::compatibility::{Compatibility, PublicOperation, ServedState};
use crate::error::Result;

const HEAD: [&str; 6] = ["GROUP", "METHOD", "PATH", "ID", "STATE", "REASON"];

/// # Errors
/// `Internal` if standard output is closed.
pub fn run(ask: &Compat, output: Output) -> Result<()> {
    let found = Compatibility::of(|operation| is_wanted(ask, operation));
    let rows: Vec<_> = found.items.iter().map(cells).collect();
    let table = if rows.is_empty() { "No operation has this text.".into() } else { aligned(&HEAD, &rows) };
    output.object(&found, &format!("{table}\n{} served, {} not served", found.served, found.not_served))
}

fn is_wanted(ask: &Compat, operation: &PublicOperation) -> bool {
    let is_of_state = !ask.not_served || operation.state == ServedState::NotServed;
    is_of_state && ask.filter.as_ref().is_none_or(|text| operation.mentions(text))
}

fn cells(operation: &PublicOperation) -> Vec<String> {
    let PublicOperation { group, method, path, id, state, reason } = operation;
    let reason = if reason.is_empty() { "-" } else { reason };
    [*group, method, *path, *id, state.word(), reason].map(String::from).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_a_line_with_its_state_and_reason() {
        let lines = |not_served, filter: &str| {
            let ask = Compat { not_served, filter: Some(filter.into()) };
            Compatibility::of(|operation| is_wanted(&ask, operation)).items.iter().map(cells).collect::<Vec<_>>()
        };
        let reset = lines(false, "password/admin_reset");
        let id = "ves.io.schema.user.CustomAPI.ResetPasswordByAdmin";
        assert_eq!(
            reset,
            [["user", "POST", "/api/web/custom/password/admin_reset", id, "served", "-"].map(String::from)]
        );
        assert!(lines(true, "password/admin_reset").is_empty());
        assert!(lines(true, "").iter().all(|cells| cells[4] == "not-served" && cells[5].ends_with('.')));
    }
}
