//! Pages of the console, to which a browser comes back after it has proved who is there.

use form_urlencoded::byte_serialize;
use http::Method;

use super::head::Head;

/// The console, beneath which all its pages are.
const CONSOLE: &str = "/console";
/// A filter that was typed is shorter.
const LENGTH_MAX: usize = 2_000;

/// The page of a request. What was sent to it is not kept: the page from which it was sent has the same path.
pub(super) fn of(head: &Head) -> String {
    let is_reading = matches!(head.method, Method::GET | Method::HEAD);
    match head.query.as_str() {
        query if is_reading && !query.is_empty() => format!("{}?{query}", head.path),
        _ => head.path.to_string(),
    }
}

/// The same as the value of a parameter.
pub(super) fn in_query(place: &str) -> String {
    byte_serialize(place.as_bytes()).collect()
}

/// Whether this is the path of a page of the console, with its query or without: nowhere else is a browser sent by what stood in
/// a request.
pub fn is_in_console(place: &str) -> bool {
    let is_beneath = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?']);
    place.len() <= LENGTH_MAX
        && place.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && place.strip_prefix(CONSOLE).is_some_and(is_beneath)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_to_pages_of_the_console_alone() {
        for place in
            ["/console", "/console?q=a", "/console/users?q=jane%40example.com&state=active", "/console/users/7"]
        {
            assert!(is_in_console(place), "{place}");
        }
        let elsewhere = [
            "",
            "/",
            "/account",
            "/consoles",
            "//console",
            "https://example.com/console",
            "/console\\..",
            "/console/a b",
            "/console/\r\nSet-Cookie:a",
            "console",
        ];
        for place in elsewhere {
            assert!(!is_in_console(place), "{place}");
        }
        assert!(!is_in_console(&format!("/console/{}", "a".repeat(LENGTH_MAX))));
    }
}
