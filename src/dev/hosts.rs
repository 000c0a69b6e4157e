//! The hosts under which the dev mode can be controlled and its mailbox read: only those that it prints itself. A
//! foreign page can point its own name to this machine (DNS rebinding); the browser then treats us as part of that
//! page.

use std::net::IpAddr;

use crate::error::{Error, Result};
use crate::http::Host;

/// The hosts of one dev mode.
#[derive(Debug, Clone)]
pub struct Hosts {
    pub(super) listen: IpAddr,
    pub(super) base_domain: String,
}

impl Hosts {
    /// # Errors
    /// `Forbidden` under any other host. The port is ignored: containers and tunnels change it.
    pub fn check(&self, host: &Host) -> Result<()> {
        let is_name = host.name() == self.base_domain || host.tenant_under(&self.base_domain).is_some();
        if is_name || host.address().is_some_and(|address| self.is_ours(address)) {
            return Ok(());
        }
        Err(Error::forbidden(format!(
            "The dev mode answers this under {}, under names beneath that and under the address that it listens on, \
             not under another host.",
            self.base_domain
        )))
    }

    /// DNS rebinding needs a name, so if we listen on all addresses of this machine, any address is accepted.
    fn is_ours(&self, address: IpAddr) -> bool {
        self.listen == address || self.listen.is_unspecified() || self.listen.is_loopback() && address.is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(listen: &str, host: &str) -> bool {
        let hosts = Hosts { listen: listen.parse().unwrap(), base_domain: "localhost".into() };
        hosts.check(&Host::parse(host).unwrap()).is_ok()
    }

    #[test]
    fn the_hosts_that_the_dev_mode_names_are_its_own_and_no_others() {
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST.:1", "example-corp.localhost:8080", "[::1]:8080"] {
            assert!(under("127.0.0.1", host), "{host}");
        }
        let others = [
            "evil.example",
            "localhost.evil.example",
            "evil-localhost",
            "192.0.2.1",
            "0.0.0.0",
            "[::]",
            "[2001:db8::1]",
        ];
        for host in others {
            assert!(!under("127.0.0.1", host), "{host}");
        }
        assert!(under("192.0.2.1", "192.0.2.1:80") && !under("192.0.2.1", "127.0.0.1"));
        assert!(under("0.0.0.0", "192.0.2.1") && under("::", "[2001:db8::1]") && !under("0.0.0.0", "evil.example"));
    }
}
