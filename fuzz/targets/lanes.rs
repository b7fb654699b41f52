//! Many messages at once: every SHA-256 backend of this CPU gives the digests of `ring`.
//!
//! The input is read as 16-bit lengths and then bytes; the messages overlap, start anywhere and mix all lengths.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::Sha256Digest;
use modelmark_digest::lanes::{Backend, sha256_many_with};

fuzz_target!(|input: &[u8]| {
    let Some((&count, rest)) = input.split_first() else { return };
    let Some((lengths, bytes)) = rest.split_at_checked(2 * usize::from(count)) else { return };
    let message = |(start, pair): (usize, &[u8; 2])| {
        let from = bytes.get(start..).unwrap_or_default();
        &from[..usize::from(u16::from_le_bytes(*pair)).min(from.len())]
    };
    let messages: Vec<&[u8]> = lengths.as_chunks().0.iter().enumerate().map(message).collect();
    let expected: Vec<_> = messages.iter().map(|message| Sha256Digest::of(message)).collect();
    for backend in Backend::available() {
        let mut out = vec![Sha256Digest::from([0; 32]); messages.len()];
        sha256_many_with(backend, &messages, &mut out).expect("an available backend");
        assert_eq!(out, expected, "{backend}");
    }
});
