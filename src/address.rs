//! Mail addresses, in a narrow form that every parser reads alike; and the one spelling in which they are stored and looked up.

mod letters;

use std::borrow::Cow;
use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// Longest local part in octets (RFC 5321 § 4.5.3.1.1).
pub const LOCAL_PART_OCTETS_MAX: usize = 64;
/// Longest address in octets: a path has 256 with its brackets (RFC 5321 § 4.5.3.1.3, erratum 1690 to RFC 3696).
pub const ADDRESS_OCTETS_MAX: usize = 254;
/// Longest label of a domain in octets (RFC 1035 § 2.3.4).
const LABEL_OCTETS_MAX: usize = 63;

/// A mail address as it is stored, compared and sent to: a dot-atom (RFC 5322 § 3.2.3), `@`, and a domain of ASCII letters,
/// digits and hyphens, an international one in its `xn--` form. Quoted local parts and address literals are not in it.
///
/// Before the `@` there may also be letters, digits and their marks beyond ASCII (RFC 6531 § 3.3), in NFC, as identifiers may
/// have them (UTS 39 § 3.1), and of one script or of those that are written together (UTS 39 § 5.2, highly restrictive): what
/// is invisible, turns the direction of text or makes two addresses look alike is refused. Mail to such an address needs a
/// relay that offers SMTPUTF8 ([`Email::is_ascii`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Parses an address as people write it. Blanks around it are dropped, full-width letters and signs become the
    /// plain ones, letters with their marks become NFC, and a domain in its own script becomes its `xn--` form (UTS 46).
    /// Letter case before the `@`, and of an ASCII domain, is kept; [`Email::key`] ignores it. Nothing else is repaired; the
    /// error is a sentence that begins with `Field email`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = trimmed(text);
        if text.is_empty() {
            return refuse("is empty; write an address such as alice@example.com.");
        }
        let Some((local, domain)) = text.rsplit_once(['@', '＠', '﹫']) else {
            return refuse("has no @; write an address such as alice@example.com.");
        };
        let local = plainly_spelled(local);
        let domain = in_ascii(domain)?;
        check_local_part(&local)?;
        check_domain(&domain)?;
        let whole = format!("{local}@{domain}");
        if whole.len() > ADDRESS_OCTETS_MAX {
            return refuse("is longer than 254 characters.");
        }
        Ok(Self(whole))
    }

    /// The address as people read it: the domain in its own script.
    pub fn shown(&self) -> String {
        shown(&self.0)
    }

    /// The address in the letter case as written, for mail and for programs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every relay carries mail to it. Any other needs SMTPUTF8 (RFC 6531).
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// The key by which an address is found: the address in lower case, letter by letter, so that the letters around one do
    /// not matter. Two addresses share a key only if they differ in nothing but the case of letters.
    pub fn key(&self) -> String {
        if self.0.is_ascii() {
            return self.0.to_ascii_lowercase();
        }
        self.0.chars().flat_map(char::to_lowercase).nfc().collect()
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// An address for people to read: its domain in its own script. Any other text is returned unchanged.
pub fn shown(text: &str) -> String {
    let stored = spelt(text);
    let Some((local, domain)) = stored.rsplit_once('@') else { return stored };
    let (own, read) = Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow);
    if read.is_err() || own.eq_ignore_ascii_case(domain) { stored } else { format!("{local}@{own}") }
}

/// The stored spelling of an address that a client asks for. Any other text is returned unchanged.
pub fn spelt(text: &str) -> String {
    Email::parse(text).map_or_else(|_| text.into(), String::from)
}

/// Without blanks at the ends, invisible ones included. Control characters are kept, to be refused.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        (c.is_whitespace() && !c.is_control()) || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
    })
}

/// The plain form of a full-width letter or sign, as East Asian keyboards write them.
fn plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '。' | '｡' => '.',
        c => c,
    }
}

/// Letters with their marks as NFC has them, full-width ones as the plain ones; ASCII is so spelled already.
fn plainly_spelled(local: &str) -> Cow<'_, str> {
    if local.is_ascii() {
        return local.into();
    }
    local.chars().map(plain).nfc().collect()
}

/// A domain in ASCII stays as it was written; any other is mapped and written as UTS 46 says.
fn in_ascii(domain: &str) -> Result<Cow<'_, str>> {
    if domain.is_ascii() {
        return Ok(domain.into());
    }
    let mapped =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Ignore);
    mapped.or_else(|_| refuse("has no valid domain behind the @: a letter or a sign in it can be in no domain."))
}

fn refuse<T>(rest: &str) -> Result<T> {
    Err(Error::invalid(format!("Field email {rest}")))
}

fn check_local_part(local: &str) -> Result<()> {
    if local.is_empty() {
        return refuse("has nothing before the @.");
    }
    if local.len() > LOCAL_PART_OCTETS_MAX {
        return refuse("has more than 64 characters before the @; a letter beyond ASCII counts as two to four.");
    }
    if !local.bytes().all(|byte| byte == b'.' || is_atext(byte) || !byte.is_ascii()) {
        return refuse(
            "has a character before the @ that is not taken: letters, digits, dots and !#$%&'*+-/=?^_`{|}~ are, \
             spaces, commas and quotes are not.",
        );
    }
    if local.split('.').any(str::is_empty) {
        return refuse("has a dot too many before the @.");
    }
    if local.is_ascii() { Ok(()) } else { letters::check(local) }
}

fn check_domain(domain: &str) -> Result<()> {
    let well_formed = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_OCTETS_MAX
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !domain.split('.').all(well_formed) {
        return refuse("has no valid domain behind the @: letters, digits and hyphens, divided by single dots.");
    }
    // A last label of digits makes it an IPv4 address (RFC 1123 § 2.1), which relays route by other rules.
    if domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())) {
        return refuse("has a number where the domain should end; write a domain name, not an IP address.");
    }
    Ok(())
}

/// `atext` of RFC 5322 § 3.2.3.
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

impl TryFrom<String> for Email {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for Email {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl schemars::JsonSchema for Email {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "idn-email", "maxLength": ADDRESS_OCTETS_MAX })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentence(text: &str) -> String {
        Email::parse(text).map_or_else(|error| error.message, |email| panic!("{email:?} was taken"))
    }

    #[test]
    fn ordinary_addresses_are_taken_as_they_are() {
        for text in
            ["alice@example.com", "A.b+c@Sub.Example.org", "o'neil@x.io", "root@localhost", "a@xn--mnchen-3ya.de"]
        {
            assert_eq!(Email::parse(text).unwrap().as_str(), text);
        }
        let email = Email::parse("A.Lice@Example.COM").unwrap();
        assert_eq!(
            (email.key().as_str(), email.local_part(), email.domain()),
            ("a.lice@example.com", "A.Lice", "Example.COM")
        );
    }

    #[test]
    fn lengths_are_bounded() {
        let domain = [&"d".repeat(63), &"e".repeat(63), &"f".repeat(59) as &str].join(".");
        let longest = format!("{}@{domain}.x", "a".repeat(64));
        assert_eq!(longest.len(), ADDRESS_OCTETS_MAX);
        assert!(Email::parse(&longest).is_ok());
        assert!(Email::parse(&format!("{longest}y")).is_err());
        assert!(sentence(&format!("{}@example.com", "a".repeat(65))).contains("64"));
        assert!(Email::parse(&format!("a@{}.com", "d".repeat(64))).is_err());
    }

    #[test]
    fn everything_that_could_be_read_in_two_ways_is_refused() {
        let hostile = [
            "",
            "@",
            "alice",
            "alice@",
            "@example.com",
            "a@b@example.com",
            "a b@example.com",
            "a@example.com\n",
            "a\r\nBcc: x@y.z",
            "\"a\\r\\nBcc: x\"@y.com",
            "\"a\"@example.com",
            "a@b,c@d.com",
            "a,b@example.com",
            "<a@example.com>",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@example..com",
            "a@.com",
            "a@example.com.",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "a@-x.com",
            "a@x-.com",
            "a@ex_ample.com",
            "a\0@example.com",
            "a(b)@example.com",
            "a;b@example.com",
        ];
        for text in hostile {
            assert!(sentence(text).starts_with("Field email "), "{text:?}");
        }
    }

    #[test]
    fn one_address_has_many_spellings() {
        for text in [
            "jane@xn--mnchen-3ya.de",
            "jane@münchen.de",
            " jane@münchen.de ",
            "\u{3000}jane@M\u{fc}nchen.DE\u{200b}",
            "jane@mu\u{308}nchen.de",
            "jane@MÜNCHEN.de",
            "jane＠münchen。de",
            "ｊａｎｅ＠ｍünchen．ｄｅ",
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), "jane@xn--mnchen-3ya.de", "{text}");
        }
        assert_eq!(Email::parse("jane@example。com").unwrap().as_str(), "jane@example.com");
        assert_eq!(Email::parse("XN@XN--MNCHEN-3YA.DE").unwrap().key(), Email::parse("xn@münchen.de").unwrap().key());
        assert_eq!(Email::parse("jane@straße.example").unwrap().domain(), "xn--strae-oqa.example");
    }

    #[test]
    fn people_read_a_domain_in_its_own_script() {
        for (stored, read) in [
            ("jane@xn--mnchen-3ya.de", "jane@münchen.de"),
            ("jane@xn--r8jz45g.xn--zckzah", "jane@例え.テスト"),
            ("Jane@Example.com", "Jane@Example.com"),
            ("jane@xn--a.example", "jane@xn--a.example"),
            ("no address", "no address"),
        ] {
            assert_eq!(shown(stored), read);
        }
    }

    #[test]
    fn one_local_part_has_one_spelling_and_its_case_does_not_matter() {
        let stored = Email::parse("jo\u{308}hn@example.com").unwrap();
        assert_eq!(stored.as_str(), "j\u{f6}hn@example.com");
        for other in ["JÖHN@EXAMPLE.com", "Jöhn@example.com", " jÖhn@example.com ", "ｊöhn＠example。com"] {
            assert_eq!(Email::parse(other).unwrap().key(), stored.key(), "{other}");
        }
        // Only the case of a letter is ignored, whatever stands around it: Σ is σ, and no i is another.
        let key = |text: &str| Email::parse(text).unwrap().key();
        assert_eq!(key("ΣΟΦΟΣ@example.gr"), "σοφοσ@example.gr");
        for (one, other) in
            [("john", "jöhn"), ("straße", "strasse"), ("ılk", "ilk"), ("İlk", "ilk"), ("σοφος", "σοφοσ")]
        {
            assert_ne!(key(&format!("{one}@example.com")), key(&format!("{other}@example.com")), "{one}");
        }
        // The Kelvin sign is the letter K in another encoding (NFC), and no other letter.
        assert_eq!(Email::parse("\u{212a}im@example.com").unwrap().as_str(), "Kim@example.com");
    }

    #[test]
    fn the_length_of_a_local_part_is_counted_as_it_is_sent() {
        assert!(Email::parse(&format!("{}@example.com", "ö".repeat(32))).is_ok());
        assert!(sentence(&format!("{}@example.com", "ö".repeat(33))).contains("64"));
    }

    #[test]
    fn whatever_was_typed_is_stored_in_the_one_form_and_its_domain_in_ascii() {
        for character in ('\u{80}'..=char::MAX).step_by(7) {
            let texts = ["ab@exaCmple.com", "aCb@example.com", "Cab@example.com", "ab@example.comC"];
            for text in texts.map(|text| text.replace('C', &character.to_string())) {
                if let Ok(email) = Email::parse(&text) {
                    assert!(email.domain().is_ascii(), "{character:?}");
                    assert_eq!(Email::parse(email.as_str()).unwrap(), email, "{character:?}");
                    assert_eq!(Email::parse(&email.shown()).unwrap().key(), email.key(), "{character:?}");
                    assert_eq!(Email::parse(&email.key()).unwrap().key(), email.key(), "{character:?}");
                }
            }
        }
    }

    #[test]
    fn json_goes_through_the_same_door() {
        assert_eq!(serde_json::from_str::<Email>("\"a@b.c\"").unwrap().as_str(), "a@b.c");
        let refused = serde_json::from_str::<Email>("\"a b@c.d\"").unwrap_err();
        assert!(refused.to_string().starts_with("Field email "));
        for text in ["[\"a@b.c\"]", "null", "1", "{}"] {
            assert!(serde_json::from_str::<Email>(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_whole_or_refused(text in "\\PC{0,40}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(email.domain().is_ascii());
                prop_assert!(!text.is_ascii() || email.as_str() == text.trim());
            }
        }

        #[test]
        fn the_key_never_widens(a in "[a-cA-C.+@\\-]{1,4}@[a-cA-C.]{1,4}", b in "[a-cA-C.+@\\-]{1,4}@[a-cA-C.]{1,4}") {
            if let (Ok(a), Ok(b)) = (Email::parse(&a), Email::parse(&b)) {
                prop_assert_eq!(a.key() == b.key(), a.as_str().eq_ignore_ascii_case(b.as_str()));
                prop_assert_eq!(Email::parse(&a.key()).unwrap().key(), a.key());
            }
        }
    }
}
