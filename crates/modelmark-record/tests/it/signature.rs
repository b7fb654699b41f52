//! Only the creator's signature over exactly this record counts.

use alloy::primitives::{U256, uint};
use alloy::signers::SignerSync;
use modelmark_record::{
    CanonicalRecord, Contributor, Proof, Record, RecordSignature, Role, ShareBps, SignError, SignatureBytes, SignatureError, SignedRecord,
};

use crate::sample::{canonical, key, record, sign};

const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

fn signature() -> RecordSignature {
    let authorship = canonical().authorship();
    RecordSignature::new(&authorship, sign(&key(0), &authorship).unwrap()).unwrap()
}

fn bytes_of(signature: &RecordSignature) -> [u8; 65] {
    signature.signature.as_bytes().try_into().unwrap()
}

/// The other signature that ECDSA accepts: s becomes n - s and v flips.
fn malleate(bytes: [u8; 65]) -> [u8; 65] {
    let s = ORDER - U256::from_be_slice(bytes.get(32..64).unwrap());
    let mut other = bytes;
    other.get_mut(32..64).unwrap().copy_from_slice(&s.to_be_bytes::<32>());
    other[64] = 55 - bytes[64];
    other
}

fn check(signature: &RecordSignature, record: &CanonicalRecord) -> Result<(), SignatureError> {
    signature.check(record).map(|proof| assert_eq!(proof, Proof::Holds))
}

fn with(bytes: [u8; 65]) -> Result<(), SignatureError> {
    check(&RecordSignature { signature: bytes.into(), ..signature() }, &canonical())
}

#[test]
fn the_creator_signs() {
    let signed = SignedRecord::sign_with(canonical(), |authorship| sign(&key(0), authorship)).unwrap();
    assert_eq!(SignedRecord::from_document(canonical(), &signed.document_bytes().unwrap()).unwrap(), signed);
}

#[test]
fn a_high_s_is_refused_on_reading_and_put_right_on_signing() {
    let bytes = bytes_of(&signature());
    assert_eq!(with(malleate(bytes)), Err(SignatureError::HighS));
    let authorship = canonical().authorship();
    assert_eq!(RecordSignature::new(&authorship, malleate(bytes)).unwrap(), signature());
    let mut parity = bytes;
    parity[64] -= 27;
    assert_eq!(RecordSignature::new(&authorship, parity).unwrap(), signature());
    assert_eq!(with(parity), Err(SignatureError::RecoveryByte(parity[64])));
}

#[test]
fn broken_and_foreign_signatures_are_refused() {
    let bytes = bytes_of(&signature());
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
    let named = RecordSignature { signer: account(&stranger).into(), ..signature() };
    assert!(matches!(named.check(&canonical()), Err(SignatureError::NotNamed { .. })));
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
    let wrong = RecordSignature { signature: [27; 65].into(), ..signature() };
    assert!(SignedRecord::new(canonical(), vec![signature()]).is_ok());
    assert_eq!(SignedRecord::new(canonical(), vec![]).unwrap_err(), SignatureError::Count { count: 0, limit: 64 });
    let many = vec![signature(); 65];
    assert_eq!(SignedRecord::new(canonical(), many).unwrap_err(), SignatureError::Count { count: 65, limit: 64 });
    for set in [vec![signature(), signature()], vec![signature(), wrong.clone()]] {
        assert_eq!(SignedRecord::new(canonical(), set).unwrap_err(), SignatureError::Twice(signature().signer));
    }
    assert!(SignedRecord::new(canonical(), vec![wrong]).is_err());
}

fn account(key: &impl alloy::signers::Signer) -> modelmark_record::Account {
    key.address().into()
}

/// The sample record with its creator and account 1 as contributors.
fn shared() -> CanonicalRecord {
    let mut record = record();
    let contributor =
        |index: usize, bps: u16| Contributor { account: account(&key(index)), name: None, share_bps: ShareBps::try_from(bps).unwrap() };
    record.provenance.contributors = vec![contributor(0, 7_500), contributor(1, 2_500)];
    record.canonical().unwrap()
}

#[test]
fn contributors_sign_their_own_statement_and_the_creator_the_creator_s() {
    let record = shared();
    let request = |index: usize| record.signing_request(key(index).address()).unwrap();
    assert_eq!((request(0).role(), request(1).role()), (Role::Creator, Role::Contributor(2_500)));
    assert_eq!(record.signing_request(key(2).address()), None);
    let one = |index: usize| RecordSignature::new(&request(index), sign(&key(index), &request(index)).unwrap()).unwrap();
    let signed = SignedRecord::new(record.clone(), vec![one(1)]).unwrap().with([one(0), one(1)]).unwrap();
    assert_eq!(signed.signatures(), [one(1), one(0)]);
    assert_eq!(SignedRecord::from_document(record.clone(), &signed.document_bytes().unwrap()).unwrap(), signed);
    // The creator's signature is no contributor's, and the other way round.
    let swapped = RecordSignature { signature: one(0).signature, ..one(1) };
    assert!(matches!(swapped.check(&record), Err(SignatureError::WrongSigner { .. })));
    // A share that is not the record's is another statement.
    let mut less = record.record().clone();
    for (contributor, bps) in less.provenance.contributors.iter_mut().zip([8_000_u16, 2_000]) {
        contributor.share_bps = ShareBps::try_from(bps).unwrap();
    }
    assert!(matches!(one(1).check(&less.canonical().unwrap()), Err(SignatureError::WrongSigner { .. })));
}

#[test]
fn what_a_contract_wallet_signed_is_a_question_that_names_its_chain() {
    let record = shared();
    let address = key(1).address().to_checksum(None);
    let of = |chain: u64| {
        RecordSignature::of_wallet(format!("eip155:{chain}:{address}").parse().unwrap(), SignatureBytes::try_from(vec![1]).unwrap())
    };
    let question = |chain: u64| match of(chain).check(&record).unwrap() {
        Proof::Asks(question) => question,
        Proof::Holds => unreachable!("nobody asked the wallet"),
    };
    assert_eq!(question(10).digest, record.signing_request(key(1).address()).unwrap().on_chain(10).signing_hash());
    assert_ne!(question(10).digest, question(8453).digest, "a signature for one chain is none for another");
    let signed = SignedRecord::new(record.clone(), vec![of(10), of(8453)]).unwrap();
    assert_eq!(signed.questions(), [question(10), question(8453)]);
    let stranger = RecordSignature { signer: format!("eip155:10:{}", key(2).address().to_checksum(None)).parse().unwrap(), ..of(10) };
    assert!(matches!(stranger.check(&record), Err(SignatureError::NotNamed { .. })));
    assert!(SignatureBytes::try_from(vec![]).is_err() && SignatureBytes::try_from(vec![0; (1 << 14) + 1]).is_err());
}
