//! From the URL of a place to the place: the one list of what kinds there are.

use std::sync::Arc;

use crate::arweave::Arweave;
use crate::{Address, Credentials, Gateway, Kubo, ObjectPlace, Pinata, PinningService, Remote, RemoteError, SecondStore};

/// The schemes of places, as messages list them.
pub const SCHEMES: &[&str] =
    &["ar", "az", "file", "gs", "http", "https", "ipfs+http", "ipfs+https", "pinata", "pinning+http", "pinning+https", "s3"];

/// Opens the place at `address`. Nothing is asked of it yet.
///
/// # Errors
/// [`RemoteError::Scheme`] for a kind of place that is not known, [`RemoteError::Credential`] when the place cannot do without one that is not in
/// `credentials`, and what the place says about its own URL.
pub fn open(address: &Address, credentials: &Credentials) -> Result<Arc<dyn Remote>, RemoteError> {
    match address.scheme() {
        "ar" => Ok(Arc::new(Arweave::open(address, credentials)?)),
        "http" | "https" => Ok(Arc::new(Gateway::open(address)?)),
        "s3" | "gs" | "az" => Ok(Arc::new(ObjectPlace::open(address, credentials)?)),
        "file" => Ok(Arc::new(SecondStore::open(address)?)),
        "ipfs+http" | "ipfs+https" => Ok(Arc::new(Kubo::open(address, credentials)?)),
        "pinning+http" | "pinning+https" => Ok(Arc::new(PinningService::open(address, credentials)?)),
        "pinata" => Ok(Arc::new(Pinata::open(address, credentials)?)),
        _ => Err(RemoteError::Scheme { place: address.to_string(), known: SCHEMES.join(", ") }),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed test says where")]

    use super::*;

    #[test]
    fn every_scheme_opens_something() {
        for scheme in SCHEMES {
            let address: Address = format!("{scheme}:///nowhere").parse().unwrap();
            assert!(!matches!(open(&address, &Credentials::default()), Err(RemoteError::Scheme { .. })), "{scheme}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_told_those_that_are_known() {
        let address: Address = "gopher://example.org".parse().unwrap();
        let error = open(&address, &Credentials::default()).err().unwrap().to_string();
        assert!(SCHEMES.iter().all(|scheme| error.contains(scheme)), "{error}");
        assert!(error.contains("gopher://example.org"), "{error}");
    }
}
