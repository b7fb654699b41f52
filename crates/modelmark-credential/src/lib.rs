#![doc = include_str!("../README.md")]

mod binding;
mod credential;
mod data_integrity;
mod did;
mod json;
mod jws;
mod jwt;
mod key;
mod report;
mod subject;
mod time;
mod verify;

pub use binding::{BindingError, KeyBinding, SignedBinding};
pub use credential::{CREDENTIAL_TYPE, IssueError, Issuer, Validity, claims};
pub use data_integrity::{SUITE, sign};
pub use json::{MAX_CREDENTIAL_BYTES, MAX_CREDENTIAL_DEPTH};
pub use jwt::sign_jwt;
pub use key::{Algorithm, KeyError, PublicKey, SecretKey};
pub use report::{Check, Code, Finding, Form, Report, Status, Verdict};
pub use time::{Instant, NotATime};
pub use verify::{Against, verify};
