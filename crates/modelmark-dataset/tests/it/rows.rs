//! Roots of rows against the slow twin and pyarrow.

use std::fs::File;
use std::num::NonZeroUsize;

use modelmark_dataset::{MAX_ROW_BYTES, RowError, RowKind, rows_root};
use proptest::prelude::*;

use crate::content::{file, list, read, text, vectors};

fn kind(name: &str) -> RowKind {
    if name == "csv" { RowKind::Csv } else { RowKind::Json }
}

fn root_of(kind: RowKind, data: impl AsRef<[u8]>) -> Result<String, RowError> {
    rows_root(file(data), kind, None).map(|rows| rows.root.to_string())
}

#[test]
fn text_files_have_the_roots_of_the_slow_twin() {
    for case in list(&read("rows.json"), "cases") {
        let (title, data) = (text(case, "title"), text(case, "data"));
        let root = root_of(kind(text(case, "kind")), data).unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(root, text(case, "root"), "{title}");
    }
}

#[test]
fn what_the_slow_twin_refuses_is_refused() {
    for case in list(&read("rows.json"), "refused") {
        assert!(matches!(root_of(kind(text(case, "kind")), text(case, "data")), Err(RowError::Json { .. })), "{}", text(case, "title"));
    }
}

#[test]
fn tables_have_the_roots_of_the_slow_twin_whoever_wrote_them() {
    for case in list(&read("rows.json"), "tables") {
        for threads in [1, 3] {
            let table = File::open(vectors(text(case, "file"))).unwrap();
            let rows = rows_root(table, RowKind::Table, NonZeroUsize::new(threads)).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(rows.rows, case["rows"].as_u64().unwrap());
            assert_eq!(rows.root.to_string(), text(case, "root"), "{case}");
        }
    }
}

#[test]
fn kinds_are_told_by_name() {
    for (name, kind) in [
        ("a.jsonl", Some(RowKind::Json)),
        ("a/b.NDJSON", Some(RowKind::Json)),
        ("x.csv", Some(RowKind::Csv)),
        ("train-00000-of-00001.parquet", Some(RowKind::Table)),
        ("a.json", None),
        ("csv", None),
    ] {
        assert_eq!(RowKind::of_name(name), kind, "{name}");
    }
}

#[test]
fn a_long_line_is_refused_before_it_fills_the_memory() {
    let row = |length: u64| format!("\"{}\"\n", "x".repeat(length as usize - 2));
    assert!(root_of(RowKind::Json, row(MAX_ROW_BYTES)).is_ok());
    assert!(matches!(root_of(RowKind::Json, row(MAX_ROW_BYTES + 1)), Err(RowError::TooLong(1))));
    assert!(matches!(root_of(RowKind::Json, "[".to_owned() + &" ".repeat(1 << 25)), Err(RowError::TooLong(1))));
    // A quote that is never closed takes in the rest of the file.
    let open = format!("a,b\n1,\"{}", "x,\n".repeat(MAX_ROW_BYTES as usize / 2));
    assert!(matches!(root_of(RowKind::Csv, open), Err(RowError::TooLong(2))));
}

#[test]
fn csv_records_have_the_fields_of_the_header_and_are_utf8() {
    assert!(matches!(root_of(RowKind::Csv, "a,b\n1\n"), Err(RowError::Csv { record: 2, .. })));
    assert!(matches!(root_of(RowKind::Csv, b"a\n\xff\n"), Err(RowError::Csv { record: 2, .. })));
    assert!(matches!(root_of(RowKind::Csv, ""), Err(RowError::Csv { record: 1, .. })));
}

#[test]
fn nesting_ends_at_127() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(root_of(RowKind::Json, nested(127)).is_ok());
    assert!(matches!(root_of(RowKind::Json, nested(128)), Err(RowError::Json { line: 1, .. })));
    assert!(matches!(root_of(RowKind::Json, "[".repeat(1 << 20)), Err(RowError::Json { .. })));
}

#[test]
fn a_million_rows_are_read() {
    let data = "{\"id\":1}\n".repeat(1_000_000);
    let rows = rows_root(file(&data), RowKind::Json, None).unwrap();
    assert_eq!(rows.rows, 1_000_000);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    // Several batches for each of them.
    let data: String = (0..120_000).map(|id| format!("{{\"id\":{id},\"text\":\"{}\"}}\n", "x".repeat(id % 60))).collect();
    let root = |threads| rows_root(file(&data), RowKind::Json, NonZeroUsize::new(threads)).unwrap();
    assert_eq!(root(1), root(4));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_and_content_of_rows_count_and_spelling_does_not(rows in prop::collection::vec((any::<i32>(), any::<f64>().prop_filter("JSON has no other", |value| value.is_finite()), ".{0,8}"), 2..20), pick in any::<prop::sample::Index>()) {
        let line = |(number, float, text): &(i32, f64, String)| {
            let text = serde_json::to_string(text).unwrap();
            (format!("{{\"a\":{number},\"b\":{float:e},\"c\":{text}}}\n"), format!("{{ \"c\" : {text}, \"b\":{float},\"a\":{number} }} \r\n"))
        };
        let lines: Vec<_> = rows.iter().map(line).collect();
        let root = root_of(RowKind::Json, lines.iter().map(|(one, _)| one.as_str()).collect::<String>()).unwrap();
        prop_assert_eq!(&root, &root_of(RowKind::Json, lines.iter().map(|(_, other)| other.as_str()).collect::<String>()).unwrap());
        let at = pick.index(rows.len() - 1);
        let mut swapped = lines.clone();
        swapped.swap(at, at + 1);
        let other = root_of(RowKind::Json, swapped.iter().map(|(one, _)| one.as_str()).collect::<String>()).unwrap();
        prop_assert_eq!(other == root, rows[at] == rows[at + 1]);
    }

    #[test]
    fn csv_is_what_was_written(records in prop::collection::vec(prop::collection::vec("(?s)[^\u{feff}]{0,6}", 3), 1..10)) {
        let write = |style: csv::QuoteStyle, end: csv::Terminator| {
            let mut writer = csv::WriterBuilder::new().quote_style(style).terminator(end).from_writer(Vec::new());
            records.iter().for_each(|record| writer.write_record(record).unwrap());
            writer.into_inner().unwrap()
        };
        let plain = root_of(RowKind::Csv, write(csv::QuoteStyle::Necessary, csv::Terminator::Any(b'\n'))).unwrap();
        let quoted = root_of(RowKind::Csv, write(csv::QuoteStyle::Always, csv::Terminator::CRLF)).unwrap();
        prop_assert_eq!(plain, quoted);
    }

    #[test]
    fn garbage_is_an_error_and_no_more(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for kind in [RowKind::Json, RowKind::Csv, RowKind::Table] {
            let _ = root_of(kind, &bytes);
        }
    }
}
