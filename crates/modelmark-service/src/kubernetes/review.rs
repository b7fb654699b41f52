//! `AdmissionReview` of `admission.k8s.io/v1`: what the API server asks, and what it is told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::code::Refusal;
use crate::problem::{Problem, ProblemCode};

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";
/// Longest identifier of a request.
const MAX_UID: usize = 256;
/// Most values of a review. An object of an API server's 1.5 MiB has some thousands, and two are sent; a value takes up to a kilobyte of memory, however few bytes
/// it is written with.
const MAX_VALUES: usize = 100_000;
/// Longest message of an answer, in characters.
const MAX_MESSAGE: usize = 4096;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    api_version: String,
    kind: String,
    request: Request,
}

/// What is asked. Of the objects nothing is known but that they are JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) uid: String,
    pub(super) kind: Kind,
    #[serde(default)]
    pub(super) sub_resource: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) namespace: String,
    pub(super) operation: String,
    #[serde(default)]
    pub(super) object: Value,
    #[serde(default)]
    pub(super) old_object: Value,
    #[serde(default)]
    pub(super) dry_run: bool,
}

impl Request {
    /// Lets go of the objects; how a name will begin that is made up later stays.
    pub(super) fn forget_objects(&mut self) {
        if self.name.is_empty() {
            self.name = self.object.pointer("/metadata/generateName").and_then(Value::as_str).unwrap_or_default().to_owned();
        }
        (self.object, self.old_object) = (Value::Null, Value::Null);
    }
}

/// Group, version and kind of the object.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Kind {
    #[serde(default)]
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
}

/// Reads a review.
pub(super) fn read(body: &[u8]) -> Result<Request, Problem> {
    let malformed = |detail: String| Problem::new(ProblemCode::Malformed, detail);
    if values(body) > MAX_VALUES {
        return Err(malformed(format!("more than {MAX_VALUES} values are not taken")));
    }
    let sent: Sent = serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    if sent.api_version != API_VERSION || sent.kind != KIND {
        return Err(malformed(format!("this is no {KIND} of {API_VERSION}")));
    }
    if sent.request.uid.is_empty() || sent.request.uid.len() > MAX_UID {
        return Err(malformed(format!("the uid of a request has 1 to {MAX_UID} bytes")));
    }
    Ok(sent.request)
}

/// Counts what parts and begins values, outside of texts: no fewer than there are values besides the first, whether the bytes are JSON or not.
fn values(body: &[u8]) -> usize {
    let (mut text, mut escaped, mut values) = (false, false, 0);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b',' | b'[' | b'{' if !text => values += 1,
            _ => {}
        }
    }
    values
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    audit_annotations: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Status {
    code: u16,
    reason: &'static str,
    message: String,
}

/// Writes an answer. `again` says that the same might pass later.
pub(super) fn answer(uid: &str, refusals: &[Refusal], models: &[String], again: bool) -> Value {
    let codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code.as_str()).collect();
    let notes = [("models", models.join(" ")), ("codes", codes.join(" "))];
    let response = Response {
        uid,
        allowed: refusals.is_empty(),
        status: (!refusals.is_empty()).then(|| status(refusals, again)),
        audit_annotations: notes.into_iter().filter(|(_, note)| !note.is_empty()).collect(),
    };
    json!({"apiVersion": API_VERSION, "kind": KIND, "response": response})
}

fn status(refusals: &[Refusal], again: bool) -> Status {
    let message = refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let (code, reason) = if again { (503, "ServiceUnavailable") } else { (403, "Forbidden") };
    Status { code, reason, message: message.chars().take(MAX_MESSAGE).collect() }
}
