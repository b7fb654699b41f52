//! When two sources write the same number differently: `3` and `3.0`, `1e-5` and `0.00001`. A record keeps one of the spellings; they contradict each other in none.

/// Tells whether two texts say the same: letter by letter, or as decimal numbers, exactly.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || Number::read(a).is_some_and(|number| Some(number) == Number::read(b))
}

/// Sign, digits without zeros at either end, and the power of ten of the last digit. Zero has no digits.
#[derive(Debug, PartialEq, Eq)]
struct Number {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse::<i16>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if whole.is_empty() || mantissa.ends_with('.') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_end_matches('0');
        let exponent = i64::from(exponent) - i64::try_from(fraction.len()).ok()? + i64::try_from(digits.len() - significant.len()).ok()?;
        let digits = significant.trim_start_matches('0').to_owned();
        let zero = digits.is_empty();
        Some(Self { negative: negative && !zero, exponent: if zero { 0 } else { exponent }, digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_many_spellings() {
        for (a, b) in [
            ("3", "3.0"),
            ("1e-5", "0.00001"),
            ("1E+2", "100"),
            ("0", "-0.0"),
            ("-1.50", "-15e-1"),
            ("0.1", "1e-1"),
            ("0e5", "0"),
            ("adam", "adam"),
        ] {
            assert!(same(a, b) && same(b, a), "{a} {b}");
        }
        let long = ("9007199254740993", "9007199254740992");
        for (a, b) in [
            ("3", "4"),
            ("3", "-3"),
            ("0.1", "0.10000000000000001"),
            long,
            ("adam", "Adam"),
            ("3.", "3"),
            (".5", "0.5"),
            ("", "0"),
            ("1e99999", "1e99998"),
            ("1e", "1"),
        ] {
            assert!(!same(a, b) && !same(b, a), "{a} {b}");
        }
    }
}
