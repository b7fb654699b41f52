//! Disclosures (RFC 9901, section 4.2): a salted claim as its own text, which stands in the token only as a digest.

use data_encoding::BASE64URL_NOPAD;
use modelmark_digest::Sha256Digest;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::credential::{IssueError, unwritable};
use crate::did::shorten;
use crate::jws::base64;
use crate::key::fill;
use crate::report::{Code, Fault};
use crate::{KeyError, json};

/// The name under which an object has the digests of its hidden members.
pub(crate) const DIGESTS: &str = "_sd";
/// The name under which a list has the digest of a hidden element, in an object of its own.
pub(crate) const ELEMENT: &str = "...";
/// The name under which the token says how digests are made.
pub(crate) const HASH: &str = "_sd_alg";
/// The only way to make digests that is used here.
pub(crate) const SHA_256: &str = "sha-256";
/// Bytes of a salt: 128 bits, as section 9.3 wants them.
const SALT: usize = 16;

/// A disclosure that was read.
pub(crate) struct Disclosure {
    /// What stands in the token in its place.
    pub(crate) digest: String,
    /// The name of a member; an element of a list has none.
    pub(crate) name: Option<String>,
    pub(crate) value: Value,
}

impl Disclosure {
    /// Reads a disclosure. What is digested is its text, not what it means.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        let malformed =
            || Fault::new(Code::Malformed, "a disclosure is not a list of a salt, a name and a value, or of a salt and a value");
        let Value::Array(parts) = json::read(&base64(text)?)? else { return Err(malformed()) };
        let mut parts = parts.into_iter();
        let (name, value) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => (Some(name), value),
            (Some(Value::String(_)), Some(value), None, None) => (None, value),
            _ => return Err(malformed()),
        };
        if let Some(name) = name.as_deref().filter(|name| is_reserved(name)) {
            return Err(Fault::new(Code::BadDisclosure, format!("a disclosure is of the name `{name}`, which digests have")));
        }
        Ok(Self { digest: digest(text), name, value })
    }

    /// Returns what a message can call it.
    pub(crate) fn shown(&self) -> String {
        self.name.as_deref().map_or_else(|| "an element of a list".into(), |name| format!("{:?}", shorten(name)))
    }
}

/// Tells whether a name means something in a token other than a claim.
pub(crate) fn is_reserved(name: &str) -> bool {
    [DIGESTS, ELEMENT, HASH].contains(&name)
}

/// Makes the disclosure of a member or, without a name, of an element.
pub(crate) fn disclose(name: Option<&str>, value: &Value) -> Result<String, IssueError> {
    let mut salt = Zeroizing::new([0; SALT]);
    fill(salt.as_mut_slice()).map_err(|error: KeyError| IssueError::Unwritable(error.to_string()))?;
    let salt = BASE64URL_NOPAD.encode(salt.as_slice());
    let parts = match name {
        Some(name) => json!([salt, name, value]),
        None => json!([salt, value]),
    };
    json::canonical(&parts).map(|bytes| BASE64URL_NOPAD.encode(&bytes)).map_err(unwritable)
}

/// Returns the digest of a disclosure's text.
pub(crate) fn digest(text: &str) -> String {
    BASE64URL_NOPAD.encode(Sha256Digest::of(text.as_bytes()).as_bytes())
}
