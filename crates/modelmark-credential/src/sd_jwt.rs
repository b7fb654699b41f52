//! Selective-disclosure tokens (SD-JWT VC over RFC 9901, `dc+sd-jwt`): the record with its details behind digests, which its holder shows or does not.
//!
//! No crate does it: those on crates.io read tokens without bounds, take keys twice, or bring a JOSE stack of their own.

use modelmark_record::CanonicalRecord;
use serde_json::{Map, Value, json};

use crate::binding::{SignedBinding, did_pkh};
use crate::conceal::conceal;
use crate::credential::{IssueError, Issuer, Validity, check_account, model_uri, record_value};
use crate::did::shorten;
use crate::disclosure::{Disclosure, HASH, SHA_256};
use crate::holder;
use crate::json::{self, MAX_CREDENTIAL_BYTES};
use crate::jws::{Token, check_audience, encode, window};
use crate::key::{PublicKey, SecretKey};
use crate::report::{Check, Code, Fault, Form, Report};
use crate::unpack::{check_hash, unpack};
use crate::verify::{Against, Secured};

/// The `typ` of a token.
const SD_TYPE: &str = "dc+sd-jwt";
/// The `typ` that it had in drafts before, and that tokens still have.
const FORMER_TYPE: &str = "vc+sd-jwt";
/// The type of our tokens (`vct`).
pub const TOKEN_TYPE: &str = "urn:modelmark:model-provenance:1";

/// Signs a record as a selective-disclosure token, with all its disclosures. `holder` is the key that has to show it; without one, anybody can.
///
/// # Errors
/// The binding is not for the record's creator, the record has a key that a token cannot have, or the token is longer than is read.
pub fn sign_sd_jwt(
    record: &CanonicalRecord,
    issuer: &Issuer,
    validity: Validity,
    binding: &SignedBinding,
    holder: Option<&PublicKey>,
    key: &SecretKey,
) -> Result<String, IssueError> {
    check_account(record, binding)?;
    let (concealed, disclosures) = conceal(&record_value(record)?)?;
    let mut claims = json!({
        "vct": TOKEN_TYPE,
        "iss": issuer.did,
        "nbf": validity.from.unix(),
        "exp": validity.until.unix(),
        "sub": model_uri(record),
        "creator": did_pkh(binding.binding().account()),
        "recordDigest": record.id().to_string(),
        "record": concealed,
        "evidence": [binding.to_json()],
        HASH: SHA_256,
    });
    if let Some(claims) = claims.as_object_mut() {
        issuer.pin(claims);
        claims.extend(holder.map(|holder| ("cnf".to_owned(), json!({"jwk": holder.to_jwk()}))));
    }
    let header = json!({"alg": key.public().algorithm().jose(), "typ": SD_TYPE, "kid": issuer.method});
    let token = encode(&header, &claims, key)?;
    let token = joined(&token, disclosures.iter().map(String::as_str));
    if token.len() > MAX_CREDENTIAL_BYTES {
        return Err(IssueError::Unwritable(format!("the token has {} bytes, more than {MAX_CREDENTIAL_BYTES}", token.len())));
    }
    Ok(token)
}

/// Returns a token and its disclosures, each with a tilde behind it.
pub(crate) fn joined<'d>(token: &str, disclosures: impl Iterator<Item = &'d str>) -> String {
    let mut joined = format!("{token}~");
    for disclosure in disclosures {
        joined.push_str(disclosure);
        joined.push('~');
    }
    joined
}

/// A token with disclosures, taken apart but not verified.
pub(crate) struct Presented<'t> {
    /// The signed token alone.
    pub(crate) text: &'t str,
    pub(crate) token: Token,
    /// The disclosures, read and as texts.
    pub(crate) disclosures: Vec<Disclosure>,
    pub(crate) texts: Vec<&'t str>,
    /// All before the key binding, which is what that signs.
    pub(crate) bound: &'t str,
    pub(crate) binding: Option<Token>,
}

impl<'t> Presented<'t> {
    /// Takes the compact form apart.
    pub(crate) fn split(whole: &'t str) -> Result<Self, Fault> {
        json::check_length(whole.as_bytes())?;
        let malformed = || Fault::new(Code::Malformed, "a token with disclosures has a tilde behind the token and behind each disclosure");
        let end = whole.rfind('~').ok_or_else(malformed)?;
        let (bound, binding) = whole.split_at_checked(end + 1).ok_or_else(malformed)?;
        let mut parts = bound.strip_suffix('~').ok_or_else(malformed)?.split('~');
        let text = parts.next().ok_or_else(malformed)?;
        let texts: Vec<&str> = parts.collect();
        let disclosures = texts.iter().map(|text| Disclosure::read(text)).collect::<Result<_, _>>()?;
        let binding = Some(binding).filter(|binding| !binding.is_empty()).map(Token::read).transpose()?;
        Ok(Self { text, token: Token::read(text)?, disclosures, texts, bound, binding })
    }

    /// Takes the compact form of a credential apart.
    pub(crate) fn read(whole: &'t str) -> Result<Self, Fault> {
        let presented = Self::split(whole)?;
        presented.token.check_type(&[SD_TYPE, FORMER_TYPE])?;
        if presented.token.claims.contains_key("@context") {
            let detail = "a credential of the data model 2.0 as a token with disclosures; of those, SD-JWT VC alone is verified here";
            return Err(Fault::new(Code::UnsupportedSuite, detail));
        }
        for key in ["iss", "vct"] {
            json::text(&presented.token.claims, key)?;
        }
        window(&presented.token.claims)?;
        Ok(presented)
    }
}

/// Reads a token with disclosures, as far as it can be read.
pub(crate) fn open(whole: &str, against: &Against<'_>, report: &mut Report) -> Option<Secured> {
    report.form = Some(Form::SdJwt);
    let detail = "a credential as a token with disclosures";
    let presented = report.note(Check::Form, Presented::read(whole).map(|presented| (presented, detail.into())))?;
    let signed = &presented.token.claims;
    report.issuer = signed.get("iss").and_then(Value::as_str).map(str::to_owned);
    report.suite = presented.token.header.get("alg").and_then(Value::as_str).map(shorten);
    let suite = presented.token.algorithm().and_then(|algorithm| check_hash(signed).map(|()| (algorithm, algorithm.jose().to_owned())));
    let algorithm = report.note(Check::Suite, suite)?;
    let unpacked = unpack(signed, &presented.disclosures, &mut |_, _| {}).map(|unpacked| {
        let told = format!("{} disclosed, {} digests without a disclosure", presented.disclosures.len(), unpacked.withheld);
        (unpacked, told)
    });
    let unpacked = report.note(Check::Disclosures, unpacked)?;
    report.credential = Some(Value::Object(unpacked.claims.clone()));
    match holder::check(presented.binding.as_ref(), presented.bound, signed, against) {
        Ok(None) => report.skip(Check::Holder, "nobody showed that they hold it, and nobody asked"),
        Ok(Some(told)) => drop(report.note(Check::Holder, Ok(((), told)))),
        Err(fault) => drop(report.note::<()>(Check::Holder, Err(fault))),
    }
    if let Some(audience) = signed.get("aud") {
        report.note(Check::Audience, check_audience(audience, against.audience));
    }
    match secure(presented.token, algorithm, unpacked.claims, unpacked.withheld) {
        Ok(secured) => Some(secured),
        Err(fault) => report.note(Check::Key, Err(fault)),
    }
}

fn secure(token: Token, algorithm: crate::Algorithm, claims: Map<String, Value>, withheld: usize) -> Result<Secured, Fault> {
    let issuer = json::text(&token.claims, "iss")?.to_owned();
    if let Some(other) = json::optional_text(&token.header, "iss")?.filter(|iss| *iss != issuer) {
        return Err(Fault::new(
            Code::WrongIssuer,
            format!("the header names the issuer {}, the claims {}", shorten(other), shorten(&issuer)),
        ));
    }
    Ok(Secured {
        issuer,
        method: token.method()?,
        algorithm,
        windows: vec![window(&token.claims)?],
        message: token.message,
        signature: token.signature,
        status: "status",
        withheld,
        credential: claims,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken expectation is a failed test")]
mod tests {
    use super::*;

    const RFC_9901: &str = include_str!("../../../vectors/credential/rfc9901.json");

    /// The RFC's tokens are examples and no credentials: their `typ` says so, and `verify` refuses it.
    #[test]
    fn the_tokens_of_the_rfc_say_what_it_says() {
        let vectors: Value = serde_json::from_str(RFC_9901).unwrap();
        let key = PublicKey::from_jwk(&vectors["issuerKey"]).unwrap();
        let tokens = vectors["tokens"].as_array().unwrap();
        assert_eq!(tokens.len(), 3);
        for vector in tokens {
            let whole = vector["token"].as_str().unwrap();
            let presented = Presented::split(whole).unwrap();
            let token = &presented.token;
            assert!(key.verifies(&token.message, &token.signature) && token.algorithm().unwrap() == key.algorithm());
            check_hash(&token.claims).unwrap();
            let unpacked = unpack(&token.claims, &presented.disclosures, &mut |_, _| {}).unwrap();
            assert_eq!(Value::Object(unpacked.claims), vector["claims"], "{}", vector["label"]);

            let at = |text: &str| text.parse().unwrap();
            let against = Against {
                audience: vector["audience"].as_str(),
                nonce: vector["nonce"].as_str(),
                ..Against::time(at("2025-05-29T16:48:00Z"))
            };
            let held = |against: &Against<'_>| holder::check(presented.binding.as_ref(), presented.bound, &token.claims, against);
            assert_eq!(held(&against).unwrap().is_some(), vector["nonce"].is_string());
            if vector["nonce"].is_string() {
                assert_eq!(held(&Against { nonce: Some("1234567891"), ..against }).unwrap_err().code, Code::WrongNonce);
                assert_eq!(held(&Against { at: at("2025-05-29T17:48:00Z"), ..against }).unwrap_err().code, Code::Expired);
            }
            assert_eq!(Presented::read(whole).err().unwrap().code, Code::Malformed);
        }
    }
}
