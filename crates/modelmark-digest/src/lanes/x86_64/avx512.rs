//! Sixteen lanes in 512-bit registers (AVX-512 F and BW).
//!
//! Rotation and any bitwise function of three inputs are one instruction each here, and 32 registers hold state and schedule without spills.
//! For CPUs that have AVX-512 but no SHA instructions (Skylake-X to Cooper Lake).

#![expect(unsafe_code, reason = "vector loads and stores take raw pointers, and calling the kernel needs a CPU feature")]

use core::arch::x86_64::*;

use super::rounds::define_fold;
use crate::lanes::kernel::{Block, Kernel, ROUND, Words, sixteen_times};

/// The sixteen-lane kernel. A value of this type is proof that the CPU has what it needs.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")).then_some(Self(()))
    }
}

impl Kernel<16> for Avx512 {
    fn compress(self, state: &mut Words<16>, blocks: [&[Block]; 16]) {
        // SAFETY: `self` exists only if `detect` found avx512f and avx512bw, the features that `compress` is compiled for.
        unsafe { compress(state, blocks) }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn compress(state: &mut Words<16>, blocks: [&[Block]; 16]) {
    let mut s = [_mm512_setzero_si512(); 8];
    for (register, row) in s.iter_mut().zip(state.iter()) {
        *register = load_row(row);
    }
    let mut fronts = blocks.map(<[Block]>::iter);
    'rows: loop {
        let mut w = [_mm512_setzero_si512(); 16];
        macro_rules! take_block {
            ($lane:literal) => {
                let Some(block) = fronts[$lane].next() else { break 'rows };
                w[$lane] = load_block(block);
            };
        }
        sixteen_times!(take_block);
        s = fold(s, transpose(w));
    }
    for (register, row) in s.iter().zip(state.iter_mut()) {
        store_row(row, *register);
    }
}

define_fold!(__m512i, "avx512f,avx512bw");

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load_block(block: &Block) -> __m512i {
    // The words of a message are big-endian.
    let swap = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203));
    // SAFETY: a block is 64 readable bytes, and this load has no alignment requirement.
    let words = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
    _mm512_shuffle_epi8(words, swap)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load_row(row: &[u32; 16]) -> __m512i {
    // SAFETY: sixteen words are 64 readable bytes, and this load has no alignment requirement.
    unsafe { _mm512_loadu_si512(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn store_row(row: &mut [u32; 16], register: __m512i) {
    // SAFETY: sixteen words are 64 writable bytes, borrowed exclusively, and this store has no alignment requirement.
    unsafe { _mm512_storeu_si512(row.as_mut_ptr().cast(), register) }
}

/// Turns sixteen rows, one block each, into sixteen columns: word `i` of every lane in register `i`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn transpose(rows: [__m512i; 16]) -> [__m512i; 16] {
    let mut quads = rows;
    // Within four rows: 4 x 4 words in each 128-bit quarter.
    macro_rules! gather_four_rows {
        ($r:literal) => {
            let (low01, high01) = (_mm512_unpacklo_epi32(rows[$r], rows[$r + 1]), _mm512_unpackhi_epi32(rows[$r], rows[$r + 1]));
            let (low23, high23) = (_mm512_unpacklo_epi32(rows[$r + 2], rows[$r + 3]), _mm512_unpackhi_epi32(rows[$r + 2], rows[$r + 3]));
            (quads[$r], quads[$r + 1]) = (_mm512_unpacklo_epi64(low01, low23), _mm512_unpackhi_epi64(low01, low23));
            (quads[$r + 2], quads[$r + 3]) = (_mm512_unpacklo_epi64(high01, high23), _mm512_unpackhi_epi64(high01, high23));
        };
    }
    gather_four_rows!(0);
    gather_four_rows!(4);
    gather_four_rows!(8);
    gather_four_rows!(12);
    let mut columns = quads;
    // Between the four groups of rows: 4 x 4 quarters.
    macro_rules! gather_quarters {
        ($i:literal) => {
            let (even01, odd01) =
                (_mm512_shuffle_i32x4::<0x88>(quads[$i], quads[$i + 4]), _mm512_shuffle_i32x4::<0xdd>(quads[$i], quads[$i + 4]));
            let (even23, odd23) =
                (_mm512_shuffle_i32x4::<0x88>(quads[$i + 8], quads[$i + 12]), _mm512_shuffle_i32x4::<0xdd>(quads[$i + 8], quads[$i + 12]));
            (columns[$i], columns[$i + 8]) = (_mm512_shuffle_i32x4::<0x88>(even01, even23), _mm512_shuffle_i32x4::<0xdd>(even01, even23));
            (columns[$i + 4], columns[$i + 12]) = (_mm512_shuffle_i32x4::<0x88>(odd01, odd23), _mm512_shuffle_i32x4::<0xdd>(odd01, odd23));
        };
    }
    gather_quarters!(0);
    gather_quarters!(1);
    gather_quarters!(2);
    gather_quarters!(3);
    columns
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn add(x: __m512i, y: __m512i) -> __m512i {
    _mm512_add_epi32(x, y)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn broadcast(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn rotate<const N: i32>(x: __m512i) -> __m512i {
    _mm512_ror_epi32::<N>(x)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn shift<const N: u32>(x: __m512i) -> __m512i {
    _mm512_srli_epi32::<N>(x)
}

// The last argument of the next three is the function's truth table over three bits.

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn xor3(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0x96>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn choose(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xca>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn majority(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xe8>(x, y, z)
}
