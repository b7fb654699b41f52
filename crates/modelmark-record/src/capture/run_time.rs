//! Times and repositories as training tools write them, in the spelling of a record.

use crate::redact;
use crate::value::{Timestamp, Uri};

use super::intake::Intake;

/// Reads a time as tools write it: RFC 3339 in UTC, without a zone (tools that do so mean UTC), or a day, which means its first second.
pub(super) fn time(field: &str, text: &str, intake: &mut Intake<'_>) -> Option<Timestamp> {
    let text = text.trim().replacen(' ', "T", 1);
    let plain = text.strip_suffix("+00:00").or_else(|| text.strip_suffix('Z')).unwrap_or(&text);
    let spelled = if plain.len() == 10 { format!("{plain}T00:00:00Z") } else { format!("{plain}Z") };
    intake.value(field, &spelled)
}

/// Reads milliseconds since 1970, as MLflow writes them.
pub(super) fn milliseconds(field: &str, text: &str, intake: &mut Intake<'_>) -> Option<Timestamp> {
    // Until the year 9999.
    let milliseconds = text.trim().parse::<u64>().ok().filter(|milliseconds| *milliseconds < 253_402_300_800_000)?;
    let (seconds, fraction) = (milliseconds / 1000, milliseconds % 1000);
    let (year, month, day) = day(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    intake.value(field, &format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"))
}

/// Year, month and day of a count of days since 1970-01-01, by eras of 400 years that start in March.
const fn day(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

/// Reads the address of a repository: `git@host:path` and `ssh://git@host/path` name the same one as `https://host/path`. One on a machine itself, or
/// one with a secret in it, has no address for others.
#[must_use]
pub fn repository(text: &str) -> Option<Uri> {
    let text = text.trim();
    let path = text.strip_prefix("ssh://git@").map(str::to_owned).or_else(|| {
        let (host, path) = text.strip_prefix("git@")?.split_once(':')?;
        Some(format!("{host}/{path}"))
    });
    let uri = path.map_or_else(|| text.to_owned(), |path| format!("https://{path}"));
    let uri = uri.strip_suffix(".git").unwrap_or(&uri);
    (uri.starts_with("https://") && redact::private(uri).is_none()).then(|| uri.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn reads_times_as_tools_write_them() {
        let mut intake = Intake::new("x");
        for (text, expected) in [
            ("2025-01-15", "2025-01-15T00:00:00Z"),
            ("2025-01-15T10:00:00.5", "2025-01-15T10:00:00.5Z"),
            ("2025-01-15 10:00:00+00:00", "2025-01-15T10:00:00Z"),
        ] {
            assert_eq!(time("x", text, &mut intake).unwrap().as_str(), expected);
        }
        assert_eq!(time("x", "2025-01-15T10:00:00+02:00", &mut intake), None);
        for (text, expected) in [
            ("0", "1970-01-01T00:00:00.000Z"),
            ("951782400123", "2000-02-29T00:00:00.123Z"),
            ("1700000000000", "2023-11-14T22:13:20.000Z"),
            ("253402300799999", "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(milliseconds("x", text, &mut intake).unwrap().as_str(), expected);
        }
        assert_eq!(milliseconds("x", "99999999999999999999", &mut intake), None);
    }

    #[test]
    fn a_repository_has_one_address() {
        for text in ["git@github.com:org/repo.git", "https://github.com/org/repo", "ssh://git@github.com/org/repo.git"] {
            assert_eq!(repository(text).unwrap().as_str(), "https://github.com/org/repo");
        }
        for text in
            ["/home/jane/repo", "file:///srv/x", "../x", "https://me:pw@host/x", "https://host/ghp_0123456789abcdefghijABCDEFGHIJ012345"]
        {
            assert_eq!(repository(text), None, "{text}");
        }
    }
}
