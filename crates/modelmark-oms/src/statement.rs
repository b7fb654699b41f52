//! in-toto statements: who is spoken about, and what is said.

use modelmark_digest::Sha256Digest;
use serde_json::{Value, json};

use crate::code::{Code, Refused, shown};
use crate::early::{self, EARLY_PREDICATE};
use crate::json::{self, Object};

/// The payload type of the envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The type of a statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The predicate type of a model signature.
pub const OMS_PREDICATE: &str = "https://model_signing/signature/v1.0";

/// A statement about one model. Those of version 0.2 are brought into this form: their files stand in the predicate, too.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What the signer calls the model; it binds nothing.
    pub name: String,
    /// The root digest of the model.
    pub digest: Sha256Digest,
    /// What kind of thing is said.
    pub predicate_type: String,
    /// What is said.
    pub predicate: Value,
}

impl Statement {
    /// Reads a payload that was signed.
    ///
    /// # Errors
    /// Whatever is wrong with its form, and another number of subjects than one.
    pub fn read(payload: &[u8]) -> Result<Self, Refused> {
        let value = json::parse(payload, "the payload")?;
        let statement = Object::of(&value, "the statement")?;
        let kind = statement.text("_type")?;
        if kind != STATEMENT_TYPE {
            return Err(Refused::new(Code::StatementType, format!("the statement is of type {}, not {STATEMENT_TYPE}", shown(kind))));
        }
        let predicate_type = statement.text("predicateType")?.to_owned();
        if predicate_type == EARLY_PREDICATE {
            return early::statement(statement);
        }
        let [subject] = statement.list("subject")? else {
            return Err(Refused::new(Code::Subject, "the statement is not about exactly one subject"));
        };
        let subject = Object::of(subject, "the subject")?;
        let digest = subject.object("digest", "the subject's digest")?.text("sha256")?;
        Ok(Self {
            name: subject.optional("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            digest: digest_of(digest).ok_or_else(|| Refused::new(Code::Digest, format!("{} is not a SHA-256 digest", shown(digest))))?,
            predicate: statement.object("predicate", "the predicate").map(|_| value.get("predicate").cloned().unwrap_or_default())?,
            predicate_type,
        })
    }

    /// Returns the bytes to sign.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        json!({
            "_type": STATEMENT_TYPE,
            "subject": [{"name": self.name, "digest": {"sha256": self.digest.to_string()}}],
            "predicateType": self.predicate_type,
            "predicate": self.predicate,
        })
        .to_string()
        .into_bytes()
    }
}

/// Reads 64 hex digits, in either case, and nothing else.
pub(crate) fn digest_of(hex: &str) -> Option<Sha256Digest> {
    (hex.len() == 64).then(|| hex.parse().ok()).flatten()
}
