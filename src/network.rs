//! An address range, as used for trusted proxies and for tokens: one address, or CIDR notation (RFC 4632 § 3.1).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of IP addresses of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether `address` lies in this range. An IPv4 address that arrives on an IPv6 socket
    /// (`::ffff:192.0.2.1`) counts as the IPv4 address that it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs, width) = match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => (u128::from(ours.to_bits()), u128::from(theirs.to_bits()), 32),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits(), theirs.to_bits(), 128),
            _ => return false,
        };
        let below_prefix = width - u32::from(self.prefix);
        // A shift by the whole width is not defined, and a range of everything has no bits to compare.
        below_prefix == width || ours >> below_prefix == theirs >> below_prefix
    }

    /// Whether all of `other` lies in this range.
    pub fn holds(&self, other: &Self) -> bool {
        let is_one_family = self.address.is_ipv4() == other.address.is_ipv4();
        is_one_family && self.prefix <= other.prefix && self.contains(other.address)
    }

    /// Whether the range is every address of its family.
    pub fn is_everyone(&self) -> bool {
        self.prefix == 0
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| ())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(width);
        if prefix > width { Err(()) } else { Ok(Self { address, prefix }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_holds_its_own_addresses_and_no_others() {
        assert!(network("10.1.0.0/16").contains("10.1.255.9".parse().unwrap()));
        assert!(!network("10.1.0.0/16").contains("10.2.0.1".parse().unwrap()));
        assert!(network("10.1.0.0/16").contains("::ffff:10.1.0.1".parse().unwrap()));
        assert!(network("2001:db8::/32").contains("2001:db8:1::1".parse().unwrap()));
        assert!(!network("2001:db8::/32").contains("10.1.0.1".parse().unwrap()));
        assert!(network("0.0.0.0/0").is_everyone());
    }

    #[test]
    fn a_range_holds_narrower_ones_of_its_family() {
        let wide = network("10.0.0.0/8");
        assert!(wide.holds(&wide) && wide.holds(&network("10.1.0.0/16")) && wide.holds(&network("10.1.2.3")));
        for other in ["0.0.0.0/0", "11.0.0.0/16", "::/0", "::ffff:10.1.0.0/112"] {
            assert!(!wide.holds(&network(other)), "{other}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "10.1", "10.1.0.0/33", "10.1.0.0/", "::/129", "example.com", "10.0.0.1/-1"] {
            assert_eq!(text.parse::<Network>(), Err(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_single_address_is_a_range_of_itself_alone(ours: u32, theirs: u32) {
            let ours = IpAddr::from(ours.to_be_bytes());
            let theirs = IpAddr::from(theirs.to_be_bytes());
            prop_assert_eq!(network(&ours.to_string()).contains(theirs), ours == theirs);
        }

        #[test]
        fn a_written_range_reads_back(address: u128, prefix in 0u8..=128) {
            let network = Network { address: IpAddr::from(address.to_be_bytes()), prefix };
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }
    }
}
