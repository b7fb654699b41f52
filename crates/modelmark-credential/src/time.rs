//! Points in time: the RFC 3339 texts of credentials and the seconds of JSON Web Tokens, compared as one thing.

use std::fmt;
use std::str::FromStr;

/// A second of UTC, counted from 1970. Fractions are dropped: no validity hangs on less than a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i64);

/// The text is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an RFC 3339 time with a zone, such as 2026-11-23T10:00:00Z")]
pub struct NotATime(String);

/// The last second of the year 9999, the last that RFC 3339 can write.
const LAST: i64 = 253_402_300_799;

impl Instant {
    /// Returns the time so many seconds after 1970, or `None` before 1970 or after the year 9999.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Option<Self> {
        if seconds >= 0 && seconds <= LAST { Some(Self(seconds)) } else { None }
    }

    /// Returns the seconds since 1970.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// Returns the time `days` later, at most the end of the year 9999.
    #[must_use]
    pub const fn plus_days(self, days: u32) -> Self {
        let later = self.0 + days as i64 * 86_400;
        Self(if later > LAST { LAST } else { later })
    }
}

impl FromStr for Instant {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        parse(text).and_then(Self::from_unix).ok_or_else(|| NotATime(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.div_euclid(86_400));
        let second = self.0.rem_euclid(86_400);
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

fn parse(text: &str) -> Option<i64> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let shape =
        seconds.bytes().zip(b"0000-00-00T00:00:00").all(|(have, want)| if *want == b'0' { have.is_ascii_digit() } else { have == *want });
    let field = |from: usize, len: usize| seconds.get(from..from + len).and_then(|digits| digits.parse::<i64>().ok());
    let (year, month, day) = (field(0, 4)?, field(5, 2)?, field(8, 2)?);
    let (hour, minute, second) = (field(11, 2)?, field(14, 2)?, field(17, 2)?);
    let days = days(year, month, day);
    // A day that does not exist comes back as another one.
    let exists = shape && (1..=12).contains(&month) && date(days) == (year, month, day) && hour < 24 && minute < 60 && second < 60;
    exists.then_some(())?;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second - offset(without_fraction(rest)?)?)
}

fn without_fraction(rest: &str) -> Option<&str> {
    let Some(fraction) = rest.strip_prefix('.') else { return Some(rest) };
    let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = fraction.len() - zone.len();
    (1..=9).contains(&digits).then_some(zone)
}

/// Returns how many seconds the zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let two = |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i64>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; years count from March, so that the leap day is the last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of [`days`].
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (era * 400 + year + if month <= 2 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a broken expectation is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn texts_and_seconds_are_the_same_times() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2024-02-29T12:00:00+01:00", 1_709_204_400),
            ("2026-11-23T10:00:00.999-00:30", 1_795_429_800),
            ("9999-12-31T23:59:59Z", LAST),
        ] {
            assert_eq!(text.parse::<Instant>().unwrap().unix(), seconds, "{text}");
        }
        for seconds in (0..LAST).step_by(86_399 * 731) {
            let instant = Instant::from_unix(seconds).unwrap();
            assert_eq!(instant.to_string().parse(), Ok(instant));
        }
        assert_eq!("1970-01-01T00:00:00Z".parse::<Instant>().unwrap().plus_days(365).to_string(), "1971-01-01T00:00:00Z");
    }

    #[test]
    fn other_texts_are_refused() {
        for bad in [
            "",
            "2026-11-23",
            "2026-11-23T10:00:00",
            "2026-11-23t10:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1:00",
            "2026-01-01T00:00:00+00:00Z",
            "1969-12-31T23:59:59Z",
            "２026-01-01T00:00:00Z",
        ] {
            assert!(bad.parse::<Instant>().is_err(), "{bad}");
        }
    }
}
