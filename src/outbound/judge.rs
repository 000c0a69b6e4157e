//! Which addresses may be called. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::target::Target;
use crate::network::Network;

/// What is not the public Internet (the registries of special-purpose addresses, RFC 6890), each with its length.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 15] = [
    // This network.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private (RFC 1918).
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Behind a carrier's translation (RFC 6598).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // This machine.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local (RFC 3927); here machines in clouds find their credentials.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocols (RFC 6890).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation (RFC 5737).
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Relays of 6to4 (RFC 7526).
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Measurements (RFC 2544).
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, with the broadcast address.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The only addresses of IPv6 that are given to networks (RFC 4291 § 2.4): neither those of this machine, of a link (fe80::/10), of
/// a site (fc00::/7) or of a group, nor those that carry one of IPv4 (::ffff:0:0/96, 64:ff9b::/96) lie in it.
const GIVEN_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What in it is not the public Internet.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    // Protocols: Teredo, which carries an address of IPv4, measurements, identifiers.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, which carries an address of IPv4.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

fn lies_in_v4(address: Ipv4Addr, (network, length): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= length
}

fn lies_in_v6(address: Ipv6Addr, (network, length): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= length
}

/// Whether an address is one of the public Internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|network| lies_in_v4(address, *network)),
        IpAddr::V6(address) => {
            lies_in_v6(address, GIVEN_V6) && !NOT_PUBLIC_V6.iter().any(|network| lies_in_v6(address, *network))
        }
    }
}

/// Why a target must not be called at this address.
pub(super) fn refusal(target: &Target, address: IpAddr, allowed: &[Network]) -> Option<String> {
    if allowed.iter().any(|network| network.contains(address)) {
        return None;
    }
    let host = &target.host;
    if !is_public(address) {
        return Some(format!(
            "{host} leads to {address}, which is not a public address. The operator can allow it by outbound.allowed_networks."
        ));
    }
    (!target.is_https).then(|| {
        format!("{host} leads to {address}. http is only for the networks in outbound.allowed_networks; use https.")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn only_the_public_internet_is_public() {
        for text in ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255"]
            .into_iter()
            .chain(["172.32.0.0", "192.0.1.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"])
            .chain(["2606:4700:4700::1111", "2001:200::1", "2a00::1", "3ffe::1"])
        {
            assert!(public(text), "{text}");
        }
    }

    #[test]
    fn both_ends_of_every_other_range_are_refused() {
        for text in ["0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255"]
            .into_iter()
            .chain(["127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255"])
            .chain(["172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1"])
            .chain(["192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1"])
            .chain(["224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255"])
            .chain(["::", "::1", "::10.0.0.5", "::ffff:0:0", "::ffff:10.0.0.5", "::ffff:1.1.1.1", "64:ff9b::a00:5"])
            .chain(["64:ff9b:1::1", "100::1", "2001::1", "2001:0:a00:5::1", "2001:2::1", "2001:1ff::1", "2001:db8::1"])
            .chain([
                "2002::1",
                "2002:a00:5::1",
                "3fff::1",
                "fc00::1",
                "fdff::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "ff02::1",
            ])
        {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn the_operators_networks_are_allowed_also_over_http() {
        let allowed = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let (https, http) = (target("https://hooks.example.com/"), target("http://hooks.example.com/"));
        let refused = |target: &Target, address: &str| refusal(target, address.parse().unwrap(), &allowed);
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"] {
            assert_eq!((refused(&https, address), refused(&http, address)), (None, None), "{address}");
        }
        let words = refused(&https, "192.168.0.1").unwrap();
        assert!(words.starts_with("hooks.example.com leads to 192.168.0.1, which is not a public address."), "{words}");
        assert_eq!(refused(&https, "1.1.1.1"), None);
        assert!(refused(&http, "1.1.1.1").unwrap().contains("use https"));
    }

    fn target(url: &str) -> Target {
        Target::parse(url, true).unwrap()
    }

    proptest! {
        #[test]
        fn no_address_of_ipv6_that_carries_one_of_ipv4_is_public(inner: u32, rest: u64) {
            let inner = u128::from(inner);
            for address in [
                inner,
                0xffff << 32 | inner,
                0x64_ff9b << 96 | inner,
                0x2002 << 112 | inner << 80 | u128::from(rest),
                0x2001 << 112 | u128::from(rest) << 32 | inner,
            ] {
                prop_assert!(!is_public(Ipv6Addr::from_bits(address).into()), "{}", Ipv6Addr::from_bits(address));
            }
        }
    }
}
