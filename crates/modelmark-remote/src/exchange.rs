//! Requests with small answers, and CAR files on their way out: in bounded memory, and never waited for without end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use modelmark_storage::Store;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::multipart::Part;
use reqwest::{Body, Client, RequestBuilder, StatusCode};
use tokio::sync::mpsc;
use tokio::time::timeout;
use url::Url;

use crate::{Item, RemoteError, Watch, car_stream, http};

/// How much of an answer is read that is not the content itself.
pub(crate) const MAX_ANSWER: u64 = 1 << 20;
/// How much of a refusal is read.
const MAX_REFUSAL: u64 = 64 << 10;
/// Media type of a CAR.
pub(crate) const CAR: &str = "application/vnd.ipld.car";
/// Never: an upload as a whole has no limit, its standstill has.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// How long a place is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long a node may look for a block elsewhere.
    pub search: Duration,
    /// How long a small answer may take as a whole, its search aside.
    pub answer: Duration,
    /// How long an upload may stand still.
    pub standstill: Duration,
    /// How long a place may take over an upload that it has received: it walks everything in it.
    pub settle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { search: seconds(30), answer: seconds(60), standstill: http::IDLE, settle: seconds(900) }
    }
}

/// Whom requests go to, as its errors name it.
#[derive(Clone, Debug)]
pub(crate) struct Counterpart {
    /// The place's URL, without secrets.
    pub(crate) name: String,
    /// Where its credential is taken from.
    pub(crate) credential: &'static str,
    pub(crate) patience: Patience,
    client: Client,
    uploads: Client,
}

impl Counterpart {
    pub(crate) fn new(name: String, url: &Url, credential: &'static str) -> Result<Self, RemoteError> {
        let unreachable = |error: reqwest::Error| http::broken(&name, &error);
        let uploads = http::builder(url).read_timeout(NEVER).build().map_err(unreachable)?;
        Ok(Self { client: http::client(url)?, uploads, name, credential, patience: Patience::default() })
    }

    /// Returns the client for requests that are no uploads.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the error for an answer that is not what the protocol says.
    pub(crate) fn unusable(&self, reason: impl Into<String>) -> RemoteError {
        RemoteError::Answer { place: self.name.clone(), reason: reason.into() }
    }

    /// Returns the error for a refusal.
    pub(crate) fn refused(&self, status: StatusCode, reason: String) -> RemoteError {
        RemoteError::Refused { place: self.name.clone(), status: status.as_u16(), reason }
    }

    /// Returns the error for a wait that was too long.
    fn late(&self, limit: Duration) -> RemoteError {
        RemoteError::Timeout { place: self.name.clone(), seconds: limit.as_secs() }
    }

    /// Sends `request` and reads its answer of at most `limit` bytes, all within `within`. What else than a wait or a credential the place refuses
    /// is for the caller to read.
    pub(crate) async fn ask(&self, request: RequestBuilder, limit: u64, within: Duration) -> Result<(StatusCode, Bytes), RemoteError> {
        timeout(within, self.answer(request, limit)).await.map_err(|_| self.late(within))?
    }

    async fn answer(&self, request: RequestBuilder, limit: u64) -> Result<(StatusCode, Bytes), RemoteError> {
        let response = request.send().await.map_err(|error| http::broken(&self.name, &error))?;
        let status = response.status();
        if matches!(status.as_u16(), 401 | 403 | 429 | 503) {
            return Err(http::refusal(&self.name, response, self.credential).await);
        }
        let body = http::body(&self.name, response, if status.is_success() { limit } else { MAX_REFUSAL }).await;
        Ok((status, if status.is_success() { body? } else { body.unwrap_or_default() }))
    }

    /// Sends the CAR of `item`, in the body of the request that `request` makes of it, and reads the answer as [`Counterpart::ask`] does.
    pub(crate) async fn upload(
        &self,
        item: &Item,
        store: Arc<dyn Store>,
        watch: &dyn Watch,
        request: impl FnOnce(&Client, Body) -> RequestBuilder + Send,
    ) -> Result<(StatusCode, Bytes), RemoteError> {
        let (send, receive) = mpsc::channel(1);
        let mut answer = std::pin::pin!(self.answer(request(&self.uploads, Body::wrap_stream(body(receive))), MAX_ANSWER));
        let fed = tokio::select! {
            biased;
            answered = &mut answer => {
                let (status, bytes) = answered?;
                return if status.is_success() { Err(self.unusable("it answered before it had everything")) } else { Ok((status, bytes)) };
            }
            fed = self.feed(car_stream::export_item(store, item), send, watch) => fed,
        };
        fed?;
        timeout(self.patience.settle, answer).await.map_err(|_| self.late(self.patience.settle))?
    }

    /// Hands chunks on as the place takes them, and then the mark of the end.
    async fn feed(&self, mut chunks: crate::ByteStream, send: mpsc::Sender<Bytes>, watch: &dyn Watch) -> Result<(), RemoteError> {
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            let count = chunk.len() as u64;
            if count == 0 {
                continue;
            }
            match timeout(self.patience.standstill, send.send(chunk)).await {
                Ok(Ok(())) => watch.sent(count),
                // The connection is gone; the answer says why.
                Ok(Err(_)) => return Ok(()),
                Err(_) => return Err(self.late(self.patience.standstill)),
            }
        }
        drop(send.send(Bytes::new()).await);
        Ok(())
    }
}

/// Returns the body of an upload. It ends well only after the mark of the end, an empty chunk: a body that merely stopped, because the store failed or
/// the upload was given up, would be a shorter CAR to whoever receives it.
fn body(receive: mpsc::Receiver<Bytes>) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static {
    stream::unfold(Some(receive), |receive| async move {
        let mut receive = receive?;
        match receive.recv().await {
            Some(chunk) if chunk.is_empty() => None,
            Some(chunk) => Some((Ok(chunk), Some(receive))),
            None => Some((Err(io::Error::other("the upload was given up")), None)),
        }
    })
}

/// Names what a part of a form is. js-ipfs takes no part that does not say.
pub(crate) fn typed(part: Part, media_type: &'static str) -> Part {
    part.headers([(CONTENT_TYPE, HeaderValue::from_static(media_type))].into_iter().collect())
}

/// Takes the plain URL out of an address whose scheme says beforehand what kind of place it is: `ipfs+http://…` is at `http://…`.
pub(crate) fn plain(address: &crate::Address, kind: &str) -> Result<Url, RemoteError> {
    let malformed = |reason: String| RemoteError::Unreachable { place: http::label(address.url()), reason };
    let text = address.url().as_str().strip_prefix(kind).ok_or_else(|| malformed(format!("its URL does not begin with {kind}")))?;
    let mut url = Url::parse(text).map_err(|error| malformed(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(malformed("its URL names no host".to_owned()));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Tells whether a credential may travel to `url`: encrypted, or without leaving the machine.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Returns `base` with `path` appended to its own.
pub(crate) fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // An error means a URL that cannot have a path; `plain` lets none through.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed test says where")]

    use super::*;

    #[test]
    fn addresses_lead_to_plain_urls() {
        let read = |text: &str| plain(&text.parse().unwrap(), "ipfs+").map(|url| url.to_string()).ok();
        assert_eq!(read("ipfs+http://127.0.0.1:5001").as_deref(), Some("http://127.0.0.1:5001/"));
        assert_eq!(read("ipfs+https://example.org/node?x=1#y").as_deref(), Some("https://example.org/node"));
        assert_eq!(read("ipfs+ftp://example.org"), None);
        assert_eq!(read("pinning+https://example.org"), None);
    }

    #[test]
    fn what_a_place_names_stays_one_part_of_a_path() {
        let base = Url::parse("https://example.org/psa/").unwrap();
        assert_eq!(below(&base, &["pins", "../../etc?x#y"]).as_str(), "https://example.org/psa/pins/..%2F..%2Fetc%3Fx%23y");
    }

    #[tokio::test]
    async fn a_body_that_merely_stopped_is_broken() {
        let (send, receive) = mpsc::channel(2);
        send.send(Bytes::from_static(b"some")).await.unwrap();
        drop(send);
        let read: Vec<_> = body(receive).collect().await;
        assert_eq!(read.len(), 2);
        assert!(read.last().unwrap().is_err());
    }
}
