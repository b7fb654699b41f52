//! Only the creator's signature over exactly this record counts.

use alloy::primitives::{U256, uint};
use alloy::signers::SignerSync;
use modelmark_record::{CreatorSignature, Record, SignError, SignatureError, SignedRecord};

use crate::sample::{canonical, key, record, sign};

const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

fn signature() -> CreatorSignature {
    let authorship = canonical().authorship();
    CreatorSignature::new(&authorship, sign(&key(0), &authorship).unwrap()).unwrap()
}

/// The other signature that ECDSA accepts: s becomes n - s and v flips.
fn malleate(bytes: [u8; 65]) -> [u8; 65] {
    let s = ORDER - U256::from_be_slice(bytes.get(32..64).unwrap());
    let mut other = bytes;
    other.get_mut(32..64).unwrap().copy_from_slice(&s.to_be_bytes::<32>());
    other[64] = 55 - bytes[64];
    other
}

fn with(bytes: [u8; 65]) -> Result<(), SignatureError> {
    CreatorSignature { signature: bytes.into(), ..signature() }.verify(&canonical().authorship())
}

#[test]
fn the_creator_signs() {
    let signed = SignedRecord::sign_with(canonical(), |authorship| sign(&key(0), authorship)).unwrap();
    assert_eq!(SignedRecord::from_document(canonical(), &signed.document_bytes().unwrap()).unwrap(), signed);
}

#[test]
fn a_high_s_is_refused_on_reading_and_put_right_on_signing() {
    let bytes = *signature().signature.as_bytes();
    assert_eq!(with(malleate(bytes)), Err(SignatureError::HighS));
    let authorship = canonical().authorship();
    assert_eq!(CreatorSignature::new(&authorship, malleate(bytes)).unwrap(), signature());
    let mut parity = bytes;
    parity[64] -= 27;
    assert_eq!(CreatorSignature::new(&authorship, parity).unwrap(), signature());
    assert_eq!(with(parity), Err(SignatureError::RecoveryByte(parity[64])));
}

#[test]
fn broken_and_foreign_signatures_are_refused() {
    let bytes = *signature().signature.as_bytes();
    let mut flipped = bytes;
    flipped[64] = 55 - bytes[64];
    assert!(matches!(with(flipped), Err(SignatureError::WrongSigner { .. } | SignatureError::NoKey)));
    for v in [0, 1, 26, 29, 35, 255] {
        let mut other = bytes;
        other[64] = v;
        assert_eq!(with(other), Err(SignatureError::RecoveryByte(v)));
    }
    let mut zero = [0; 65];
    zero[64] = 27;
    assert_eq!(with(zero), Err(SignatureError::NoKey));
    let mut large_r = bytes;
    large_r.get_mut(..32).unwrap().copy_from_slice(&ORDER.to_be_bytes::<32>());
    assert_eq!(with(large_r), Err(SignatureError::NoKey));
    // r || s of a P-256 signature means nothing on secp256k1: it leads to another account or to none.
    let mut p256 = bytes;
    p256.get_mut(..64).unwrap().fill(0x5a);
    assert!(matches!(with(p256), Err(SignatureError::WrongSigner { .. } | SignatureError::NoKey)));
}

#[test]
fn somebody_else_cannot_sign_for_the_creator() {
    let stranger = key(2);
    let refused = SignedRecord::sign_with(canonical(), |authorship| sign(&stranger, authorship));
    assert!(matches!(refused, Err(SignError::Signature(SignatureError::WrongSigner { .. }))));
    let named = CreatorSignature { signer: stranger.address().into(), ..signature() };
    assert!(matches!(named.verify(&canonical().authorship()), Err(SignatureError::NotCreator { .. })));
    let failed = SignedRecord::sign_with(canonical(), |_| Err::<[u8; 65], _>("no device"));
    assert!(matches!(failed, Err(SignError::Signer(_))));
}

#[test]
fn a_signature_holds_for_one_record_only() {
    let other = Record { description: "another".parse().unwrap(), ..record() }.canonical().unwrap();
    let signed = SignedRecord::sign_with(canonical(), |authorship| sign(&key(0), authorship)).unwrap();
    let replayed = SignedRecord::from_document(other.clone(), &signed.document_bytes().unwrap());
    assert!(matches!(replayed, Err(SignatureError::OtherRecord { .. })));
    assert!(matches!(SignedRecord::new(other, signed.signatures().to_vec()), Err(SignatureError::WrongSigner { .. })));
}

#[test]
fn another_text_or_domain_is_not_the_statement() {
    let authorship = canonical().authorship();
    let personal = key(0).sign_message_sync(authorship.signing_hash().as_slice()).unwrap().as_bytes();
    assert!(matches!(with(personal), Err(SignatureError::WrongSigner { .. })));
    let mut typed = authorship.typed_data_json();
    typed.pointer_mut("/domain/name").map(|name| *name = "other".into()).unwrap();
    let typed: alloy::dyn_abi::TypedData = serde_json::from_value(typed).unwrap();
    let elsewhere = key(0).sign_dynamic_typed_data_sync(&typed).unwrap().as_bytes();
    assert!(matches!(with(elsewhere), Err(SignatureError::WrongSigner { .. })));
}

#[test]
fn one_wrong_signature_or_a_repeated_one_spoils_the_set() {
    let wrong = CreatorSignature { signature: [27; 65].into(), ..signature() };
    assert!(SignedRecord::new(canonical(), vec![signature()]).is_ok());
    for (set, count) in [(vec![], 0), (vec![signature(), signature()], 2), (vec![signature(), wrong.clone()], 2)] {
        assert_eq!(SignedRecord::new(canonical(), set).unwrap_err(), SignatureError::Count { count, limit: 64 });
    }
    assert!(SignedRecord::new(canonical(), vec![wrong]).is_err());
}
