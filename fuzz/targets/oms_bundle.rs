//! Bundles of OpenSSF model signing: no panic, and what is accepted is written and read back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_oms::{Bundle, Predicate, PublicKey, Statement, Trust, authenticate, signing_keys};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bundle) = Bundle::read(bytes) {
        assert_eq!(Bundle::read(&bundle.bytes()).as_ref(), Ok(&bundle));
        // A key that is found in a signature is one that made it.
        if bundle.signatures().len() == 1 {
            assert!(signing_keys(&bundle).iter().all(|key| authenticate(&bundle, Trust::Key(key)).is_ok()));
        }
        drop(bundle.claimed_identity());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(PublicKey::from_did(text));
    }
    if let Ok(statement) = Statement::read(bytes) {
        assert_eq!(Statement::read(&statement.bytes()).as_ref(), Ok(&statement));
        if let Ok(predicate) = Predicate::read(&statement) {
            assert!(!predicate.resources().is_empty());
            assert!(predicate.resources().keys().all(|name| !name.starts_with('/') && !name.split('/').any(|part| part == "..")));
        }
    }
});
