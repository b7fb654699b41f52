//! What the URL of an Arweave place says.

use url::{Host, Url};

use crate::{Address, RemoteError};

/// The gateway that is read from unless the URL names another.
const GATEWAY: &str = "arweave.net";
/// The bundler that takes items unless the URL names another.
const BUNDLER: &str = "https://upload.ardrive.io/v1";

/// `ar://[GATEWAY][?gateway=URL][&bundler=URL|none]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How the place is called: `ar://` and the gateway.
    pub(crate) name: String,
    /// Base of the gateway's addresses, ending with a slash.
    pub(crate) gateway: Url,
    /// Where items are posted to; none: data go into transactions of their own, which the gateway takes.
    pub(crate) bundler: Option<Url>,
}

impl Settings {
    pub(crate) fn read(address: &Address) -> Result<Self, RemoteError> {
        let url = address.url();
        let wrong = |reason: String| RemoteError::Forbidden { url: crate::http::label(url), reason };
        if !matches!(url.path(), "" | "/") {
            return Err(wrong("the URL of an Arweave place has no path: ar://GATEWAY".to_owned()));
        }
        let host = url.host_str().filter(|host| !host.is_empty()).unwrap_or(GATEWAY);
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let (mut gateway, mut bundler) = (None, None);
        for (key, value) in url.query_pairs() {
            let slot = match &*key {
                "gateway" => &mut gateway,
                "bundler" => &mut bundler,
                _ => return Err(wrong(format!("{:?} is no option of an Arweave place; gateway and bundler are", crate::http::tame(&key)))),
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(wrong(format!("{key} stands twice in it")));
            }
        }
        let gateway = match gateway {
            Some(gateway) => base(&gateway).map_err(wrong)?,
            None => {
                let plain = base(&format!("http://{host}")).map_err(wrong)?;
                if is_here(&plain) { plain } else { base(&format!("https://{host}")).map_err(wrong)? }
            }
        };
        let bundler = match bundler.as_deref() {
            Some("none") => None,
            Some(bundler) => Some(posting(base(bundler).map_err(wrong)?)),
            None => Some(posting(base(BUNDLER).map_err(wrong)?)),
        };
        Ok(Self { name: format!("ar://{host}"), gateway, bundler })
    }

    /// Returns an address below the gateway.
    pub(crate) fn at(&self, path: &str) -> Url {
        // What is joined are ids, numbers and words of ours.
        self.gateway.join(path).unwrap_or_else(|_| self.gateway.clone())
    }
}

/// Tells whether an address is one of this machine, where there are no certificates.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn base(text: &str) -> Result<Url, String> {
    let shown = crate::http::tame(text);
    let mut url = Url::parse(text).map_err(|error| format!("{shown:?} is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{shown:?} has to be an https:// or http:// URL without a user"));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

/// Bundlers take items at `tx` below their base, or at `tx/TOKEN`, which can be named as well.
fn posting(mut base: Url) -> Url {
    let path = base.path().trim_end_matches('/').to_owned();
    let named = path.split('/').rev().take(2).any(|segment| segment == "tx");
    base.set_path(&if named { path } else { format!("{path}/tx") });
    base
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed test says where")]

    use super::*;

    fn read(text: &str) -> Result<Settings, RemoteError> {
        Settings::read(&text.parse().unwrap())
    }

    #[test]
    fn places_are_named_by_their_gateway() {
        for (text, name, gateway, bundler) in [
            ("ar://", "ar://arweave.net", "https://arweave.net/", "https://upload.ardrive.io/v1/tx"),
            ("ar://ar-io.dev", "ar://ar-io.dev", "https://ar-io.dev/", "https://upload.ardrive.io/v1/tx"),
            ("ar://127.0.0.1:1984?bundler=none", "ar://127.0.0.1:1984", "http://127.0.0.1:1984/", ""),
            (
                "ar://?bundler=https://uploader.irys.xyz/tx/ethereum",
                "ar://arweave.net",
                "https://arweave.net/",
                "https://uploader.irys.xyz/tx/ethereum",
            ),
            ("ar://here?gateway=http://10.0.0.1/ar&bundler=http://b/", "ar://here", "http://10.0.0.1/ar/", "http://b/tx"),
        ] {
            let settings = read(text).unwrap();
            let bundler_read = settings.bundler.as_ref().map_or("", Url::as_str);
            assert_eq!((settings.name.as_str(), settings.gateway.as_str(), bundler_read), (name, gateway, bundler), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "ar://arweave.net/some/path",
            "ar://?bundlr=https://a",
            "ar://?gateway=ftp://a",
            "ar://?gateway=https://ada:secret@a",
            "ar://?bundler=none&bundler=none",
            "ar://?gateway=nonsense",
        ] {
            assert!(matches!(read(text), Err(RemoteError::Forbidden { .. })), "{text}");
        }
    }
}
