//! One mail as it goes over the wire: RFC 5322 headers, a text part and an HTML part (RFC 2046 § 5.1.4).

use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::address::Email;
use super::literal::one_line;
use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// Longest name before an address, in characters. A longer one is cut and ends in `…`.
pub const NAME_CHARACTERS_MAX: usize = 80;
/// Longest subject, in characters.
pub const SUBJECT_CHARACTERS_MAX: usize = 200;

/// A sender or recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name to show. Anyone may have typed it; it is made harmless when the mail is written.
    pub name: Option<String>,
    /// The address.
    pub address: Email,
}

/// A mail to one person. It is marked as made by a program, and not as a mailing list's.
#[derive(Debug, Clone)]
pub struct Message {
    /// The sender.
    pub from: Mailbox,
    /// The address for replies, if not `from`.
    pub reply_to: Option<Mailbox>,
    /// The recipient.
    pub to: Mailbox,
    /// The subject, in Unicode.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part, saying the same.
    pub html: String,
    /// The Message-ID without angle brackets, `id-left "@" id-right` (RFC 5322 § 3.6.4). Two deliveries with the same
    /// id are the same mail.
    pub message_id: String,
    /// The time of writing.
    pub date: Timestamp,
}

impl Message {
    /// The bytes to send. The same message always gives the same bytes.
    ///
    /// Names and subject are put on one line and cut; the header list is always the same: From, Reply-To (if set),
    /// To, Subject, Message-ID, Date, Auto-Submitted, MIME-Version, Content-Type. All of it is ASCII, but for addresses with
    /// letters beyond it.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let parts = MultiPart::alternative()
            .boundary(self.boundary())
            .singlepart(SinglePart::plain(unbroken(&self.text)?))
            .singlepart(SinglePart::html(self.html.clone()));
        let mut builder = lettre::Message::builder().from(self.from.written());
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.written());
        }
        let to = self.to.written();
        let envelope = Envelope::new(Some(self.from.written().email), vec![to.email.clone()]);
        let message = builder
            .to(to)
            .envelope(envelope.map_err(Error::internal)?)
            .subject(one_line(&self.subject, SUBJECT_CHARACTERS_MAX))
            .message_id(Some(self.bracketed_id()))
            .date(UNIX_EPOCH + Duration::from_micros(u64::try_from(self.date.0).unwrap_or(0)))
            // RFC 3834 § 5: keeps out-of-office programs from answering.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()))
            .multipart(parts)
            .map_err(Error::internal)?;
        Ok(message.formatted())
    }

    fn bracketed_id(&self) -> String {
        let id = self.message_id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'));
        format!("<{}>", id.collect::<String>())
    }

    /// Derived from the content instead of drawn at random, so that a mail sent twice is the same mail.
    fn boundary(&self) -> String {
        let digest = Sha256::new().chain_update(&self.message_id).chain_update(&self.text).finalize();
        digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Longest line of a mail without its end, in bytes (RFC 5322 § 2.1.1).
const LINE_MAX: usize = 998;

/// The text in an encoding that keeps its lines whole in the source. quoted-printable breaks lines at 76 characters,
/// which cuts links in two for programs and people that read the source.
fn unbroken(text: &str) -> Result<Body> {
    let is_plain = |line: &str| line.len() <= LINE_MAX && line.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    if text.lines().all(is_plain) {
        let lines = text.lines().map(|line| format!("{line}\r\n")).collect::<String>();
        return Ok(Body::dangerous_pre_encoded(lines.into_bytes(), ContentTransferEncoding::SevenBit));
    }
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::Base64);
    body.map_err(|_| Error::internal("the text of a mail cannot be encoded"))
}

impl Mailbox {
    /// A mailbox without a name.
    pub fn bare(address: Email) -> Self {
        Self { name: None, address }
    }

    /// As a header has it: the address as it is, with its letters beyond ASCII (RFC 6532 § 3.2), the name in ASCII (RFC 2047).
    /// An [`Email`] is narrower than what the library would check, which knows no marks of letters.
    fn written(&self) -> lettre::message::Mailbox {
        let address = lettre::Address::new_dangerous(self.address.local_part(), self.address.domain());
        let name = self.name.as_deref().map(|name| one_line(name, NAME_CHARACTERS_MAX)).filter(|name| !name.is_empty());
        lettre::message::Mailbox::new(name, address)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(name: &str, subject: &str) -> Message {
        Message {
            from: Mailbox { name: Some(name.into()), address: Email::parse("no-reply@example.com").unwrap() },
            reply_to: Some(Mailbox { name: Some(name.into()), address: Email::parse("help@example.com").unwrap() }),
            to: Mailbox { name: Some(name.into()), address: Email::parse("Alice@example.com").unwrap() },
            subject: subject.into(),
            text: "Hello\n.\nDot above.\n".into(),
            html: "<p>Hello</p>".into(),
            message_id: "0190-1@example.com".into(),
            date: Timestamp(1_772_615_727_004_211),
        }
    }

    fn header_lines(bytes: &[u8]) -> Vec<String> {
        let text = std::str::from_utf8(bytes).unwrap();
        let head = text.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ").replace("\r\n\t", " ");
        head.split("\r\n").map(str::to_owned).collect()
    }

    const GOLDEN: [&str; 9] =
        ["From", "Reply-To", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"];

    #[test]
    fn the_header_list_is_always_the_same() {
        let bytes = message("Example Corp", "Choose a new password").to_bytes().unwrap();
        let lines = header_lines(&bytes);
        assert_eq!(
            lines[..8],
            [
                "From: \"Example Corp\" <no-reply@example.com>",
                "Reply-To: \"Example Corp\" <help@example.com>",
                "To: \"Example Corp\" <Alice@example.com>",
                "Subject: Choose a new password",
                "Message-ID: <0190-1@example.com>",
                "Date: Wed, 04 Mar 2026 09:15:27 +0000",
                "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0",
            ]
        );
        assert!(lines[8].starts_with("Content-Type: multipart/alternative; boundary="), "{}", lines[8]);
        assert_eq!(lines.len(), 9);
    }

    #[test]
    fn the_same_mail_has_the_same_bytes() {
        let mail = message("A", "B");
        assert_eq!(mail.to_bytes().unwrap(), mail.to_bytes().unwrap());
    }

    #[test]
    fn hostile_names_and_subjects_add_no_header() {
        let long = "x".repeat(10_240);
        let hostile = [
            "Eve\r\nBcc: everyone@example.com",
            "Eve\nX-Evil: 1\n\n<html>",
            "<img src=x onerror=alert(1)>",
            "{{7*7}}",
            "\u{202E}evil",
            "\"quoted\" \\ back",
            "a@b.com, c@d.com",
            "=?utf-8?q?x?=",
            "(comment)",
            ";:,<>@[]",
            "\0",
            "",
            " ",
            "\u{2028}Bcc: x@y.z",
            "日本語の名前",
            "é\r\nBcc: x@y.z",
            &long,
        ];
        for text in hostile {
            let mut mail = message(text, text);
            mail.message_id = format!("{text}@example.com");
            let lines = header_lines(&mail.to_bytes().unwrap());
            let names: Vec<_> = lines.iter().map(|line| line.split_once(": ").unwrap().0).collect();
            assert_eq!(names, GOLDEN, "{text:?}");
        }
    }

    #[test]
    fn a_text_with_other_letters_is_still_seven_bit() {
        let mut mail = message("山田 太郎", "新しいパスワード");
        mail.text = "こんにちは。\n".repeat(30);
        let bytes = mail.to_bytes().unwrap();
        assert!(bytes.is_ascii());
        assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
    }

    #[test]
    fn a_link_stands_on_one_line_of_the_source_whatever_its_length() {
        for length in [20, 60, 75, 76, 77, 200, 900] {
            let link = format!("https://{}.example.com/reset#token", "a".repeat(length));
            let mut mail = message("A", "B");
            mail.text = format!("Choose:\n{link}\n\n{}\n", "words ".repeat(100));
            let source = String::from_utf8(mail.to_bytes().unwrap()).unwrap();
            assert!(source.contains(&format!("\r\n{link}\r\n")), "{length}");
            mail.text.push('é');
            let source = String::from_utf8(mail.to_bytes().unwrap()).unwrap();
            assert!(source.contains("text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"), "{source}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_for_a_mail_is_encoded() {
        let mut mail = message("A", "B");
        for (length, is_whole) in [(998, true), (999, false)] {
            mail.text = "a".repeat(length);
            let bytes = mail.to_bytes().unwrap();
            assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 999), "{length}");
            assert_eq!(String::from_utf8(bytes).unwrap().contains(&mail.text), is_whole, "{length}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn any_name_makes_a_mail_with_the_golden_headers(name in any::<String>(), subject in any::<String>()) {
            let lines = header_lines(&message(&name, &subject).to_bytes().unwrap());
            let names: Vec<_> = lines.iter().map(|line| line.split_once(':').unwrap().0).collect();
            prop_assert_eq!(names, GOLDEN);
        }

        #[test]
        fn every_address_can_be_written_to(
            local in "[a-z!#$%&'*+/=?^_`{|}~.-]{1,64}|[a-zß-öà-ž.-]{1,30}|[ऀ-ॿ]{1,20}|\\PC{1,8}",
            domain in "[a-z0-9-]{1,20}(\\.[a-z0-9-]{1,20}){0,3}",
            name in any::<String>(),
        ) {
            if let Ok(address) = Email::parse(&format!("{local}@{domain}")) {
                let mut mail = message("A", "B");
                mail.to = Mailbox::bare(address.clone());
                let expected = format!("To: {address}");
                prop_assert!(header_lines(&mail.to_bytes().unwrap()).contains(&expected));
                mail.to.name = Some(name);
                let bytes = mail.to_bytes().unwrap();
                let lines = header_lines(&bytes);
                let names: Vec<_> = lines.iter().map(|line| line.split_once(':').unwrap().0).collect();
                prop_assert_eq!(names, GOLDEN);
                // Nothing but the address leaves ASCII, and it stands there once.
                let whole = std::str::from_utf8(&bytes).unwrap();
                prop_assert!(whole.replacen(address.as_str(), "", 1).is_ascii());
            }
        }
    }
}
