//! The spellings of a digest. Each value has one reading or is refused.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use modelmark_digest::ContentId;

use super::fault::{Fault, FaultCode, shown};
use super::table::{self, Algorithm, Meaning};
use super::{StatedDigest, Statement};

/// Longest value that is looked at, in bytes.
const MAX_VALUE: usize = 200;
/// So many hex digits are meant as a digest, even if their number is wrong.
const SHORT: usize = 32;
/// A SHA-256 multihash in hex starts with this.
const MULTIHASH: &str = "1220";

/// Reads a value under a name of this meaning; `beside` is the algorithm that stands beside it.
pub(super) fn read(place: String, text: &str, meaning: Meaning, beside: Option<Algorithm>) -> Result<Statement, Fault> {
    let wrong = |code, what: &str| Fault::new(code, format!("{place}: {what}: {}", shown(text)));
    if text.len() > MAX_VALUE || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong(FaultCode::Spelling, "neither hex, base64 nor a CID"));
    }
    let (prefix, rest) = prefixed(text);
    if prefix.is_none() && rest.contains(':') && !rest.starts_with("ipfs://") {
        return Err(wrong(FaultCode::Algorithm, "not an algorithm that is computed here"));
    }
    let stated = match (meaning.algorithm, prefix) {
        (Some(by_name), Some(by_value)) if by_name != by_value => {
            return Err(wrong(FaultCode::Contradiction, "the name and the value name different algorithms"));
        }
        (by_name, by_value) => by_name.or(by_value),
    };
    if let Some(bytes) = bytes(rest).filter(|_| !meaning.is_cid) {
        if stated.zip(beside).is_some_and(|(stated, beside)| stated != beside) {
            return Err(wrong(FaultCode::Contradiction, "another algorithm is named beside it"));
        }
        let algorithm = stated.or(beside);
        let digest = digest(&bytes, algorithm).map_err(|(code, what)| wrong(code, &what))?;
        return Ok(Statement { place, subject: meaning.subject, digest, inferred: algorithm.is_none() });
    }
    if stated.is_some() {
        return Err(wrong(FaultCode::Spelling, "not a digest in hex or base64"));
    }
    let cid = cid(rest).ok_or_else(|| wrong(FaultCode::Spelling, "neither hex, base64 nor a CID of SHA-256"))?;
    Ok(Statement { place, subject: meaning.subject, digest: StatedDigest::Cid(cid), inferred: false })
}

/// Splits the algorithm off: `sha256:…`, and `sha256-…` as Subresource Integrity has it.
fn prefixed(text: &str) -> (Option<Algorithm>, &str) {
    let marks = text.char_indices().filter(|(_, mark)| matches!(mark, ':' | '-' | '='));
    // `sha-256:` has a mark in its name, so that the second one is looked at too.
    for (at, mark) in marks.take(2) {
        let (name, rest) = text.split_at(at);
        let named = table::plain(name).and_then(|name| table::algorithm(&name));
        if let (Some(algorithm), Some(rest)) = (named, rest.strip_prefix(mark)) {
            return (Some(algorithm), rest);
        }
    }
    (None, text)
}

/// What was read out of hex or base64.
enum Bytes {
    Digest(Vec<u8>),
    /// A multihash of SHA-256.
    Multihash(Vec<u8>),
}

/// Reads hex, else base64 of 32 bytes. No text is both: 43 and 44 characters are no even number of hex digits, or end in `=`, or are 22 bytes.
fn bytes(text: &str) -> Option<Bytes> {
    let (hex, marked) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && (marked || hex.len() >= SHORT) {
        // An odd number of digits is no number of bytes, and so a wrong length.
        let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).unwrap_or_default();
        return match hex.get(..4) {
            Some(MULTIHASH) if bytes.len() == 34 => Some(Bytes::Multihash(bytes.get(2..)?.to_vec())),
            _ => Some(Bytes::Digest(bytes)),
        };
    }
    let decoders = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD];
    let mut decoded = decoders.iter().filter_map(|base| base.decode(text.as_bytes()).ok());
    decoded.find(|bytes| bytes.len() == 32).map(Bytes::Digest)
}

fn digest(bytes: &Bytes, algorithm: Option<Algorithm>) -> Result<StatedDigest, (FaultCode, String)> {
    let (bytes, algorithm) = match (bytes, algorithm) {
        (Bytes::Multihash(bytes), None | Some(Algorithm::Sha256)) => (bytes, Some(Algorithm::Sha256)),
        (Bytes::Multihash(_), Some(_)) => {
            return Err((FaultCode::Contradiction, "a multihash of SHA-256 where another algorithm is named".to_owned()));
        }
        (Bytes::Digest(bytes), algorithm) => (bytes, algorithm),
    };
    if let Some(Algorithm::Other(name)) = algorithm {
        return Err((FaultCode::Algorithm, format!("{name} is not computed here")));
    }
    let Ok(bytes) = <[u8; 32]>::try_from(bytes.as_slice()) else {
        return Err((FaultCode::Length, "not the 64 hex digits of a digest of 32 bytes".to_owned()));
    };
    Ok(match algorithm {
        Some(Algorithm::Keccak256) => StatedDigest::Keccak256(bytes.into()),
        Some(Algorithm::Blake3) => StatedDigest::Blake3(bytes.into()),
        _ => StatedDigest::Sha256(bytes.into()),
    })
}

/// Reads a CID, alone or as `ipfs://…` without a path.
fn cid(text: &str) -> Option<ContentId> {
    let text = text.strip_prefix("ipfs://").unwrap_or(text);
    ContentId::from_any_version(text.strip_prefix("ipfs/").unwrap_or(text)).ok()
}
