//! Decimal numbers as text: a record holds no binary fraction, so `1e-5` is the same five bytes in every language.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::value::{Refusal, text_value};

text_value! {
    /// A decimal number in JSON's own grammar (RFC 8259 section 6), kept verbatim: `0.9731`, `-3`, `1e-5`. At most 64 characters.
    Decimal, "decimal", check,
    { "type": "string", "maxLength": 64, "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?$" }
}

impl Decimal {
    /// Compares the numbers exactly, however they are written: `1e-1` is `0.10`, and `-0` is `0`.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let (a, b) = (Number::of(&self.0), Number::of(&other.0));
        match (a.sign, b.sign) {
            (1, 1) => a.magnitude(&b),
            (-1, -1) => b.magnitude(&a),
            (a, b) => a.cmp(&b),
        }
    }
}

/// A number as the digits of a fraction, `0.<digits>` times ten to the power of `point`; no digit at either end is a zero.
struct Number {
    sign: i8,
    digits: String,
    point: i64,
}

impl Number {
    fn of(text: &str) -> Self {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        // At most 64 characters, and an exponent of four digits.
        let length = |text: &str| i64::try_from(text.len()).unwrap_or_default();
        let point = length(whole) - (length(&all) - length(digits)) + exponent.parse::<i64>().unwrap_or_default();
        let digits = digits.trim_end_matches('0').to_owned();
        let sign = match (digits.is_empty(), negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        };
        Self { sign, digits, point }
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits))
    }
}

fn check(text: String) -> Result<String, Refusal> {
    if text.len() <= 64 && is_decimal(&text) {
        return Ok(text);
    }
    Err("is not a decimal such as `0.9731`, `-3` or `1e-5` (at most 64 characters)".into())
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e) && e.len() <= 4)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_json_numbers_and_nothing_else() {
        for good in ["0", "-0", "10", "0.9731", "1e-5", "1E+10", "-2.50", "9007199254740993", "0.10"] {
            assert!(good.parse::<Decimal>().is_ok(), "{good}");
        }
        for bad in
            ["", "-", ".5", "5.", "01", "1e", "1e+", "1e99999", "NaN", "inf", "+1", "0x1", "1_000", "1,5", " 1", "1 ", "٣", &"1".repeat(65)]
        {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_compared_and_not_their_texts() {
        let ascending =
            ["-1e9999", "-10", "-9.5", "-1e-9999", "0", "1e-9999", "0.09", "0.0900000000000000000001", "0.1", "9", "10", "1e9999"];
        for (n, a) in ascending.iter().enumerate() {
            for (m, b) in ascending.iter().enumerate() {
                let (a, b) = (a.parse::<Decimal>(), b.parse::<Decimal>());
                assert_eq!(a.and_then(|a| b.map(|b| a.compare(&b))), Ok(n.cmp(&m)));
            }
        }
        for (a, b) in [("0.10", "1e-1"), ("-0", "0.0e5"), ("1E+2", "100.0"), ("0.001e3", "1")] {
            let (a, b) = (a.parse::<Decimal>(), b.parse::<Decimal>());
            assert_eq!(a.and_then(|a| b.map(|b| a.compare(&b))), Ok(Ordering::Equal));
        }
    }
}
