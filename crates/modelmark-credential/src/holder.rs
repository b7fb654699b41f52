//! Key binding (RFC 9901, section 4.3): whoever presents a token shows that it was issued to their key, for one reader and one occasion.

use serde_json::{Map, Value, json};

use crate::credential::IssueError;
use crate::did::shorten;
use crate::disclosure::digest;
use crate::jws::{Token, check_audience, encode, time, window};
use crate::key::{PublicKey, SecretKey};
use crate::report::{Code, Fault};
use crate::verify::{Against, check_windows};
use crate::{Instant, json};

/// The `typ` of a key binding token.
const KB_TYPE: &str = "kb+jwt";
/// Seconds that a presentation is good for, and that clocks may differ.
pub(crate) const FRESH: i64 = 300;

/// What a reader asks a holder to sign.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'c> {
    /// Who asks.
    pub audience: &'c str,
    /// What they ask only once.
    pub nonce: &'c str,
}

/// Makes the key binding token over `presented`: token and disclosures, each with its tilde.
pub(crate) fn prove(presented: &str, key: &SecretKey, challenge: &Challenge<'_>, at: Instant) -> Result<String, IssueError> {
    let header = json!({"alg": key.public().algorithm().jose(), "typ": KB_TYPE});
    let claims = json!({"iat": at.unix(), "aud": challenge.audience, "nonce": challenge.nonce, "sd_hash": digest(presented)});
    encode(&header, &claims, key)
}

/// Returns the key that a token was issued to.
pub(crate) fn holder_key(claims: &Map<String, Value>) -> Result<Option<PublicKey>, Fault> {
    let Some(confirmation) = claims.get("cnf") else { return Ok(None) };
    match confirmation.as_object().map(|confirmation| (confirmation.len(), confirmation.get("jwk"))) {
        Some((1, Some(jwk))) => PublicKey::from_jwk(jwk).map(Some).map_err(|error| Fault::new(Code::BadKey, format!("`cnf`: {error}"))),
        _ => Err(Fault::new(Code::BadKey, "`cnf` names the holder's key by something else than `jwk` alone")),
    }
}

/// Checks the key binding token of a presentation; `None` where the presentation has none.
pub(crate) fn check(
    binding: Option<&Token>,
    presented: &str,
    claims: &Map<String, Value>,
    against: &Against<'_>,
) -> Result<Option<String>, Fault> {
    let holder = holder_key(claims)?;
    let Some(token) = binding else {
        return match against.nonce {
            Some(_) => Err(Fault::new(Code::HolderMissing, "a nonce was given out, and nobody signed it with the holder's key")),
            None => Ok(None),
        };
    };
    let Some(holder) = holder else {
        return Err(Fault::new(Code::WrongHolder, "a key signed the presentation, but the token was issued to none (`cnf`)"));
    };
    token.check_type(&[KB_TYPE])?;
    let algorithm = token.algorithm()?;
    if algorithm != holder.algorithm() {
        let detail = format!("the holder's key is {}, the key binding wants {algorithm}", holder.algorithm());
        return Err(Fault::new(Code::WrongAlgorithm, detail));
    }
    if !holder.verifies(&token.message, &token.signature) {
        return Err(Fault::new(Code::WrongHolder, "the presentation is not signed by the key that the token was issued to"));
    }
    if json::text(&token.claims, "sd_hash")? != digest(presented) {
        return Err(Fault::new(Code::WrongHolder, "the holder signed a presentation with other disclosures, or of another token"));
    }
    occasion(&token.claims, against).map(Some)
}

/// Checks for whom and when the holder signed.
fn occasion(claims: &Map<String, Value>, against: &Against<'_>) -> Result<String, Fault> {
    let signed = time(claims, "iat")?.ok_or_else(|| Fault::new(Code::Malformed, "`iat` is missing in the key binding"))?;
    let (audience, nonce) = (json::text(claims, "aud")?, json::text(claims, "nonce")?);
    check_windows(&[window(claims)?], against.at)?;
    let Some(wanted) = against.nonce else {
        let (audience, nonce) = (shorten(audience), shorten(nonce));
        return Ok(format!("the holder signed it at {signed} for {audience:?} and the nonce {nonce:?}, which were held against nothing"));
    };
    check_audience(&audience.into(), against.audience)?;
    if nonce != wanted {
        return Err(Fault::new(Code::WrongNonce, "the holder signed another nonce: it was presented on another occasion"));
    }
    let age = against.at.unix() - signed.unix();
    if age > FRESH {
        return Err(Fault::new(Code::Expired, format!("the holder signed at {signed}, more than {FRESH} seconds before {}", against.at)));
    }
    if age < -FRESH {
        return Err(Fault::new(
            Code::NotYetValid,
            format!("the holder signed at {signed}, more than {FRESH} seconds after {}", against.at),
        ));
    }
    Ok(format!("the holder signed it at {signed} for {:?} and this nonce", shorten(audience)))
}
