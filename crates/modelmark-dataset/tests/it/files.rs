//! Commitments against the slow twin, and sets that are refused.

use modelmark_dataset::{DataPath, DatasetError, FileEntry, FileSet, LEAF_LIST, SaltKey, read_leaf_list, write_leaf_list};
use modelmark_digest::{Request, Sha256Digest, digest};
use serde_json::{Value, json};

use crate::content::{list, read, text};

fn entries(case: &Value) -> Vec<FileEntry> {
    let entry = |file: &Value| FileEntry {
        path: DataPath::normalised(text(file, "path")).unwrap(),
        sha256: text(file, "sha256").parse().unwrap(),
        size: file["size"].as_u64().unwrap(),
    };
    list(case, "files").iter().map(entry).collect()
}

fn shown(set: &FileSet) -> Value {
    let commitment = set.commitment();
    let mut value = serde_json::to_value(commitment).unwrap();
    value["root"] = json!(commitment.root());
    value
}

#[test]
fn commitments_are_those_of_the_slow_twin() {
    let vectors = read("files.json");
    for case in list(&vectors, "cases") {
        let key: SaltKey = text(&vectors, "key").parse().unwrap();
        assert_eq!(shown(&FileSet::new(entries(case), None).unwrap()), case["open"], "{}", text(case, "title"));
        assert_eq!(shown(&FileSet::new(entries(case), Some(key)).unwrap()), case["salted"], "{}", text(case, "title"));
    }
}

#[test]
fn leaf_lists_go_there_and_back() {
    for case in list(&read("files.json"), "cases") {
        let set = FileSet::new(entries(case), None).unwrap();
        let mut written = Vec::new();
        write_leaf_list(set.entries(), &mut written).unwrap();
        assert_eq!(read_leaf_list(&*written).unwrap(), set.entries());
    }
}

#[test]
fn leaf_lists_that_are_none_are_refused() {
    let good = r#"{"path":"a","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}"#;
    assert_eq!(read_leaf_list(format!("{LEAF_LIST}\n{good}\n").as_bytes()).unwrap().len(), 1);
    for bad in [
        String::new(),
        "{}\n".to_owned(),
        LEAF_LIST.to_owned(),
        format!("{LEAF_LIST}\n{good}"),
        format!("{LEAF_LIST}\n\n"),
        format!("{LEAF_LIST}\n{}\n", good.replace(r#""a""#, r#""../a""#)),
        format!("{LEAF_LIST}\n{}\n", good.replace(r#""a""#, "\"e\u{301}\"")),
        format!("{LEAF_LIST}\n{}\n", good.replace("size", "length")),
        format!("{LEAF_LIST}\n{}\n", good.replace(":0}", ":-1}")),
        format!("{LEAF_LIST}\n{}\n", " ".repeat(1 << 17)),
    ] {
        assert!(matches!(read_leaf_list(bad.as_bytes()), Err(DatasetError::LeafList { .. })), "{bad:.80}");
    }
}

#[test]
fn two_names_of_one_normal_form_are_refused() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("caf\u{e9}"), "1").unwrap();
    let alone = FileSet::of(&digest(data.path(), &Request::default(), &()).unwrap(), None).unwrap().commitment();
    std::fs::write(data.path().join("cafe\u{301}"), "2").unwrap();
    let both = FileSet::of(&digest(data.path(), &Request::default(), &()).unwrap(), None);
    assert!(matches!(both, Err(DatasetError::SamePath(path)) if path.as_str() == "caf\u{e9}"));
    std::fs::remove_file(data.path().join("caf\u{e9}")).unwrap();
    std::fs::write(data.path().join("cafe\u{301}"), "1").unwrap();
    assert_eq!(FileSet::of(&digest(data.path(), &Request::default(), &()).unwrap(), None).unwrap().commitment(), alone);
}

#[test]
fn sizes_that_do_not_add_up_are_refused() {
    let entry = |path: &str, size| FileEntry { path: DataPath::normalised(path).unwrap(), sha256: Sha256Digest::of(b""), size };
    let large = FileSet::new(vec![entry("a", u64::MAX), entry("b", 2)], None);
    assert!(matches!(large, Err(DatasetError::TooLarge { files: 2, bytes: u64::MAX })));
}

#[test]
fn keys_are_hex_and_never_shown() {
    let key: SaltKey = format!(" {}\n", "0f".repeat(32)).parse().unwrap();
    assert_eq!(format!("{key:?}"), "SaltKey(…)");
    for bad in ["", "secret", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
        let error = bad.parse::<SaltKey>().unwrap_err().to_string();
        assert!(bad.is_empty() || !error.contains(bad), "{error}");
    }
}
