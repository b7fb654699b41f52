//! Embedded proofs: the cryptosuites `eddsa-jcs-2022` and `eddsa-rdfc-2022` (VC Data Integrity EdDSA Cryptosuites 1.0, sections 3.3 and 3.2).
//!
//! What is signed is SHA-256 of the canonical proof options, then SHA-256 of the canonical document without its proof. Canonical is JSON (RFC 8785) in the
//! one and RDF in the other, which needs a JSON-LD processor and contexts, except in the one shape that our own credentials have.

use modelmark_digest::Sha256Digest;
use serde_json::{Map, Value};

use crate::credential::{IssueError, Issuer, unwritable};
use crate::did::shorten;
use crate::key::{Algorithm, SecretKey, encode_multibase, read_signature};
use crate::report::{Check, Code, Fault, Form, Report};
use crate::verify::{Secured, V2_STATUS, Window, check_credential, issuer_of, windows_of};
use crate::{Instant, json, rdf};

/// A cryptosuite of embedded proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Suite {
    /// `eddsa-jcs-2022`: signs JSON; of foreign credentials it is verified too.
    Jcs,
    /// `eddsa-rdfc-2022`: signs RDF; it is issued, and verified in the shape in which it is issued.
    Rdfc,
}

impl Suite {
    const ALL: [Self; 2] = [Self::Jcs, Self::Rdfc];

    /// Returns the name of the suite.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jcs => "eddsa-jcs-2022",
            Self::Rdfc => "eddsa-rdfc-2022",
        }
    }
}

const PROOF_TYPE: &str = "DataIntegrityProof";
const PURPOSE: &str = "assertionMethod";

/// Adds a proof to an unsecured credential of [`claims`](crate::claims).
///
/// Under [`Suite::Rdfc`] the record becomes one text, its canonical bytes, and the credential and its evidence get ids made of digests.
///
/// # Errors
/// The key is not an Ed25519 key, or the credential is not one of ours and the suite signs RDF.
pub fn sign(credential: Value, suite: Suite, issuer: &Issuer, key: &SecretKey, created: Instant) -> Result<Value, IssueError> {
    let given = key.public().algorithm();
    if given != Algorithm::Ed25519 {
        return Err(IssueError::WrongKey { suite: suite.name(), wanted: Algorithm::Ed25519, given });
    }
    let Value::Object(mut document) = credential else {
        return Err(IssueError::Unwritable("it is not an object".into()));
    };
    let options = [
        ("type", PROOF_TYPE),
        ("cryptosuite", suite.name()),
        ("created", &created.to_string()),
        ("verificationMethod", &issuer.method),
        ("proofPurpose", PURPOSE),
    ];
    let mut proof = Map::from_iter(options.map(|(key, value)| (key.to_owned(), value.into())));
    match suite {
        Suite::Jcs => proof.extend(document.get("@context").map(|context| ("@context".to_owned(), context.clone()))),
        Suite::Rdfc => rdf::shape(&mut document).map_err(unwritable)?,
    }
    let signature = key.sign(&message(suite, &document, &proof).map_err(unwritable)?);
    proof.insert("proofValue".into(), encode_multibase(&signature).into());
    document.insert("proof".into(), proof.into());
    Ok(Value::Object(document))
}

/// A proof of a suite of ours, with everything that it says.
struct Embedded {
    suite: Suite,
    options: Map<String, Value>,
}

/// Reads a document with an embedded proof, as far as it can be read.
pub(crate) fn open(bytes: &[u8], report: &mut Report) -> Option<Secured> {
    report.form = Some(Form::DataIntegrity);
    let mut document = report.note(Check::Form, read(bytes))?;
    report.issuer = issuer_of(&document).ok().map(str::to_owned);
    let proof = document.remove("proof").unwrap_or_default();
    report.credential = Some(Value::Object(document.clone()));
    let mut name = None;
    let proof = check_suite(proof, &mut name);
    report.suite = name;
    let Embedded { suite, options } = report.note(Check::Suite, proof)?;
    match secure(suite, document, options) {
        Ok(secured) => Some(secured),
        Err(fault) => report.note(Check::Signature, Err(fault)),
    }
}

fn read(bytes: &[u8]) -> Result<(Map<String, Value>, String), Fault> {
    let document = json::read_object(bytes, "the credential")?;
    check_credential(&document)?;
    Ok((document, "a credential of the data model 2.0 with an embedded proof".into()))
}

/// Takes the one proof apart and checks that it is of a suite of ours and for our purpose.
fn check_suite(proof: Value, suite: &mut Option<String>) -> Result<(Embedded, String), Fault> {
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
    let Some(suite) = Suite::ALL.into_iter().find(|suite| kind == PROOF_TYPE && suite.name() == name) else {
        let jcs = Suite::Jcs.name();
        return unsupported(format!("the suite {} is not verified here; of foreign embedded proofs {jcs} alone is", shorten(name)));
    };
    if proof.contains_key("previousProof") {
        return unsupported("a chain of proofs is not verified here".into());
    }
    let purpose = json::text(&proof, "proofPurpose")?;
    if purpose != PURPOSE {
        return Err(Fault::new(Code::WrongPurpose, format!("the proof is for {}, a credential's is for {PURPOSE}", shorten(purpose))));
    }
    Ok((Embedded { suite, options: proof }, suite.name().into()))
}

fn secure(suite: Suite, mut document: Map<String, Value>, mut proof: Map<String, Value>) -> Result<Secured, Fault> {
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
    let message = message(suite, &document, &proof)?;
    if suite == Suite::Rdfc {
        rdf::unshape(&mut document)?;
    }
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
fn message(suite: Suite, document: &Map<String, Value>, proof: &Map<String, Value>) -> Result<Vec<u8>, Fault> {
    let canonical = |object: &Map<String, Value>| json::canonical(&Value::Object(object.clone()));
    let (options, document) = match suite {
        Suite::Jcs => (canonical(proof)?, canonical(document)?),
        Suite::Rdfc => (rdf::options_quads(proof)?.into_bytes(), rdf::credential_quads(document)?.into_bytes()),
    };
    Ok([options, document].map(|bytes| *Sha256Digest::of(&bytes).as_bytes()).concat())
}
