//! From a manifest and facts to a record.

use data_encoding::BASE64;
use modelmark_record::{Claims, Facts, Record, RecordError, Scalar};

use crate::sample::{claims, manifest, record};

fn compose(claims: Claims) -> Result<Record, RecordError> {
    Record::compose(&manifest(), Facts { claims, sources: vec![] })
}

fn picture(record: &Record) -> String {
    let data = record.image.as_str().strip_prefix("data:image/svg+xml;base64,").unwrap();
    String::from_utf8(BASE64.decode(data.as_bytes()).unwrap()).unwrap()
}

#[test]
fn the_same_facts_give_the_same_record() {
    assert_eq!(record().canonical().unwrap(), record().canonical().unwrap());
    let traits: Vec<String> = record().attributes.iter().map(|trait_| format!("{}={}", trait_.trait_type, trait_.value)).collect();
    assert_eq!(traits, ["License=MIT", "Parameters=4810", "Precision=F32", "Format=safetensors", "Files=2", "Size=11B"]);
    assert!(record().attributes.iter().all(|trait_| trait_.display_type.is_some() == matches!(trait_.value, Scalar::Integer(_))));
    assert_eq!(record().description.as_str(), "sample: a model with 4810 parameters.");
}

#[test]
fn what_is_missing_is_named() {
    for (claims, missing) in [
        (Claims { name: None, ..claims() }, "a name"),
        (Claims { license: None, ..claims() }, "a licence"),
        (Claims { creator: None, ..claims() }, "the creator's account"),
    ] {
        assert!(matches!(compose(claims), Err(RecordError::Missing { field, .. }) if field == missing));
    }
    let mut bare = manifest();
    bare.weights.sha256 = None;
    assert!(matches!(Record::compose(&bare, Facts { claims: claims(), sources: vec![] }), Err(RecordError::Missing { .. })));
}

#[test]
fn the_picture_escapes_and_stays_small() {
    let hostile = r#"</text><script>alert("1")</script>&'"#;
    let record = compose(Claims { name: Some(hostile.parse().unwrap()), ..claims() }).unwrap();
    let svg = picture(&record);
    assert!(!svg.contains("<script") && svg.contains("&lt;/text&gt;&lt;script&gt;"), "{svg}");
    assert!(record.image.as_str().len() < 8192);
    let long = compose(Claims { name: Some("🦊".repeat(200).parse().unwrap()), ..claims() }).unwrap();
    assert!(picture(&long).contains(&format!("{}…", "🦊".repeat(29))));
    assert!(long.image.as_str().len() < 8192);
}

#[test]
fn the_picture_shows_every_bit_of_the_digest() {
    let mut other = manifest();
    let before = picture(&record());
    let mut bytes = *other.weights.cid.digest().as_bytes();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    other.weights.cid = modelmark_digest::ContentId::from_digest(modelmark_digest::Codec::Raw, bytes.into());
    let after = picture(&Record::compose(&other, Facts { claims: claims(), sources: vec![] }).unwrap());
    assert_ne!(before, after);
}
