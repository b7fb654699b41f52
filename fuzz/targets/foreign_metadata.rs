//! Metadata and addresses of tokens that others minted: no panic, bounded findings, and nothing in a message that could command a terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_record::foreign::{ForeignMetadata, MAX_METADATA_BYTES, TokenUri};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(metadata) = ForeignMetadata::read(bytes) {
        assert!(bytes.len() <= MAX_METADATA_BYTES);
        assert!(metadata.statements.len() + metadata.faults.len() < 70);
        assert!(metadata.faults.iter().all(|fault| !fault.to_string().chars().any(char::is_control)));
        assert!(!metadata.statements.is_empty() || !metadata.faults.is_empty());
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(TokenUri::Ipfs { path, .. }) = TokenUri::read(text)
    {
        assert!(path.split('/').all(|part| part != ".."));
    }
});
