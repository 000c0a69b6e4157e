//! Mail addresses, in the narrow form that every relay carries and no parser reads in two ways.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Longest local part in octets (RFC 5321 § 4.5.3.1.1).
pub const LOCAL_PART_OCTETS_MAX: usize = 64;
/// Longest address in octets: a path has 256 with its brackets (RFC 5321 § 4.5.3.1.3, erratum 1690 to RFC 3696).
pub const ADDRESS_OCTETS_MAX: usize = 254;
/// Longest label of a domain in octets (RFC 1035 § 2.3.4).
const LABEL_OCTETS_MAX: usize = 63;

/// A mail address as it was written down: an ASCII dot-atom (RFC 5322 § 3.2.3), `@`, and a domain of letters, digits
/// and hyphens. Quoted local parts, address literals and everything outside ASCII are not in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Reads one address. Nothing is trimmed, folded or repaired; the error is a sentence that begins with
    /// `Field email`.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return refuse("is empty; write an address such as alice@example.com.");
        }
        if !text.is_ascii() {
            return refuse(
                "must be written in ASCII; write an internationalised domain in its xn-- form. Letters outside ASCII \
                 before the @ are not supported.",
            );
        }
        if text.len() > ADDRESS_OCTETS_MAX {
            return refuse("is longer than 254 characters.");
        }
        let Some((local, domain)) = text.rsplit_once('@') else {
            return refuse("has no @; write an address such as alice@example.com.");
        };
        check_local_part(local)?;
        check_domain(domain)?;
        Ok(Self(text.to_owned()))
    }

    /// The address as it was written. Mail goes here.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What an address is found by: the same address in lower-case ASCII. Two addresses share a key only if they
    /// differ in nothing but the case of ASCII letters.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

fn refuse<T>(rest: &str) -> Result<T> {
    Err(Error::invalid(format!("Field email {rest}")))
}

fn check_local_part(local: &str) -> Result<()> {
    if local.is_empty() {
        return refuse("has nothing before the @.");
    }
    if local.len() > LOCAL_PART_OCTETS_MAX {
        return refuse("has more than 64 characters before the @.");
    }
    if !local.bytes().all(|byte| byte == b'.' || is_atext(byte)) {
        return refuse(
            "has a character before the @ that is not taken: letters, digits, dots and !#$%&'*+-/=?^_`{|}~ are, \
             spaces, commas and quotes are not.",
        );
    }
    if local.split('.').any(str::is_empty) {
        return refuse("has a dot too many before the @.");
    }
    Ok(())
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
        schemars::json_schema!({ "type": "string", "format": "email", "maxLength": ADDRESS_OCTETS_MAX })
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
            " a@example.com",
            "a@example.com ",
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
    fn an_international_domain_is_told_its_other_form() {
        assert!(sentence("a@münchen.de").contains("xn--"));
    }

    #[test]
    fn no_code_point_outside_ascii_gets_in() {
        for character in ('\u{80}'..=char::MAX).collect::<Vec<_>>() {
            for text in [format!("a{character}b@example.com"), format!("ab@exa{character}mple.com")] {
                assert!(Email::parse(&text).is_err(), "{character:?}");
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
                prop_assert_eq!(email.as_str(), text);
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
