//! Which models a pod says that it has.

use std::collections::BTreeMap;

use modelmark_chain::{TokenRef, TokenRefError};

use super::code::{AdmissionCode, Refusal, shown};
use super::init::INIT_PREFIX;
use super::shape::{self, Found, Object};

/// The annotation of a pod that declares its models: `VOLUME=TOKEN`, several parted by spaces, newlines or commas.
pub const ANNOTATION: &str = "modelmark.dev/models";
/// Most models of one pod.
pub const MAX_MODELS: usize = 16;

/// Annotations of this domain are ours: one that is not known is a slip, and must not pass for no declaration.
const DOMAIN: &str = "modelmark.dev/";
/// Longest annotation, in bytes: far more than 16 models take.
const MAX_BYTES: usize = 8 << 10;
/// Longest label of DNS, which names of volumes and containers are.
const MAX_LABEL: usize = 63;

/// The models of a pod: volumes and tokens.
pub(super) type Declared = BTreeMap<String, TokenRef>;

/// Reads what the metadata of a pod declares.
pub(super) fn declared(metadata: &Object) -> Found<Declared> {
    let Some(annotations) = shape::part(metadata, "annotations")? else { return Ok(Declared::new()) };
    if let Some(other) = annotations.keys().find(|key| ours(key) && *key != ANNOTATION) {
        return Err(malformed(format!("there is no annotation {}; models are declared in `{ANNOTATION}`", shown(other))));
    }
    let Some(value) = annotations.get(ANNOTATION) else { return Ok(Declared::new()) };
    let text = value.as_str().ok_or_else(|| malformed(format!("`{ANNOTATION}` is no text")))?;
    if text.len() > MAX_BYTES {
        return Err(malformed(format!("`{ANNOTATION}` is longer than {MAX_BYTES} bytes")));
    }
    let mut models = Declared::new();
    for entry in text.split([' ', '\t', '\n', '\r', ',']).filter(|entry| !entry.is_empty()) {
        let (volume, token) = model(entry)?;
        if models.insert(volume.to_owned(), token).is_some() {
            return Err(malformed(format!("the volume {} is declared twice", shown(volume))));
        }
    }
    match models.len() {
        0 => Err(malformed(format!("`{ANNOTATION}` declares nothing; write `VOLUME=TOKEN`, or leave it out"))),
        1..=MAX_MODELS => Ok(models),
        _ => Err(malformed(format!("`{ANNOTATION}` declares more than {MAX_MODELS} models"))),
    }
}

/// Refuses annotations of ours that stand on what makes pods: the pods would not have them, and declare nothing.
pub(super) fn misplaced(metadata: &Object) -> Found<()> {
    let Some(annotations) = shape::part(metadata, "annotations")? else { return Ok(()) };
    match annotations.keys().find(|key| ours(key)) {
        Some(key) => Err(malformed(format!("{} belongs into the metadata of the pod's template", shown(key)))),
        None => Ok(()),
    }
}

/// Tells whether an annotation is of our domain, in which capitals count for nothing.
fn ours(key: &str) -> bool {
    key.get(..DOMAIN.len()).is_some_and(|domain| domain.eq_ignore_ascii_case(DOMAIN))
}

/// Returns the annotation as it stands, to hold an update against what was there.
pub(super) fn raw(metadata: &Object) -> Found<Option<&serde_json::Value>> {
    Ok(shape::part(metadata, "annotations")?.and_then(|annotations| annotations.get(ANNOTATION)))
}

fn model(entry: &str) -> Found<(&str, TokenRef)> {
    let (volume, text) = entry.split_once('=').ok_or_else(|| malformed(format!("{} is not `VOLUME=TOKEN`", shown(entry))))?;
    let label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if volume.is_empty() || volume.len() > MAX_LABEL - INIT_PREFIX.len() || !volume.bytes().all(label) {
        let most = MAX_LABEL - INIT_PREFIX.len();
        return Err(malformed(format!("{} is no name of a volume of up to {most} characters", shown(volume))));
    }
    let token: TokenRef = text.parse().map_err(|error: TokenRefError| malformed(error.to_string()))?;
    // The arguments of the init container are compared as text: one token, one spelling.
    if token.to_string() != text {
        return Err(malformed(format!("{} is written {token}", shown(text))));
    }
    Ok((volume, token))
}

fn malformed(message: String) -> Refusal {
    Refusal::new(AdmissionCode::DeclarationMalformed, message)
}
