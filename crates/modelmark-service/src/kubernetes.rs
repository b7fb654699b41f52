//! The validating admission webhook of Kubernetes: pods run with models that verify, or not at all.

mod admission;
mod code;
mod containers;
mod declaration;
mod init;
mod pod;
mod review;
mod rules;
mod shape;
mod templates;
mod volumes;

pub use self::admission::{Admission, Decision, Log, admission_router};
pub use self::code::{AdmissionCode, Refusal};
pub use self::declaration::{ANNOTATION, MAX_MODELS};
pub use self::init::{INIT_PREFIX, MODELS};
pub use self::rules::{Rules, RulesError};
pub use self::templates::{KINDS, SUBRESOURCES};
