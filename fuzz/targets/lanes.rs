//! Many messages at once, whole and in pieces: every SHA-256 backend of this CPU gives the digests of `ring`.
//!
//! The input is read as 16-bit lengths and then bytes; the messages overlap, start anywhere and mix all lengths.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::Sha256Digest;
use modelmark_digest::lanes::{Backend, Sha256Stream, sha256_many_with, update_many_with};

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
        assert_eq!(in_pieces(backend, &messages), expected, "{backend}, in pieces");
    }
});

/// Feeds every message in pieces whose lengths its own first bytes choose.
fn in_pieces(backend: Backend, messages: &[&[u8]]) -> Vec<Sha256Digest> {
    let mut streams = vec![Sha256Stream::default(); messages.len()];
    let mut left = messages.to_vec();
    while left.iter().any(|message| !message.is_empty()) {
        let mut work = Vec::new();
        for (stream, message) in streams.iter_mut().zip(&mut left) {
            let cut = message.first().map_or(0, |first| 1 + 16 * usize::from(*first)).min(message.len());
            let (piece, later) = message.split_at(cut);
            *message = later;
            work.push((stream, piece));
        }
        update_many_with(backend, &mut work);
    }
    streams.into_iter().map(Sha256Stream::finish).collect()
}
