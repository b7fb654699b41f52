//! Compact JSON Web Signatures (RFC 7515), for every form that is one.
//!
//! The header decides nothing alone: the algorithm has to be that of the key, and a header that asks for more than is understood is refused.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use crate::credential::{IssueError, unwritable};
use crate::did::shorten;
use crate::key::{Algorithm, SecretKey};
use crate::report::{Code, Fault};
use crate::verify::Window;
use crate::{Instant, json};

/// The parts of a header that say what is signed, and by which key. Others name keys by address or embed them, and a verifier must not follow them.
const UNDERSTOOD: [&str; 5] = ["alg", "typ", "cty", "kid", "iss"];

/// A token, taken apart but not verified.
pub(crate) struct Token {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    /// What the signature is over.
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// Returns the compact form of header and claims, signed.
pub(crate) fn encode(header: &Value, claims: &Value, key: &SecretKey) -> Result<String, IssueError> {
    let part = |value: &Value| json::canonical(value).map(|bytes| BASE64URL_NOPAD.encode(&bytes)).map_err(unwritable);
    let message = format!("{}.{}", part(header)?, part(claims)?);
    let signature = BASE64URL_NOPAD.encode(&key.sign(message.as_bytes()));
    Ok(format!("{message}.{signature}"))
}

impl Token {
    /// Takes a compact token apart.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        json::check_length(text.as_bytes())?;
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(Fault::new(Code::Malformed, "a token has three parts with a dot between them"));
        };
        Ok(Self {
            header: json::read_object(&base64(header)?, "the header")?,
            claims: json::read_object(&base64(claims)?, "the claims")?,
            message: format!("{header}.{claims}").into_bytes(),
            signature: base64(signature)?,
        })
    }

    /// Checks that the token is of one of these types (RFC 8725, section 3.11): another kind of token of the same key must not pass for it.
    pub(crate) fn check_type(&self, types: &[&str]) -> Result<(), Fault> {
        let kind = json::optional_text(&self.header, "typ")?.unwrap_or_default();
        if types.contains(&kind) {
            return Ok(());
        }
        Err(Fault::new(Code::Malformed, format!("the token is of type {:?}, not {}", shorten(kind), types.join(" or "))))
    }

    /// Returns the algorithm of a header that asks for nothing else.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, Fault> {
        if let Some(more) = self.header.keys().find(|key| !UNDERSTOOD.contains(&key.as_str())) {
            return Err(Fault::new(Code::ForbiddenHeader, format!("the header has `{}`, which is not followed here", shorten(more))));
        }
        match json::text(&self.header, "alg")? {
            "EdDSA" | "Ed25519" => Ok(Algorithm::Ed25519),
            "ES256" => Ok(Algorithm::P256),
            none if none.eq_ignore_ascii_case("none") => Err(Fault::new(Code::ForbiddenAlgorithm, "`none` is no signature")),
            shared if shared.starts_with("HS") => {
                Err(Fault::new(Code::ForbiddenAlgorithm, format!("{} signs with a secret that every verifier has", shorten(shared))))
            }
            other => Err(Fault::new(Code::UnsupportedSuite, format!("the algorithm {} is not verified here", shorten(other)))),
        }
    }

    /// Returns the verification method of the header. A `kid` may be a whole one or its fragment alone.
    pub(crate) fn method(&self) -> Result<Option<String>, Fault> {
        let kid = json::optional_text(&self.header, "kid")?;
        Ok(kid.map(|kid| if kid.contains([':', '#']) { kid.to_owned() } else { format!("#{kid}") }))
    }
}

/// Returns the times of registered claims, in seconds since 1970.
pub(crate) fn window(claims: &Map<String, Value>) -> Result<Window, Fault> {
    Ok(Window { what: "the token", from: time(claims, "nbf")?, until: time(claims, "exp")? })
}

/// Returns the time under `key`. Seconds may have a fraction, which no validity hangs on.
pub(crate) fn time(claims: &Map<String, Value>, key: &str) -> Result<Option<Instant>, Fault> {
    let Some(value) = claims.get(key) else { return Ok(None) };
    let seconds = value.as_i64().or_else(|| value.as_f64().filter(|at| (0.0..1e12).contains(at)).map(|at| at as i64));
    let instant = seconds.and_then(Instant::from_unix);
    instant.map(Some).ok_or_else(|| Fault::new(Code::Malformed, format!("`{key}` is not a time in seconds")))
}

/// Checks that a token with an audience is meant for this one (RFC 7519, section 4.1.3).
pub(crate) fn check_audience(audience: &Value, own: Option<&str>) -> Result<((), String), Fault> {
    let named = match audience {
        Value::Array(named) => named.as_slice(),
        one => std::slice::from_ref(one),
    };
    let wrong = |detail: String| Err(Fault::new(Code::WrongAudience, detail));
    match own {
        None => wrong("the token is meant for an audience, and none was named to hold it against".into()),
        Some(own) if named.iter().any(|name| name.as_str() == Some(own)) => Ok(((), format!("meant for {}", shorten(own)))),
        Some(own) => wrong(format!("the token is not meant for {}", shorten(own))),
    }
}

/// Decodes base64url in its one spelling.
pub(crate) fn base64(text: &str) -> Result<Vec<u8>, Fault> {
    let decoded = BASE64URL_NOPAD.decode(text.as_bytes());
    decoded.map_err(|error| Fault::new(Code::NotBase64, format!("not base64url without padding: {error}")))
}
