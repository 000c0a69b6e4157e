//! The settings of the relay, and which of them are unsafe.

use crate::config::{bounds, is_loopback};
use crate::error::{Error, Result};
use crate::secret::Secret;

/// How the connection to the relay is protected. There is no "if offered": an attacker could suppress the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// Begin in plain text and require STARTTLS before anything of the mail is sent (RFC 3207).
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314 § 3.3).
    Tls,
    /// Plain text. For a relay on this machine only.
    None,
}

/// The relay's address and how to use it.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    /// Name or IP address of the relay. Its certificate must be for it.
    pub host: String,
    /// Port, usually 587 for STARTTLS, 465 for TLS.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Name to log in with, if the relay wants one.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<Secret<String>>,
    /// The most connections at a time.
    pub connections_max: usize,
    /// The longest time that one mail may take, connecting included.
    pub timeout_seconds: u64,
    /// Certificates to trust in addition to the machine's own, in PEM.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// Our name in `EHLO`.
    pub hello_name: String,
}

impl RelaySettings {
    /// STARTTLS, no login, four connections, 15 seconds.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            security: Security::default(),
            username: None,
            password: None,
            connections_max: 4,
            timeout_seconds: 15,
            extra_roots_pem: None,
            hello_name: "localhost".into(),
        }
    }

    /// Refuses unsafe and impossible settings in one sentence with the remedy.
    pub fn check(&self) -> Result<()> {
        let printable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let within = |name: &str, number: u64| {
            let (least, most) = bounds(name);
            (least.into()..=most.into()).contains(&number)
        };
        let complaint = if !printable(&self.host) || self.port == 0 {
            "The mail relay needs a host and a port, such as smtp.example.com and 587."
        } else if self.security == Security::None && !self.is_loopback() {
            "Mail security \"none\" is allowed only to a relay on this machine; choose \"starttls\" or \"tls\", or the \
             passwords' links would travel in clear."
        } else if self.username.is_some() != self.password.is_some() {
            "The mail relay's username and password must be set together, or neither of them."
        } else if self.username.as_deref().is_some_and(|name| name.is_empty() || name.contains('\0')) {
            "The mail relay's username is empty or has a NUL in it; leave it out if the relay wants no login."
        } else if !within("smtp.connections_max", self.connections_max as u64) {
            "The mail relay's connections are not as many as smtp.connections_max may be."
        } else if !within("smtp.timeout_seconds", self.timeout_seconds) {
            "The mail relay's timeout is not as long as smtp.timeout_seconds may be."
        } else if !printable(&self.hello_name) {
            "The name for the mail relay's EHLO must be a host name, such as identity.example.com."
        } else {
            return Ok(());
        };
        Err(Error::invalid(complaint))
    }

    fn is_loopback(&self) -> bool {
        is_loopback(&self.host.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_clear() {
        for (host, allowed) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("relay.localhost", true),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
            ("smtp.example.com", false),
        ] {
            let settings = RelaySettings { security: Security::None, ..RelaySettings::new(host, 25) };
            assert_eq!(settings.check().is_ok(), allowed, "{host}");
            assert!(RelaySettings::new(host, 25).check().is_ok(), "{host}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let fine = RelaySettings::new("smtp.example.com", 587);
        let broken = [
            RelaySettings { host: String::new(), ..fine.clone() },
            RelaySettings { host: "smtp example".into(), ..fine.clone() },
            RelaySettings { port: 0, ..fine.clone() },
            RelaySettings { username: Some("a".into()), ..fine.clone() },
            RelaySettings { password: Some(Secret::new("a".into())), ..fine.clone() },
            RelaySettings { connections_max: 0, ..fine.clone() },
            RelaySettings { timeout_seconds: 0, ..fine.clone() },
            RelaySettings { timeout_seconds: 301, ..fine.clone() },
            RelaySettings { hello_name: "a\r\nMAIL".into(), ..fine.clone() },
        ];
        for settings in broken {
            assert!(settings.check().is_err(), "{settings:?}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let settings = RelaySettings { password: Some(Secret::new("hunter2".into())), ..RelaySettings::new("h", 25) };
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
