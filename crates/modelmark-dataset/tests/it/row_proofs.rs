//! Proofs of rows: those of the slow twin, and what is no proof.

use std::fs::File;
use std::num::NonZeroUsize;

use modelmark_dataset::{MAX_ROW_BYTES, MAX_ROW_PROOF_BYTES, RowError, RowKind, RowProof, prove_row, rows_root};
use modelmark_digest::Sha256Digest;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::content::{file, list, read, text, vectors};

/// What a hostile hand does to a document.
type Change<'c> = &'c dyn Fn(&mut Value);

fn kind(case: &Value) -> RowKind {
    serde_json::from_value(case["proof"]["kind"].clone()).unwrap()
}

/// The file that a vector is about.
fn data(case: &Value) -> File {
    match case["file"].as_str() {
        Some(table) => File::open(vectors(table)).unwrap(),
        None => file(text(case, "data")),
    }
}

#[test]
fn proofs_are_those_of_the_slow_twin() {
    let cases = read("row-proofs.json");
    for case in list(&cases, "cases") {
        let index = case["proof"]["proof"]["index"].as_u64().unwrap();
        let root: Sha256Digest = text(case, "root").parse().unwrap();
        for threads in [1, 3] {
            let ours = prove_row(data(case), kind(case), NonZeroUsize::new(threads), index).unwrap();
            assert_eq!(serde_json::to_value(&ours).unwrap(), case["proof"], "{} {index}", text(case, "title"));
            assert_eq!(RowProof::parse(&ours.to_bytes().unwrap()).unwrap(), ours);
            assert_eq!(ours.root(), root);
        }
        assert_eq!(rows_root(data(case), kind(case), None).unwrap().root, root);
    }
}

#[test]
fn a_changed_proof_leads_elsewhere_or_nowhere() {
    let cases = read("row-proofs.json");
    for case in list(&cases, "cases") {
        let root: Sha256Digest = text(case, "root").parse().unwrap();
        let changed = |change: &dyn Fn(&mut Value)| {
            let mut document = case["proof"].clone();
            change(&mut document);
            RowProof::parse(document.to_string().as_bytes()).is_ok_and(|proof| proof.root() == root)
        };
        assert!(changed(&|_| {}));
        let other = json!(Sha256Digest::of(b"other"));
        let refused: [(&str, Change<'_>); 9] = [
            ("another format", &|d| d["format"] = json!("modelmark-dataset-proof-v1")),
            ("another kind", &|d| d["kind"] = if d["kind"] == "csv" { json!("json") } else { json!("csv") }),
            ("other columns", &|d| d["columns"] = json!(format!("{}00", d["columns"].as_str().unwrap()))),
            ("another row", &|d| d["row"] = json!(format!("{}00", d["row"].as_str().unwrap()))),
            ("another size", &|d| d["proof"]["size"] = json!(d["proof"]["size"].as_u64().unwrap() + 1)),
            ("as many rows as there are numbers", &|d| d["proof"]["size"] = json!(u64::MAX)),
            ("an index beyond", &|d| d["proof"]["index"] = d["proof"]["size"].clone()),
            ("a hash too many", &|d| d["proof"]["hashes"].as_array_mut().unwrap().push(other.clone())),
            ("a further key", &|d| d["more"] = json!(1)),
        ];
        for (what, change) in refused {
            assert!(!changed(change), "{what}: {case}");
        }
        if kind(case) == RowKind::Table {
            for spelled in ["0", "0G", "0A", "é"] {
                assert!(!changed(&|d| d["row"] = json!(spelled)), "{spelled}");
            }
        }
    }
    assert!(RowProof::parse(" ".repeat(MAX_ROW_PROOF_BYTES + 1).as_bytes()).is_err());
}

#[test]
fn rows_that_are_not_there_have_no_proof() {
    for (rows, index) in [("", 0), ("1\n\n2\n", 2), ("1\n", u64::MAX)] {
        let found = prove_row(file(rows), RowKind::Json, None, index);
        assert!(matches!(found, Err(RowError::NoRow { .. })), "{rows:?} {found:?}");
    }
    assert!(matches!(prove_row(file("a,b\n1,2\n"), RowKind::Csv, None, 1), Err(RowError::NoRow { index: 1, rows: 1 })));
    // A file with a fault has no proof of any row, also of those before the fault.
    assert!(matches!(prove_row(file("1\n2\n{"), RowKind::Json, None, 0), Err(RowError::Json { line: 3, .. })));
}

#[test]
fn the_longest_row_has_a_proof_that_can_be_read() {
    // A quotation mark takes two characters in the row, and four in the document.
    let row = format!("\"{}\"\n", "\\\"".repeat(MAX_ROW_BYTES as usize / 2 - 2));
    let proof = prove_row(file(&row), RowKind::Json, None, 0).unwrap();
    assert_eq!(proof.row().len(), row.len() - 1);
    assert_eq!(RowProof::parse(&proof.to_bytes().unwrap()).unwrap(), proof);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_row_is_proven(numbers in prop::collection::vec(any::<i64>(), 1..60), pick in any::<prop::sample::Index>()) {
        let lines: String = numbers.iter().map(|number| format!(" {number}\n\n")).collect();
        let index = pick.index(numbers.len());
        let proof = prove_row(file(&lines), RowKind::Json, None, index as u64).unwrap();
        prop_assert_eq!(proof.row(), numbers[index].to_string());
        prop_assert_eq!(proof.root(), rows_root(file(&lines), RowKind::Json, None).unwrap().root);
        let header: String = "n\n".to_owned() + &lines;
        let proof = prove_row(file(&header), RowKind::Csv, None, index as u64).unwrap();
        prop_assert_eq!(proof.columns(), "[\"n\"]");
        prop_assert_eq!(proof.row(), format!("[\" {}\"]", numbers[index]));
        prop_assert_eq!(proof.root(), rows_root(file(&header), RowKind::Csv, None).unwrap().root);
    }
}
