//! Our own credentials as RDF: what the cryptosuite `eddsa-rdfc-2022` signs, without a JSON-LD processor.
//!
//! A credential with one shape, an id at every node and texts for values has canonical N-Quads (RDF Dataset Canonicalization, RDFC-1.0) that can be
//! written down: no blank node has to be named, and the lines are sorted. Any other shape needs contexts and a JSON-LD processor; it is refused, not guessed.

use std::fmt::Write as _;

use data_encoding::BASE64URL_NOPAD;
use modelmark_digest::Sha256Digest;
use serde_json::{Map, Value, json};

use crate::binding::BINDING_TYPE;
use crate::credential::{CREDENTIAL_TYPE, CREDENTIALS, TERMS, contexts};
use crate::did::{PINNED, shorten};
use crate::json;
use crate::report::{Code, Fault};

const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const DATE_TIME: &str = "http://www.w3.org/2001/XMLSchema#dateTime";
const SECURITY: &str = "https://w3id.org/security#";
/// The one node without an id: the proof.
const PROOF: &str = "_:c14n0";

/// Brings a credential into the shape that can be written as RDF: the record as the text of its canonical bytes, and ids made of digests.
pub(crate) fn shape(document: &mut Map<String, Value>) -> Result<(), Fault> {
    if let Some(record) = document.get_mut("credentialSubject").and_then(|subject| subject.get_mut("record")) {
        let bytes = json::canonical(record)?;
        *record = String::from_utf8(bytes).map_err(|error| Fault::new(Code::NotJson, error.to_string()))?.into();
    }
    if let Some(evidence) = document.get_mut("evidence").and_then(|evidence| evidence.get_mut(0)).and_then(Value::as_object_mut) {
        let id = name_of(evidence)?;
        evidence.insert("id".into(), id.into());
    }
    let id = name_of(document)?;
    document.insert("id".into(), id.into());
    Ok(())
}

/// Takes back what [`shape`] did: the record is the value that its text spells, and the evidence has nothing that the account did not sign.
pub(crate) fn unshape(document: &mut Map<String, Value>) -> Result<(), Fault> {
    if let Some(record) = document.get_mut("credentialSubject").and_then(|subject| subject.get_mut("record")) {
        *record = json::read(record.as_str().unwrap_or_default().as_bytes())?;
    }
    if let Some(evidence) = document.get_mut("evidence").and_then(|evidence| evidence.get_mut(0)).and_then(Value::as_object_mut) {
        evidence.remove("id");
    }
    Ok(())
}

/// Returns the name of a value by its digest (RFC 6920).
fn name_of(value: &Map<String, Value>) -> Result<String, Fault> {
    let digest = Sha256Digest::of(&json::canonical(&Value::Object(value.clone()))?);
    Ok(format!("ni:///sha-256;{}", BASE64URL_NOPAD.encode(digest.as_bytes())))
}

/// Returns the canonical N-Quads of a credential of the shape that [`shape`] makes.
///
/// # Errors
/// [`Code::UnsupportedSuite`]: the credential has another shape.
pub(crate) fn credential_quads(document: &Map<String, Value>) -> Result<String, Fault> {
    let mut quads = Quads::default();
    let mut rest = document.clone();
    if rest.remove("@context") != Some(contexts()) || rest.remove("type") != Some(json!(["VerifiableCredential", CREDENTIAL_TYPE])) {
        return Err(other("its contexts or its types"));
    }
    let id = take_iri(&mut rest, "id")?;
    quads.iri(&id, TYPE, &format!("{CREDENTIALS}VerifiableCredential"));
    quads.iri(&id, TYPE, &format!("{TERMS}{CREDENTIAL_TYPE}"));
    quads.iri(&id, &format!("{CREDENTIALS}issuer"), &take_iri(&mut rest, "issuer")?);
    for key in ["validFrom", "validUntil"] {
        quads.typed(&id, &format!("{CREDENTIALS}{key}"), &take_text(&mut rest, key)?, DATE_TIME);
    }

    let mut subject = take_object(rest.remove("credentialSubject"), "credentialSubject")?;
    let model = take_iri(&mut subject, "id")?;
    quads.iri(&id, &format!("{CREDENTIALS}credentialSubject"), &model);
    quads.texts(&model, subject, &["creator", "recordDigest", "record"])?;

    let mut evidence = take_object(take_only(rest.remove("evidence"), "evidence")?, "evidence")?;
    let binding = take_iri(&mut evidence, "id")?;
    if evidence.remove("type") != Some(BINDING_TYPE.into()) {
        return Err(other("the type of its evidence"));
    }
    quads.iri(&id, &format!("{CREDENTIALS}evidence"), &binding);
    quads.iri(&binding, TYPE, &format!("{TERMS}{BINDING_TYPE}"));
    let stated = ["key", "account", "purpose", "notBefore", "notAfter", "nonce", "accountSignature", "keySignature"];
    quads.texts(&binding, evidence, &stated)?;
    let mut nodes = vec![id.clone(), model, binding];

    if let Some(pinned) = rest.remove(PINNED) {
        let mut pinned = take_object(take_only(Some(pinned), PINNED)?, PINNED)?;
        let document = take_iri(&mut pinned, "id")?;
        quads.iri(&id, &format!("{CREDENTIALS}{PINNED}"), &document);
        quads.typed(
            &document,
            &format!("{CREDENTIALS}digestSRI"),
            &take_text(&mut pinned, "digestSRI")?,
            &format!("{CREDENTIALS}sriString"),
        );
        nothing_more(&pinned)?;
        nodes.push(document);
    }
    nothing_more(&rest)?;
    // Two nodes with one id are one node in RDF: what was said of either would be said of both.
    nodes.sort_unstable();
    if nodes.windows(2).any(|pair| matches!(pair, [one, next] if one == next)) {
        return Err(other("an id that stands twice"));
    }
    Ok(quads.sorted())
}

/// Returns the canonical N-Quads of the options of a proof.
///
/// # Errors
/// [`Code::UnsupportedSuite`]: there are other options than those that our proofs have.
pub(crate) fn options_quads(proof: &Map<String, Value>) -> Result<String, Fault> {
    let mut quads = Quads::default();
    let mut rest = proof.clone();
    quads.iri(PROOF, TYPE, &format!("{SECURITY}{}", take_word(&mut rest, "type")?));
    quads.typed(PROOF, &format!("{SECURITY}cryptosuite"), &take_text(&mut rest, "cryptosuite")?, &format!("{SECURITY}cryptosuiteString"));
    quads.typed(PROOF, "http://purl.org/dc/terms/created", &take_text(&mut rest, "created")?, DATE_TIME);
    quads.iri(PROOF, &format!("{SECURITY}verificationMethod"), &take_iri(&mut rest, "verificationMethod")?);
    quads.iri(PROOF, &format!("{SECURITY}proofPurpose"), &format!("{SECURITY}{}", take_word(&mut rest, "proofPurpose")?));
    nothing_more(&rest)?;
    Ok(quads.sorted())
}

#[derive(Default)]
struct Quads(Vec<String>);

impl Quads {
    fn iri(&mut self, subject: &str, predicate: &str, object: &str) {
        self.0.push(format!("{} <{predicate}> <{object}> .\n", node(subject)));
    }

    fn typed(&mut self, subject: &str, predicate: &str, text: &str, datatype: &str) {
        self.0.push(format!("{} <{predicate}> {}^^<{datatype}> .\n", node(subject), literal(text)));
    }

    /// Adds the members of an object, which have to be these and texts.
    fn texts(&mut self, subject: &str, mut object: Map<String, Value>, keys: &[&str]) -> Result<(), Fault> {
        for key in keys {
            let text = take_text(&mut object, key)?;
            self.0.push(format!("{} <{TERMS}{key}> {} .\n", node(subject), literal(&text)));
        }
        nothing_more(&object)
    }

    fn sorted(mut self) -> String {
        self.0.sort_unstable();
        self.0.concat()
    }
}

fn node(subject: &str) -> String {
    if subject == PROOF { subject.to_owned() } else { format!("<{subject}>") }
}

/// Spells a text as canonical N-Quads do (RDF 1.2 N-Quads, section 4).
fn literal(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len() + 2);
    spelled.push('"');
    for letter in text.chars() {
        match letter {
            '\u{8}' => spelled.push_str("\\b"),
            '\t' => spelled.push_str("\\t"),
            '\n' => spelled.push_str("\\n"),
            '\u{c}' => spelled.push_str("\\f"),
            '\r' => spelled.push_str("\\r"),
            '"' => spelled.push_str("\\\""),
            '\\' => spelled.push_str("\\\\"),
            '\0'..='\u{1f}' | '\u{7f}' => drop(write!(spelled, "\\u{:04X}", u32::from(letter))),
            letter => spelled.push(letter),
        }
    }
    spelled.push('"');
    spelled
}

fn take_text(object: &mut Map<String, Value>, key: &str) -> Result<String, Fault> {
    match object.remove(key) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(other(&format!("`{key}`, which is no text"))),
    }
}

/// Takes an absolute IRI of plain letters: what a JSON-LD processor would neither resolve nor drop.
fn take_iri(object: &mut Map<String, Value>, key: &str) -> Result<String, Fault> {
    let text = take_text(object, key)?;
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !br#"<>"{}|^`\"#.contains(&byte));
    if plain && ["did", "ipfs", "ni"].contains(&scheme) { Ok(text) } else { Err(other(&format!("`{key}`, whose name has another form"))) }
}

/// Takes the name of a term.
fn take_word(object: &mut Map<String, Value>, key: &str) -> Result<String, Fault> {
    let text = take_text(object, key)?;
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) { Ok(text) } else { Err(other(&format!("`{key}`, which is no term"))) }
}

fn take_object(value: Option<Value>, what: &str) -> Result<Map<String, Value>, Fault> {
    match value {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(other(&format!("`{what}`, which is no object"))),
    }
}

fn take_only(value: Option<Value>, what: &str) -> Result<Option<Value>, Fault> {
    match value {
        Some(Value::Array(mut values)) if values.len() == 1 => Ok(values.pop()),
        _ => Err(other(&format!("`{what}`, which is no list of one"))),
    }
}

fn nothing_more(object: &Map<String, Value>) -> Result<(), Fault> {
    match object.keys().next() {
        None => Ok(()),
        Some(key) => Err(other(&format!("the member `{}`", shorten(key)))),
    }
}

fn other(what: &str) -> Fault {
    Fault::new(
        Code::UnsupportedSuite,
        format!("credentials signed as RDF are verified here only in the shape that modelmark issues; this one differs by {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_spelled_as_a_foreign_canonizer_spells_them() {
        // Written by rdf-canonize 5 for the same text.
        assert_eq!(
            literal("{\"a\":\"\\n\u{7}é😀\u{7f}\u{2028}\"}\t\r\n\u{8}\u{c}"),
            "\"{\\\"a\\\":\\\"\\\\n\\u0007é😀\\u007F\u{2028}\\\"}\\t\\r\\n\\b\\f\""
        );
    }

    #[test]
    fn names_that_a_processor_would_read_otherwise_are_refused() {
        for name in ["", "x", "urn:x", "ipfs://a b", "ipfs://a>", "did:web:é", "did:a\\", "_:c14n0"] {
            let mut object = Map::from_iter([("id".to_owned(), Value::from(name))]);
            assert_eq!(take_iri(&mut object, "id").map_err(|fault| fault.code), Err(Code::UnsupportedSuite), "{name}");
        }
    }
}
