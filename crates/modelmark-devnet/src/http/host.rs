//! Whether a request was meant for this server: a web page that points its own host name at the loopback address (DNS rebinding) is turned away.

use std::net::IpAddr;

/// Returns whether a `Host` header names this server: by an IP address, which no name service can redirect, as `localhost`, or by a name given beforehand.
pub(super) fn is_expected(header: &str, names: &[String]) -> bool {
    let host = without_port(header);
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    literal.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost") || names.iter().any(|name| name.eq_ignore_ascii_case(host))
}

fn without_port(header: &str) -> &str {
    match header.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && (!host.contains(':') || host.ends_with(']')) => host,
        _ => header,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_are_expected() {
        for host in ["127.0.0.1", "127.0.0.1:8545", "[::1]:8545", "[::1]", "::1", "localhost", "LOCALHOST:1", "10.0.0.1"] {
            assert!(is_expected(host, &[]), "{host}");
        }
    }

    #[test]
    fn other_names_only_when_given() {
        for host in ["example.org", "example.org:8545", "localhost.example.org", "127.0.0.1.example.org", "", ":8545", "[::1]evil"] {
            assert!(!is_expected(host, &[]), "{host}");
        }
        assert!(is_expected("node.example.org:8545", &["node.example.org".into()]));
    }
}
