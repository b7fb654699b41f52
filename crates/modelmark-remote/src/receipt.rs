//! What a place said when it took something.

use std::time::{Duration, SystemTime};

use modelmark_digest::ContentId;
use serde::{Deserialize, Serialize};

/// What a place said when it took something: where it is, since when, at what price, until when. It is the place's word; whether the bytes are still
/// there is for a look to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Receipt {
    /// What was kept, with everything below it.
    pub root: ContentId,
    /// The place's URL.
    pub place: String,
    /// How the place itself calls it: the id of an Arweave data item, of a pin request, the key of an object. None where the CID is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
    /// When, RFC 3339.
    pub at: String,
    /// Length in bytes of what the place took.
    pub bytes: u64,
    /// What it cost, where the place said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Until when the place keeps it, RFC 3339, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// It took the block alone: for what lies below, there are other receipts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
}

/// An amount with its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cost {
    /// A whole number of units, in decimal digits.
    pub amount: String,
    /// The unit, such as `winston` (10^-12 AR).
    pub unit: String,
}

impl Receipt {
    /// Returns a receipt of now, without locator, cost or end.
    #[must_use]
    pub fn now(root: ContentId, place: impl Into<String>, bytes: u64) -> Self {
        let place = place.into();
        Self { root, place, locator: None, at: rfc3339(SystemTime::now()), bytes, cost: None, expires: None, alone: false }
    }
}

/// Spells a time to the second; what no calendar year of four digits holds is spelled as the last second that it does.
#[must_use]
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    humantime::format_rfc3339_seconds(time.clamp(SystemTime::UNIX_EPOCH, last)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beyond_the_calendar_do_not_panic() {
        assert_eq!(rfc3339(SystemTime::UNIX_EPOCH), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(SystemTime::UNIX_EPOCH - Duration::from_secs(9)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(u32::MAX) << 20)), "9999-12-31T23:59:59Z");
    }
}
