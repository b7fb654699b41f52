//! The body of `POST /verify`.

use modelmark_digest::Manifest;
use modelmark_record::{MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES};
use modelmark_verify::{RecordBytes, SignatureFile};
use serde::Deserialize;

use crate::judge::Question;
use crate::problem::{Problem, ProblemCode};
use crate::roots::Roots;

/// Most signature documents of one question.
const MAX_SIGNATURES: usize = 16;

/// A question as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// CAIP-19.
    token: Option<String>,
    /// The bytes of a record, which are UTF-8: a string that holds the document, not the document, whose spelling would be lost.
    record: Option<String>,
    /// Signature documents, each a string too.
    #[serde(default)]
    signatures: Vec<String>,
    /// What `modelmark digest --json` says of the caller's files.
    files: Option<Manifest>,
    /// The name of a model that the server has.
    model: Option<String>,
}

/// Reads a question. With it comes the name under which the caller knows the model.
pub(crate) fn read(body: &[u8], roots: &Roots) -> Result<(Question, Option<String>), Problem> {
    let sent: Sent = serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    if sent.files.is_some() && sent.model.is_some() {
        return Err(malformed("`files` and `model` are two ways to say what is to be verified: send one"));
    }
    if sent.token.is_none() && sent.record.is_none() && sent.files.is_none() && sent.model.is_none() {
        return Err(malformed("nothing is named: send `token`, `record`, `files` or `model`"));
    }
    if sent.signatures.len() > MAX_SIGNATURES {
        return Err(malformed(format!("more than {MAX_SIGNATURES} signature documents are not taken")));
    }
    let directory = sent.model.as_deref().map(|name| roots.find(name).ok_or_else(|| unknown(name))).transpose()?;
    let question = Question {
        token: sent.token.map(|token| token.parse().map_err(|error| malformed(format!("token: {error}")))).transpose()?,
        record: sent.record.map(|text| bounded("record", text, MAX_RECORD_BYTES)).transpose()?.map(record),
        signatures: sent.signatures.into_iter().map(signature).collect::<Result<_, _>>()?,
        files: sent.files,
        directory,
    };
    Ok((question, sent.model))
}

fn record(bytes: Vec<u8>) -> RecordBytes {
    RecordBytes { bytes, source: "the request".to_owned() }
}

fn signature(text: String) -> Result<SignatureFile, Problem> {
    Ok(SignatureFile { bytes: bounded("signatures", text, MAX_SIGNATURES_BYTES)?, source: "the request".to_owned(), brought: true })
}

fn bounded(field: &str, text: String, most: usize) -> Result<Vec<u8>, Problem> {
    if text.len() > most {
        return Err(malformed(format!("{field}: more than {most} bytes are not taken")));
    }
    Ok(text.into_bytes())
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemCode::Malformed, detail)
}

fn unknown(name: &str) -> Problem {
    let shown: String = name.chars().take(100).collect();
    Problem::new(ProblemCode::UnknownModel, format!("no model is called {shown:?}"))
}
