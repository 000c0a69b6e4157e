//! Whether a text is plain: nothing in it is markup, and nothing in it would become a link. Pure.
//!
//! A mail about passwords comes from an address that people trust. A link in it that does not lead to the page of the link is
//! what phishing looks like, and mail programs make one of every name of a host.

/// What a text holds that is not plain, if it does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotPlain<'t> {
    /// A tag, such as `<b>`.
    Markup(&'t str),
    /// An address of the web, or of a mailbox.
    Address(&'t str),
}

/// The first thing in a text that is not plain.
pub(super) fn find(text: &str) -> Option<NotPlain<'_>> {
    tag(text).map(NotPlain::Markup).or_else(|| text.split(is_gap).find(|word| leads_away(word)).map(NotPlain::Address))
}

/// The beginning of a tag (HTML Standard § 13.2.5.6) up to its end.
fn tag(text: &str) -> Option<&str> {
    let mut starts = text.match_indices('<').map(|(at, _)| &text[at..]);
    let is_tag = |rest: &&str| rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || ['/', '!', '?'].contains(&c));
    starts.find(is_tag).map(|rest| rest.find('>').map_or(rest, |end| &rest[..=end]))
}

/// Where a word ends for a mail program that looks for addresses.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | ',' | ';' | '「' | '」' | '（' | '）' | '、' | '。')
}

fn leads_away(word: &str) -> bool {
    let word = word.to_lowercase();
    let is_scheme = |scheme: &&str| word.starts_with(*scheme) && word.len() > scheme.len();
    word.contains("://") || ["mailto:", "www."].iter().any(is_scheme) || has_host(&word)
}

/// Whether there is the name of a host in a word: labels with dots between them, the last of letters alone.
fn has_host(word: &str) -> bool {
    let is_dot = |c: char| matches!(c, '.' | '\u{ff0e}' | '\u{ff61}');
    let in_host = |c: char| c.is_alphanumeric() || c == '-' || is_dot(c);
    word.split(|c: char| !in_host(c)).any(|part| {
        let labels: Vec<_> = part.split(is_dot).collect();
        labels.windows(2).any(|pair| {
            let letters = pair[1].chars().take_while(|c| c.is_alphabetic()).count();
            let is_label = pair[0].chars().any(char::is_alphanumeric);
            is_label && (pair[1].starts_with("xn--") || (letters > 1 && letters == pair[1].chars().count()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mail_programs_make_a_link_of_is_found() {
        for address in [
            "https://evil.example",
            "HTTPS://EVIL.EXAMPLE/x",
            "javascript://x",
            "www.evil",
            "mailto:x",
            "evil.example",
            "evil.example/path?x=1",
            "help@evil.example",
            "evil.example.",
            "sub.evil.co.uk",
            "evil．example",
            "bücher.example",
            "例え.テスト",
            "evil.xn--p1ai",
        ] {
            let text = format!("Go to {address} now");
            assert_eq!(find(&text), Some(NotPlain::Address(address)), "{address}");
            assert!(find(&format!("次（{address}）へ")).is_some(), "{address}");
        }
    }

    #[test]
    fn tags_are_found() {
        for tag in ["<b>", "</p>", "<img src=x onerror=alert(1)>", "<!-- x -->", "<script>", "<?php ?>"] {
            assert_eq!(find(&format!("a {tag} b")), Some(NotPlain::Markup(tag)), "{tag}");
        }
    }

    #[test]
    fn ordinary_sentences_are_plain() {
        for text in [
            "",
            "Well done. Now choose; it takes 1.5 minutes (z.B. today), e.g. now...",
            "Room 4.2 & building B <3, a < b > c",
            "Fragen? Tel. 030/1234-56, Mo.-Fr. 8.30 Uhr",
            "設定が済みました。次に進みます。",
            "Dr. No: version 2.0, O’Neil & Söhne GmbH",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
