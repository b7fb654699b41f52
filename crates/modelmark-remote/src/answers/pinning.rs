//! Answers of the IPFS Pinning Service API, version 1.0: <https://ipfs.github.io/pinning-services-api-spec/>.

use std::collections::HashMap;

use modelmark_digest::ContentId;
use serde::Deserialize;
use serde_json::Value;

use super::{json, kubo, name};
use crate::PinState;
use crate::http::tame;

/// Most delegates that are taken from an answer; the API allows no more.
const MAX_DELEGATES: usize = 20;

/// How a service stands to a pin, as the API spells it. Ordered: the better, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It gave up.
    Failed,
    /// It has not begun.
    Queued,
    /// It is fetching.
    Pinning,
    /// It keeps it.
    Pinned,
}

/// A pin request and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// How the service calls it.
    pub request: String,
    /// What is pinned.
    pub cid: ContentId,
    /// How it stands.
    pub status: Status,
    /// Where the service fetches from: multiaddrs to connect to.
    pub delegates: Vec<String>,
    /// What the service adds to its status.
    pub details: Option<String>,
    /// Until when it keeps it, RFC 3339, where it says so.
    pub until: Option<String>,
}

impl Pin {
    /// Returns the state in our words.
    #[must_use]
    pub fn state(&self) -> PinState {
        let with_details = |word: &str| self.details.as_ref().map_or_else(|| word.to_owned(), |details| format!("{word}: {details}"));
        match self.status {
            Status::Pinned => PinState::Pinned,
            Status::Pinning => PinState::Pending(with_details("pinning")),
            Status::Queued => PinState::Pending(with_details("queued")),
            Status::Failed => PinState::Failed(self.details.clone().unwrap_or_else(|| "the service does not say why".to_owned())),
        }
    }
}

#[derive(Deserialize)]
struct PinResults {
    results: Vec<PinStatus>,
}

#[derive(Deserialize)]
struct PinStatus {
    requestid: String,
    status: Status,
    pin: PinObject,
    delegates: Option<Vec<String>>,
    info: Option<HashMap<String, Value>>,
}

#[derive(Deserialize)]
struct PinObject {
    cid: String,
}

#[derive(Deserialize)]
struct Failure {
    error: FailureError,
}

#[derive(Deserialize)]
struct FailureError {
    reason: String,
    details: Option<String>,
}

/// Reads a `PinStatus`.
///
/// # Errors
/// When it is something else.
pub fn pin(bytes: &[u8]) -> Result<Pin, String> {
    checked(json(bytes, "a pin's status")?)
}

/// Reads `PinResults`: the best pin of `id`. Pins of anything else are passed over.
///
/// # Errors
/// When it is something else.
pub fn best(bytes: &[u8], id: &ContentId) -> Result<Option<Pin>, String> {
    let PinResults { results } = json(bytes, "a list of pins")?;
    let pins = results.into_iter().filter_map(|status| checked(status).ok());
    Ok(pins.filter(|pin| pin.cid == *id).max_by_key(|pin| pin.status))
}

/// Reads a `Failure`: reason and details, or else the text.
#[must_use]
pub fn failure(bytes: &[u8]) -> String {
    let text = serde_json::from_slice::<Failure>(bytes).map(|Failure { error }| match error.details {
        Some(details) => format!("{}: {details}", error.reason),
        None => error.reason,
    });
    tame(&text.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned()))
}

fn checked(status: PinStatus) -> Result<Pin, String> {
    let info = status.info.unwrap_or_default();
    let told = |key: &str| info.get(key).and_then(Value::as_str);
    Ok(Pin {
        request: name(status.requestid, "the request's id")?,
        cid: ContentId::from_any_version(&status.pin.cid).map_err(|error| tame(&error.to_string()))?,
        status: status.status,
        delegates: status.delegates.unwrap_or_default().into_iter().filter(|peer| kubo::is_multiaddr(peer)).take(MAX_DELEGATES).collect(),
        details: told("status_details").map(tame).filter(|details| !details.is_empty()),
        until: told("pinned_until").filter(|time| humantime::parse_rfc3339(time).is_ok()).map(ToOwned::to_owned),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test says where")]

    use serde_json::json;

    use super::*;

    fn status(request: &str, status: &str, cid: &str) -> Value {
        json!({ "requestid": request, "status": status, "created": "2020-07-27T17:32:28Z", "pin": { "cid": cid }, "delegates": ["/dnsaddr/pin-service.example.com"] })
    }

    #[test]
    fn the_best_pin_of_this_cid_is_found() {
        let id = ContentId::raw(b"record");
        let (this, other) = (id.to_string(), ContentId::raw(b"other").to_string());
        let list = json!({ "count": 5, "results": [
            status("a", "failed", &this), status("b", "pinning", &this), status("c", "queued", &this),
            status("d", "pinned", &other), status("e", "pinned", "nonsense"),
        ]});
        let found = best(list.to_string().as_bytes(), &id).unwrap().unwrap();
        assert_eq!((found.request.as_str(), found.state()), ("b", PinState::Pending("pinning".to_owned())));
        assert_eq!(found.delegates, ["/dnsaddr/pin-service.example.com"]);
        assert_eq!(best(br#"{"count":0,"results":[]}"#, &id), Ok(None));
        assert!(best(b"<html>", &id).is_err());
    }

    #[test]
    fn what_a_service_adds_is_bounded_and_checked() {
        let mut told = status("a", "failed", &ContentId::raw(b"record").to_string());
        told["info"] = json!({ "status_details": "out\u{1b} of funds", "pinned_until": "tomorrow", "dag_size": 7 });
        told["delegates"] = json!(["nonsense", "/ip4/203.0.113.7/tcp/4001"]);
        let read = pin(told.to_string().as_bytes()).unwrap();
        assert_eq!(read.state(), PinState::Failed("out  of funds".to_owned()));
        assert_eq!((read.until, read.delegates.len()), (None, 1));
        told["info"]["pinned_until"] = json!("2027-01-01T00:00:00Z");
        assert_eq!(pin(told.to_string().as_bytes()).unwrap().until.as_deref(), Some("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn request_ids_that_cannot_be_used_are_refused() {
        for id in ["", "a\nb", &"x".repeat(257)] {
            assert!(pin(status(id, "pinned", &ContentId::raw(b"record").to_string()).to_string().as_bytes()).is_err());
        }
        assert!(pin(status("a", "gone", &ContentId::raw(b"record").to_string()).to_string().as_bytes()).is_err());
    }

    #[test]
    fn failures_are_shown_without_control_characters() {
        let told = br#"{"error":{"reason":"INSUFFICIENT_FUNDS","details":"top\u001b[2J up"}}"#;
        assert_eq!(failure(told), "INSUFFICIENT_FUNDS: top [2J up");
        assert_eq!(failure(br#"{"error":{"reason":"NOT_FOUND"}}"#), "NOT_FOUND");
        assert_eq!(failure(b"<html>\n"), "<html>");
    }
}
