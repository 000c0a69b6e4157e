//! A head as a message for a syslog receiver (RFC 5424), in a frame that tells its length (RFC 5425 § 4.3). Pure.

use serde_json::json;

use super::rows::Unsent;
use crate::error::{Error, Result};

/// Facility 13 (log audit), severity 5 (notice): RFC 5424 § 6.2.1.
const PRIORITY: u8 = 13 * 8 + 5;
/// What marks a message as UTF-8 (RFC 5424 § 6.4).
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Characters of a host name (RFC 5424 § 6).
const HOST_MAX: usize = 255;

/// The frame of a head. `host` is the installation's. The message is one line of JSON, since receivers write messages as lines, and
/// the note has several.
///
/// # Errors
/// `Internal` only.
pub(super) fn frame(host: &str, head: &Unsent) -> Result<Vec<u8>> {
    let body = json!({ "tenant": head.name, "number": head.head.number, "note": head.head.note });
    let body = serde_json::to_string(&body).map_err(Error::internal)?;
    let host: String = host.chars().filter(char::is_ascii_graphic).take(HOST_MAX).collect();
    let host = if host.is_empty() { "-" } else { &host };
    let message = format!("<{PRIORITY}>1 {} {host} tenantry - audit.head - {BYTE_ORDER_MARK}{body}", head.head.made_at);
    Ok(format!("{} {message}", message.len()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::rows::Kept;
    use super::*;
    use crate::clock::Timestamp;
    use crate::identity::TenantId;

    #[test]
    fn a_head_is_one_message_in_a_frame_that_tells_its_length() {
        let made_at = Timestamp(1_772_615_727_000_000);
        let note = "a\nb\n\n\u{2014} c d\n".to_owned();
        let head = Kept { number: 7, records: 9, note, made_at, sent_at: None };
        let unsent = Unsent { tenant: TenantId(1), name: "acme".into(), head, due_at: made_at, attempts: 1 };
        let framed = String::from_utf8(frame("id.example.com", &unsent).unwrap()).unwrap();
        let (length, message) = framed.split_once(' ').unwrap();
        assert_eq!(length.parse::<usize>().unwrap(), message.len());
        let (header, body) = message.split_once('\u{feff}').unwrap();
        assert_eq!(header, "<109>1 2026-03-04T09:15:27.000000Z id.example.com tenantry - audit.head - ");
        assert_eq!(body, "{\"note\":\"a\\nb\\n\\n\u{2014} c d\\n\",\"number\":7,\"tenant\":\"acme\"}");
        assert!(frame("", &unsent).unwrap().windows(12).any(|part| part == b" - tenantry "));
    }
}
