//! Metadata of tokens that others minted: the shapes of the wild are read, and nothing with two readings is believed.
#![expect(clippy::indexing_slicing, reason = "a vector that lacks something is a failed test")]

use std::path::PathBuf;

use modelmark_digest::ContentId;
use modelmark_record::foreign::{FaultCode, ForeignMetadata, MAX_METADATA_BYTES, MAX_TOKEN_URI_BYTES, StatedDigest, Subject, TokenUri};
use proptest::prelude::*;
use serde_json::Value;

fn workspace(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

fn json(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(workspace(path)).unwrap()).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

fn codes(document: &[u8]) -> Vec<FaultCode> {
    match ForeignMetadata::read(document) {
        Ok(metadata) => metadata.faults.iter().map(|fault| fault.code).collect(),
        Err(fault) => vec![fault.code],
    }
}

/// Tells whether a digest is one of the right ones, by the vectors.
fn is_right(digest: &StatedDigest, digests: &Value) -> bool {
    match digest {
        StatedDigest::Sha256(digest) => digest.to_string() == text(digests, "sha256"),
        StatedDigest::Keccak256(digest) => format!("0x{digest}") == text(digests, "keccak256"),
        StatedDigest::Blake3(digest) => digest.to_string() == text(digests, "blake3"),
        StatedDigest::Cid(cid) => {
            ["version0", "version1"].iter().any(|version| ContentId::from_any_version(text(digests, version)) == Ok(*cid))
        }
    }
}

#[test]
fn the_shapes_of_others_are_read() {
    let vectors = json("vectors/foreign/shapes.json");
    for case in vectors["cases"].as_array().unwrap() {
        let metadata = ForeignMetadata::read(text(case, "metadata").as_bytes()).unwrap();
        let faults: Vec<_> = metadata.faults.iter().map(|fault| fault.code.as_str()).collect();
        let refused: Vec<_> = case["refused"].as_array().into_iter().flatten().map(|code| code.as_str().unwrap()).collect();
        assert_eq!(faults, refused, "{case}");
        if let Some(matches) = case["matches"].as_bool() {
            assert!(!metadata.statements.is_empty(), "{case}");
            let right = metadata.statements.iter().all(|statement| is_right(&statement.digest, &vectors["digests"]));
            assert_eq!(right, matches, "{case} {metadata:?}");
        }
    }
}

#[test]
fn our_own_record_is_read_as_others_would_read_it() {
    let vectors = json("vectors/record/record.json");
    let canonical = text(&vectors["records"][0], "canonical").as_bytes().to_vec();
    let record: Value = serde_json::from_slice(&canonical).unwrap();
    let metadata = ForeignMetadata::read(&canonical).unwrap();
    assert_eq!(metadata.faults, []);
    let hash = text(&record["provenance"], "weightsHash").trim_start_matches("0x").to_owned();
    assert!(metadata.statements.iter().any(|statement| statement.digest.to_string() == format!("SHA-256 {hash}")), "{metadata:?}");
    let cid: ContentId = text(&record["provenance"]["model"], "cid").parse().unwrap();
    assert!(metadata.statements.iter().any(|s| s.digest == StatedDigest::Cid(cid) && s.subject == Subject::Model), "{metadata:?}");
}

#[test]
fn hostile_documents_are_refused_with_their_codes() {
    for case in json("attacks/foreign/documents.json").as_array().unwrap() {
        let found = codes(text(case, "document").as_bytes());
        assert_eq!(found.first().map(|code| code.as_str()), case["code"].as_str(), "{case} {found:?}");
        // A message never carries what could command a terminal.
        let said = match ForeignMetadata::read(text(case, "document").as_bytes()) {
            Ok(metadata) => metadata.faults.iter().map(ToString::to_string).collect(),
            Err(fault) => vec![fault.to_string()],
        };
        assert!(said.iter().all(|line| !line.chars().any(char::is_control) && line.len() < 1000), "{said:?}");
    }
}

#[test]
fn large_documents_are_refused_before_they_are_read() {
    let padded = |length: usize| format!("{{\"weightsHash\":\"{}\"}}{}", "0".repeat(64), " ".repeat(length)).into_bytes();
    let edge = MAX_METADATA_BYTES - padded(0).len();
    assert_eq!(codes(&padded(edge)), []);
    assert_eq!(codes(&padded(edge + 1)), [FaultCode::TooLarge]);
    assert_eq!(codes(&vec![b'['; 10_000]), [FaultCode::Json]);
    let many: Vec<_> = (0..1000).map(|n| format!("{{\"trait_type\":\"Weights Hash\",\"value\":\"{n:064x}\"}}")).collect();
    let many = format!("{{\"attributes\":[{}]}}", many.join(","));
    assert!(codes(many.as_bytes()).contains(&FaultCode::TooMany));
    let wrong: Vec<_> = (0..1000).map(|n| format!("{{\"trait_type\":\"Weights Hash\",\"value\":{n}}}")).collect();
    let found = codes(format!("{{\"attributes\":[{}]}}", wrong.join(",")).as_bytes());
    assert!(found.len() < 100 && found.contains(&FaultCode::TooMany), "{}", found.len());
}

#[test]
fn token_uris_are_taken_apart() {
    let cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
    let id: ContentId = cid.parse().unwrap();
    let ipfs = |path: &str| TokenUri::Ipfs { cid: id, path: path.to_owned() };
    for (uri, wanted) in [
        (format!("ipfs://{cid}"), ipfs("")),
        (format!("IPFS://{cid}/7.json"), ipfs("7.json")),
        (format!("ipfs://ipfs/{cid}/a/7"), ipfs("a/7")),
        (format!("https://gateway.example/ipfs/{cid}/7.json"), ipfs("7.json")),
        (format!("https://{cid}.ipfs.dweb.example/7.json"), ipfs("7.json")),
        (format!("{cid}/"), ipfs("")),
        ("ar://abc/7.json".to_owned(), TokenUri::Arweave("abc/7.json".to_owned())),
        ("https://example.org/7.json?x=1".to_owned(), TokenUri::Web("https://example.org/7.json?x=1".to_owned())),
        ("data:application/json;base64,e30=".to_owned(), TokenUri::Data(b"{}".to_vec())),
        ("data:application/json;base64,e30".to_owned(), TokenUri::Data(b"{}".to_vec())),
        ("data:application/json,%7B%7d".to_owned(), TokenUri::Data(b"{}".to_vec())),
        ("data:application/json;utf8,{\"a\":\"100%\"}".to_owned(), TokenUri::Data(b"{\"a\":\"100%\"}".to_vec())),
        // What stands in a URI is never followed, so that there is no way around and around.
        ("data:,data:,data:,{}".to_owned(), TokenUri::Data(b"data:,data:,{}".to_vec())),
    ] {
        assert_eq!(TokenUri::read(&uri), Ok(wanted), "{uri}");
    }
    let version_0 = TokenUri::read("ipfs://QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH/7").unwrap();
    assert!(matches!(version_0, TokenUri::Ipfs { path, .. } if path == "7"));
    for case in json("attacks/foreign/uris.json").as_array().unwrap() {
        let fault = TokenUri::read(text(case, "uri")).unwrap_err();
        assert_eq!((fault.code.as_str(), fault.message.chars().any(char::is_control)), ("uri", false), "{case}");
    }
    for long in [format!("ipfs://{}", "a".repeat(5000)), format!("data:,{}", "a".repeat(MAX_TOKEN_URI_BYTES))] {
        assert_eq!(TokenUri::read(&long).unwrap_err().code, FaultCode::TooLarge);
    }
}

#[test]
fn the_specification_names_every_code() {
    let page = std::fs::read_to_string(workspace("docs/spec/import.md")).unwrap();
    for code in FaultCode::ALL {
        assert!(page.contains(&format!("| `{code}` |")), "{code}");
    }
}

/// Every name that the specification's table gives is read where it says, and as what it says.
#[test]
fn the_specification_s_names_are_read() {
    let page = std::fs::read_to_string(workspace("docs/spec/import.md")).unwrap();
    let (_, table) = page.split_once("<!-- names -->").unwrap();
    let (table, _) = table.split_once("<!-- end -->").unwrap();
    let zero = "0".repeat(64);
    let mut read = 0;
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        for name in cells[1].split(',').map(|name| name.trim().trim_matches('`')) {
            let value = if cells[3] == "CID" { "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku" } else { &zero };
            let document = format!("{{\"properties\":{{\"{name}\":\"{value}\"}}}}");
            let metadata = ForeignMetadata::read(document.as_bytes()).unwrap();
            let [statement] = metadata.statements.as_slice() else { panic!("{name} is not read: {metadata:?}") };
            assert_eq!(statement.subject.to_string(), cells[2], "{name}");
            let algorithm = match statement.digest {
                StatedDigest::Cid(_) => "CID",
                _ if statement.inferred => "SHA-256, unless another is named",
                StatedDigest::Sha256(_) => "SHA-256",
                StatedDigest::Keccak256(_) => "Keccak-256",
                StatedDigest::Blake3(_) => "BLAKE3",
            };
            assert_eq!(algorithm, cells[3], "{name}");
            read += 1;
        }
    }
    assert!(read > 20, "{read}");
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_is_read_twice_differently(bytes in proptest::collection::vec(any::<u8>(), 0..200), uri in ".{0,200}") {
        prop_assert_eq!(ForeignMetadata::read(&bytes), ForeignMetadata::read(&bytes));
        let _ = TokenUri::read(&uri);
    }

    #[test]
    fn a_digest_is_found_by_every_spelling(bytes in any::<[u8; 32]>(), upper in any::<bool>(), prefix in 0_usize..4) {
        let hex: String = bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect();
        let spelled = format!("{}{hex}", ["", "0x", "sha256:", "sha-256:"][prefix]);
        let document = format!("{{\"attributes\":[{{\"trait_type\":\"Weights Hash\",\"value\":\"{spelled}\"}}]}}");
        let metadata = ForeignMetadata::read(document.as_bytes()).unwrap();
        prop_assert_eq!(metadata.faults, []);
        prop_assert_eq!(metadata.statements[0].digest, StatedDigest::Sha256(bytes.into()));
        prop_assert_eq!(metadata.statements[0].inferred, prefix < 2);
    }
}
