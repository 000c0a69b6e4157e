//! The list of the public API's operations. Those that are not served are answered 501 by their names, and each has its
//! reason.

use std::collections::HashMap;

use http::Method;

use crate::http::Unserved;

/// Method, path and id of each operation, one a line. The file is also documentation.
const OPERATIONS: &str = include_str!("../docs/contract-operations.txt");

/// The ids of those that are not served, below their reasons. This file is documentation too, and the tests compare it
/// with the table of operations.
const NOT_SERVED: &str = include_str!("../docs/contract-not-served.txt");

/// The public API names this call and answers it 501 as well, so it is none of its 250 operations.
pub const UNSERVED_THERE_TOO: &str = "ves.io.schema.namespace.API.Delete";

/// Every operation of the public API, whether a row of our table serves it or not.
pub fn operations() -> impl Iterator<Item = Unserved> {
    OPERATIONS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ');
        let method = Method::from_bytes(words.next()?.as_bytes()).ok()?;
        Some(Unserved { method, path: words.next()?, id: words.next()? })
    })
}

/// The reason of each operation that is not served, by its id. The file has it above them, as lines that begin with `#`.
pub fn reasons() -> HashMap<&'static str, String> {
    let mut reasons = HashMap::new();
    let (mut reason, mut goes_on) = (String::new(), false);
    for line in NOT_SERVED.lines() {
        let said = line.strip_prefix('#').map(str::trim);
        match said {
            Some(said) if goes_on => reason = format!("{reason} {said}"),
            Some(said) => reason = said.into(),
            None if line.is_empty() => reason.clear(),
            None => _ = reasons.insert(line, reason.clone()),
        }
        goes_on = said.is_some();
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_that_is_not_served_has_the_sentence_above_it() {
        let reasons = reasons();
        let known: Vec<_> = operations().map(|call| call.id).collect();
        for (id, reason) in &reasons {
            assert!(known.contains(id) && reason.ends_with('.') && !reason.contains('#'), "{id}: {reason}");
        }
        assert!(reasons[UNSERVED_THERE_TOO].starts_with("The public API itself answers 501"));
    }

    #[test]
    fn every_line_of_the_page_is_an_operation() {
        let lines = OPERATIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(operations().count(), lines);
        assert!(lines > 250, "{lines}");
        assert!(operations().all(|call| call.path.starts_with('/') && call.id.starts_with("ves.io.schema.")));
    }
}
