#![doc = include_str!("../README.md")]

mod binding;
mod conceal;
mod credential;
mod data_integrity;
mod did;
mod disclosure;
mod holder;
mod json;
mod jws;
mod jwt;
mod key;
mod present;
mod rdf;
mod report;
mod sd_jwt;
mod subject;
mod time;
mod unpack;
mod verify;

pub use binding::{BindingError, KeyBinding, SignedBinding};
pub use credential::{CREDENTIAL_TYPE, IssueError, Issuer, Validity, claims};
pub use data_integrity::{Suite, sign};
pub use holder::Challenge;
pub use json::{MAX_CREDENTIAL_BYTES, MAX_CREDENTIAL_DEPTH};
pub use jwt::sign_jwt;
pub use key::{Algorithm, KeyError, PublicKey, SecretKey};
pub use present::{PresentError, Presentation, present};
pub use report::{Check, Code, Finding, Form, Report, Status, Verdict};
pub use sd_jwt::{TOKEN_TYPE, sign_sd_jwt};
pub use time::{Instant, NotATime};
pub use verify::{Against, verify};
