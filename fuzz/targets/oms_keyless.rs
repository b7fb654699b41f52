//! Keyless bundles and trusted roots: no panic, and nobody signs who is not in the certificate.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use modelmark_oms::{Bundle, Signer, Trust, TrustRoot, authenticate};

const ROOT: &[u8] = include_bytes!("../../vectors/oms/keyless/trusted_root.json");

fuzz_target!(|bytes: &[u8]| {
    static TRUSTED: OnceLock<TrustRoot> = OnceLock::new();
    let root = TRUSTED.get_or_init(|| TrustRoot::from_json(ROOT).expect("the vector is a trusted root"));
    if let Ok(bundle) = Bundle::read(bytes) {
        assert_eq!(Bundle::read(&bundle.bytes()).as_ref(), Ok(&bundle));
        let trust = Trust::Keyless { root, identity: "signer@example.com", issuer: "https://login.example.com" };
        if let Ok(signer) = authenticate(&bundle, trust) {
            assert!(matches!(signer, Signer::Keyless { .. }));
        }
    }
    // A root that is accepted can be asked.
    let _ = TrustRoot::from_json(bytes);
});
