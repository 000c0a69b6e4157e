//! Reads a mail as its recipient's program would: headers decoded, the two parts, the link.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::relay::Mail;

/// A mail, decoded.
#[derive(Debug)]
pub struct Letter {
    /// The subject in Unicode.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Letter {
    /// Decodes a two-part mail.
    pub fn read(mail: &Mail) -> Self {
        let raw = String::from_utf8(mail.raw.clone()).unwrap();
        let content_type = mail.header("Content-Type").unwrap();
        let boundary = content_type.split("boundary=").nth(1).unwrap().trim_matches('"');
        let parts: Vec<_> = raw.split(&format!("--{boundary}")).collect();
        let subject = words(&mail.header("Subject").unwrap());
        Self { subject, text: part(parts[1]), html: part(parts[2]) }
    }

    /// The first link of the text part.
    pub fn link(&self) -> Option<&str> {
        self.text.split_whitespace().find(|word| word.starts_with("http://") || word.starts_with("https://"))
    }
}

/// The body of one part, by its `Content-Transfer-Encoding` (RFC 2045 § 6).
fn part(part: &str) -> String {
    let (head, body) = part.trim_start().split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    let bytes = if head.contains("encoding: base64") {
        STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()
    } else if head.contains("encoding: quoted-printable") {
        quoted_printable(&body.replace("=\r\n", ""))
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n").trim_end().to_owned() + "\n"
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut pieces = text.split('=');
    let mut bytes = pieces.next().unwrap().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    bytes
}

/// A header's encoded words (RFC 2047), of which we only send `=?utf-8?b?…?=`. The space between two is theirs.
fn words(header: &str) -> String {
    let mut out = String::new();
    let mut encoded_before = false;
    for word in header.split(' ') {
        let inner = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        let joined = encoded_before && inner.is_some();
        if !joined && !out.is_empty() {
            out.push(' ');
        }
        encoded_before = inner.is_some();
        match inner {
            Some(inner) => out.push_str(std::str::from_utf8(&STANDARD.decode(inner).unwrap()).unwrap()),
            None => out.push_str(word),
        }
    }
    out
}
