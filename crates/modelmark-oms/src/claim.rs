//! Further statements about a signed model, one bundle a line: what OpenSSF model signing has no place for.

use modelmark_digest::Sha256Digest;

use crate::bundle::Bundle;
use crate::code::{Code, Refused, shown};
use crate::early::EARLY_PREDICATE;
use crate::report::Signer;
use crate::statement::{OMS_PREDICATE, Statement};
use crate::verify::{Trust, authenticate};

/// The predicate type of a claim that carries a record; the predicate is the record.
pub const RECORD_PREDICATE: &str = "https://modelmark.dev/provenance/v1";
/// Most lines of a file of claims.
pub const MAX_CLAIMS: usize = 1000;
/// Most bytes of a file of claims.
pub const MAX_CLAIMS_BYTES: usize = 64 << 20;

/// A statement about a model, and who made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Who made it.
    pub signer: Signer,
    /// What it says.
    pub statement: Statement,
}

/// Reads the lines of `claims.jsonl`, each of which must be a bundle by somebody whom the caller believes, about the model with the root `digest`.
///
/// # Errors
/// The first line that is not to be believed, and why.
pub fn claims(lines: &[u8], digest: Sha256Digest, trust: Trust<'_>) -> Result<Vec<Claim>, Refused> {
    if lines.len() > MAX_CLAIMS_BYTES {
        return Err(Refused::new(Code::TooLarge, format!("the claims have more than {MAX_CLAIMS_BYTES} bytes")));
    }
    let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
    let mut found = Vec::new();
    for (number, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        if number >= MAX_CLAIMS {
            return Err(Refused::new(Code::TooLarge, format!("there are more than {MAX_CLAIMS} claims")));
        }
        let claim = claim(line, digest, trust);
        found.push(claim.map_err(|refused| Refused { message: format!("claim {}: {}", number + 1, refused.message), ..refused })?);
    }
    Ok(found)
}

fn claim(line: &[u8], digest: Sha256Digest, trust: Trust<'_>) -> Result<Claim, Refused> {
    let bundle = Bundle::read(line)?;
    let signer = authenticate(&bundle, trust)?;
    let statement = Statement::read(bundle.payload())?;
    if statement.digest != digest {
        let told = format!("it is about the model {}, not {digest}", statement.digest);
        return Err(Refused::new(Code::ClaimSubject, told));
    }
    if [OMS_PREDICATE, EARLY_PREDICATE].contains(&statement.predicate_type.as_str()) {
        let told = format!("it is a model signature ({}), which belongs into a file of its own", shown(&statement.predicate_type));
        return Err(Refused::new(Code::PredicateType, told));
    }
    Ok(Claim { signer, statement })
}
