//! What places answer, read from bytes: apart from the network, so that it can be tested and fuzzed alone.
//!
//! Every function takes what a stranger sent, of a length that its caller has bounded, and none panics. A reason that they give may hold parts of
//! what was sent; it is bounded and without control characters.

pub mod kubo;
pub mod pinata;
pub mod pinning;

use serde::de::DeserializeOwned;

use crate::http::tame;

/// Longest accepted name that a place gives to something, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Reads JSON; `what` says what should have come.
fn json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| tame(&format!("not the JSON of {what}: {error}")))
}

/// Accepts a name that a place gives, for use in later requests.
fn name(text: String, what: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > MAX_NAME_BYTES || text.chars().any(char::is_control) {
        return Err(tame(&format!("{what} is no usable name: {text:?}")));
    }
    Ok(text)
}
