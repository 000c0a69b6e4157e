//! Distinguished names (RFC 4514), in one spelling: letter case and blanks do not count.

/// One spelling of a name. What is no name is spelt in some way too, and so compared as text.
pub(super) fn normal(name: &str) -> String {
    let mut parts = parts(name, &[',', ';']).into_iter().map(|part| {
        let (kind, value) = part.split_once('=').unwrap_or((&part, ""));
        format!("{}={}", kind.trim().to_lowercase(), spelt(&unescaped(value.trim()).to_lowercase()))
    });
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |name, part| name + "," + &part)
}

/// The value of the first part, as it is written there.
pub(super) fn first_value(name: &str) -> Option<String> {
    let first = parts(name, &[',', ';', '+']).into_iter().next()?;
    let value = unescaped(first.split_once('=')?.1.trim());
    (!value.is_empty()).then_some(value)
}

/// Cuts at signs that stand behind no backslash and in no quotes.
fn parts(name: &str, signs: &[char]) -> Vec<String> {
    let (mut parts, mut is_escaped, mut is_quoted) = (vec![String::new()], false, false);
    for c in name.chars() {
        if signs.contains(&c) && !is_escaped && !is_quoted {
            parts.push(String::new());
            continue;
        }
        is_quoted ^= c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// A value without its backslashes, and without quotes around it; blanks within count once.
fn unescaped(value: &str) -> String {
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let (bytes, mut read, mut at) = (value.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let hex = |at: usize| std::str::from_utf8(bytes.get(at + 1..at + 3)?).ok();
        let byte = hex(at).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let (one, taken) = match (bytes[at], byte, bytes.get(at + 1)) {
            (b'\\', Some(byte), _) => (byte, 3),
            (b'\\', None, Some(next)) => (*next, 2),
            (other, ..) => (other, 1),
        };
        read.push(one);
        at += taken;
    }
    String::from_utf8_lossy(&read).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value with backslashes where RFC 4514 § 2.4 asks for them.
fn spelt(value: &str) -> String {
    let mut spelt = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, ',' | ';' | '+' | '"' | '\\' | '<' | '>' | '=') {
            spelt.push('\\');
        }
        spelt.push(c);
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_and_spellings_do_not_count() {
        let jane = "uid=jane roe,ou=people,dc=example,dc=com";
        for same in [
            jane,
            "UID=Jane Roe, OU=People, DC=example, DC=com",
            "uid = jane  roe ;ou=people,dc=example,dc=com",
            "uid=jane\\20roe,ou=people,dc=example,dc=com",
            "uid=\"Jane Roe\",ou=people,dc=example,dc=com",
        ] {
            assert_eq!(normal(same), jane, "{same}");
        }
        assert_eq!(normal("cn=Roe\\, Jane,dc=x"), "cn=roe\\, jane,dc=x");
        assert_eq!(normal("cn=Roe\\2C Jane,dc=x"), "cn=roe\\, jane,dc=x");
        assert_ne!(normal("cn=a,dc=x"), normal("cn=a\\,dc=x"));
        assert_eq!(normal("Jürgen"), "jürgen=");
        for any in ["", "\\", "\"", "=", "\\é", "\\2", ",,"] {
            normal(any);
            first_value(any);
        }
    }

    #[test]
    fn the_first_value_names_a_group() {
        assert_eq!(first_value("cn=Staff Leads,ou=groups").as_deref(), Some("Staff Leads"));
        assert_eq!(first_value("cn=a\\,b+ou=c,dc=x").as_deref(), Some("a,b"));
        assert_eq!((first_value("staff"), first_value("cn=")), (None, None));
    }
}
