//! CAR files: no panic, and what is taken in comes out again as a CAR with the same roots.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_storage::car::{Limits, export, import};
use modelmark_storage::MemoryStore;

fuzz_target!(|file: &[u8]| {
    let store = MemoryStore::new();
    let Ok(imported) = import(&store, file, Limits::RECORD) else { return };
    let mut out = Vec::new();
    // A root may be missing from the file, or not be a UnixFS node.
    if export(&store, &imported.roots, &mut out).is_ok() {
        let again = import(&MemoryStore::new(), out.as_slice(), Limits::MODEL).expect("our own CAR");
        assert_eq!(again.roots, imported.roots);
    }
});
