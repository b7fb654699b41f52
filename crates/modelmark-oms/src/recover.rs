//! Whose key signed, when only a fingerprint of it is known: of a message and an ECDSA signature there are at most two keys, and a fingerprint picks one.
//!
//! A key that is found so verifies its own signature by construction. All that speaks for it is its fingerprint.

use p256::elliptic_curve::PrimeField as _;
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::point::DecompressPoint;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use ring::digest::{SHA256, SHA384, SHA512, digest};

use crate::bundle::{Bundle, Material};
use crate::curve::Curve;
use crate::early;
use crate::public_key::PublicKey;

/// Returns the keys of which the first signature of a bundle may be. There are none for a bundle that was not signed with a bare key. Which of them is to be
/// believed is for the caller to say, by its [hint](PublicKey::hint).
#[must_use]
pub fn signing_keys(bundle: &Bundle) -> Vec<PublicKey> {
    let (Material::Key(stated), Some(signature)) = (bundle.material(), bundle.signatures().first()) else { return Vec::new() };
    let message = bundle.signed_bytes();
    let mut keys = p256_keys(signature, digest(&SHA256, &message).as_ref());
    keys.extend(p384_keys(signature, digest(&SHA384, &message).as_ref()));
    keys.extend(p521_keys(signature, digest(&SHA512, &message).as_ref()));
    if let Some(message) = early::signed_by(bundle.payload()) {
        let digest = digest(&SHA256, &message);
        keys.extend([p256_keys, p384_keys, p521_keys].iter().flat_map(|keys| keys(signature, digest.as_ref())));
    }
    keys.retain(|key| stated.as_ref().is_none_or(|stated| *stated == key.hint().to_string()));
    keys
}

/// One function a curve: the curves' types have nothing in common that could be named without a crate more.
macro_rules! recovering {
    ($name:ident, $module:ident, $curve:expr, $number:ty) => {
        /// SEC 1, section 4.1.6, but for points whose x is greater than the order, which nobody meets.
        fn $name(signature: &[u8], digest: &[u8]) -> Vec<PublicKey> {
            use $module::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};
            let Ok(signature) = $module::ecdsa::Signature::from_der(signature) else { return Vec::new() };
            let mut padded = FieldBytes::default();
            let before = padded.len().saturating_sub(digest.len());
            padded.iter_mut().skip(before).zip(digest).for_each(|(to, from)| *to = *from);
            let digest = <Scalar as Reduce<$number>>::reduce_bytes(&padded);
            let (r, s): (Scalar, Scalar) = (*signature.r(), *signature.s());
            let Some(inverse) = Option::<Scalar>::from(r.invert()) else { return Vec::new() };
            let key = |odd: u8| {
                let point: AffinePoint = Option::from(AffinePoint::decompress(&r.to_repr(), odd.into()))?;
                let key = (ProjectivePoint::from(point) * s - ProjectivePoint::GENERATOR * digest) * inverse;
                PublicKey::from_point($curve, key.to_affine().to_encoded_point(false).as_bytes()).ok()
            };
            [0, 1].into_iter().filter_map(key).collect()
        }
    };
}

recovering!(p256_keys, p256, Curve::P256, p256::U256);
recovering!(p384_keys, p384, Curve::P384, p384::U384);
recovering!(p521_keys, p521, Curve::P521, p521::U576);
