//! What a verification says to people.

use std::collections::BTreeMap;

use super::lines::Emails;
use super::verify::Sound;
use crate::hex::hex;

/// A number with a comma between each three digits.
pub(super) fn counted(number: u64) -> String {
    let digits = number.to_string();
    let first = match digits.len() % 3 {
        0 => 3,
        first => first,
    };
    let (head, rest) = digits.split_at(first.min(digits.len()));
    let groups = rest.as_bytes().chunks(3).map(|group| format!(",{}", String::from_utf8_lossy(group)));
    format!("{head}{}", groups.collect::<String>())
}

fn count(number: i64) -> String {
    counted(number.unsigned_abs())
}

fn sum(reasons: &BTreeMap<String, i64>) -> i64 {
    reasons.values().sum()
}

/// What a file proves, what it does not, and what is left to the reader.
pub fn sentences(sound: &Sound) -> String {
    let paragraphs = [counts(sound), chain(sound), limits(sound), key(sound)];
    paragraphs.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn counts(sound: &Sound) -> String {
    let totals = &sound.totals;
    let not_reached = match totals.not_reached {
        0 => String::new(),
        users => format!(", {} not come to", count(users)),
    };
    let apps = match totals.code_apps {
        0 => String::new(),
        1 => " 1 code app was taken away with the password.".into(),
        apps => format!(" {} code apps were taken away with the passwords.", count(apps)),
    };
    let renewed = match totals.renewed {
        0 => String::new(),
        1 => " 1 link had died, and a reminder brought another.".into(),
        links => format!(" {} links had died, and reminders brought others.", count(links)),
    };
    format!(
        "Sound. {} ended, {} dropped, {} left out{not_reached}: the {} listed.{apps}{renewed} {} chose a new password by their \
         link.",
        count(totals.ended),
        count(sum(&totals.dropped)),
        count(sum(&totals.left_out)),
        count(totals.listed),
        count(totals.redeemed),
    )
}

fn chain(sound: &Sound) -> String {
    let ((first, last), head) = (sound.links, hex(&sound.head));
    let agree = match (sound.heads_agree, sound.heads) {
        (_, 0) => "is compared with none, since you gave no head".into(),
        (agree, heads) if agree == heads => format!("agrees with the {} heads that you gave", counted(heads)),
        (agree, heads) => format!(
            "and the links before it agree with {} of the {} heads that you gave; the others are of links outside this file",
            counted(agree),
            counted(heads)
        ),
    };
    format!(
        "{} records stand in links {} to {}. Head {last} {}\u{2026} {agree}.",
        counted(sound.records),
        count(first),
        count(last),
        &head[..12],
    )
}

fn limits(sound: &Sound) -> String {
    let erased = match sound.erased {
        0 => String::new(),
        records => format!(
            "{} of these records were rewritten since, when a person was erased: that they are there is proved, and not what \
             they say now.\n",
            counted(records)
        ),
    };
    let what = match sound.header.emails {
        Emails::Plain => "File and records are as the server sealed them.",
        Emails::Hidden => {
            "The file is as the server signed it. Its addresses are hidden, so that these records are in the chain is proved, \
             and not what they say."
        }
    };
    format!(
        "{erased}{what} This does not show whether it wrote the truth, what its operator did before the first head that you \
         hold, or whether a mail was read."
    )
}

fn key(sound: &Sound) -> String {
    let (key, installation) = (&sound.signed_by, &sound.header.installation);
    match sound.is_key_given {
        true => "Signed by the key that you gave.".into(),
        false => format!(
            "Signed by a key that the file itself names. Compare it with https://{installation}/.well-known/tenantry-keys, or \
             with what you were told by another way than the file:\n  {key}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_between_each_three_digits() {
        for (number, wanted) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(counted(number), wanted);
        }
    }
}
