//! Statements of version 0.2 of the reference client: every file is a subject, and the predicate says nothing.
//!
//! They are brought into the later form, of which everything else knows: a list of files in the predicate. What was signed differs too: a pre-authentication
//! encoding that is none of DSSE's, with the payload as Python shows bytes, and SHA-256 on every curve.

use modelmark_digest::Sha256Digest;
use serde_json::{Value, json};

use crate::code::{Code, Refused};
use crate::json::{self, Object};
use crate::public_key::PublicKey;
use crate::statement::{PAYLOAD_TYPE, Statement};

/// The predicate type of model signatures of version 0.2.
pub const EARLY_PREDICATE: &str = "https://model_signing/Digests/v0.1";

/// Brings a statement whose subjects are files into the form of version 1.0.
pub(crate) fn statement(statement: Object<'_>) -> Result<Statement, Refused> {
    if statement.object("predicate", "the predicate")?.optional("resources").is_some() {
        let told = "a statement of version 0.2 lists the files as its subjects, and this one lists files in its predicate";
        return Err(Refused::new(Code::PredicateType, told));
    }
    let subjects = statement.list("subject")?;
    if subjects.is_empty() {
        return Err(Refused::new(Code::Empty, "the signature lists no file"));
    }
    let files = subjects.iter().map(File::read).collect::<Result<Vec<_>, _>>()?;
    let hash = files.first().map_or("sha256", |file| file.hash);
    let resources: Vec<Value> = files.iter().map(File::resource).collect();
    // Hexadecimal digits that are none are refused where the list is read.
    let digests: Vec<u8> =
        files.iter().flat_map(|file| data_encoding::HEXLOWER_PERMISSIVE.decode(file.digest.as_bytes()).unwrap_or_default()).collect();
    Ok(Statement {
        name: ".".to_owned(),
        digest: Sha256Digest::of(&digests),
        predicate_type: EARLY_PREDICATE.to_owned(),
        predicate: json!({"serialization": {"method": "files", "hash_type": hash}, "resources": resources}),
    })
}

/// A subject.
struct File<'v> {
    name: &'v str,
    hash: &'v str,
    digest: &'v str,
}

impl<'v> File<'v> {
    fn read(value: &'v Value) -> Result<Self, Refused> {
        let subject = Object::of(value, "a subject")?;
        let digest = subject.object("digest", "a subject's digest")?.text("sha256")?;
        // What the digest is called does not say what it is.
        let hash = match subject.optional("annotations") {
            None => "sha256",
            Some(value) => {
                let annotations = Object::of(value, "a subject's annotations")?;
                annotations.optional("actual_hash_algorithm").map_or(Ok("sha256"), |_| annotations.text("actual_hash_algorithm"))?
            }
        };
        Ok(Self { name: subject.text("name")?, hash: hash.strip_prefix("file-").unwrap_or(hash), digest })
    }

    fn resource(&self) -> Value {
        json!({"name": self.name, "algorithm": self.hash, "digest": self.digest})
    }
}

/// Tells whether `signature` is the key's over a payload of version 0.2, as that version signed it.
pub(crate) fn verifies(key: &PublicKey, payload: &[u8], signature: &[u8]) -> bool {
    is_early(payload) && key.verifies_sha256(&signed_bytes(payload), signature)
}

/// Returns what a signature over a payload of version 0.2 is of; nothing for other payloads.
pub(crate) fn signed_by(payload: &[u8]) -> Option<Vec<u8>> {
    is_early(payload).then(|| signed_bytes(payload))
}

fn is_early(payload: &[u8]) -> bool {
    json::parse(payload, "the payload").is_ok_and(|value| value.get("predicateType").and_then(Value::as_str) == Some(EARLY_PREDICATE))
}

/// `DSSEV1 <length of type> <type> <length of payload> b'<payload>'`.
fn signed_bytes(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEV1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    bytes.extend(shown_by_python(payload));
    bytes
}

/// What Python's `repr` gives for bytes.
fn shown_by_python(payload: &[u8]) -> Vec<u8> {
    let quote = if payload.contains(&b'\'') && !payload.contains(&b'"') { b'"' } else { b'\'' };
    let mut shown = vec![b'b', quote];
    for byte in payload {
        match byte {
            b'\t' => shown.extend(b"\\t"),
            b'\n' => shown.extend(b"\\n"),
            b'\r' => shown.extend(b"\\r"),
            b'\\' => shown.extend(b"\\\\"),
            byte if *byte == quote => shown.extend([b'\\', quote]),
            b' '..=b'~' => shown.push(*byte),
            byte => shown.extend(format!("\\x{byte:02x}").into_bytes()),
        }
    }
    shown.push(quote);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_python_does() {
        // `repr` of each in Python 3.
        for (bytes, wanted) in [
            (b"".as_slice(), "b''"),
            (b"a\"b", "b'a\"b'"),
            (b"a'b", "b\"a'b\""),
            (b"a'b\"c", "b'a\\'b\"c'"),
            (b"\t\n\r\\", "b'\\t\\n\\r\\\\'"),
            (b"\x00\x1f\x7f\xff~ ", "b'\\x00\\x1f\\x7f\\xff~ '"),
        ] {
            assert_eq!(String::from_utf8_lossy(&shown_by_python(bytes)), wanted);
        }
    }
}
