//! Where a token says that its metadata is. An address is taken apart and never followed.

use data_encoding::{BASE64, BASE64_NOPAD};
use modelmark_digest::ContentId;

use super::MAX_METADATA_BYTES;
use super::fault::{Fault, FaultCode, shown};

/// Longest token URI that is read, in bytes: the longest metadata, every byte of it escaped.
pub const MAX_TOKEN_URI_BYTES: usize = 3 * MAX_METADATA_BYTES + 256;
/// Longest address that is no `data:`, in bytes.
const MAX_ADDRESS: usize = 2048;

/// A token's URI, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenUri {
    /// The metadata itself.
    Data(Vec<u8>),
    /// Content by its CID, and the way from there; whatever gateway the URI names.
    Ipfs {
        /// The CID.
        cid: ContentId,
        /// Path below it, without a slash at either end; empty for none.
        path: String,
    },
    /// An Arweave item or transaction, whose id binds bytes by a signature.
    Arweave(String),
    /// A web server, which may answer differently tomorrow.
    Web(String),
}

impl TokenUri {
    /// Takes a token URI apart.
    ///
    /// # Errors
    /// When it is too long or of a kind that is not read.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let wrong = |what: &str| Fault::new(FaultCode::Uri, format!("{what}: {}", shown(text)));
        if let Some(data) = strip_scheme(text, "data:") {
            return data_of(data);
        }
        if text.len() > MAX_ADDRESS {
            return Err(Fault::new(FaultCode::TooLarge, format!("the token's URI has more than the {MAX_ADDRESS} bytes that are read")));
        }
        if text.is_empty() {
            return Err(Fault::new(FaultCode::Uri, "the token has no URI"));
        }
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return Err(wrong("the token's URI has spaces or control characters"));
        }
        if let Some(rest) = strip_scheme(text, "ipfs://") {
            return ipfs(rest.strip_prefix("ipfs/").unwrap_or(rest)).ok_or_else(|| wrong("the token's URI has no CID that is read"));
        }
        if let Some(id) = strip_scheme(text, "ar://") {
            return Ok(Self::Arweave(id.to_owned()));
        }
        match strip_scheme(text, "https://").or_else(|| strip_scheme(text, "http://")) {
            Some(rest) => Ok(gateway(rest).unwrap_or_else(|| Self::Web(text.to_owned()))),
            None => ipfs(text).ok_or_else(|| wrong("the token's URI is of a kind that is not read")),
        }
    }
}

fn strip_scheme<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let start = text.get(..scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then(|| text.get(scheme.len()..))?
}

/// Reads `CID/path`. A query or fragment asks a gateway for something, and is no part of the content's name.
fn ipfs(rest: &str) -> Option<TokenUri> {
    if rest.contains(['?', '#', '%', '\\']) {
        return None;
    }
    let (cid, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = path.trim_matches('/');
    if !path.is_empty() && path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return None;
    }
    Some(TokenUri::Ipfs { cid: ContentId::from_any_version(cid).ok()?, path: path.to_owned() })
}

/// Reads `host/ipfs/CID/path` and `CID.ipfs.host/path`.
fn gateway(rest: &str) -> Option<TokenUri> {
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if let Some(path) = path.strip_prefix("ipfs/") {
        return ipfs(path);
    }
    let (cid, _) = host.split_once(".ipfs.")?;
    ipfs(&format!("{cid}/{path}"))
}

/// Reads what follows `data:`.
fn data_of(rest: &str) -> Result<TokenUri, Fault> {
    if rest.len() > MAX_TOKEN_URI_BYTES {
        let message = format!("the token's URI has more than the {MAX_TOKEN_URI_BYTES} bytes that are read");
        return Err(Fault::new(FaultCode::TooLarge, message));
    }
    let no_data = || Fault::new(FaultCode::Uri, "the token's data URI has no comma before its data");
    let (kind, data) = rest.split_once(',').ok_or_else(no_data)?;
    let bytes = unescaped(data);
    if kind.rsplit(';').next().is_none_or(|last| !last.trim().eq_ignore_ascii_case("base64")) {
        return Ok(TokenUri::Data(bytes));
    }
    let decoded = BASE64.decode(&bytes).or_else(|_| BASE64_NOPAD.decode(&bytes));
    decoded.map(TokenUri::Data).map_err(|error| Fault::new(FaultCode::Uri, format!("the token's data URI is not base64: {error}")))
}

/// Decodes `%7b`; what is no escape stays as it is, as browsers do.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).filter(|_| first == b'%');
        let escaped = digits.and_then(|digits| Some((nibble(*digits.first()?)?, nibble(*digits.get(1)?)?)));
        let (byte, skipped) = escaped.map_or((first, 0), |(high, low)| (high << 4 | low, 2));
        out.push(byte);
        rest = tail.get(skipped..).unwrap_or_default();
    }
    out
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
