//! Eight lanes in 256-bit registers (AVX2), for CPUs that have neither SHA instructions nor AVX-512.

#![expect(unsafe_code, reason = "vector loads and stores take raw pointers, and calling the kernel needs a CPU feature")]

use core::arch::x86_64::*;

use super::rounds::define_fold;
use crate::lanes::kernel::{Block, Kernel, ROUND, Words, sixteen_times};

/// The eight-lane kernel. A value of this type is proof that the CPU has what it needs.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

impl Kernel<8> for Avx2 {
    fn compress(self, state: &mut Words<8>, blocks: [&[Block]; 8]) {
        // SAFETY: `self` exists only if `detect` found avx2, the feature that `compress` is compiled for.
        unsafe { compress(state, blocks) }
    }
}

#[target_feature(enable = "avx2")]
fn compress(state: &mut Words<8>, blocks: [&[Block]; 8]) {
    let mut s = [_mm256_setzero_si256(); 8];
    for (register, row) in s.iter_mut().zip(state.iter()) {
        *register = load_row(row);
    }
    let mut fronts = blocks.map(<[Block]>::iter);
    'rows: loop {
        let (mut low, mut high) = ([_mm256_setzero_si256(); 8], [_mm256_setzero_si256(); 8]);
        for ((low, high), front) in low.iter_mut().zip(&mut high).zip(&mut fronts) {
            let Some(block) = front.next() else { break 'rows };
            [*low, *high] = load_block(block);
        }
        let ([w0, w1, w2, w3, w4, w5, w6, w7], [w8, w9, w10, w11, w12, w13, w14, w15]) = (transpose(low), transpose(high));
        s = fold(s, [w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15]);
    }
    for (register, row) in s.iter().zip(state.iter_mut()) {
        store_row(row, *register);
    }
}

define_fold!(__m256i, "avx2");

#[inline]
#[target_feature(enable = "avx2")]
fn load_block(block: &Block) -> [__m256i; 2] {
    // The words of a message are big-endian.
    let swap = _mm256_broadcastsi128_si256(_mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203));
    let start: *const __m256i = block.as_ptr().cast();
    // SAFETY: a block is 64 readable bytes, two registers, and this load has no alignment requirement.
    let (low, high) = unsafe { (_mm256_loadu_si256(start), _mm256_loadu_si256(start.add(1))) };
    [_mm256_shuffle_epi8(low, swap), _mm256_shuffle_epi8(high, swap)]
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_row(row: &[u32; 8]) -> __m256i {
    // SAFETY: eight words are 32 readable bytes, and this load has no alignment requirement.
    unsafe { _mm256_loadu_si256(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_row(row: &mut [u32; 8], register: __m256i) {
    // SAFETY: eight words are 32 writable bytes, borrowed exclusively, and this store has no alignment requirement.
    unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast(), register) }
}

/// Turns eight rows of eight words into columns: word `i` of every lane in register `i`.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(rows: [__m256i; 8]) -> [__m256i; 8] {
    let mut quads = rows;
    // Within four rows: 4 x 4 words in each 128-bit half.
    macro_rules! gather_four_rows {
        ($r:literal) => {
            let (low01, high01) = (_mm256_unpacklo_epi32(rows[$r], rows[$r + 1]), _mm256_unpackhi_epi32(rows[$r], rows[$r + 1]));
            let (low23, high23) = (_mm256_unpacklo_epi32(rows[$r + 2], rows[$r + 3]), _mm256_unpackhi_epi32(rows[$r + 2], rows[$r + 3]));
            (quads[$r], quads[$r + 1]) = (_mm256_unpacklo_epi64(low01, low23), _mm256_unpackhi_epi64(low01, low23));
            (quads[$r + 2], quads[$r + 3]) = (_mm256_unpacklo_epi64(high01, high23), _mm256_unpackhi_epi64(high01, high23));
        };
    }
    gather_four_rows!(0);
    gather_four_rows!(4);
    let mut columns = quads;
    // Between the two groups of rows: 2 x 2 halves.
    macro_rules! gather_halves {
        ($i:literal) => {
            columns[$i] = _mm256_permute2x128_si256::<0x20>(quads[$i], quads[$i + 4]);
            columns[$i + 4] = _mm256_permute2x128_si256::<0x31>(quads[$i], quads[$i + 4]);
        };
    }
    gather_halves!(0);
    gather_halves!(1);
    gather_halves!(2);
    gather_halves!(3);
    columns
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(x: __m256i, y: __m256i) -> __m256i {
    _mm256_add_epi32(x, y)
}

#[inline]
#[target_feature(enable = "avx2")]
fn broadcast(word: u32) -> __m256i {
    _mm256_set1_epi32(word.cast_signed())
}

/// Rotates to the right. AVX2 has no rotation; a shift by the word's whole width minus `N` takes its count from a register.
#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const N: i32>(x: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_srli_epi32::<N>(x), _mm256_sll_epi32(x, _mm_cvtsi32_si128(32 - N)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn shift<const N: i32>(x: __m256i) -> __m256i {
    _mm256_srli_epi32::<N>(x)
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor3(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_xor_si256(x, y), z)
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn majority(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_and_si256(x, y), _mm256_and_si256(z, _mm256_or_si256(x, y)))
}
