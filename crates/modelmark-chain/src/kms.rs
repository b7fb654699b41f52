//! Keys that never leave AWS KMS: in a build with the feature `aws-kms` they sign, in any other they are refused by name.

#[cfg(feature = "aws-kms")]
mod connector;
#[cfg(not(feature = "aws-kms"))]
mod disabled;
#[cfg(feature = "aws-kms")]
mod enabled;

#[cfg(not(feature = "aws-kms"))]
pub(crate) use disabled::KmsKey;
#[cfg(feature = "aws-kms")]
pub(crate) use enabled::KmsKey;
