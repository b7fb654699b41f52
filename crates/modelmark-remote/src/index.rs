//! An index of tokens by digest: where somebody looked for them before. Nothing that it says is believed; each token is confirmed on its chain.

use std::collections::BTreeMap;
use std::time::Duration;

use modelmark_digest::Sha256Digest;
use url::Url;

use crate::RemoteError;
use crate::answers::index::{self, Hints, MAX_ANSWER_BYTES};
use crate::http::{Rules, Web, label};

/// How long an index may take for one answer, and send nothing.
const TIME: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(3);
/// Most bytes of one index: as many answers as one run asks for.
const MAX_BYTES: u64 = 1 << 30;

/// An index of tokens.
#[derive(Debug)]
pub struct TokenIndex {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Web { web: Box<Web>, base: Url },
    File(BTreeMap<Sha256Digest, Hints>),
}

impl TokenIndex {
    /// Returns the index at a URL that the user names: it may lie on this machine, by `http:` too. Where it redirects to is held against the rules for
    /// strangers' URLs.
    ///
    /// # Errors
    /// When it is no URL of the web, or holds a user name, a query or a fragment.
    pub fn at(url: &str) -> Result<Self, String> {
        let base = Url::parse(url).map_err(|error| error.to_string())?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err("only http: and https: are asked".to_owned());
        }
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() || base.fragment().is_some() {
            return Err("an index is named by scheme, host and path alone".to_owned());
        }
        let host = base.host_str().zip(base.port_or_known_default()).map(|(host, port)| format!("{host}:{port}"));
        let rules = Rules { named: host.into_iter().collect(), time: TIME, idle: IDLE, bytes_per_host: MAX_BYTES, ..Rules::default() };
        Ok(Self { name: label(&base), kind: Kind::Web { web: Box::new(Web::new(rules)), base } })
    }

    /// Reads an index from a file's bytes; `name` is what reports call it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, String> {
        Ok(Self { name: name.to_owned(), kind: Kind::File(index::file(bytes)?) })
    }

    /// Returns what reports call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the tokens that it names for the digest inside a CID.
    ///
    /// # Errors
    /// It cannot be asked, or answers something else.
    pub async fn hints(&self, digest: &Sha256Digest) -> Result<Hints, RemoteError> {
        let (web, base) = match &self.kind {
            Kind::File(known) => return Ok(known.get(digest).cloned().unwrap_or_default()),
            Kind::Web { web, base } => (web, base),
        };
        let mut url = base.clone();
        url.set_path(&format!("{}/v1/tokens", base.path().trim_end_matches('/')));
        url.set_query(Some(&format!("digest=sha256:{digest}")));
        match web.fetch(url.as_str(), MAX_ANSWER_BYTES).await {
            Ok(answer) => index::hints(&answer.bytes).map_err(|reason| RemoteError::Answer { place: self.name.clone(), reason }),
            // It knows nothing of the digest.
            Err(RemoteError::Refused { status: 404, .. }) => Ok(Hints::default()),
            Err(error) => Err(error),
        }
    }
}
