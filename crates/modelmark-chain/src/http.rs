//! JSON-RPC over HTTP with bounds on everything a hostile or broken node controls: time, size, redirects, retries.
//!
//! alloy's own transport reads a body of any size and retries nothing; this one is a drop-in for it.

use std::sync::{Arc, Once};
use std::task::{Context, Poll};
use std::time::Duration;

use alloy::rpc::json_rpc::{RequestPacket, ResponsePacket};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use reqwest::Url;
use tower::Service;

use crate::ChainError;
use crate::error::tame;

/// What an endpoint may take of us before we give up.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// How long one request may take, from connecting to the last byte of the answer.
    pub request: Duration,
    /// How many bytes one answer may have.
    pub response_bytes: usize,
    /// How often a *read* is tried in all when the endpoint is down or overloaded. A transaction is sent once.
    pub attempts: u32,
    /// How long to wait before the second attempt. Doubles with each further one.
    pub backoff: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self { request: Duration::from_secs(20), response_bytes: 32 << 20, attempts: 3, backoff: Duration::from_millis(200) }
    }
}

/// One HTTP endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    client: reqwest::Client,
    url: Url,
    limits: HttpLimits,
}

/// What went wrong before there was a JSON-RPC answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpFailure {
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("{0}")]
    Connection(String),
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("an answer of more than {0} bytes")]
    TooLarge(usize),
    #[error("{0}")]
    NotJson(String),
}

impl HttpFailure {
    /// Whether the endpoint did answer, only not with what JSON-RPC asks for.
    pub(crate) const fn is_nonsense(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::NotJson(_))
    }

    /// Whether another attempt may go better. A timeout has already cost the caller all the patience there is.
    const fn is_passing(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Status(408 | 429 | 500 | 502 | 503 | 504))
    }
}

impl Endpoint {
    /// Prepares an endpoint. Nothing is sent yet.
    pub(crate) fn new(url: &str, limits: HttpLimits) -> Result<Self, ChainError> {
        let url = Url::parse(url).map_err(|error| ChainError::Address(format!("it cannot be read ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ChainError::Address(start_of(&url)));
        }
        // Fails where TLS cannot work, as on a machine without root certificates.
        let unusable = |error: reqwest::Error| ChainError::Unreachable { endpoint: label_of(&url), reason: innermost(&error) };
        let client = client(&url).map_err(unusable)?;
        Ok(Self { client, url, limits })
    }

    /// Returns scheme, host and port. Paths, queries and user names of RPC addresses are secrets.
    pub(crate) fn label(&self) -> Arc<str> {
        label_of(&self.url).into()
    }

    pub(crate) async fn exchange(self, packet: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let body = serde_json::to_vec(&packet).map_err(TransportError::ser_err)?;
        let attempts = if packet.method_names().all(is_read) { self.limits.attempts.max(1) } else { 1 };
        let mut pause = self.limits.backoff;
        for _ in 1..attempts {
            match self.attempt(body.clone()).await {
                Err(failure) if failure.is_passing() => tokio::time::sleep(pause).await,
                answer => return answer.map_err(TransportErrorKind::custom),
            }
            pause = pause.saturating_mul(2);
        }
        self.attempt(body).await.map_err(TransportErrorKind::custom)
    }

    async fn attempt(&self, body: Vec<u8>) -> Result<ResponsePacket, HttpFailure> {
        let late = |_| HttpFailure::Timeout(self.limits.request);
        tokio::time::timeout(self.limits.request, self.post(body)).await.map_err(late)?
    }

    async fn post(&self, body: Vec<u8>) -> Result<ResponsePacket, HttpFailure> {
        // `innermost` leaves the address out, which reqwest's own texts name in full.
        let broken = |error: reqwest::Error| HttpFailure::Connection(innermost(&error));
        let request = self.client.post(self.url.clone()).header(reqwest::header::CONTENT_TYPE, "application/json").body(body);
        let mut response = request.send().await.map_err(broken)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > self.limits.response_bytes {
                return Err(HttpFailure::TooLarge(self.limits.response_bytes));
            }
            bytes.extend_from_slice(&chunk);
        }
        // Some nodes send JSON-RPC errors with an error status: the JSON says more than the status.
        match serde_json::from_slice(&bytes) {
            Ok(answer) => Ok(answer),
            Err(_) if !status.is_success() => Err(HttpFailure::Status(status.as_u16())),
            Err(error) => Err(HttpFailure::NotJson(format!("not JSON-RPC ({error}): {:?}", tame(&String::from_utf8_lossy(&bytes))))),
        }
    }
}

impl Service<RequestPacket> for Endpoint {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        Box::pin(self.clone().exchange(packet))
    }
}

/// Builds the client: no redirects, since an RPC has no reason to send us elsewhere, and no proxy in front of this machine itself.
pub(crate) fn client(url: &Url) -> reqwest::Result<reqwest::Client> {
    builder(url).build()
}

/// As [`client`], for a caller that has more to say about it.
pub(crate) fn builder(url: &Url) -> reqwest::ClientBuilder {
    static RING: Once = Once::new();
    // An error means that the program has chosen a provider already, which is as good.
    RING.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let mut builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    if matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
        builder = builder.no_proxy();
    }
    if url.scheme() == "http" {
        // Plain HTTP has to work on a machine without root certificates too.
        builder = builder.tls_certs_only([]);
    }
    builder
}

/// Tells whether asking twice is the same as asking once.
fn is_read(method: &str) -> bool {
    method.starts_with("eth_get")
        || matches!(
            method,
            "eth_call"
                | "eth_chainId"
                | "eth_blockNumber"
                | "eth_estimateGas"
                | "eth_feeHistory"
                | "eth_gasPrice"
                | "eth_maxPriorityFeePerGas"
        )
}

/// Returns the text of the last error in the chain of sources: "connection refused" rather than the layers above it.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    tame(&error.to_string())
}

fn label_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Returns what may be shown of an address with another scheme. In `localhost:8545` the scheme is `localhost`, and there is no host.
fn start_of(url: &Url) -> String {
    url.host_str().map_or_else(|| format!("{}:…", url.scheme()), |host| format!("{}://{host}", url.scheme()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a refused address is a failed test")]
    use super::*;

    #[test]
    fn only_http_addresses_are_taken_and_their_secrets_stay_inside() {
        for bad in ["", "localhost:8545", "ws://host/", "file:///etc/passwd", "http://", "ftp://user:hunter2@host/hunter2?hunter2"] {
            let error = Endpoint::new(bad, HttpLimits::default()).unwrap_err().to_string();
            assert!(error.contains("not an RPC address") && !error.contains("hunter2"), "{bad}: {error}");
        }
        let endpoint = Endpoint::new("http://user:hunter2@host.example:8545/hunter2?key=hunter2", HttpLimits::default()).unwrap();
        assert_eq!(&*endpoint.label(), "http://host.example:8545");
    }

    #[test]
    fn what_is_no_http_address_is_told_how_one_starts() {
        for (bad, shown) in [
            ("localhost:1", "localhost:…"),
            ("localhost:8545/hunter2", "localhost:…"),
            ("ws://user:hunter2@host/hunter2", "ws://host"),
            ("127.0.0.1:8545/hunter2", "it cannot be read (relative URL without a base)"),
            ("host.example/hunter2", "it cannot be read (relative URL without a base)"),
        ] {
            let error = Endpoint::new(bad, HttpLimits::default()).unwrap_err().to_string();
            let start = "the address must start with http:// or https://, as http://localhost:8545 does";
            assert_eq!(error, format!("not an RPC address: {shown}; {start}"));
        }
    }

    #[test]
    fn sending_is_no_read() {
        assert!(is_read("eth_getLogs") && is_read("eth_call"));
        assert!(!is_read("eth_sendRawTransaction") && !is_read("eth_sendTransaction") && !is_read("anvil_mine"));
    }
}
