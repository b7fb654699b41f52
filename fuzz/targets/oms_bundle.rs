//! Bundles of OpenSSF model signing: no panic, and what is accepted is written and read back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_oms::{Bundle, Predicate, Statement};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bundle) = Bundle::read(bytes) {
        assert_eq!(Bundle::read(&bundle.bytes()).as_ref(), Ok(&bundle));
    }
    if let Ok(statement) = Statement::read(bytes) {
        assert_eq!(Statement::read(&statement.bytes()).as_ref(), Ok(&statement));
        if let Ok(predicate) = Predicate::read(&statement) {
            assert!(!predicate.resources().is_empty());
            assert!(predicate.resources().keys().all(|name| !name.starts_with('/') && !name.split('/').any(|part| part == "..")));
        }
    }
});
