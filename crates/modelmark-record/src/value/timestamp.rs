//! Points in time, in one spelling.

use std::borrow::Cow;

use crate::value::{Refusal, text_value};

text_value! {
    /// An RFC 3339 time in UTC, `2026-11-23T10:00:00Z`, with at most nine digits of fraction. The day must exist.
    Timestamp, "time", check,
    { "type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z$" }
}

impl Timestamp {
    /// Tells whether this time is before the other, however many digits their fractions have.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        self.instant() < other.instant()
    }

    /// Returns the time in seconds since 1970, its fraction cut off.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        let field =
            |from: usize, length: usize| self.0.get(from..from + length).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or_default();
        let (year, month, day) = (field(0, 4), field(5, 2), field(8, 2));
        // Years that begin in March, so that the leap day is the last one.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * month + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        days * 86_400 + field(11, 2) * 3600 + field(14, 2) * 60 + field(17, 2)
    }

    /// Seconds and fraction; texts of one length, or fractions without trailing zeros, sort as the times do.
    fn instant(&self) -> (&str, &str) {
        let (seconds, fraction) = self.as_str().split_at_checked(19).unwrap_or_default();
        (seconds, fraction.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.'))
    }
}

fn check(text: String) -> Result<String, Refusal> {
    if is_time(&text) { Ok(text) } else { Err("is not an RFC 3339 time in UTC such as 2026-11-23T10:00:00Z".into()) }
}

fn is_time(text: &str) -> bool {
    let Some((seconds, fraction)) = text.strip_suffix('Z').and_then(|body| body.split_at_checked(19)) else { return false };
    let shape =
        seconds.bytes().zip(b"0000-00-00T00:00:00").all(|(have, want)| if *want == b'0' { have.is_ascii_digit() } else { have == *want });
    let field = |from: usize, len: usize| seconds.get(from..from + len).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(u32::MAX);
    let (year, month, day) = (field(0, 4), field(5, 2), field(8, 2));
    let fraction_fits = fraction.is_empty()
        || fraction.strip_prefix('.').is_some_and(|digits| (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    shape && (1..=days_in(year, month)).contains(&day) && field(11, 2) < 24 && field(14, 2) < 60 && field(17, 2) < 60 && fraction_fits
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_times_and_not_their_texts() {
        let before = |a: &str, b: &str| a.parse::<Timestamp>().is_ok_and(|a| b.parse().is_ok_and(|b| a.is_before(&b)));
        assert!(before("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.5Z") && before("2026-11-23T10:00:00.05Z", "2026-11-23T10:00:00.5Z"));
        for (a, b) in [("10:00:00.5", "10:00:00.50"), ("10:00:00", "10:00:00.000"), ("10:00:00.5", "10:00:00")] {
            assert!(!before(&format!("2026-11-23T{a}Z"), &format!("2026-11-23T{b}Z")), "{a} {b}");
        }
    }

    #[test]
    fn counts_seconds_since_1970() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-11-23T10:00:00.9Z", 1_795_428_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
        ] {
            assert_eq!(text.parse::<Timestamp>().map(|time| time.unix_seconds()), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn takes_one_spelling_of_days_that_exist() {
        for good in ["2026-11-23T10:00:00Z", "2024-02-29T23:59:59.123456789Z", "2000-02-29T00:00:00Z"] {
            assert!(good.parse::<Timestamp>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "2026-11-23",
            "2026-11-23T10:00:00",
            "2026-11-23t10:00:00Z",
            "2026-11-23T10:00:00+00:00",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234567890Z",
            "２026-01-01T00:00:00Z",
        ] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }
}
