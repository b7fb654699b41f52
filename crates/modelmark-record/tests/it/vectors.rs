//! What foreign implementations say about the same records (see `vectors/record/generate.mjs`).

use alloy::dyn_abi::TypedData;
use modelmark_record::{CanonicalRecord, Record, RecordSignature, SignatureDocument, SignedRecord};
use serde_json::Value;

use crate::sample::{key, sign};

const VECTORS: &str = include_str!("../../../../vectors/record/record.json");

fn list(name: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    vectors.get(name).and_then(Value::as_array).cloned().unwrap()
}

fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
    vector.get(key).and_then(Value::as_str).unwrap()
}

#[test]
fn canonical_bytes_and_ids_agree() {
    for vector in list("records") {
        let record: Record = serde_json::from_value(vector.get("record").cloned().unwrap()).unwrap();
        let canonical = record.canonical().unwrap();
        assert_eq!(std::str::from_utf8(canonical.bytes()).unwrap(), text(&vector, "canonical"), "{}", text(&vector, "label"));
        assert_eq!(canonical.id().to_string(), text(&vector, "id"));
        assert_eq!(canonical.cid().to_string(), text(&vector, "cid"));
        assert_eq!(canonical.id().token_uri(), format!("ipfs://{}", text(&vector, "cid")));
        assert_eq!(CanonicalRecord::parse(text(&vector, "canonical").as_bytes()).unwrap(), canonical);
    }
}

#[test]
fn signing_digests_and_signatures_agree() {
    for vector in list("records") {
        let record = CanonicalRecord::parse(text(&vector, "canonical").as_bytes()).unwrap();
        let authorship = record.authorship();
        assert_eq!(authorship.signing_hash().to_string(), text(&vector, "signingHash"));
        let ours: TypedData = serde_json::from_value(authorship.typed_data_json()).unwrap();
        let theirs: TypedData = serde_json::from_value(vector.get("typedData").cloned().unwrap()).unwrap();
        assert_eq!(ours.eip712_signing_hash().unwrap(), authorship.signing_hash());
        assert_eq!(theirs.eip712_signing_hash().unwrap(), authorship.signing_hash());

        let document = text(&vector, "signatureDocument").as_bytes();
        let signed = SignedRecord::from_document(record.clone(), document).unwrap();
        assert_eq!(signed.document_bytes().unwrap(), document);
        assert_eq!(SignatureDocument::parse(document).unwrap(), signed.document());
        let signer = [key(0), key(1)].into_iter().find(|key| key.address() == authorship.account()).unwrap();
        assert_eq!(SignedRecord::sign_with(record, |authorship| sign(&signer, authorship)).unwrap(), signed);
    }
}

#[test]
fn every_other_text_is_refused() {
    let refused = list("refused");
    assert!(refused.len() > 30);
    for vector in refused {
        assert!(Record::parse(text(&vector, "document").as_bytes()).is_err(), "{}", text(&vector, "why"));
    }
}

#[test]
fn co_signatures_agree() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cosigned = vectors.get("cosigned").unwrap();
    let record = CanonicalRecord::parse(text(cosigned, "canonical").as_bytes()).unwrap();
    let document = text(cosigned, "document").as_bytes();
    let signed = SignedRecord::from_document(record.clone(), document).unwrap();
    assert_eq!((signed.signatures().len(), signed.questions().len()), (2, 0));
    assert_eq!(signed.document_bytes().unwrap(), document);
    let statements = cosigned.get("statements").and_then(Value::as_array).unwrap();
    assert_eq!(statements.len(), 2);
    for (statement, signature) in statements.iter().zip(signed.signatures()) {
        let request = record.signing_request(signature.signer.address()).unwrap();
        assert_eq!(signature.signer.to_string(), text(statement, "account"));
        let mut requests = vec![(statement, request.clone())];
        let bound = statement.get("onChain").and_then(Value::as_array).unwrap();
        requests.extend(bound.iter().map(|bound| (bound, request.clone().on_chain(bound.get("chainId").and_then(Value::as_u64).unwrap()))));
        assert_eq!(requests.len(), 3);
        for (statement, request) in requests {
            assert_eq!(request.signing_hash().to_string(), text(statement, "signingHash"));
            for typed in [request.typed_data_json(), statement.get("typedData").cloned().unwrap()] {
                let typed: TypedData = serde_json::from_value(typed).unwrap();
                assert_eq!(typed.eip712_signing_hash().unwrap(), request.signing_hash());
            }
        }
        let signer = (0..3).map(key).find(|key| key.address() == request.account()).unwrap();
        assert_eq!(RecordSignature::new(&request, sign(&signer, &request).unwrap()).unwrap(), *signature);
    }
}

#[test]
fn one_wrong_signature_beside_a_right_one_is_refused_for_what_is_wrong_with_it() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cosigned = vectors.get("cosigned").unwrap();
    let record = CanonicalRecord::parse(text(cosigned, "canonical").as_bytes()).unwrap();
    let wrong = cosigned.get("wrong").and_then(Value::as_array).unwrap();
    assert!(wrong.len() >= 14);
    for vector in wrong {
        let refused = SignedRecord::from_document(record.clone(), text(vector, "document").as_bytes()).unwrap_err();
        assert_eq!(refused.code(), text(vector, "code"), "{}: {refused}", text(vector, "why"));
    }
}
