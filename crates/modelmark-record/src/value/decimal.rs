//! Decimal numbers as text: a record holds no binary fraction, so `1e-5` is the same five bytes in every language.

use std::borrow::Cow;

use crate::value::{Refusal, text_value};

text_value! {
    /// A decimal number in JSON's own grammar (RFC 8259 section 6), kept verbatim: `0.9731`, `-3`, `1e-5`. At most 64 characters.
    Decimal, "decimal", check,
    { "type": "string", "maxLength": 64, "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?$" }
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
}
