//! Sigstore bundles of version 0.3, as model signing uses them: read strictly, and written.

use data_encoding::BASE64;
use modelmark_digest::Sha256Digest;
use serde_json::{Value, json};

use crate::code::{Code, Refused, shown};
use crate::json::{self, Object};
use crate::pae::pre_authentication_encoding;
use crate::statement::PAYLOAD_TYPE;

/// Most bytes of a bundle: room for some 200,000 files.
pub const MAX_BUNDLE_BYTES: usize = 64 << 20;
/// Most signatures of one envelope.
pub const MAX_SIGNATURES: usize = 8;
/// Most certificates of a signer.
pub(crate) const MAX_CERTIFICATES: usize = crate::certificate::MAX_CHAIN;
const MAX_CERTIFICATE_BYTES: usize = 64 << 10;
const MAX_SIGNATURE_BYTES: usize = 1 << 10;
/// Most entries of logs that are read. One is believed; more are read so that the report says what is wrong.
const MAX_LOG_ENTRIES: usize = 8;
const MAX_TIMESTAMPS: usize = 8;

const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What a bundle says about who signed it. Nothing of it is to be believed before it is held against what is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// A key, by the SHA-256 of its PEM text; absent in bundles of the first versions.
    Key(Option<String>),
    /// Certificates in DER, the signer's first.
    Certificates(Vec<Vec<u8>>),
    /// A certificate that lived for minutes, and who saw it sign.
    Keyless(Evidence),
}

/// What a keyless bundle brings. Only the certificate is read here; the rest is read by who verifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The signer's certificate in DER.
    pub certificate: Vec<u8>,
    /// Entries of logs of signatures (`tlogEntries`).
    pub log_entries: Vec<Value>,
    /// Timestamps of RFC 3161 (`rfc3161Timestamps`).
    pub timestamps: Vec<Value>,
}

impl Material {
    /// Returns the word for the method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Certificates(_) => "certificate",
            Self::Keyless(_) => "keyless",
        }
    }
}

/// A signed payload and what its signatures can be checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    material: Material,
    payload: Vec<u8>,
    signatures: Vec<Vec<u8>>,
}

impl Bundle {
    /// Reads a bundle.
    ///
    /// # Errors
    /// Whatever is wrong with its form; see [`Code`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(Refused::new(Code::TooLarge, format!("the bundle has more than {MAX_BUNDLE_BYTES} bytes")));
        }
        let value = json::parse(bytes, "the bundle")?;
        let bundle = Object::of(&value, "the bundle")?.only(&["mediaType", "verificationMaterial", "dsseEnvelope"])?;
        let media_type = bundle.text("mediaType")?;
        if media_type != MEDIA_TYPE {
            return Err(Refused::new(Code::MediaType, format!("the bundle is of media type {}, not {MEDIA_TYPE}", shown(media_type))));
        }
        let material = material(bundle.object("verificationMaterial", "`verificationMaterial`")?)?;
        let envelope = bundle.object("dsseEnvelope", "`dsseEnvelope`")?.only(&["payload", "payloadType", "signatures"])?;
        let payload_type = envelope.text("payloadType")?;
        if payload_type != PAYLOAD_TYPE {
            return Err(Refused::new(Code::PayloadType, format!("the payload is of type {}, not {PAYLOAD_TYPE}", shown(payload_type))));
        }
        Ok(Self { material, payload: envelope.base64("payload")?, signatures: signatures(envelope)? })
    }

    /// Puts a bundle together.
    pub(crate) const fn new(material: Material, payload: Vec<u8>, signatures: Vec<Vec<u8>>) -> Self {
        Self { material, payload, signatures }
    }

    /// What the bundle says about who signed it.
    #[must_use]
    pub const fn material(&self) -> &Material {
        &self.material
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signatures, in ASN.1 DER; at least one.
    #[must_use]
    pub fn signatures(&self) -> &[Vec<u8>] {
        &self.signatures
    }

    /// Returns whom a keyless bundle says that it is by. It is to be believed when it verifies by exactly this name.
    #[must_use]
    pub fn claimed_identity(&self) -> Option<String> {
        match &self.material {
            Material::Keyless(evidence) => crate::certificate::named_in(&evidence.certificate),
            _ => None,
        }
    }

    /// What the signatures are over.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        pre_authentication_encoding(PAYLOAD_TYPE, &self.payload)
    }

    /// Returns the bundle as one line of JSON, without a newline at the end.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut material = match &self.material {
            Material::Key(hint) => json!({"publicKey": hint.as_ref().map_or_else(|| json!({}), |hint| json!({"hint": hint}))}),
            Material::Certificates(chain) => {
                let chain: Vec<Value> = chain.iter().map(|der| json!({"rawBytes": BASE64.encode(der)})).collect();
                json!({"x509CertificateChain": {"certificates": chain}})
            }
            Material::Keyless(evidence) => json!({
                "certificate": {"rawBytes": BASE64.encode(&evidence.certificate)},
                "timestampVerificationData": {"rfc3161Timestamps": evidence.timestamps},
            }),
        };
        let entries = if let Material::Keyless(evidence) = &self.material { evidence.log_entries.as_slice() } else { &[] };
        if let Some(material) = material.as_object_mut() {
            material.insert("tlogEntries".to_owned(), json!(entries));
        }
        let signatures: Vec<Value> = self.signatures.iter().map(|der| json!({"sig": BASE64.encode(der), "keyid": ""})).collect();
        json!({
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": material,
            "dsseEnvelope": {"payload": BASE64.encode(&self.payload), "payloadType": PAYLOAD_TYPE, "signatures": signatures},
        })
        .to_string()
        .into_bytes()
    }

    /// The SHA-256 of the payload.
    #[must_use]
    pub fn payload_digest(&self) -> Sha256Digest {
        Sha256Digest::of(&self.payload)
    }
}

fn material(object: Object<'_>) -> Result<Material, Refused> {
    let kinds = ["publicKey", "x509CertificateChain", "certificate"];
    let object = object.only(&["publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData"])?;
    match kinds.map(|kind| object.optional(kind).is_some()) {
        [true, false, false] => {
            // Bundles of the first versions name the key itself, which nobody needs who trusts one.
            let key = object.object("publicKey", "`publicKey`")?.only(&["hint", "rawBytes", "keyDetails", "validFor"])?;
            let hint = key.optional("hint").map(|_| key.text("hint")).transpose()?;
            Ok(Material::Key(hint.filter(|hint| !hint.is_empty()).map(str::to_owned)))
        }
        [false, true, false] => {
            let chain = object.object("x509CertificateChain", "`x509CertificateChain`")?.only(&["certificates"])?.list("certificates")?;
            if chain.is_empty() || chain.len() > MAX_CERTIFICATES {
                let told = format!("the chain has {} certificates, not 1 to {MAX_CERTIFICATES}", chain.len());
                return Err(Refused::new(Code::TooLarge, told));
            }
            chain
                .iter()
                .map(|value| raw_certificate(Object::of(value, "a certificate")?))
                .collect::<Result<_, _>>()
                .map(Material::Certificates)
        }
        [false, false, true] => evidence(object).map(Material::Keyless),
        _ => Err(Refused::new(
            Code::Field,
            "`verificationMaterial` holds not exactly one of publicKey, x509CertificateChain and certificate",
        )),
    }
}

fn evidence(object: Object<'_>) -> Result<Evidence, Refused> {
    let log_entries = listed(object, "tlogEntries", MAX_LOG_ENTRIES)?;
    let timestamps = match object.optional("timestampVerificationData") {
        None => Vec::new(),
        Some(value) => {
            let data = Object::of(value, "`timestampVerificationData`")?.only(&["rfc3161Timestamps"])?;
            listed(data, "rfc3161Timestamps", MAX_TIMESTAMPS)?
        }
    };
    let certificate = raw_certificate(object.object("certificate", "`certificate`")?)?;
    Ok(Evidence { certificate, log_entries, timestamps })
}

/// A list of at most so many, or none.
fn listed(object: Object<'_>, key: &'static str, most: usize) -> Result<Vec<Value>, Refused> {
    let list = object.optional(key).map_or(Ok(&[][..]), |_| object.list(key))?;
    if list.len() > most {
        return Err(Refused::new(Code::TooLarge, format!("`{key}` has {} entries, more than {most}", list.len())));
    }
    Ok(list.to_vec())
}

fn raw_certificate(object: Object<'_>) -> Result<Vec<u8>, Refused> {
    let der = object.only(&["rawBytes"])?.base64("rawBytes")?;
    if der.len() > MAX_CERTIFICATE_BYTES {
        return Err(Refused::new(Code::TooLarge, format!("a certificate has more than {MAX_CERTIFICATE_BYTES} bytes")));
    }
    Ok(der)
}

pub(crate) fn signatures(envelope: Object<'_>) -> Result<Vec<Vec<u8>>, Refused> {
    let listed = envelope.list("signatures")?;
    if listed.is_empty() {
        return Err(Refused::new(Code::SignatureMissing, "there is no signature"));
    }
    if listed.len() > MAX_SIGNATURES {
        return Err(Refused::new(Code::TooLarge, format!("there are more than {MAX_SIGNATURES} signatures")));
    }
    listed.iter().map(signature).collect()
}

fn signature(value: &Value) -> Result<Vec<u8>, Refused> {
    let object = Object::of(value, "a signature")?.only(&["sig", "keyid"])?;
    // The key is named elsewhere; this only has to be text, or nothing.
    if object.optional("keyid").is_some_and(|keyid| !keyid.is_string()) {
        return Err(object.not_a("keyid", "text"));
    }
    let der = object.base64("sig")?;
    if der.len() > MAX_SIGNATURE_BYTES {
        return Err(Refused::new(Code::TooLarge, format!("a signature has more than {MAX_SIGNATURE_BYTES} bytes")));
    }
    Ok(der)
}
