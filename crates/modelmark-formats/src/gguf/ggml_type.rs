//! The element types of ggml and the sizes of their blocks.

use std::fmt;

/// An element type of ggml: plain, or quantised in blocks along a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GgmlType {
    number: u32,
    token: &'static str,
    block_elements: u64,
    block_bytes: u64,
}

impl GgmlType {
    /// All types that can stand in a file: `type_traits` of ggml, compared in tests with the Python package `gguf`. Types that were removed are
    /// missing, and so is `Q8_1` (9), a type for intermediate results on whose size ggml and the Python package disagree.
    pub const ALL: [Self; 33] = [
        plain(0, "F32", 4),
        plain(1, "F16", 2),
        block(2, "GGML:Q4_0", 32, 18),
        block(3, "GGML:Q4_1", 32, 20),
        block(6, "GGML:Q5_0", 32, 22),
        block(7, "GGML:Q5_1", 32, 24),
        block(8, "GGML:Q8_0", 32, 34),
        block(10, "GGML:Q2_K", 256, 84),
        block(11, "GGML:Q3_K", 256, 110),
        block(12, "GGML:Q4_K", 256, 144),
        block(13, "GGML:Q5_K", 256, 176),
        block(14, "GGML:Q6_K", 256, 210),
        block(15, "GGML:Q8_K", 256, 292),
        block(16, "GGML:IQ2_XXS", 256, 66),
        block(17, "GGML:IQ2_XS", 256, 74),
        block(18, "GGML:IQ3_XXS", 256, 98),
        block(19, "GGML:IQ1_S", 256, 50),
        block(20, "GGML:IQ4_NL", 32, 18),
        block(21, "GGML:IQ3_S", 256, 110),
        block(22, "GGML:IQ2_S", 256, 82),
        block(23, "GGML:IQ4_XS", 256, 136),
        plain(24, "I8", 1),
        plain(25, "I16", 2),
        plain(26, "I32", 4),
        plain(27, "I64", 8),
        plain(28, "F64", 8),
        block(29, "GGML:IQ1_M", 256, 56),
        plain(30, "BF16", 2),
        block(34, "GGML:TQ1_0", 256, 54),
        block(35, "GGML:TQ2_0", 256, 66),
        block(39, "GGML:MXFP4", 32, 17),
        block(40, "GGML:NVFP4", 64, 36),
        block(41, "GGML:Q1_0", 128, 18),
    ];

    /// Returns the type with this number in files.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number == number)
    }

    /// Returns the number in files.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Returns the token: that of safetensors where it has one, else such as `GGML:Q4_K`.
    #[must_use]
    pub const fn token(self) -> &'static str {
        self.token
    }

    /// Returns how many elements of a row make a block.
    #[must_use]
    pub const fn block_elements(self) -> u64 {
        self.block_elements
    }

    /// Returns the length of a block in bytes.
    #[must_use]
    pub const fn block_bytes(self) -> u64 {
        self.block_bytes
    }

    /// Length in bytes of so many elements in whole blocks, if it fits 64 bits.
    pub(super) const fn bytes(self, elements: u64) -> Option<u64> {
        (elements / self.block_elements).checked_mul(self.block_bytes)
    }
}

impl fmt::Display for GgmlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token)
    }
}

const fn plain(number: u32, token: &'static str, bytes: u64) -> GgmlType {
    block(number, token, 1, bytes)
}

const fn block(number: u32, token: &'static str, block_elements: u64, block_bytes: u64) -> GgmlType {
    GgmlType { number, token, block_elements, block_bytes }
}
