//! Words that could lead users elsewhere than to the one link of a mail. Pure.

/// Whether a text holds something that mail programs turn into a link to a page.
pub(super) fn names_an_address(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("://")
        || text.contains("www.")
        || text.split_whitespace().any(|word| !word.contains('@') && (names_a_path(word) || names_a_host(word)))
}

/// Such as `example.com/reset`.
fn names_a_path(word: &str) -> bool {
    word.split_once('/').is_some_and(|(host, _)| {
        let host = host.trim_start_matches(|sign: char| !sign.is_alphanumeric());
        host.split_once('.').is_some_and(|(name, rest)| !name.is_empty() && rest.chars().any(char::is_alphabetic))
    })
}

/// Such as `example.com`, alone or between signs. A letter behind a full stop is an abbreviation.
fn names_a_host(word: &str) -> bool {
    let is_of_a_host = |sign: char| sign.is_alphanumeric() || matches!(sign, '.' | '-');
    word.split(|sign| !is_of_a_host(sign)).any(|host| {
        let labels: Vec<_> = host.trim_matches('.').split('.').collect();
        let last = labels.last().copied().unwrap_or_default();
        let is_name = labels.len() > 1 && labels.iter().all(|label| !label.is_empty());
        is_name && last.chars().count() > 1 && last.chars().all(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_nowhere_but_to_the_one_link() {
        for (text, leads) in [
            ("Go to https://evil.example", true),
            ("Go to WWW.evil.example", true),
            ("Go to evil.example/reset now", true),
            ("(evil.example/reset)", true),
            ("Choose it at evil.example.", true),
            ("(Evil.Example)", true),
            ("evil.example:8443", true),
            ("evil.example?now", true),
            ("Ask security@example.com and/or your manager. 24/7, 1.5/2.", false),
            ("On 11/29 we reset passwords.", false),
            ("z.B. am 3.12., d.h. morgen... Ja. 2.5 h", false),
        ] {
            assert_eq!(names_an_address(text), leads, "{text}");
        }
    }
}
