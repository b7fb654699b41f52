#![doc = include_str!("../README.md")]

mod bundle;
mod certificate;
mod check;
mod claim;
mod code;
mod curve;
mod json;
mod key;
mod pae;
mod predicate;
mod public_key;
mod report;
mod serialization;
mod shards;
mod sign;
mod statement;
mod uncovered;
mod verify;

pub use bundle::{Bundle, MAX_BUNDLE_BYTES, MAX_SIGNATURES, Material};
pub use certificate::{Certificates, MAX_CHAIN};
pub use check::Options;
pub use claim::{Claim, MAX_CLAIMS, MAX_CLAIMS_BYTES, RECORD_PREDICATE, claims};
pub use code::{Code, Refused};
pub use curve::Curve;
pub use key::{KeyError, MAX_KEY_BYTES, PrivateKey};
pub use pae::pre_authentication_encoding;
pub use predicate::{Predicate, Resource};
pub use public_key::PublicKey;
pub use report::{Report, Signer};
pub use serialization::{HashType, Method, Serialization};
pub use sign::{SignError, Signing, sign};
pub use statement::{OMS_PREDICATE, PAYLOAD_TYPE, STATEMENT_TYPE, Statement};
pub use verify::{Trust, VerifyError, authenticate, verify};
