//! Looking for code in any file: no panic, in bounded time and memory, and nothing is found but what is about code.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_formats::carried;

const NAMES: [&str; 6] = ["x", "x.pkl", "x.pt", "x.tar", "x.mar", "config.json"];

fuzz_target!(|bytes: &[u8]| {
    let Some((pick, bytes)) = bytes.split_first() else { return };
    let carried = carried(&bytes, NAMES[usize::from(*pick) % NAMES.len()]).expect("memory can be read");
    assert!(carried.findings.iter().all(|finding| finding.code.is_about_code()));
});
