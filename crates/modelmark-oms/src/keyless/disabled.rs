//! What stands for the keyless part in builds without it: there is no trusted root, so that nothing verifies.

use std::convert::Infallible;

use super::TrustRootError;
use crate::bundle::{Bundle, Evidence};
use crate::code::Refused;
use crate::public_key::PublicKey;
use crate::report::Signer;

/// Whom a keyless verification believes. This build has none.
#[derive(Debug)]
pub struct TrustRoot(Infallible);

impl TrustRoot {
    /// The public instance of Sigstore.
    ///
    /// # Errors
    /// Always.
    pub const fn public() -> Result<Self, TrustRootError> {
        Err(TrustRootError::NotBuilt)
    }

    /// The staging instance of Sigstore.
    ///
    /// # Errors
    /// Always.
    pub const fn staging() -> Result<Self, TrustRootError> {
        Err(TrustRootError::NotBuilt)
    }

    /// Reads a trusted root.
    ///
    /// # Errors
    /// Always.
    pub const fn from_json(_: &[u8]) -> Result<Self, TrustRootError> {
        Err(TrustRootError::NotBuilt)
    }

    pub(crate) const fn signer(&self, _: &Bundle, _: &Evidence, _: &str, _: &str) -> Result<(PublicKey, Signer), Refused> {
        match self.0 {}
    }
}
