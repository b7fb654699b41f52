//! Two streams through the SHA-2 instructions.
//!
//! `sha256h` takes about twice as long to answer as to be ready for the next question, so one message spends half its time waiting for itself.
//! Two independent messages, interleaved instruction by instruction, fill the gaps; when only one is left it is no slower in company of an
//! idle stream than alone.

#![expect(unsafe_code, reason = "vector loads and stores take raw pointers, and calling the kernel needs a CPU feature")]

use core::arch::aarch64::*;
use std::arch::is_aarch64_feature_detected;

use crate::lanes::kernel::{Block, Kernel, ROUND, Words, sixteen_times};

/// The two-stream kernel. A value of this type is proof that the CPU has what it needs.
#[derive(Clone, Copy)]
pub(super) struct ArmSha2(());

impl ArmSha2 {
    pub(super) fn detect() -> Option<Self> {
        (is_aarch64_feature_detected!("neon") && is_aarch64_feature_detected!("sha2")).then_some(Self(()))
    }
}

impl Kernel<2> for ArmSha2 {
    fn compress(self, state: &mut Words<2>, blocks: [&[Block]; 2]) {
        // SAFETY: `self` exists only if `detect` found neon and sha2, the features that `compress` is compiled for.
        unsafe { compress(state, blocks) }
    }
}

/// One message's chaining state in the order in which the instructions want it.
#[derive(Clone, Copy)]
struct Pair {
    abcd: uint32x4_t,
    efgh: uint32x4_t,
}

#[target_feature(enable = "neon,sha2")]
fn compress(state: &mut Words<2>, blocks: [&[Block]; 2]) {
    let zero = vdupq_n_u32(0);
    let mut pairs = [Pair { abcd: zero, efgh: zero }; 2];
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
                    *pair = four_rounds(*pair, vaddq_u32(w[$i % 4], load_words(&ROUND[$i / 4][$i % 4])));
                }
            };
        }
        sixteen_times!(four_rounds);
        for (pair, now) in pairs.iter_mut().zip(now) {
            *pair = Pair { abcd: vaddq_u32(pair.abcd, now.abcd), efgh: vaddq_u32(pair.efgh, now.efgh) };
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
#[target_feature(enable = "neon,sha2")]
fn four_rounds(Pair { abcd, efgh }: Pair, words: uint32x4_t) -> Pair {
    Pair { abcd: vsha256hq_u32(abcd, efgh, words), efgh: vsha256h2q_u32(efgh, abcd, words) }
}

/// Returns the next four words of the message schedule after the sixteen given.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn schedule(w0: uint32x4_t, w4: uint32x4_t, w8: uint32x4_t, w12: uint32x4_t) -> uint32x4_t {
    vsha256su1q_u32(vsha256su0q_u32(w0, w4), w8, w12)
}

#[inline]
#[target_feature(enable = "neon,sha2")]
fn load_words(words: &[u32; 4]) -> uint32x4_t {
    // SAFETY: four words are 16 readable bytes, aligned as words are.
    unsafe { vld1q_u32(words.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon,sha2")]
fn load_block(block: &Block) -> [uint32x4_t; 4] {
    let mut words = [vdupq_n_u32(0); 4];
    for (register, bytes) in words.iter_mut().zip(block.as_chunks::<16>().0) {
        // SAFETY: `bytes` is 16 readable bytes, and a load of bytes has no alignment requirement.
        let bytes = unsafe { vld1q_u8(bytes.as_ptr()) };
        // The words of a message are big-endian.
        *register = vreinterpretq_u32_u8(vrev32q_u8(bytes));
    }
    words
}

#[inline]
#[target_feature(enable = "neon,sha2")]
fn load_pair([a, b, c, d, e, f, g, h]: [u32; 8]) -> Pair {
    Pair { abcd: load_words(&[a, b, c, d]), efgh: load_words(&[e, f, g, h]) }
}

#[inline]
#[target_feature(enable = "neon,sha2")]
fn words_of(Pair { abcd, efgh }: Pair) -> [u32; 8] {
    let (mut low, mut high) = ([0; 4], [0; 4]);
    // SAFETY: each array is 16 writable bytes, aligned as words are.
    unsafe {
        vst1q_u32(low.as_mut_ptr(), abcd);
        vst1q_u32(high.as_mut_ptr(), efgh);
    }
    let ([a, b, c, d], [e, f, g, h]) = (low, high);
    [a, b, c, d, e, f, g, h]
}
