//! Credentials that are the claims of a JSON Web Token (VC-JOSE-COSE 1.0, `vc+jwt`).

use serde_json::{Map, Value, json};

use crate::credential::{IssueError, Issuer};
use crate::did::shorten;
use crate::json;
use crate::jws::{Token, check_audience, encode, window};
use crate::key::{Algorithm, SecretKey};
use crate::report::{Check, Code, Fault, Form, Report};
use crate::verify::{Against, Secured, V2_STATUS, check_credential, issuer_of, windows_of};

/// The `typ` of a credential as a JSON Web Token.
const VC_TYPE: &str = "vc+jwt";
/// The `cty`: what the claims are.
const VC_CONTENT: &str = "vc";

/// Signs an unsecured credential as a JSON Web Token, with EdDSA or ES256 as the key has it.
///
/// # Errors
/// The credential has no canonical bytes.
pub fn sign_jwt(credential: &Value, issuer: &Issuer, key: &SecretKey) -> Result<String, IssueError> {
    let header = json!({"alg": key.public().algorithm().jose(), "typ": VC_TYPE, "cty": VC_CONTENT, "kid": issuer.method});
    encode(&header, credential, key)
}

/// Reads a token whose claims are a credential, as far as it can be read.
pub(crate) fn open(text: &str, against: &Against<'_>, report: &mut Report) -> Option<Secured> {
    report.form = Some(Form::Jwt);
    let token = report.note(Check::Form, read(text))?;
    report.issuer = issuer_of(&token.claims).ok().map(str::to_owned);
    report.credential = Some(Value::Object(token.claims.clone()));
    report.suite = token.header.get("alg").and_then(Value::as_str).map(shorten);
    let algorithm = report.note(Check::Suite, token.algorithm().map(|algorithm| (algorithm, algorithm.jose().to_owned())))?;
    if let Some(audience) = token.claims.get("aud") {
        report.note(Check::Audience, check_audience(audience, against.audience));
    }
    match secure(token, algorithm) {
        Ok(secured) => Some(secured),
        Err(fault) => report.note(Check::Key, Err(fault)),
    }
}

fn read(text: &str) -> Result<(Token, String), Fault> {
    let token = Token::read(text)?;
    token.check_type(&[VC_TYPE])?;
    let malformed = |detail: String| Err(Fault::new(Code::Malformed, detail));
    match json::optional_text(&token.header, "cty")? {
        None | Some(VC_CONTENT) => {}
        Some(other) => return malformed(format!("the content is of type {:?}, not {VC_CONTENT}", shorten(other))),
    }
    // The forms before the Recommendation had the credential in a claim; a reader of both could be shown two credentials in one token.
    if let Some(wrapper) = ["vc", "vp"].into_iter().find(|wrapper| token.claims.contains_key(*wrapper)) {
        return malformed(format!("the claims are the credential and must not have another one in `{wrapper}`"));
    }
    check_credential(&token.claims)?;
    window(&token.claims)?;
    Ok((token, "a credential of the data model 2.0 as the claims of a token".into()))
}

fn secure(token: Token, algorithm: Algorithm) -> Result<Secured, Fault> {
    let issuer = issuer_of(&token.claims)?.to_owned();
    for claims in [&token.claims, &token.header] {
        if let Some(other) = json::optional_text(claims, "iss")?.filter(|iss| *iss != issuer) {
            return Err(Fault::new(Code::WrongIssuer, format!("the token is issued by {}, the credential by {issuer}", shorten(other))));
        }
    }
    let subject = json::one_or_many(&token.claims, "credentialSubject").first().and_then(Value::as_object);
    check_twin(&token.claims, "sub", subject.and_then(|subject| subject.get("id")))?;
    check_twin(&token.claims, "jti", token.claims.get("id"))?;
    let mut windows = windows_of(&token.claims)?;
    windows.push(window(&token.claims)?);
    let method = token.method()?;
    Ok(Secured {
        issuer,
        method,
        algorithm,
        message: token.message,
        signature: token.signature,
        windows,
        status: V2_STATUS,
        withheld: 0,
        credential: token.claims,
    })
}

/// Checks that a registered claim says what the credential says where it says the same thing.
fn check_twin(claims: &Map<String, Value>, key: &str, twin: Option<&Value>) -> Result<(), Fault> {
    match json::optional_text(claims, key)? {
        Some(text) if twin.and_then(Value::as_str) != Some(text) => {
            Err(Fault::new(Code::Malformed, format!("`{key}` of the token is not what the credential says")))
        }
        _ => Ok(()),
    }
}
