//! Whose key a verification method is: from the DID itself, from a document that was given, or not at all. Nothing is fetched.

use data_encoding::BASE64;
use modelmark_digest::Sha256Digest;
use serde_json::{Map, Value};

use crate::json;
use crate::key::PublicKey;
use crate::report::{Code, Fault};
use crate::verify::{Against, Secured};

/// Where a credential names the digests of documents that it relies on (data model 2.0, section 5.3).
pub(crate) const PINNED: &str = "relatedResource";
/// What stands before a SHA-256 digest of Subresource Integrity.
const SRI: &str = "sha256-";

/// Returns the key that the credential says signed it, and where it comes from.
///
/// Without a method, as tokens may have it, the issuer has to name a single key.
pub(crate) fn resolve(secured: &Secured, against: &Against<'_>) -> Result<(PublicKey, String), Fault> {
    let issuer = secured.issuer.as_str();
    let method = secured.method.as_deref();
    let full = method.map(|method| if method.starts_with('#') { format!("{issuer}{method}") } else { method.to_owned() });
    if let Some(full) = &full {
        let controller = full.split_once('#').map_or(full.as_str(), |(controller, _)| controller);
        if controller != issuer {
            let detail = format!("the key is one of {}, the issuer is {}", shorten(controller), shorten(issuer));
            return Err(Fault::new(Code::WrongIssuer, detail));
        }
    }
    let key = own_key(issuer, full.as_deref())?;
    match (against.issuer_key, key) {
        (Some(given), Some(key)) if *given != key => {
            Err(Fault::new(Code::WrongIssuer, "the key given is not the one that the issuer's DID is"))
        }
        (_, Some(key)) => Ok((key, "the issuer's DID is the key".into())),
        (Some(given), None) => Ok((given.clone(), "the key that was given for the issuer".into())),
        (None, None) => {
            let Some(document) = against.did_document else {
                let detail = format!("the key of {} stands in a document that was not given; nothing is fetched", shorten(issuer));
                return Err(Fault::new(Code::KeyUnknown, detail));
            };
            let pinned = check_pin(secured, document)?;
            let key = from_document(issuer, full.as_deref(), document)?;
            let how = if pinned { "the one it was issued under" } else { "none is named in the credential" };
            Ok((key, format!("the DID document given lists it: SHA-256 {}, {how}", Sha256Digest::of(document))))
        }
    }
}

/// Returns the digest of a document as Subresource Integrity writes it.
pub(crate) fn integrity(document: &[u8]) -> String {
    format!("{SRI}{}", BASE64.encode(Sha256Digest::of(document).as_bytes()))
}

/// Checks that a document is the one that the credential was issued under, and tells whether the credential names one.
fn check_pin(secured: &Secured, document: &[u8]) -> Result<bool, Fault> {
    let resources = json::one_or_many(&secured.credential, PINNED).iter().filter_map(Value::as_object);
    let mut pins = resources.filter(|resource| resource.get("id").and_then(Value::as_str) == Some(&secured.issuer));
    let Some(pin) = pins.next() else { return Ok(false) };
    let wanted = json::optional_text(pin, "digestSRI")?.unwrap_or_default();
    if !wanted.starts_with(SRI) {
        return Err(Fault::new(Code::UnsupportedSuite, "the digest that the credential names of the issuer's document is not SHA-256"));
    }
    if wanted == integrity(document) && pins.next().is_none() {
        return Ok(true);
    }
    let detail = format!("the document given is {}, the credential was issued under {}", integrity(document), shorten(wanted));
    Err(Fault::new(Code::OtherDocument, detail))
}

/// Returns the key that the DID itself is.
fn own_key(issuer: &str, method: Option<&str>) -> Result<Option<PublicKey>, Fault> {
    if !issuer.starts_with("did:key:") {
        return Ok(None);
    }
    method.unwrap_or(issuer).parse().map(Some).map_err(|error: crate::KeyError| Fault::new(Code::BadKey, error.to_string()))
}

fn from_document(issuer: &str, method: Option<&str>, document: &[u8]) -> Result<PublicKey, Fault> {
    let document = DidDocument::read(document)?;
    if document.id()? != issuer {
        return Err(Fault::new(Code::KeyNotListed, format!("the DID document is that of {}", shorten(document.id()?))));
    }
    let method = method.ok_or_else(|| Fault::new(Code::KeyNotListed, "the token does not say which key of the issuer it is (`kid`)"))?;
    let found = document.assertion_methods()?.into_iter().find(|(id, _)| id == method);
    let (_, key) =
        found.ok_or_else(|| Fault::new(Code::KeyNotListed, format!("the DID document has no assertion method {}", shorten(method))))?;
    read_key(key)
}

/// Returns the DID of a document and the verification method in it that is `key`.
pub(crate) fn method_of(document: &[u8], key: &PublicKey) -> Result<(String, String), Fault> {
    let document = DidDocument::read(document)?;
    let methods = document.assertion_methods()?;
    let ours = methods.iter().find(|(_, method)| read_key(method).is_ok_and(|listed| listed == *key));
    let (method, _) = ours.ok_or_else(|| Fault::new(Code::KeyNotListed, "no assertion method of the DID document is this key"))?;
    Ok((document.id()?.to_owned(), method.clone()))
}

/// A verification method and its absolute id.
type Method<'d> = (String, &'d Map<String, Value>);

/// The document behind a DID, as far as assertions need it (DID Core 1.0).
struct DidDocument(Map<String, Value>);

impl DidDocument {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        json::read_object(bytes, "the DID document").map(Self)
    }

    fn id(&self) -> Result<&str, Fault> {
        json::text(&self.0, "id")
    }

    /// Returns the methods that may sign statements, with their absolute ids: named in the list, or standing in it.
    fn assertion_methods(&self) -> Result<Vec<Method<'_>>, Fault> {
        let id = self.id()?;
        let absolute = |text: &str| if text.starts_with('#') { format!("{id}{text}") } else { text.to_owned() };
        let entries = |key| json::one_or_many(&self.0, key).iter();
        let name = |method: &Map<String, Value>| method.get("id").and_then(Value::as_str).map(absolute);
        let mut methods = Vec::new();
        for entry in entries("assertionMethod") {
            match entry {
                Value::Object(method) => methods.extend(name(method).map(|name| (name, method))),
                Value::String(text) => {
                    let wanted = absolute(text);
                    let listed = entries("verificationMethod").filter_map(Value::as_object);
                    methods.extend(listed.filter(|method| name(method).as_ref() == Some(&wanted)).map(|method| (wanted.clone(), method)));
                }
                _ => {}
            }
        }
        methods.retain(|(_, method)| method.get("controller").and_then(Value::as_str) == Some(id));
        Ok(methods)
    }
}

fn read_key(method: &Map<String, Value>) -> Result<PublicKey, Fault> {
    let bad = |error: crate::KeyError| Fault::new(Code::BadKey, error.to_string());
    match (method.get("publicKeyMultibase"), method.get("publicKeyJwk")) {
        (Some(Value::String(text)), None) => PublicKey::from_multikey(text).map_err(bad),
        (None, Some(jwk)) => PublicKey::from_jwk(jwk).map_err(bad),
        _ => Err(Fault::new(Code::BadKey, "the verification method has neither `publicKeyMultibase` nor `publicKeyJwk`, or both")),
    }
}

/// Cuts a foreign text to what a message can carry.
pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(200).collect()
}
