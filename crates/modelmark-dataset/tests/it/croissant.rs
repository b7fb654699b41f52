//! Croissant descriptions: those of mlcroissant are read, ours are read by it, and odd ones are told.

use modelmark_dataset::croissant::{Comparison, Croissant, CroissantError, MAX_CROISSANT_BYTES, Outcome};
use modelmark_dataset::{DataPath, DatasetError, FileEntry, FileSet};
use modelmark_digest::Sha256Digest;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::content::{list, vectors};

fn vector(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(vectors("../croissant").join(name)).unwrap()).unwrap()
}

fn entry(path: &str, content: &[u8]) -> FileEntry {
    FileEntry { path: DataPath::normalised(path).unwrap(), sha256: Sha256Digest::of(content), size: content.len() as u64 }
}

fn set() -> FileSet {
    let names = ["train.csv", "a folder/\u{e9} #1.jsonl", "x.parquet", "no extension", "100%.txt"];
    FileSet::new(names.iter().map(|name| entry(name, name.as_bytes())).collect(), None).unwrap()
}

fn read(value: &Value) -> Croissant {
    Croissant::read(&serde_json::to_vec(value).unwrap()).unwrap()
}

#[test]
fn what_we_write_is_what_mlcroissant_understood() {
    let written = set().croissant("small").unwrap();
    let path = vectors("../croissant").join("written.json");
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&written).unwrap() + "\n").unwrap();
    }
    assert_eq!(vector("written.json"), written, "run with MODELMARK_BLESS=1, then vectors/croissant/generate.py");
    let understood = vector("understood.json");
    assert_eq!(understood["name"], "small");
    for (file, entry) in list(&understood, "files").iter().zip(set().entries()) {
        assert_eq!(file["name"], entry.path.as_str());
        assert_eq!(file["contentUrl"], entry.path.as_str());
        assert_eq!(file["sha256"], entry.sha256.to_string());
        assert_eq!(file["contentSize"], format!("{} B", entry.size));
    }
    assert_eq!(list(&understood, "files").len(), set().entries().len());
}

#[test]
fn what_we_write_we_read() {
    let read = read(&set().croissant("small").unwrap());
    assert_eq!(read.root, Some(set().commitment().root()));
    assert_eq!(read.findings, Vec::<String>::new());
    let comparison = read.compare(set().entries());
    assert!(comparison.files.iter().all(|(_, outcome)| *outcome == Outcome::Same) && comparison.undescribed.is_empty());
    let salted = FileSet::new(Vec::new(), Some("00".repeat(32).parse().unwrap())).unwrap();
    assert!(matches!(salted.croissant("x"), Err(DatasetError::SaltedDescription)));
}

#[test]
fn descriptions_of_mlcroissant_are_read() {
    for case in list(&vector("read.json"), "cases") {
        let croissant = read(case);
        assert_eq!(croissant.name.as_deref(), Some("small"));
        assert_eq!(croissant.license, ["https://spdx.org/licenses/CC-BY-4.0"]);
        assert_eq!(croissant.version.as_deref(), Some("1.2.0"));
        assert_eq!(croissant.citation.as_deref(), Some("@misc{small}"));
        assert_eq!(croissant.url.as_deref(), Some("https://example.org/small"));
        assert_eq!((croissant.files.len(), croissant.sets.len(), croissant.fields.len()), (2, 1, 1));
        assert_eq!(croissant.files[0].sha256, Some(Sha256Digest::of(b"abc")));
        assert_eq!(croissant.files[0].size, Some(3));
        assert_eq!(croissant.files[1].md5.as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"));
        assert_eq!(croissant.sets[0].contained_in, ["pack"]);
        assert_eq!(croissant.findings, [r#""pack" has no SHA-256, so that nothing binds it to its bytes"#]);
        let files = [entry("train.csv", b"abc"), entry("pack.zip", b"zip"), entry("a/1.jpg", b"1"), entry("README.md", b"")];
        let expected = Comparison {
            files: vec![("table".to_owned(), Outcome::Same), ("pack".to_owned(), Outcome::Unbound)],
            sets: vec![("pictures".to_owned(), 1)],
            undescribed: vec!["README.md".to_owned()],
        };
        assert_eq!(croissant.compare(&files), expected);
        let other = croissant.compare(&[entry("train.csv", b"abd")]);
        assert_eq!(other.files, [("table".to_owned(), Outcome::Differs), ("pack".to_owned(), Outcome::Missing)]);
        assert!(other.differs());
    }
}

#[test]
fn digests_that_are_none_are_told_and_not_believed() {
    let described = |sha256: Value| {
        read(&json!({ "@context": {}, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.1",
            "distribution": { "@type": "cr:FileObject", "@id": "x", "contentUrl": "x", "sha256": sha256 } }))
    };
    // The specification's own examples have 32 digits, the hub has the address of a discussion.
    for (sha256, told) in [
        (json!("900150983cd24fb0d6963f7d28e17f72"), "32 hex digits"),
        (json!("https://example.org/issues/80"), "no SHA-256"),
        (json!(""), "no SHA-256"),
        (json!({ "@value": "xyz" }), "no SHA-256"),
    ] {
        let croissant = described(sha256);
        assert!(croissant.findings[0].contains(told), "{:?}", croissant.findings);
        assert_eq!(croissant.files[0].sha256, None);
        assert_eq!(croissant.compare(&[entry("x", b"")]).files[0].1, Outcome::Unbound);
    }
}

#[test]
fn other_spellings_of_json_ld_are_read() {
    let croissant = read(&json!({
        "@context": "https://example.org/context",
        "@graph": [
            { "@type": ["https://schema.org/Dataset"], "sc:name": { "de": "klein", "en": "small" }, "dct:conformsTo": { "@id": "http://mlcommons.org/croissant/1.0" },
              "https://schema.org/license": [{ "@id": "https://a.example" }, { "@value": "MIT" }], "cr:isLiveDataset": true },
            { "@type": "http://mlcommons.org/croissant/FileObject", "name": "f", "contentSize": "1.5 MB", "cr:md5": "xyz" }
        ]
    }));
    assert_eq!(croissant.name.as_deref(), Some("small"));
    assert_eq!(croissant.license, ["https://a.example", "MIT"]);
    assert!(croissant.live && croissant.files[0].size.is_none() && croissant.files[0].md5.is_none());
    assert_eq!(croissant.findings.len(), 2, "{:?}", croissant.findings);
    let renamed = read(
        &json!({ "@context": { "sha256": "cr:somethingElse", "name": "sc:name" }, "@type": "Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0" }),
    );
    assert_eq!(renamed.findings, ["its context gives `sha256` another meaning; it was read as if it were the usual one"]);
}

#[test]
fn what_is_no_description_is_refused() {
    assert!(matches!(Croissant::read(b"{"), Err(CroissantError::Json(_))));
    assert!(matches!(Croissant::read(b"[]"), Err(CroissantError::NoDataset)));
    assert!(matches!(Croissant::read(b"{\"@type\":\"sc:Thing\"}"), Err(CroissantError::NoDataset)));
    assert!(matches!(Croissant::read(&vec![b' '; MAX_CROISSANT_BYTES + 1]), Err(CroissantError::TooLarge)));
    assert!(matches!(Croissant::read("[".repeat(1 << 20).as_bytes()), Err(CroissantError::Json(_))));
    let many = json!({ "@type": "Dataset", "distribution": { "@type": "FileSet", "includes": vec!["*"; 1001] } });
    assert!(matches!(Croissant::read(&serde_json::to_vec(&many).unwrap()), Err(CroissantError::Patterns)));
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(text in "[\\[\\]{}:,\"@a-z0-9 ]{0,80}") {
        let dataset = format!("{{\"@type\":\"Dataset\",\"distribution\":[{{\"@type\":\"FileObject\",\"sha256\":{text}}}]}}");
        for text in [text.as_bytes(), dataset.as_bytes()] {
            if let Ok(croissant) = Croissant::read(text) {
                let _ = croissant.compare(set().entries());
            }
        }
    }
}
