//! How the elements of each type are laid out in bytes: what the length of a tensor and the swapping of its bytes follow from.

use crate::gguf::GgmlType;
use crate::safetensors::Dtype;

/// The layout of an element type: so many bytes hold so many elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementLayout {
    /// Elements in a unit: one, except for types below a byte and for types that are quantised in blocks.
    pub elements: u64,
    /// Bytes of a unit.
    pub bytes: u64,
    /// Bytes that a file with the high byte first stores in reverse: half an element of a complex type, one of everything that is no number.
    pub word: u64,
}

/// Types that neither safetensors nor ggml has a word for: token, elements and bytes of a unit, bytes of a word.
const OTHERS: [(&str, u64, u64, u64); 11] = [
    ("C32", 1, 4, 2),
    ("C128", 1, 16, 8),
    ("I2", 4, 1, 1),
    ("U2", 4, 1, 1),
    ("I4", 2, 1, 1),
    ("U4", 2, 1, 1),
    ("QI8", 1, 1, 1),
    ("QU8", 1, 1, 1),
    ("QI16", 1, 2, 2),
    ("QU16", 1, 2, 2),
    ("QI32", 1, 4, 4),
];

impl ElementLayout {
    /// Returns the layout of the type with this token; `None` for types without a fixed size, such as texts, and for unknown ones.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        if let Some(descr) = token.strip_prefix("NPY:") {
            return numpy(descr);
        }
        if let Some(kind) = GgmlType::ALL.into_iter().find(|kind| kind.token() == token || is_reversed(kind.token(), token)) {
            // A block mixes numbers of several sizes: it is taken as it stands.
            let word = if kind.block_elements() == 1 { kind.block_bytes() } else { 1 };
            return Some(Self { elements: kind.block_elements(), bytes: kind.block_bytes(), word });
        }
        let other = OTHERS.iter().find(|(other, ..)| *other == token).map(|(_, elements, bytes, word)| (*elements, *bytes, *word));
        let (elements, bytes, word) = other.or_else(|| Dtype::from_token(token).map(plain))?;
        Some(Self { elements, bytes, word })
    }

    /// Returns how many bytes so many elements take; `None` when that passes 64 bits.
    ///
    /// A last unit that is not full ends with its last byte that is used.
    #[must_use]
    pub const fn bytes_of(self, elements: u64) -> Option<u64> {
        let Some(full) = (elements / self.elements).checked_mul(self.bytes) else { return None };
        // Both factors are the few of one unit.
        full.checked_add((elements % self.elements * self.bytes).div_ceil(self.elements))
    }
}

/// `GGML:>Q4_K`: blocks of a big-endian file, whose inner numbers are reversed.
fn is_reversed(known: &str, token: &str) -> bool {
    known.strip_prefix("GGML:").is_some_and(|known| token.strip_prefix("GGML:>") == Some(known))
}

const fn plain(dtype: Dtype) -> (u64, u64, u64) {
    match (dtype, dtype.bits()) {
        (Dtype::C64, _) => (1, 8, 4),
        (_, 4) => (2, 1, 1),
        (_, 6) => (4, 3, 1),
        (_, bits) => (1, bits / 8, bits / 8),
    }
}

/// The types of NumPy, as `NPY:<M8[ns]`: an order, a kind and a length.
fn numpy(descr: &str) -> Option<ElementLayout> {
    let kind = descr.chars().nth(1)?;
    let length = descr.get(2..)?.split('[').next()?.parse::<u64>().ok()?;
    let (bytes, word) = match kind {
        'S' | 'V' => (length, 1),
        'U' => (length.checked_mul(4)?, 4),
        'c' => (length, length / 2),
        _ => (length, length),
    };
    Some(ElementLayout { elements: 1, bytes, word: word.max(1) })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn every_type_of_the_readers_has_a_layout() {
        for dtype in Dtype::ALL {
            let layout = ElementLayout::of(dtype.token()).unwrap();
            assert_eq!(layout.bytes * 8, layout.elements * dtype.bits(), "{}", dtype.token());
        }
        for kind in GgmlType::ALL {
            let layout = ElementLayout::of(kind.token()).unwrap();
            assert_eq!((layout.elements, layout.bytes), (kind.block_elements(), kind.block_bytes()));
        }
        let of = |token| ElementLayout::of(token).map(|layout| (layout.elements, layout.bytes, layout.word));
        assert_eq!(of("C64"), Some((1, 8, 4)));
        assert_eq!(of("GGML:>Q4_0"), Some((32, 18, 1)));
        assert_eq!((of("NPY:<U8"), of("NPY:|S3"), of("NPY:<M8[ns]")), (Some((1, 32, 4)), Some((1, 3, 1)), Some((1, 8, 8))));
        assert_eq!((of("NPY:<U18446744073709551615"), of("NPY:"), of("STRING")), (None, None, None));
        assert_eq!((of("U4"), ElementLayout::of("U4").unwrap().bytes_of(5)), (Some((2, 1, 1)), Some(3)));
        assert_eq!([4, 5, 6, 7].map(|count| ElementLayout::of("F6_E2M3").unwrap().bytes_of(count)), [Some(3), Some(4), Some(5), Some(6)]);
    }
}
