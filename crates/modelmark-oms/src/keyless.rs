//! Keyless signatures: a certificate that lived for minutes, and a public log that saw the signature while it did.
//!
//! Nobody keeps a key. An authority (Fulcio) writes who logged in where into a certificate, a log of certificates and a log of signatures (Rekor) saw both,
//! and everything is verified offline against the keys of these three.

#[cfg(not(feature = "keyless"))]
mod disabled;
#[cfg(feature = "keyless")]
mod enabled;
#[cfg(feature = "keyless")]
mod provider;
#[cfg(feature = "keyless")]
mod reason;

#[cfg(not(feature = "keyless"))]
pub use disabled::TrustRoot;
#[cfg(feature = "keyless")]
pub use enabled::TrustRoot;

/// Most bytes of a file with a trusted root; that of the public instance has 7,000.
pub const MAX_TRUST_ROOT_BYTES: usize = 1 << 20;

/// A trusted root that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustRootError {
    /// The feature `keyless` was not built in.
    #[error("this build does not verify keyless signatures: it was made without the feature `keyless`")]
    NotBuilt,
    /// The file is too long.
    #[error("the trusted root has more than {MAX_TRUST_ROOT_BYTES} bytes")]
    TooLarge,
    /// The file is no trusted root.
    #[error("not a trusted root as Sigstore writes it (`trusted_root.json`): {0}")]
    Malformed(String),
    /// The root names nobody for one of the parts that have to vouch.
    #[error("the trusted root names no {0}")]
    Lacks(&'static str),
}
