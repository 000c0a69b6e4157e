//! Names of machines in settings.

use std::net::{IpAddr, Ipv6Addr};

/// Whether `text` is a DNS name in lower case (RFC 1123 § 2.1), without a dot at the end. A name that ends in a number
/// is refused, since it is an IP address or meant as one.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label) && !ends_in_a_number(text)
}

fn ends_in_a_number(text: &str) -> bool {
    text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A machine's name or address in the form used to look it up: lower case, without the dot of the root and without
/// brackets. `None` if it is neither. Underscores are accepted, since container engines use them.
pub fn host(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(bare) = bare {
        return bare.parse::<Ipv6Addr>().ok().map(|address| address.to_string());
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_string());
    }
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    is_domain(&name.replace('_', "x")).then_some(name)
}

/// Whether `host` can only be this machine: `localhost`, a name beneath it (RFC 6761 § 6.3), or a loopback address.
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_named_or_has_an_address() {
        for (text, told) in [
            ("Mail.Example.com", "mail.example.com"),
            ("mail.example.com.", "mail.example.com"),
            ("mail_relay", "mail_relay"),
            ("10.0.0.1", "10.0.0.1"),
            ("[2001:DB8::1]", "2001:db8::1"),
            ("::1", "::1"),
        ] {
            assert_eq!(host(text).as_deref(), Some(told), "{text}");
        }
        for text in [
            "",
            ".",
            "mail example.com",
            "mail.example.com:587",
            "smtp://mail.example.com",
            "\"mail.example.com\"",
            "mail..example.com",
            "10.0.0",
            "10.0.0.256",
            "[10.0.0.1]",
            "-x.example.com",
            "münchen.example",
            "a/b",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let ours = ["localhost", "{tenant}.localhost", "127.0.0.9", "[::1]", "::1", "[::ffff:127.0.0.1]"];
        assert!(ours.into_iter().all(is_loopback));
        assert!(!["localhost.example.com", "notlocalhost", "10.0.0.1", ""].into_iter().any(is_loopback));
    }
}
