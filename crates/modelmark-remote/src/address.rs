//! How a place is named: by a URL, in `modelmark.toml`, on the command line and in receipts.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The URL of a place, such as `ipfs+http://127.0.0.1:5001` or `s3://bucket/folder`. It carries no secret: those come from the environment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(Url);

impl Address {
    /// Returns the URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the scheme, which says what kind of place it is.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }
}

/// The word for all public gateways; its scheme is the word itself.
const GATEWAYS: &str = "gateways";

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // One word for a list that the program knows.
        let text = if text == GATEWAYS { "gateways:" } else { text };
        let url = Url::parse(text)
            .map_err(|error| format!("{text:?} is no URL of a place: {error}; write it like ipfs+http://127.0.0.1:5001"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a place's URL carries no user name and no password; give them by the environment".to_owned());
        }
        // One place has one name: whoever names it twice, with and without a slash, has not named two.
        Ok(Self(Url::parse(shown(&url)).unwrap_or(url)))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(shown(&self.0))
    }
}

/// Returns the URL without slashes at its end, if there is more of it than a scheme.
fn shown(url: &Url) -> &str {
    let short = url.as_str().trim_end_matches('/');
    if short.ends_with(':') { url.as_str() } else { short }
}
