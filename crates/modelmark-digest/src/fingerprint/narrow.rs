//! Narrowing of numbers that loses nothing: the widths of one value all become the same bytes.
//!
//! Everything works on bits. The conversions of a CPU round, and quiet the NaNs that signal; here a number that does not fit exactly has no narrow form,
//! and the payload of a NaN has to survive like the digits of a number.

/// A type that numbers are narrowed to, the narrowest first in the sense of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Bf16,
    F16,
    F32,
}

impl Target {
    pub(super) const fn token(self) -> &'static str {
        match self {
            Self::Bf16 => "BF16",
            Self::F16 => "F16",
            Self::F32 => "F32",
        }
    }

    /// The types that come before a type, in their order.
    pub(super) fn before(dtype: &str) -> &'static [Self] {
        match dtype {
            "F64" => &[Self::Bf16, Self::F16, Self::F32],
            "F32" => &[Self::Bf16, Self::F16],
            "F16" => &[Self::Bf16],
            _ => &[],
        }
    }
}

/// Appends the numbers of `bytes` in the narrower type; `None` when one of them does not fit.
pub(super) fn narrow(dtype: &str, target: Target, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    match dtype {
        "F64" => numbers(bytes, out, |bits| of_f32(f32_of_f64(u64::from_le_bytes(bits))?, target)),
        "F32" => numbers(bytes, out, |bits| of_f32(u32::from_le_bytes(bits), target)),
        "F16" => numbers(bytes, out, |bits| of_f32(f32_of_f16(u16::from_le_bytes(bits)), target)),
        _ => None,
    }
}

fn numbers<const N: usize>(bytes: &[u8], out: &mut Vec<u8>, narrowed: impl Fn([u8; N]) -> Option<Narrow>) -> Option<()> {
    let (numbers, rest) = bytes.as_chunks::<N>();
    for number in numbers {
        match narrowed(*number)? {
            Narrow::Two(bytes) => out.extend_from_slice(&bytes),
            Narrow::Four(bytes) => out.extend_from_slice(&bytes),
        }
    }
    rest.is_empty().then_some(())
}

enum Narrow {
    Two([u8; 2]),
    Four([u8; 4]),
}

fn of_f32(bits: u32, target: Target) -> Option<Narrow> {
    match target {
        Target::Bf16 => bf16_of_f32(bits).map(|bits| Narrow::Two(bits.to_le_bytes())),
        Target::F16 => f16_of_f32(bits).map(|bits| Narrow::Two(bits.to_le_bytes())),
        Target::F32 => Some(Narrow::Four(bits.to_le_bytes())),
    }
}

/// The upper half, when the lower is empty: for numbers, infinities and NaNs alike.
const fn bf16_of_f32(bits: u32) -> Option<u16> {
    if bits & 0xffff == 0 { Some((bits >> 16) as u16) } else { None }
}

const fn f16_of_f32(bits: u32) -> Option<u16> {
    let sign = (bits >> 16 & 0x8000) as u16;
    let (exponent, mantissa) = ((bits >> 23 & 0xff) as i32, bits & 0x7f_ffff);
    match exponent {
        0 => {
            if mantissa == 0 {
                Some(sign)
            } else {
                None
            }
        }
        0xff => shifted(mantissa, 13, sign | 0x7c00),
        113..=142 => shifted(mantissa, 13, sign | ((exponent - 112) as u16) << 10),
        // Subnormal: the leading one becomes a digit like the others.
        103..=112 => shifted(mantissa | 0x80_0000, (126 - exponent) as u32, sign),
        _ => None,
    }
}

/// Shifts digits out, if all of them are zero.
const fn shifted(mantissa: u32, by: u32, upper: u16) -> Option<u16> {
    if mantissa & ((1 << by) - 1) == 0 { Some(upper | (mantissa >> by) as u16) } else { None }
}

/// Exact: every half is a single-precision number.
const fn f32_of_f16(bits: u16) -> u32 {
    let sign = (bits as u32 & 0x8000) << 16;
    let (exponent, mantissa) = (bits as u32 >> 10 & 0x1f, bits as u32 & 0x3ff);
    match exponent {
        0 if mantissa == 0 => sign,
        0 => {
            // 2^-24 times the mantissa, whose leading one becomes the implied one.
            let top = 31 - mantissa.leading_zeros();
            sign | (top + 103) << 23 | (mantissa << (23 - top) & 0x7f_ffff)
        }
        0x1f => sign | 0x7f80_0000 | mantissa << 13,
        _ => sign | (exponent + 112) << 23 | mantissa << 13,
    }
}

const fn f32_of_f64(bits: u64) -> Option<u32> {
    let sign = (bits >> 32) as u32 & 0x8000_0000;
    let (exponent, mantissa) = ((bits >> 52 & 0x7ff) as i32, bits & 0xf_ffff_ffff_ffff);
    let (upper, digits, by) = match exponent {
        0 if mantissa == 0 => return Some(sign),
        0x7ff => (0x7f80_0000, mantissa, 29),
        897..=1150 => (((exponent - 896) as u32) << 23, mantissa, 29),
        874..=896 => (0, mantissa | 1 << 52, (926 - exponent) as u32),
        _ => return None,
    };
    if digits & ((1 << by) - 1) == 0 { Some(sign | upper | (digits >> by) as u32) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_nan16(bits: u16) -> bool {
        bits & 0x7fff > 0x7c00
    }

    #[test]
    fn every_half_widens_and_comes_back() {
        for bits in 0..=u16::MAX {
            let wide = f32_of_f16(bits);
            assert_eq!(f16_of_f32(wide), Some(bits), "{bits:#06x}");
            assert_eq!(f32::from_bits(wide).is_nan(), is_nan16(bits));
            // 2^-24 is the unit of subnormals: an independent way to the value.
            if !is_nan16(bits) && bits & 0x7c00 != 0x7c00 {
                let (exponent, digits) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
                let value = if exponent == 0 { digits * 2_f64.powi(-24) } else { (1024.0 + digits) * 2_f64.powi(exponent - 25) };
                let value = if bits & 0x8000 != 0 { -value } else { value };
                assert_eq!(f64::from(f32::from_bits(wide)).to_bits(), value.to_bits(), "{bits:#06x}");
            }
            assert_eq!(bf16_of_f32(u32::from(bits) << 16), Some(bits));
        }
    }

    #[test]
    fn singles_narrow_exactly_when_a_half_is_equal() {
        let halves: std::collections::HashSet<u32> = (0..=u16::MAX).map(f32_of_f16).collect();
        // All upper halves of singles, with lower halves at the edges.
        for upper in 0..=u16::MAX {
            for lower in [0, 1, 0x1000, 0x2000, 0x8000, 0xffff] {
                let bits = u32::from(upper) << 16 | lower;
                assert_eq!(f16_of_f32(bits).is_some(), halves.contains(&bits), "{bits:#010x}");
            }
        }
    }

    #[test]
    fn doubles_narrow_exactly_when_a_single_is_equal() {
        let mut seed = 1_u64;
        for step in 0..200_000_u32 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let single = f32::from_bits((seed >> 32) as u32 & if step % 2 == 0 { u32::MAX } else { 0x807f_ffff });
            if single.is_nan() {
                continue;
            }
            let double = f64::from(single).to_bits();
            assert_eq!(f32_of_f64(double), Some(single.to_bits()), "{single:e}");
            assert_eq!(
                f32_of_f64(double | 1),
                if double == 0 || double << 1 == 0 || single.is_infinite() || double & 1 == 0 { None } else { Some(single.to_bits()) }
            );
        }
    }

    #[test]
    fn nans_keep_their_payload_or_stay() {
        assert_eq!(f32_of_f64(0x7ff8_0000_0000_0000), Some(0x7fc0_0000));
        assert_eq!(f32_of_f64(0xfff0_0000_2000_0000), Some(0xff80_0001), "a signalling one, with the smallest payload that fits");
        assert_eq!(f32_of_f64(0x7ff0_0000_1000_0000), None);
        assert_eq!((f16_of_f32(0x7fc0_0000), f16_of_f32(0x7f80_2000), f16_of_f32(0x7f80_1000)), (Some(0x7e00), Some(0x7c01), None));
        assert_eq!((bf16_of_f32(0xffc1_0000), bf16_of_f32(0x7f80_8000)), (Some(0xffc1), None));
    }

    #[test]
    fn zeros_keep_their_sign() {
        assert_eq!((f32_of_f64(1 << 63), f16_of_f32(1 << 31), bf16_of_f32(1 << 31)), (Some(1 << 31), Some(1 << 15), Some(1 << 15)));
        assert_eq!(f32_of_f16(1 << 15), 1 << 31);
    }
}
