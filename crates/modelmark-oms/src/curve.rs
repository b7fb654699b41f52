//! The three curves of model signing, and the names by which keys say theirs.

use std::fmt;

use pkcs8::ObjectIdentifier;

/// A NIST curve that model signatures are made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256 (secp256r1), signing SHA-256 digests.
    P256,
    /// P-384 (secp384r1), signing SHA-384 digests.
    P384,
    /// P-521 (secp521r1), signing SHA-512 digests.
    P521,
}

/// `id-ecPublicKey` of RFC 5480.
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

impl Curve {
    /// Returns the object identifier of the curve (RFC 5480).
    pub(crate) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            Self::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
            Self::P521 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        }
    }

    /// Returns the curve that a key names: by the algorithm and its parameters. An error names what it is instead.
    pub(crate) fn named(algorithm: ObjectIdentifier, parameters: Option<ObjectIdentifier>) -> Result<Self, String> {
        if algorithm != EC_PUBLIC_KEY {
            return Err(foreign(algorithm));
        }
        let named = parameters.ok_or_else(|| "a curve that is not named".to_owned())?;
        [Self::P256, Self::P384, Self::P521].into_iter().find(|curve| curve.oid() == named).ok_or_else(|| foreign(named))
    }
}

/// Names kinds of keys that people have.
fn foreign(oid: ObjectIdentifier) -> String {
    match oid.to_string().as_str() {
        "1.3.132.0.10" => "secp256k1".to_owned(),
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        "1.2.840.113549.1.1.1" => "RSA".to_owned(),
        other => format!("of kind {other}"),
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}
