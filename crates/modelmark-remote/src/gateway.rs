//! `https://HOST`: an IPFS gateway, which gives blocks and CARs and takes nothing.
//!
//! Protocol: <https://specs.ipfs.tech/http-gateways/trustless-gateway/>. Nothing else is asked of a gateway: no path is resolved by it and no file put
//! together, as nobody could hold that against a CID.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _};
use modelmark_digest::ContentId;
use modelmark_storage::{MAX_BLOCK_BYTES, Store};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tokio::sync::Semaphore;
use url::Url;

use crate::http::{body, broken, client, label, refusal, tame};
use crate::{Abilities, Address, ByteStream, Cost, Item, PinState, Receipt, Remote, RemoteError, Unverified, Want, Watch};

/// Gateways that anybody may ask, and that speak the protocol. Nothing asks them unless its user says so.
pub const PUBLIC_GATEWAYS: [&str; 3] = ["https://trustless-gateway.link", "https://ipfs.io", "https://dweb.link"];

const RAW: &str = "application/vnd.ipld.raw";
const CAR: &str = "application/vnd.ipld.car";
/// Blocks in depth-first order, each once; other orders cannot be followed while they stream.
const CAR_WANTED: &str = "application/vnd.ipld.car; version=1; order=dfs; dups=n";
/// How many requests one gateway is asked at once.
const AT_ONCE: usize = 16;

/// An IPFS gateway.
#[derive(Debug)]
pub struct Gateway {
    name: String,
    base: Url,
    client: Client,
    turns: Arc<Semaphore>,
}

impl Gateway {
    /// Returns the gateway at `address`, which its user has named, so that it may lie on this machine. Nothing is asked yet.
    ///
    /// # Errors
    /// [`RemoteError::Answer`] for a URL of another scheme, or one with a query; [`RemoteError::Unreachable`] when the system gives no client.
    pub fn open(address: &Address) -> Result<Self, RemoteError> {
        let (name, url) = (label(address.url()), address.url());
        let wrong = |reason: &str| RemoteError::Answer { place: name.clone(), reason: reason.to_owned() };
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(wrong("a gateway's URL begins with https:// or http:// and names a host"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("a gateway's URL has no query"));
        }
        Ok(Self { base: url.clone(), client: client(url)?, turns: Arc::new(Semaphore::new(AT_ONCE)), name })
    }

    fn request(&self, method: Method, id: &ContentId, query: &[(&str, &str)], accept: &'static str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/ipfs/{id}", self.base.path().trim_end_matches('/')));
        url.query_pairs_mut().extend_pairs(query);
        self.client.request(method, url).header(ACCEPT, HeaderValue::from_static(accept))
    }

    /// Returns an answer with content; `None` when the gateway does not have it.
    async fn ask(&self, request: RequestBuilder) -> Result<Option<Response>, RemoteError> {
        let response = request.send().await.map_err(|error| broken(&self.name, &error))?;
        match response.status() {
            StatusCode::OK => Ok(Some(response)),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status if status.is_redirection() => Err(self.redirected(&response)),
            _ => Err(refusal(&self.name, response, "").await),
        }
    }

    /// A gateway that sends its readers elsewhere is not followed: the user has named this one.
    fn redirected(&self, response: &Response) -> RemoteError {
        let to = response.headers().get(LOCATION).and_then(|to| Url::parse(to.to_str().ok()?).ok());
        let reason = match to {
            Some(to) => format!("it sends its readers to {}, which is not followed; name that place if you mean it", tame(&label(&to))),
            None => "it sends its readers elsewhere, which is not followed".to_owned(),
        };
        RemoteError::Refused { place: self.name.clone(), status: response.status().as_u16(), reason }
    }
}

#[async_trait]
impl Remote for Gateway {
    fn name(&self) -> &str {
        &self.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { read: true, ..Abilities::default() }
    }

    async fn put(&self, _: &Item, _: Arc<dyn Store>, _: &dyn Watch) -> Result<Receipt, RemoteError> {
        Err(RemoteError::Unable { place: self.name.clone(), action: "keep content" })
    }

    async fn block(&self, id: &ContentId, _: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        let _turn = self.turns.acquire().await;
        let Some(response) = self.ask(self.request(Method::GET, id, &[("format", "raw")], RAW)).await? else { return Ok(None) };
        if media_type(&response).eq_ignore_ascii_case("text/html") {
            let reason = "a page where a block was asked for; it is no trustless gateway".to_owned();
            return Err(RemoteError::Answer { place: self.name.clone(), reason });
        }
        Ok(Some(Unverified::new(body(&self.name, response, MAX_BLOCK_BYTES as u64).await?)))
    }

    async fn car(&self, want: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        let turn = self.turns.clone().acquire_owned().await.ok();
        let bytes = want.range.as_ref().map(|range| match range.end {
            u64::MAX => format!("{}:*", range.start),
            // The last byte is in it.
            end => format!("{}:{}", range.start, end.saturating_sub(1).max(range.start)),
        });
        let mut query = vec![("format", "car"), ("dag-scope", if bytes.is_some() { "entity" } else { "all" })];
        query.extend(bytes.as_deref().map(|bytes| ("entity-bytes", bytes)));
        let answer = match self.ask(self.request(Method::GET, &want.root, &query, CAR_WANTED)).await {
            // It speaks no CAR, or not of this kind.
            Err(RemoteError::Refused { status: 400 | 405 | 406 | 415 | 501, .. }) => return Ok(None),
            other => other?,
        };
        let Some(response) = answer.filter(is_car) else { return Ok(None) };
        let place = self.name.clone();
        let bytes = response.bytes_stream().map_err(move |error| broken(&place, &error));
        // The turn ends with the stream.
        let held = move |chunk| {
            let _ = &turn;
            chunk
        };
        Ok(Some(bytes.map(held).boxed()))
    }

    async fn has(&self, id: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        let _turn = self.turns.acquire().await;
        Ok(self.ask(self.request(Method::HEAD, id, &[("format", "raw")], RAW)).await?.is_some())
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        // What it has today it may have from somebody else, so it vouches for nothing.
        Ok(if self.has(&receipt.root, None).await? { PinState::Unknown } else { PinState::Absent })
    }

    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}

/// Tells whether the answer is a CAR that can be followed while it streams.
fn is_car(response: &Response) -> bool {
    let parameters = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let other = |parameter: &str| matches!(parameter.trim(), "version=2" | "order=unk");
    media_type(response).eq_ignore_ascii_case(CAR) && !parameters.split(';').any(other)
}

fn media_type(response: &Response) -> &str {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}
