//! Answers of a relay (RFC 5321 § 4.2).

/// Longest answer that is read, in octets, all its lines together. The standard's lines have 512.
pub const REPLY_OCTETS_MAX: usize = 8 * 1024;

/// One answer: a code and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// The text of each line, without code and line end.
    pub lines: Vec<String>,
}

impl Reply {
    /// The code and the text, for quoting.
    pub fn words(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }

    /// Whether an answer to `EHLO` names an extension.
    pub fn offers(&self, keyword: &str) -> bool {
        self.parameters(keyword).is_some()
    }

    /// The parameters of an extension; `None` if it is not offered.
    pub fn parameters(&self, keyword: &str) -> Option<&str> {
        // The first line is a greeting. Some old relays write AUTH=PLAIN.
        self.lines.iter().skip(1).find_map(|line| {
            let (word, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            word.eq_ignore_ascii_case(keyword).then_some(rest)
        })
    }
}

/// Parses a line of an answer into its code, whether more lines follow, and its text; `None` if it is malformed.
pub fn parse_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (digits, rest) = line.split_at_checked(3)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = std::str::from_utf8(digits).ok()?.parse().ok().filter(|code| (200..600).contains(code))?;
    let (more, text) = match rest.split_first() {
        None => (false, rest),
        Some((b' ', text)) => (false, text),
        Some((b'-', text)) => (true, text),
        Some(_) => return None,
    };
    Some((code, more, String::from_utf8_lossy(text).into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_read_by_the_book() {
        assert_eq!(parse_line(b"250-PIPELINING\r\n"), Some((250, true, "PIPELINING".into())));
        assert_eq!(parse_line(b"354\r\n"), Some((354, false, String::new())));
        assert_eq!(parse_line(b"550 5.1.1 No such user\n"), Some((550, false, "5.1.1 No such user".into())));
        for line in ["", "25", "25x hi", "250_hi", "999 hi", "100 hi", "HTTP/1.1 400 Bad Request"] {
            assert_eq!(parse_line(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn extensions_are_found_whatever_their_case() {
        let lines = ["auth.example.com greets", "SIZE 1000", "auth=LOGIN PLAIN", "StartTls"].map(str::to_owned);
        let reply = Reply { code: 250, lines: lines.to_vec() };
        assert_eq!((reply.offers("STARTTLS"), reply.offers("PIPELINING")), (true, false));
        assert_eq!(reply.parameters("AUTH"), Some("LOGIN PLAIN"));
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in proptest::collection::vec(any::<u8>(), 0..40)) {
            parse_line(&line);
        }
    }
}
