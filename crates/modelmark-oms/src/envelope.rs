//! DSSE envelopes by themselves, as in-toto has them: statements of any kind, signed with a key that the reader knows.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::bundle::{MAX_BUNDLE_BYTES, signatures};
use crate::code::{Code, Refused, shown};
use crate::json::{self, Object};
use crate::key::PrivateKey;
use crate::pae::pre_authentication_encoding;
use crate::public_key::PublicKey;
use crate::sign::SignError;
use crate::statement::PAYLOAD_TYPE;

/// A payload of type `application/vnd.in-toto+json` and its signatures, not yet held against a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    key_id: String,
    signatures: Vec<Vec<u8>>,
}

impl Envelope {
    /// Signs a payload.
    ///
    /// # Errors
    /// The key cannot be used, or the envelope would be larger than readers accept.
    pub fn sign(payload: Vec<u8>, key: &PrivateKey) -> Result<Self, SignError> {
        let public = key.public_key()?;
        let message = pre_authentication_encoding(PAYLOAD_TYPE, &payload);
        let signature = key.sign(&message).map_err(|_| SignError::NoSignature)?;
        // A fault while signing could give the key away to whoever sees the signature.
        if !public.verifies(&message, &signature) {
            return Err(SignError::NoSignature);
        }
        let envelope = Self { payload, key_id: public.hint().to_string(), signatures: vec![signature] };
        if envelope.bytes().len() > MAX_BUNDLE_BYTES { Err(SignError::TooLarge) } else { Ok(envelope) }
    }

    /// Reads an envelope.
    ///
    /// # Errors
    /// Whatever is wrong with its form; see [`Code`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(Refused::new(Code::TooLarge, format!("the envelope has more than {MAX_BUNDLE_BYTES} bytes")));
        }
        let value = json::parse(bytes, "the envelope")?;
        let envelope = Object::of(&value, "the envelope")?.only(&["payload", "payloadType", "signatures"])?;
        let payload_type = envelope.text("payloadType")?;
        if payload_type != PAYLOAD_TYPE {
            return Err(Refused::new(Code::PayloadType, format!("the payload is of type {}, not {PAYLOAD_TYPE}", shown(payload_type))));
        }
        let signatures = signatures(envelope)?;
        let first = envelope.list("signatures")?.first().and_then(|signature| signature.get("keyid")).and_then(Value::as_str);
        Ok(Self { payload: envelope.base64("payload")?, key_id: first.unwrap_or_default().to_owned(), signatures })
    }

    /// Returns the payload, when a signature is the key's and none is wrong.
    ///
    /// # Errors
    /// The reason when it is not.
    pub fn authenticate(&self, key: &PublicKey) -> Result<&[u8], Refused> {
        let message = pre_authentication_encoding(PAYLOAD_TYPE, &self.payload);
        if self.signatures.iter().all(|signature| key.verifies(&message, signature)) {
            return Ok(&self.payload);
        }
        let own = key.hint().to_string();
        let told = if self.key_id.is_empty() || self.key_id == own {
            Refused::new(Code::Signature, format!("a signature is not that of the {} key {own} over the payload", key.curve()))
        } else {
            Refused::new(Code::KeyHint, format!("the envelope was signed with the key {}, the trusted one is {own}", shown(&self.key_id)))
        };
        Err(told)
    }

    /// Returns the envelope as one line of JSON, without a newline at the end.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let signature = |der: &Vec<u8>| json!({"keyid": self.key_id, "sig": BASE64.encode(der)});
        json!({
            "payload": BASE64.encode(&self.payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": self.signatures.iter().map(signature).collect::<Vec<_>>(),
        })
        .to_string()
        .into_bytes()
    }
}
