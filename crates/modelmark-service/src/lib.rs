#![doc = include_str!("../README.md")]

mod judge;
mod kubernetes;
mod negotiate;
mod problem;
mod question;
mod roots;
mod settings;
mod turn;
mod verify;

pub use judge::{Judge, JudgeError, Question};
pub use kubernetes::{
    ANNOTATION, Admission, AdmissionCode, Decision, INIT_PREFIX, KINDS, Log, MAX_MODELS, MODELS, Refusal, Rules, RulesError, SUBRESOURCES,
    admission_router,
};
pub use problem::{Problem, ProblemCode};
pub use roots::{Roots, RootsError};
pub use settings::Settings;
pub use verify::router;
