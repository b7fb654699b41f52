//! Every SHA-256 backend that this CPU has gives the digests of `ring`, whatever the lengths, the mix and the alignment.

use std::time::Instant;

use modelmark_digest::Sha256Digest;
use modelmark_digest::lanes::{Backend, BackendError, Sha256Stream, set_backend, sha256_many, sha256_many_with, update_many_with};
use proptest::prelude::*;

/// FIPS 180-4 examples and two byte messages of NIST's CAVP set, with NIST's digests.
const NIST: [(&[u8], &str); 6] = [
    (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (b"\xd3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
    (b"\x11\xaf", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
    (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (
        b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ),
];

const MILLION_A: &str = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

/// Bytes that differ from position to position, so that a swapped lane or word shows.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..len.div_ceil(8)).flat_map(|_| step()).take(len).collect()
}

fn many(backend: Backend, messages: &[&[u8]]) -> Vec<Sha256Digest> {
    let mut out = vec![Sha256Digest::from([0; 32]); messages.len()];
    sha256_many_with(backend, messages, &mut out).unwrap();
    out
}

#[track_caller]
fn assert_all_backends_agree(messages: &[&[u8]]) {
    let expected: Vec<_> = messages.iter().map(|message| Sha256Digest::of(message)).collect();
    for backend in Backend::available() {
        assert_eq!(many(backend, messages), expected, "{backend}");
    }
}

#[test]
fn nist_vectors() {
    let million = vec![b'a'; 1_000_000];
    let (mut messages, mut expected): (Vec<&[u8]>, Vec<&str>) = NIST.into_iter().unzip();
    messages.push(&million);
    expected.push(MILLION_A);
    for backend in Backend::available() {
        let digests: Vec<_> = many(backend, &messages).iter().map(Sha256Digest::to_string).collect();
        assert_eq!(digests, expected, "{backend}");
    }
}

#[test]
fn every_length_up_to_1024() {
    let bytes = noise(1024);
    let messages: Vec<&[u8]> = (0..=1024).map(|len| &bytes[..len]).collect();
    assert_all_backends_agree(&messages);
}

#[test]
fn every_length_around_a_block_boundary_in_every_lane() {
    let bytes = noise(1 << 14);
    for blocks in [1, 2, 16, 64] {
        for len in blocks * 64 - 10..=blocks * 64 + 2 {
            let messages: Vec<&[u8]> = (0..17).map(|lane| &bytes[lane * 100..][..len]).collect();
            assert_all_backends_agree(&messages);
        }
    }
}

#[test]
fn every_number_of_messages_around_the_lane_counts() {
    let bytes = noise(1 << 14);
    for count in 0..=50 {
        let messages: Vec<&[u8]> = (0..count).map(|i| &bytes[i * 61..][..(i * 733) % 1500]).collect();
        assert_all_backends_agree(&messages);
    }
}

#[test]
fn every_alignment() {
    let bytes = noise(4096);
    let messages: Vec<&[u8]> = (0..130).map(|offset| &bytes[offset..][..300]).collect();
    assert_all_backends_agree(&messages);
}

#[test]
fn one_long_message_among_short_ones() {
    let bytes = noise(300_000);
    let mut messages: Vec<&[u8]> = bytes.chunks(90).take(200).collect();
    messages.insert(77, &bytes);
    assert_all_backends_agree(&messages);
}

#[test]
fn leaves_of_a_file_with_a_short_last_one() {
    let bytes = noise(17 * 8192 + 5);
    assert_all_backends_agree(&bytes.chunks(8192).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_mixes(spans in proptest::collection::vec((0..5000_usize, prop_oneof![0..200_usize, 0..5000_usize]), 0..70)) {
        let bytes = noise(10_000);
        let messages: Vec<&[u8]> = spans.iter().map(|&(start, len)| &bytes[start..][..len]).collect();
        assert_all_backends_agree(&messages);
    }
}

/// Cuts every message into pieces of its own lengths and feeds them round by round.
fn in_pieces(backend: Backend, messages: &[&[u8]], cuts: &[usize]) -> Vec<Sha256Digest> {
    let mut streams = vec![Sha256Stream::default(); messages.len()];
    let mut left = messages.to_vec();
    let mut round = 0;
    while left.iter().any(|message| !message.is_empty()) {
        let take = |(index, message): (usize, &mut &[u8])| {
            let (piece, later) = message.split_at(cuts[(round + index) % cuts.len()].min(message.len()));
            *message = later;
            piece.to_vec()
        };
        let pieces: Vec<Vec<u8>> = left.iter_mut().enumerate().map(take).collect();
        let mut work: Vec<_> = streams.iter_mut().zip(pieces.iter().map(Vec::as_slice)).collect();
        update_many_with(backend, &mut work);
        round += 1;
    }
    streams.into_iter().map(Sha256Stream::finish).collect()
}

#[test]
fn pieces_of_every_small_size_are_joined() {
    let bytes = noise(700);
    let messages: Vec<&[u8]> = (0..20).map(|i| &bytes[i..][..i * 33]).collect();
    let expected = messages.iter().map(|message| Sha256Digest::of(message)).collect::<Vec<_>>();
    for backend in Backend::available() {
        for cut in 1..200 {
            assert_eq!(in_pieces(backend, &messages, &[cut]), expected, "{backend} {cut}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_in_pieces_have_the_digests_of_the_whole(
        lengths in proptest::collection::vec(0..5000_usize, 0..40),
        cuts in proptest::collection::vec(prop_oneof![1..200_usize, Just(64), Just(1024), 1..3000_usize], 1..9),
    ) {
        let bytes = noise(10_000);
        let messages: Vec<&[u8]> = lengths.iter().enumerate().map(|(at, &len)| &bytes[at * 7..][..len]).collect();
        let expected: Vec<_> = messages.iter().map(|message| Sha256Digest::of(message)).collect();
        for backend in Backend::available() {
            prop_assert_eq!(&in_pieces(backend, &messages, &cuts), &expected, "{}", backend);
        }
    }
}

#[test]
fn the_backend_can_be_chosen() {
    let message: [&[u8]; 1] = [b"abc"];
    for backend in Backend::available() {
        set_backend(backend).unwrap();
        let mut out = [Sha256Digest::from([0; 32])];
        sha256_many(&message, &mut out);
        assert_eq!(out[0], Sha256Digest::of(b"abc"));
    }
}

#[test]
fn names_are_read_back_and_others_refused() {
    for backend in Backend::available() {
        assert_eq!(backend.name().parse(), Ok(backend));
    }
    assert_eq!("AVX512".parse::<Backend>(), Err(BackendError::Unknown("AVX512".into())));
    assert_eq!(Backend::available().last(), Some(Backend::Portable));
}

#[test]
fn a_backend_of_another_cpu_is_refused_and_writes_nothing() {
    let foreign = if cfg!(target_arch = "aarch64") { Backend::Avx2 } else { Backend::ArmSha2 };
    let mut out = [Sha256Digest::from([7; 32])];
    assert_eq!(sha256_many_with(foreign, &[b"abc"], &mut out), Err(BackendError::Unavailable(foreign)));
    assert_eq!(set_backend(foreign), Err(BackendError::Unavailable(foreign)));
    assert_eq!(out, [Sha256Digest::from([7; 32])]);
}

/// Prints GB/s on one core: `cargo test --release -p modelmark-digest --test it -- --ignored --nocapture speed_of`.
#[test]
#[ignore = "a measurement; meaningful in release builds on a quiet machine"]
#[expect(clippy::print_stdout, reason = "the figures are the point")]
fn speed_of_every_backend() {
    let bytes = noise(64 << 20);
    for (size, count) in [(256 << 10, 16), (256 << 10, 256), (4 << 10, 16_384), (100, 100_000), (1 << 20, 1), (1 << 20, 4)] {
        let messages: Vec<&[u8]> = bytes.chunks_exact(size).take(count).collect();
        for backend in Backend::available() {
            let run = |_| {
                let start = Instant::now();
                many(backend, &messages);
                (messages.len() * size) as f64 / start.elapsed().as_secs_f64() / 1e9
            };
            let mut rates: Vec<f64> = (0..60).map(run).collect();
            rates.sort_by(f64::total_cmp);
            println!("{count:6} x {size:7} bytes  {backend:8}  best {:.2} GB/s  median {:.2}", rates[59], rates[30]);
        }
    }
}
