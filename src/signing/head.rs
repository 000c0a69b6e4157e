//! The head of a chain of records, as it is signed and sent out: a person who keeps one can tell later whether the
//! chain still has it.

use crate::hex::{digest_from_hex, hex};

/// The last link of a chain at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of the link.
    pub number: i64,
    /// The hash over all that it says.
    pub hash: [u8; 32],
    /// How many records stand in the chain up to it and in it.
    pub records: i64,
    /// When this was said, in RFC 3339.
    pub at: String,
}

impl Head {
    /// The lines that are signed, behind the one that tells whose chain it is.
    pub fn lines(&self) -> String {
        format!("{}\n{}\nrecords {}\nat {}\n", self.number, hex(&self.hash), self.records, self.at)
    }

    /// Reads the text of a signed note: its first line, such as `id.example.com/tenantry/example-corp/audit`, and the head. `None`
    /// for any other text.
    pub fn read(text: &str) -> Option<(&str, Self)> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|origin| origin.ends_with("/audit"))?;
        let head = Self {
            number: lines.next()?.parse().ok()?,
            hash: digest_from_hex(lines.next()?)?,
            records: lines.next()?.strip_prefix("records ")?.parse().ok()?,
            at: lines.next()?.strip_prefix("at ")?.to_owned(),
        };
        // Written once more it is the same, so there is no other way to say it.
        (format!("{origin}\n{}", head.lines()) == text).then_some((origin, head))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGIN: &str = "id.example.com/tenantry/example-corp/audit";

    #[test]
    fn other_texts_are_no_heads() {
        let head = Head { number: 818, hash: [7; 32], records: 9, at: "2026-11-29T02:07:12Z".into() };
        let text = format!("{ORIGIN}\n{}", head.lines());
        assert_eq!(Head::read(&text), Some((ORIGIN, head)));
        let others = [
            text.replace("/audit", "/evidence"),
            text.replace("818", "+818"),
            text.replace("records ", "record "),
            text.replace("0707", "070G"),
            text.trim_end().to_owned(),
            format!("{text}more\n"),
        ];
        for other in others {
            assert_eq!(Head::read(&other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_head_is_read_as_it_was_written(number in 1_i64.., hash in any::<[u8; 32]>(), records in 0_i64..) {
            let head = Head { number, hash, records, at: "2026-11-29T02:07:12Z".into() };
            let text = format!("{ORIGIN}\n{}", head.lines());
            prop_assert_eq!(Head::read(&text), Some((ORIGIN, head)));
        }
    }
}
