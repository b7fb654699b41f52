//! Files of rows that lie: an error each time, whatever the reader makes of them.

use std::collections::BTreeMap;
use std::path::Path;

use modelmark_dataset::{RowError, RowKind, prove_row, rows_root};

use crate::content::{file, vectors};

fn read(bytes: &[u8]) -> Result<u64, RowError> {
    rows_root(file(bytes), RowKind::Table, None).map(|rows| rows.rows)
}

fn with_footer(footer: &[u8]) -> Vec<u8> {
    [b"PAR1", footer, &(footer.len() as u32).to_le_bytes()[..], b"PAR1"].concat()
}

/// A footer whose schema is this list of struct elements.
fn schema(count: usize, element: &[u8]) -> Vec<u8> {
    let mut footer = vec![0x15, 0x02, 0x19, 0xfc];
    let mut left = count;
    while left > 0x7f {
        footer.push(left as u8 | 0x80);
        left >>= 7;
    }
    footer.push(left as u8);
    (0..count).for_each(|_| footer.extend(element));
    footer.push(0);
    footer
}

#[test]
fn attacks_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../attacks/dataset");
    let faults: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(folder.join("faults.json")).unwrap()).unwrap();
    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| RowKind::of_name(name).is_some()).count(), faults.len());
    let open = |name: &str| std::fs::File::open(folder.join(name)).unwrap();
    let mut wrong = Vec::new();
    for (name, fault) in &faults {
        let kind = RowKind::of_name(name).unwrap();
        match rows_root(open(name), kind, None) {
            Err(error) if error.to_string().contains(fault) => {}
            other => wrong.push(format!("{name}: {fault:?} was expected, not {other:?}")),
        }
        assert!(prove_row(open(name), kind, None, 0).is_err(), "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_schema_as_deep_as_the_stack_is_refused() {
    // Field 4, the name "g"; field 5, one child.
    let group = [0x48, 0x01, b'g', 0x15, 0x02, 0x00];
    let error = read(&with_footer(&schema(50_000, &group))).unwrap_err().to_string();
    assert!(error.contains("nested more than 32 deep"), "{error}");
}

#[test]
fn a_schema_that_announces_two_billion_children_is_refused() {
    let group = [0x48, 0x01, b'g', 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x00];
    let error = read(&with_footer(&schema(1, &group))).unwrap_err().to_string();
    assert!(error.contains("more children than there are elements"), "{error}");
}

#[test]
fn lists_that_are_longer_than_the_footer_are_refused() {
    let error = read(&with_footer(&[0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f])).unwrap_err().to_string();
    assert!(error.contains("announces more than it holds"), "{error}");
}

#[test]
fn every_cut_of_a_table_is_refused() {
    let table = std::fs::read(vectors("tables/many_uncompressed.parquet")).unwrap();
    for length in 0..table.len() {
        assert!(read(&table[..length]).is_err(), "{length}");
    }
}

#[test]
fn no_changed_byte_of_a_table_ends_the_run() {
    for (name, step) in [("tables/everything.parquet", 211), ("tables/many_uncompressed.parquet", 41)] {
        let table = std::fs::read(vectors(name)).unwrap();
        for at in (0..table.len()).step_by(step) {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = table.clone();
                changed[at] ^= change;
                // Names and statistics may change and the file stay readable.
                let _ = read(&changed);
            }
        }
    }
}
