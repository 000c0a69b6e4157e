//! The files in a body of `multipart/form-data` (RFC 7578), as browsers and `curl -F` send them. The whole body is there already, so
//! this is a matter of finding the lines between the parts (RFC 2046 § 5.1.1).

use std::ops::Range;

use crate::error::{Error, Result};

/// Most files of one upload.
const FILES_MAX: usize = 16;
/// Longest line between parts, without its hyphens (RFC 2046 § 5.1.1).
const BOUNDARY_MAX: usize = 70;

/// A file in a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its name, as the client says it.
    pub(super) name: String,
    /// Where its bytes are.
    pub(super) bytes: Range<usize>,
}

/// What stands between the parts, by the content type; `None` if the body is no form with files.
///
/// # Errors
/// `Invalid` for such a form without it.
pub(super) fn boundary(content_type: &str) -> Result<Option<String>> {
    let (media, rest) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !media.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Ok(None);
    }
    let is_fit = |text: &str| {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
        (1..=BOUNDARY_MAX).contains(&text.len()) && text.bytes().all(is_sign)
    };
    let boundary = parameter(rest, "boundary").filter(|text| is_fit(text));
    boundary.map(Some).ok_or_else(|| malformed("its content type has no boundary"))
}

/// The value of a parameter behind a header's value (RFC 9110 § 5.6.6).
fn parameter(text: &str, wanted: &str) -> Option<String> {
    let mut rest = text.trim_start_matches([';', ' ', '\t']);
    while let Some((name, behind)) = rest.split_once('=') {
        let (value, left) = value(behind)?;
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = left.trim_start_matches([';', ' ', '\t']);
    }
    None
}

/// The value at the beginning of a text, quoted or not, and what stands behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, sign) in quoted.char_indices() {
        match sign {
            _ if is_escaped => {
                value.push(sign);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => return Some((value, &quoted[at + 1..])),
            _ => value.push(sign),
        }
    }
    None
}

/// The files of a body, in their order.
///
/// # Errors
/// `Invalid` for a body that breaks off, for a field that is no file, and for none or too many of them.
pub(super) fn files(body: &[u8], boundary: &str) -> Result<Vec<Found>> {
    let line = format!("--{boundary}");
    // What stands before the first line belongs to no part.
    let begins = body.starts_with(line.as_bytes()).then_some(0);
    let first = begins.or_else(|| find(body, 0, &format!("\r\n{line}")).map(|at| at + 2));
    let mut at = first.ok_or_else(|| malformed("no part begins in it"))? + line.len();
    let mut found = Vec::new();
    loop {
        let rest = &body[at..];
        if rest.starts_with(b"--") {
            break;
        }
        // Blanks may follow the line (RFC 2046 § 5.1.1).
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if !rest[blanks..].starts_with(b"\r\n") || found.len() == FILES_MAX {
            return Err(malformed(&format!("a part is not as it must be, or there are more than {FILES_MAX}")));
        }
        let head = at + blanks + 2;
        // The heads may be none at all: then the empty line follows at once.
        let end_of_head = if body[head..].starts_with(b"\r\n") { Some(head) } else { find(body, head, "\r\n\r\n") };
        let end_of_head = end_of_head.ok_or_else(|| malformed("it breaks off"))?;
        let content = (end_of_head + if end_of_head == head { 2 } else { 4 }).min(body.len());
        let end = find(body, content - 2, &format!("\r\n{line}")).ok_or_else(|| malformed("it breaks off"))?;
        found.push(Found { name: file_name(&body[head..end_of_head])?, bytes: content..end.max(content) });
        at = end + 2 + line.len();
    }
    if found.is_empty() { Err(malformed("there is no file in it")) } else { Ok(found) }
}

/// The name of the file in a part with these heads.
fn file_name(heads: &[u8]) -> Result<String> {
    let heads = String::from_utf8_lossy(heads);
    let disposition = heads.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    });
    let (kind, rest) = disposition.and_then(|value| value.split_once(';')).unwrap_or_default();
    let name = if kind.trim().eq_ignore_ascii_case("form-data") { parameter(rest, "filename") } else { None };
    name.ok_or_else(|| malformed("a part of it is no file; options stand in the query"))
}

fn find(body: &[u8], from: usize, wanted: &str) -> Option<usize> {
    let wanted = wanted.as_bytes();
    let mut at = from;
    loop {
        at += body.get(at..)?.iter().position(|byte| *byte == wanted[0])?;
        if body[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

fn malformed(why: &str) -> Error {
    Error::invalid(format!(
        "The body is no multipart/form-data with files: {why}. Send the file raw, or as a form does."
    ))
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
