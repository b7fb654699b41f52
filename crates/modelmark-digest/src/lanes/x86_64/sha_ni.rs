//! Two streams through the SHA instructions.
//!
//! `sha256rnds2` takes about twice as long to answer as to be ready for the next question, so one message spends half its time waiting for itself.
//! Two independent messages, interleaved instruction by instruction, fill the gaps; when only one is left it is no slower in company of an
//! idle stream than alone.

#![expect(unsafe_code, reason = "vector loads take raw pointers, and calling the kernel needs a CPU feature")]

use core::arch::x86_64::*;

use crate::lanes::kernel::{Block, Kernel, ROUND, Words, sixteen_times};

/// The two-stream kernel. A value of this type is proof that the CPU has what it needs.
#[derive(Clone, Copy)]
pub(super) struct ShaNi(());

impl ShaNi {
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1")).then_some(Self(()))
    }
}

impl Kernel<2> for ShaNi {
    fn compress(self, state: &mut Words<2>, blocks: [&[Block]; 2]) {
        // SAFETY: `self` exists only if `detect` found sha and sse4.1, the features that `compress` is compiled for.
        unsafe { compress(state, blocks) }
    }
}

/// One message's chaining state in the order in which the instructions want it.
#[derive(Clone, Copy)]
struct Pair {
    abef: __m128i,
    cdgh: __m128i,
}

#[target_feature(enable = "sha,sse4.1")]
fn compress(state: &mut Words<2>, blocks: [&[Block]; 2]) {
    let zero = _mm_setzero_si128();
    let mut pairs = [Pair { abef: zero, cdgh: zero }; 2];
    for (stream, pair) in pairs.iter_mut().enumerate() {
        *pair = load_pair(state.each_ref().map(|row| row.get(stream).copied().unwrap_or_default()));
    }
    let mut fronts = blocks.map(<[Block]>::iter);
    'rows: loop {
        let mut w = [[zero; 4]; 2];
        for (words, front) in w.iter_mut().zip(&mut fronts) {
            let Some(block) = front.next() else { break 'rows };
            *words = load_block(block);
        }
        let mut now = pairs;
        macro_rules! four_rounds {
            ($i:literal) => {
                for (pair, w) in now.iter_mut().zip(&mut w) {
                    if $i >= 4 {
                        w[$i % 4] = schedule(w[$i % 4], w[($i + 1) % 4], w[($i + 2) % 4], w[($i + 3) % 4]);
                    }
                    *pair = four_rounds(*pair, _mm_add_epi32(w[$i % 4], load_words(&ROUND[$i / 4][$i % 4])));
                }
            };
        }
        sixteen_times!(four_rounds);
        for (pair, now) in pairs.iter_mut().zip(now) {
            *pair = Pair { abef: _mm_add_epi32(pair.abef, now.abef), cdgh: _mm_add_epi32(pair.cdgh, now.cdgh) };
        }
    }
    for (stream, pair) in pairs.into_iter().enumerate() {
        for (row, word) in state.iter_mut().zip(words_of(pair)) {
            if let Some(to) = row.get_mut(stream) {
                *to = word;
            }
        }
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1")]
fn four_rounds(Pair { abef, cdgh }: Pair, words: __m128i) -> Pair {
    let cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
    let abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32::<0x0e>(words));
    Pair { abef, cdgh }
}

/// Returns the next four words of the message schedule after the sixteen given.
#[inline]
#[target_feature(enable = "sha,sse4.1")]
fn schedule(w0: __m128i, w4: __m128i, w8: __m128i, w12: __m128i) -> __m128i {
    let partial = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8::<4>(w12, w8));
    _mm_sha256msg2_epu32(partial, w12)
}

#[inline]
#[target_feature(enable = "sha,sse4.1")]
fn load_words(words: &[u32; 4]) -> __m128i {
    // SAFETY: four words are 16 readable bytes, and this load has no alignment requirement.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sha,sse4.1")]
fn load_block(block: &Block) -> [__m128i; 4] {
    // The words of a message are big-endian.
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let mut words = [_mm_setzero_si128(); 4];
    for (register, bytes) in words.iter_mut().zip(block.as_chunks::<16>().0) {
        // SAFETY: `bytes` is 16 readable bytes, and this load has no alignment requirement.
        *register = _mm_shuffle_epi8(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }, swap);
    }
    words
}

#[inline]
#[target_feature(enable = "sha,sse4.1")]
fn load_pair(words: [u32; 8]) -> Pair {
    let [a, b, c, d, e, f, g, h] = words.map(u32::cast_signed);
    Pair { abef: _mm_set_epi32(a, b, e, f), cdgh: _mm_set_epi32(c, d, g, h) }
}

#[inline]
#[target_feature(enable = "sha,sse4.1")]
fn words_of(Pair { abef, cdgh }: Pair) -> [u32; 8] {
    [
        _mm_extract_epi32::<3>(abef),
        _mm_extract_epi32::<2>(abef),
        _mm_extract_epi32::<3>(cdgh),
        _mm_extract_epi32::<2>(cdgh),
        _mm_extract_epi32::<1>(abef),
        _mm_extract_epi32::<0>(abef),
        _mm_extract_epi32::<1>(cdgh),
        _mm_extract_epi32::<0>(cdgh),
    ]
    .map(i32::cast_unsigned)
}
