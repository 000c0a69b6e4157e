//! The list of the public API's operations. Those that are not served are answered 501 by their names.

use http::Method;

use crate::http::Unserved;

/// Method, path and id of each operation, one a line. The file is also documentation.
const OPERATIONS: &str = include_str!("../docs/contract-operations.txt");

/// Every operation of the public API, whether a row of our table serves it or not.
pub fn operations() -> impl Iterator<Item = Unserved> {
    OPERATIONS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ');
        let method = Method::from_bytes(words.next()?.as_bytes()).ok()?;
        Some(Unserved { method, path: words.next()?, id: words.next()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_page_is_an_operation() {
        let lines = OPERATIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(operations().count(), lines);
        assert!(lines > 250, "{lines}");
        assert!(operations().all(|call| call.path.starts_with('/') && call.id.starts_with("ves.io.schema.")));
    }
}
