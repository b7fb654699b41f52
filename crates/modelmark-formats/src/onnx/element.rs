//! The element types of ONNX.

/// Numbers of `TensorProto.DataType`, tokens, and the typed field that may hold the elements.
const TYPES: [(u64, &str, u32); 28] = [
    (1, "F32", FLOATS),
    (2, "U8", INT32S),
    (3, "I8", INT32S),
    (4, "U16", INT32S),
    (5, "I16", INT32S),
    (6, "I32", INT32S),
    (7, "I64", INT64S),
    (8, "ONNX:STRING", STRINGS),
    (9, "BOOL", INT32S),
    (10, "F16", INT32S),
    (11, "F64", DOUBLES),
    (12, "U32", UINT64S),
    (13, "U64", UINT64S),
    (14, "C64", FLOATS),
    (15, "C128", DOUBLES),
    (16, "BF16", INT32S),
    (17, "F8_E4M3", INT32S),
    (18, "F8_E4M3FNUZ", INT32S),
    (19, "F8_E5M2", INT32S),
    (20, "F8_E5M2FNUZ", INT32S),
    (21, "U4", INT32S),
    (22, "I4", INT32S),
    (23, "F4", INT32S),
    (24, "F8_E8M0", INT32S),
    (25, "U2", INT32S),
    (26, "I2", INT32S),
    (27, "F6_E2M3", INT32S),
    (28, "F6_E3M2", INT32S),
];

/// `float_data`: four bytes each; also the halves of complex numbers.
pub(super) const FLOATS: u32 = 4;
/// `int32_data`: varints; also of all types below 32 bits, bit by bit.
pub(super) const INT32S: u32 = 5;
/// `string_data`.
pub(super) const STRINGS: u32 = 6;
/// `int64_data`: varints.
pub(super) const INT64S: u32 = 7;
/// `double_data`: eight bytes each; also the halves of complex numbers.
pub(super) const DOUBLES: u32 = 10;
/// `uint64_data`: varints; also of `UINT32`.
pub(super) const UINT64S: u32 = 11;

/// An element type: its token, and the number of the typed field for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    pub(super) token: &'static str,
    pub(super) field: u32,
}

impl Element {
    /// Returns the type with this number.
    pub(super) fn from_number(number: u64) -> Option<Self> {
        TYPES.iter().find(|(known, ..)| *known == number).map(|(_, token, field)| Self { token, field: *field })
    }
}
