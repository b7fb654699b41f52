//! The HTTP client of all places: no redirects, no endless answers, no secrets in messages.

mod guard;
mod web;

use std::sync::Once;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, ClientBuilder, Response};
use url::Url;

use crate::RemoteError;

pub use self::guard::forbidden;
pub use self::web::{Fetched, Rules, Web};

/// How long a place may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a place may send nothing.
pub const IDLE: Duration = Duration::from_secs(30);
/// How much of a refusal is shown.
const MAX_REASON: usize = 300;

/// Returns a client for the place at `url`, which its user has named: it may lie on this machine.
///
/// # Errors
/// [`RemoteError::Unreachable`] when the system gives no client.
pub fn client(url: &Url) -> Result<Client, RemoteError> {
    builder(url).build().map_err(|error| RemoteError::Unreachable { place: label(url), reason: innermost(&error) })
}

/// As [`client`], for a caller that has more to say about it.
pub(crate) fn builder(url: &Url) -> ClientBuilder {
    static RING: Once = Once::new();
    // An error means that the program has chosen a provider already, which is as good.
    RING.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let mut builder = Client::builder().redirect(reqwest::redirect::Policy::none()).connect_timeout(CONNECT).read_timeout(IDLE);
    if matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
        builder = builder.no_proxy();
    }
    if url.scheme().ends_with("http") {
        // Plain HTTP has to work on a machine without root certificates too.
        builder = builder.tls_certs_only([]);
    }
    builder
}

/// Reads an answer of at most `limit` bytes.
///
/// # Errors
/// [`RemoteError::TooLarge`] as soon as there are more, [`RemoteError::Unreachable`] when the place breaks off.
pub async fn body(place: &str, mut response: Response, limit: u64) -> Result<Bytes, RemoteError> {
    let too_large = || RemoteError::TooLarge { place: place.to_owned(), limit };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(place, &error))? {
        if (bytes.len() + chunk.len()) as u64 > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Returns the error for an exchange that failed, without the address that it went to, which may hold a secret.
pub fn broken(place: &str, error: &reqwest::Error) -> RemoteError {
    if error.is_timeout() {
        return RemoteError::Timeout { place: place.to_owned(), seconds: IDLE.as_secs() };
    }
    RemoteError::Unreachable { place: place.to_owned(), reason: innermost(error) }
}

/// Returns the error for an answer with a status other than success. `credential` says where the place's credential is taken from.
pub async fn refusal(place: &str, response: Response, credential: &str) -> RemoteError {
    let (place, status) = (place.to_owned(), response.status());
    let seconds = response.headers().get(reqwest::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    match status.as_u16() {
        401 | 403 if !credential.is_empty() => RemoteError::Credential { place, hint: credential.to_owned() },
        429 | 503 => RemoteError::Busy { place, seconds },
        status => {
            let text = body(&place, response, 64 << 10).await.unwrap_or_default();
            RemoteError::Refused { place, status, reason: tame(&String::from_utf8_lossy(&text)) }
        }
    }
}

/// Returns what may be shown of an address: no user, no query.
#[must_use]
pub fn label(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    let _ = (shown.set_username(""), shown.set_password(None));
    shown.as_str().trim_end_matches('/').to_owned()
}

/// Bounds a stranger's text and takes its control characters out.
#[must_use]
pub fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect::<String>().trim().to_owned()
}

/// Returns the text of the last error in the chain of sources: "connection refused" rather than the layers above it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    tame(&error.to_string())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a refused address is a failed test")]

    use super::*;

    #[test]
    fn labels_hold_no_secrets() {
        let url = Url::parse("https://ada:secret@example.org/psa?token=secret#secret").unwrap();
        assert_eq!(label(&url), "https://example.org/psa");
    }

    #[test]
    fn strangers_texts_are_bounded_and_printable() {
        assert_eq!(tame("\x1b[31mred\n"), "[31mred");
        assert_eq!(tame(&"x".repeat(1000)).len(), MAX_REASON);
    }
}
