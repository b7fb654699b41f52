//! Embedded proofs: the cryptosuite `eddsa-jcs-2022` (VC Data Integrity EdDSA Cryptosuites 1.0, section 3.3).
//!
//! What is signed is SHA-256 of the canonical proof options, then SHA-256 of the canonical document without its proof. Suites that canonise RDF need a
//! JSON-LD processor and contexts; they are named and not verified.

use modelmark_digest::Sha256Digest;
use serde_json::{Map, Value, json};

use crate::credential::{IssueError, Issuer, unwritable};
use crate::did::shorten;
use crate::key::{Algorithm, SecretKey, encode_multibase, read_signature};
use crate::report::{Check, Code, Fault, Form, Report};
use crate::verify::{Secured, V2_STATUS, Window, check_credential, issuer_of, windows_of};
use crate::{Instant, json};

/// The cryptosuite that is issued and verified.
pub const SUITE: &str = "eddsa-jcs-2022";
const PROOF_TYPE: &str = "DataIntegrityProof";
const PURPOSE: &str = "assertionMethod";

/// Adds a proof of the suite `eddsa-jcs-2022` to an unsecured credential.
///
/// # Errors
/// The key is not an Ed25519 key.
pub fn sign(credential: Value, issuer: &Issuer, key: &SecretKey, created: Instant) -> Result<Value, IssueError> {
    let given = key.public().algorithm();
    if given != Algorithm::Ed25519 {
        return Err(IssueError::WrongKey { suite: SUITE, wanted: Algorithm::Ed25519, given });
    }
    let Value::Object(mut document) = credential else {
        return Err(IssueError::Unwritable("it is not an object".into()));
    };
    let mut proof = json!({
        "type": PROOF_TYPE,
        "cryptosuite": SUITE,
        "created": created.to_string(),
        "verificationMethod": issuer.method,
        "proofPurpose": PURPOSE,
    });
    if let (Some(context), Some(proof)) = (document.get("@context"), proof.as_object_mut()) {
        proof.insert("@context".into(), context.clone());
    }
    let signature = key.sign(&message(&document, &proof).map_err(unwritable)?);
    if let Some(proof) = proof.as_object_mut() {
        proof.insert("proofValue".into(), encode_multibase(&signature).into());
    }
    document.insert("proof".into(), proof);
    Ok(Value::Object(document))
}

/// Reads a document with an embedded proof, as far as it can be read.
pub(crate) fn open(bytes: &[u8], report: &mut Report) -> Option<Secured> {
    report.form = Some(Form::DataIntegrity);
    let mut document = report.note(Check::Form, read(bytes))?;
    report.issuer = issuer_of(&document).ok().map(str::to_owned);
    let proof = document.remove("proof").unwrap_or_default();
    report.credential = Some(Value::Object(document.clone()));
    let mut suite = None;
    let proof = check_suite(proof, &mut suite);
    report.suite = suite;
    let proof = report.note(Check::Suite, proof)?;
    match secure(document, proof) {
        Ok(secured) => Some(secured),
        Err(fault) => report.note(Check::Signature, Err(fault)),
    }
}

fn read(bytes: &[u8]) -> Result<(Map<String, Value>, String), Fault> {
    let document = json::read_object(bytes, "the credential")?;
    check_credential(&document)?;
    Ok((document, "a credential of the data model 2.0 with an embedded proof".into()))
}

/// Takes the one proof apart and checks that it is of our suite and for our purpose.
fn check_suite(proof: Value, suite: &mut Option<String>) -> Result<(Map<String, Value>, String), Fault> {
    let mut proofs = match proof {
        Value::Array(proofs) => proofs,
        Value::Null => Vec::new(),
        proof => vec![proof],
    };
    let Some(Value::Object(proof)) = proofs.pop() else {
        return Err(Fault::new(Code::Malformed, "the credential has no proof"));
    };
    let kind = json::text(&proof, "type")?;
    let name = if kind == PROOF_TYPE { json::text(&proof, "cryptosuite")? } else { kind };
    *suite = Some(shorten(name));
    let unsupported = |what: String| Err(Fault::new(Code::UnsupportedSuite, what));
    if !proofs.is_empty() {
        return unsupported("a set of several proofs is not verified here".into());
    }
    if name != SUITE {
        return unsupported(format!("the suite {} is not verified here; of embedded proofs {SUITE} alone is", shorten(name)));
    }
    if proof.contains_key("previousProof") {
        return unsupported("a chain of proofs is not verified here".into());
    }
    let purpose = json::text(&proof, "proofPurpose")?;
    if purpose != PURPOSE {
        return Err(Fault::new(Code::WrongPurpose, format!("the proof is for {}, a credential's is for {PURPOSE}", shorten(purpose))));
    }
    Ok((proof, SUITE.into()))
}

fn secure(document: Map<String, Value>, mut proof: Map<String, Value>) -> Result<Secured, Fault> {
    let signature = proof.remove("proofValue");
    let signature = signature.as_ref().and_then(Value::as_str).ok_or_else(|| Fault::new(Code::Malformed, "`proofValue` is missing"))?;
    let signature = read_signature(signature)?;
    // The suite lets a document have contexts beyond those of its proof, which nobody signed but which change what its terms mean.
    if proof.get("@context").is_some_and(|context| document.get("@context") != Some(context)) {
        return Err(Fault::new(Code::WrongContext, "the contexts that were signed are not those of the credential"));
    }
    let method = json::text(&proof, "verificationMethod")?.to_owned();
    let mut windows = windows_of(&document)?;
    let time = |key: &str| json::optional_text(&proof, key)?.map(|text| read_time(key, text)).transpose();
    time("created")?;
    windows.push(Window { what: "the proof", from: None, until: time("expires")? });
    let issuer = issuer_of(&document)?.to_owned();
    let proof = Value::Object(proof);
    let message = message(&document, &proof)?;
    Ok(Secured {
        issuer,
        method: Some(method),
        algorithm: Algorithm::Ed25519,
        message,
        signature: signature.to_vec(),
        windows,
        status: V2_STATUS,
        withheld: 0,
        credential: document,
    })
}

fn read_time(key: &str, text: &str) -> Result<Instant, Fault> {
    text.parse().map_err(|error: crate::NotATime| Fault::new(Code::Malformed, format!("`{key}`: {error}")))
}

/// Returns the 64 bytes that the suite signs.
fn message(document: &Map<String, Value>, proof: &Value) -> Result<Vec<u8>, Fault> {
    let hash = |value: &Value| json::canonical(value).map(|bytes| Sha256Digest::of(&bytes));
    let (options, document) = (hash(proof)?, hash(&Value::Object(document.clone()))?);
    Ok([options.as_bytes().as_slice(), document.as_bytes()].concat())
}
