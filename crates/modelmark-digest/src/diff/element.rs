//! The values of elements, for measuring how far two tensors are apart.

/// How the canonical bytes of one element become a number.
#[derive(Clone, Copy)]
pub(super) struct Decoder {
    /// Bytes of an element.
    pub(super) width: usize,
    value: Value,
}

/// The number that the bytes of an element stand for; `None` when they are not one element.
type Value = fn(&[u8]) -> Option<f64>;

/// A small floating-point type: sign, exponent, mantissa, from the high bit down.
struct Small {
    exponent_bits: u32,
    mantissa_bits: u32,
    bias: i32,
    /// Which bit patterns are no finite numbers.
    special: Special,
}

/// What the highest exponent and the negative zero stand for.
#[derive(PartialEq, Eq)]
enum Special {
    /// Infinities and NaN, as IEEE 754 has them.
    Ieee,
    /// NaN with all bits set, no infinity (`fn` in the names of PyTorch).
    AllOnes,
    /// NaN in the place of the negative zero, no infinity (`fnuz`).
    NegativeZero,
}

impl Decoder {
    /// Returns the decoder of a type; `None` for types that are no plain numbers: quantised blocks, types below a byte, texts.
    pub(super) fn of(dtype: &str) -> Option<Self> {
        let (width, value): (usize, Value) = match dtype {
            "F64" => (8, |bytes| Some(f64::from_le_bytes(bytes.try_into().ok()?))),
            "F32" => (4, |bytes| Some(f32::from_le_bytes(bytes.try_into().ok()?).into())),
            "BF16" => (2, |bytes| Some(f32::from_bits(u32::from(u16::from_le_bytes(bytes.try_into().ok()?)) << 16).into())),
            "F16" => (2, |bytes| HALF.value(u16::from_le_bytes(bytes.try_into().ok()?))),
            "F8_E4M3" => (1, |bytes| E4M3.value(byte(bytes)?)),
            "F8_E5M2" => (1, |bytes| E5M2.value(byte(bytes)?)),
            "F8_E4M3FNUZ" => (1, |bytes| E4M3FNUZ.value(byte(bytes)?)),
            "F8_E5M2FNUZ" => (1, |bytes| E5M2FNUZ.value(byte(bytes)?)),
            "F8_E8M0" => (1, |bytes| byte(bytes).map(|power| if power == 255 { f64::NAN } else { f64::exp2(f64::from(power) - 127.0) })),
            "BOOL" | "U8" => (1, |bytes| byte(bytes).map(f64::from)),
            "I8" => (1, |bytes| Some(i8::from_le_bytes(bytes.try_into().ok()?).into())),
            "U16" => (2, |bytes| Some(u16::from_le_bytes(bytes.try_into().ok()?).into())),
            "I16" => (2, |bytes| Some(i16::from_le_bytes(bytes.try_into().ok()?).into())),
            "U32" => (4, |bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?).into())),
            "I32" => (4, |bytes| Some(i32::from_le_bytes(bytes.try_into().ok()?).into())),
            "U64" => (8, |bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?) as f64)),
            "I64" => (8, |bytes| Some(i64::from_le_bytes(bytes.try_into().ok()?) as f64)),
            _ => return None,
        };
        Some(Self { width, value })
    }

    /// Returns the number that these bytes stand for; not a number when they are not one element.
    pub(super) fn value(self, bytes: &[u8]) -> f64 {
        (self.value)(bytes).unwrap_or(f64::NAN)
    }
}

const HALF: Small = Small { exponent_bits: 5, mantissa_bits: 10, bias: 15, special: Special::Ieee };
const E5M2: Small = Small { exponent_bits: 5, mantissa_bits: 2, bias: 15, special: Special::Ieee };
const E4M3: Small = Small { exponent_bits: 4, mantissa_bits: 3, bias: 7, special: Special::AllOnes };
const E5M2FNUZ: Small = Small { exponent_bits: 5, mantissa_bits: 2, bias: 16, special: Special::NegativeZero };
const E4M3FNUZ: Small = Small { exponent_bits: 4, mantissa_bits: 3, bias: 8, special: Special::NegativeZero };

impl Small {
    fn value(&self, bits: u16) -> Option<f64> {
        let sign_bit = self.exponent_bits + self.mantissa_bits;
        let mantissa = bits & ((1 << self.mantissa_bits) - 1);
        let highest = (1 << self.exponent_bits) - 1;
        let exponent = (bits >> self.mantissa_bits) & highest;
        let sign = if bits >> sign_bit & 1 == 1 { -1.0 } else { 1.0 };
        let fraction = f64::from(mantissa) / f64::from(1_u32 << self.mantissa_bits);
        Some(match self.special {
            Special::Ieee if exponent == highest => {
                if mantissa == 0 {
                    sign * f64::INFINITY
                } else {
                    f64::NAN
                }
            }
            Special::AllOnes if exponent == highest && mantissa == (1 << self.mantissa_bits) - 1 => f64::NAN,
            Special::NegativeZero if bits == 1 << sign_bit => f64::NAN,
            _ if exponent == 0 => sign * fraction * f64::exp2(f64::from(1 - self.bias)),
            _ => sign * (1.0 + fraction) * f64::exp2(f64::from(i32::from(exponent) - self.bias)),
        })
    }
}

fn byte(bytes: &[u8]) -> Option<u16> {
    bytes.first().copied().map(u16::from)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn value(dtype: &str, bytes: &[u8]) -> f64 {
        Decoder::of(dtype).unwrap().value(bytes)
    }

    /// From `ml_dtypes` 0.5 of PyPI: numpy.frombuffer(…, dtype=…).astype(float64).
    #[test]
    fn small_types_mean_what_others_say() {
        assert_eq!(value("F16", &0x3c01_u16.to_le_bytes()), 1.000_976_562_5);
        assert_eq!(value("F16", &0x0001_u16.to_le_bytes()), 5.960_464_477_539_063e-8);
        assert_eq!(value("F16", &0xfbff_u16.to_le_bytes()), -65504.0);
        assert_eq!(value("F16", &0x7c00_u16.to_le_bytes()), f64::INFINITY);
        assert_eq!(value("BF16", &0xbf80_u16.to_le_bytes()), -1.0);
        assert_eq!((value("F8_E4M3", &[0x7e]), value("F8_E4M3", &[0x01]), value("F8_E4M3", &[0x38])), (448.0, 0.001_953_125, 1.0));
        assert!(value("F8_E4M3", &[0x7f]).is_nan() && value("F8_E4M3", &[0xff]).is_nan());
        assert_eq!((value("F8_E5M2", &[0x7b]), value("F8_E5M2", &[0xfc])), (57344.0, f64::NEG_INFINITY));
        assert_eq!((value("F8_E4M3FNUZ", &[0x7f]), value("F8_E5M2FNUZ", &[0x7f])), (240.0, 57344.0));
        assert!(value("F8_E4M3FNUZ", &[0x80]).is_nan());
        assert_eq!(value("F8_E8M0", &[0x7f]), 1.0);
    }

    #[test]
    fn every_half_is_what_the_wider_type_says() {
        for bits in 0..=u16::MAX {
            let slow = half_by_hand(bits);
            let fast = value("F16", &bits.to_le_bytes());
            assert!(slow == fast || (slow.is_nan() && fast.is_nan()), "{bits:#06x}");
        }
    }

    // IEEE 754: shift into the fields of a double, subnormals by multiplication.
    fn half_by_hand(bits: u16) -> f64 {
        let magnitude = f64::from_bits(u64::from(bits & 0x7fff) << 42) * f64::exp2(1008.0);
        let magnitude = match bits & 0x7fff {
            0x7c00 => f64::INFINITY,
            0x7c01.. => f64::NAN,
            _ => magnitude,
        };
        if bits >> 15 == 1 { -magnitude } else { magnitude }
    }

    #[test]
    fn integers_and_refusals() {
        assert_eq!((value("I64", &(-5_i64).to_le_bytes()), value("U8", &[200]), value("I8", &[200])), (-5.0, 200.0, -56.0));
        assert!(["GGML:Q4_K", "F4", "F6_E2M3", "C64", "NPY:<U8", ""].into_iter().all(|dtype| Decoder::of(dtype).is_none()));
    }
}
