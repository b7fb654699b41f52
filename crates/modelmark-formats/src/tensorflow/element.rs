//! The element types of TensorFlow. Source: `tensorflow/core/framework/types.proto`.

/// What a type number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Numbers: the token of the type and the bytes of an element.
    Number(&'static str, u64),
    /// Something else, in words.
    Other(&'static str),
}

impl Element {
    /// Returns what a type number stands for; `None` for unknown ones.
    pub(super) const fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Number("F32", 4),
            2 => Self::Number("F64", 8),
            3 => Self::Number("I32", 4),
            4 => Self::Number("U8", 1),
            5 => Self::Number("I16", 2),
            6 => Self::Number("I8", 1),
            7 => Self::Other("texts"),
            8 => Self::Number("C64", 8),
            9 => Self::Number("I64", 8),
            10 => Self::Number("BOOL", 1),
            11 => Self::Number("QI8", 1),
            12 => Self::Number("QU8", 1),
            13 => Self::Number("QI32", 4),
            14 => Self::Number("BF16", 2),
            15 => Self::Number("QI16", 2),
            16 => Self::Number("QU16", 2),
            17 => Self::Number("U16", 2),
            18 => Self::Number("C128", 16),
            19 => Self::Number("F16", 2),
            20 => Self::Other("resources"),
            21 => Self::Other("variants"),
            22 => Self::Number("U32", 4),
            23 => Self::Number("U64", 8),
            24 => Self::Number("F8_E5M2", 1),
            25 => Self::Number("F8_E4M3", 1),
            26 => Self::Number("F8_E4M3FNUZ", 1),
            27 => Self::Other("8-bit floats of type E4M3B11FNUZ"),
            28 => Self::Number("F8_E5M2FNUZ", 1),
            // Each of these takes a whole byte here, two or four to a byte elsewhere.
            29..=32 => Self::Other("integers of less than a byte"),
            33 => Self::Other("floats of less than a byte"),
            _ => return None,
        })
    }
}
