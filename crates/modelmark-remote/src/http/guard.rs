//! Addresses that a stranger's URL must not lead to: this machine, its network, and what clouds answer inside of a machine.
//!
//! Tables: the IANA special-purpose address registries (RFC 6890), <https://www.iana.org/assignments/iana-ipv4-special-registry> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Networks of IPv4 that are not the public internet, and why.
const V4: [(Ipv4Addr, u32, &str); 19] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a provider's network"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a cloud's metadata"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local network"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved for protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "for name servers of networks"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "for relays"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "for relays"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "for name servers of networks"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for measurements"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// Networks of IPv6 inside of 2000::/3 that are not the public internet, and why. Everything outside of it is not either.
const V6: [(Ipv6Addr, u32, &str); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved for protocols"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "a tunnel to an IPv4 address"),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, "for name servers of networks"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation"),
];

/// Returns why nothing is fetched from `address` for a stranger; `None` for an address of the public internet.
#[must_use]
pub fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => forbidden_v4(address),
        IpAddr::V6(address) => forbidden_v6(address),
    }
}

fn forbidden_v4(address: Ipv4Addr) -> Option<&'static str> {
    let inside = |network: Ipv4Addr, bits: u32| (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0;
    V4.iter().find(|(network, bits, _)| inside(*network, *bits)).map(|(_, _, why)| *why)
}

fn forbidden_v6(address: Ipv6Addr) -> Option<&'static str> {
    let inside = |network: Ipv6Addr, bits: u32| (address.to_bits() ^ network.to_bits()) >> (128 - bits) == 0;
    // An IPv4 address in other clothes is judged as that: mapped (::ffff:0:0/96), and translated on networks without IPv4 (64:ff9b::/96, RFC 6052).
    let dressed = inside(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96) || inside(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);
    if dressed {
        return forbidden_v4(Ipv4Addr::from_bits((address.to_bits() & 0xffff_ffff) as u32));
    }
    if !inside(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3) {
        return Some("not an address of the public internet");
    }
    // ISATAP (RFC 5214) hides an IPv4 address in the lower half.
    if matches!((address.to_bits() >> 32) as u32, 0x0000_5efe | 0x0200_5efe) {
        return Some("a tunnel to an IPv4 address");
    }
    V6.iter().find(|(network, bits, _)| inside(*network, *bits)).map(|(_, _, why)| *why)
}

/// Looks names up and refuses those that lead to a forbidden address. The connection goes to the very address that was looked at, so that a name that
/// changes its mind in between gains nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // A name with addresses of both kinds is up to something.
            if let Some(why) = found.iter().find_map(|address| forbidden(address.ip())) {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{FORBIDDEN}{why}")).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// How the resolver's refusal begins.
pub(super) const FORBIDDEN: &str = "its name leads to an address that is ";

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "an address that cannot be read is a failed test")]

    use super::*;

    fn is_forbidden(address: &str) -> bool {
        forbidden(address.parse().unwrap()).is_some()
    }

    #[test]
    fn nothing_inside_is_reached() {
        let inside = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
        ];
        for address in inside {
            assert!(is_forbidden(address), "{address}");
            assert!(is_forbidden(&format!("::ffff:{address}")), "{address} mapped");
            assert!(is_forbidden(&format!("64:ff9b::{address}")), "{address} translated");
            assert!(is_forbidden(&format!("64:ff9b:1::{address}")), "{address} translated locally");
            assert!(is_forbidden(&format!("::{address}")), "{address} compatible");
            assert!(is_forbidden(&format!("2001:4860:4860::5efe:{address}")), "{address} by ISATAP");
            let [a, b, c, d] = address.parse::<Ipv4Addr>().unwrap().octets().map(u16::from);
            let tunnel = Ipv6Addr::new(0x2002, a << 8 | b, c << 8 | d, 0, 0, 0, 0, 1);
            assert!(forbidden(tunnel.into()).is_some(), "{address} by 6to4");
        }
        let inside = [
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd12:3456::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002::1",
            "3fff::1",
            "5f00::1",
            "4000::1",
            "64:ff9b:1::808:808",
        ];
        for address in inside {
            assert!(is_forbidden(address), "{address}");
        }
    }

    #[test]
    fn the_public_internet_is() {
        let outside = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450::1",
            "2001:200::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ];
        for address in outside {
            assert_eq!(forbidden(address.parse().unwrap()), None, "{address}");
        }
    }
}
