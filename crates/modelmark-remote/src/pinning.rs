//! A pinning service, by the vendor-neutral API: <https://ipfs.github.io/pinning-services-api-spec/>, version 1.0.
//!
//! It is told what to keep and fetches that itself from the network of IPFS nodes; nobody sends it bytes. So it is paired with a node that has them, whose
//! addresses it is told.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future;
use modelmark_digest::ContentId;
use modelmark_storage::Store;
use reqwest::RequestBuilder;
use serde_json::json;
use tokio::time::timeout;
use url::Url;

use crate::answers::pinning::{self as answers, Pin, Status};
use crate::exchange::{Counterpart, MAX_ANSWER, Patience, below, is_private, plain};
use crate::{
    Abilities, Address, ByteStream, Cost, Credentials, Item, Kubo, PinState, Receipt, Remote, RemoteError, Secret, Unverified, Want, Watch,
    http,
};

/// Where the credential is taken from.
const CREDENTIAL: &str = "set MODELMARK_PINNING_TOKEN to the service's access token";
/// The part of the address that names the paired node.
const NODE: &str = "node";
/// Longest name of a pin, in characters.
const MAX_NAME: usize = 255;
/// How long the paired node may try to reach the service's nodes.
const CONNECT: Duration = Duration::from_secs(15);

/// A pinning service, `pinning+https://HOST/PATH?node=http://127.0.0.1:5001`: the URL that `/pins` is appended to, and the RPC API of the IPFS node
/// that the service fetches from. Without `node` the content has to be in reach of the service already.
#[derive(Clone, Debug)]
pub struct PinningService {
    service: Counterpart,
    base: Url,
    token: Secret,
    node: Option<Kubo>,
}

impl PinningService {
    /// Opens the service at `address`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`RemoteError::Credential`] without a token, [`RemoteError::Forbidden`] when the token would travel unencrypted, and
    /// [`RemoteError::Unreachable`] when the address, or that of the node in it, names no host.
    pub fn open(address: &Address, credentials: &Credentials) -> Result<Self, RemoteError> {
        let (name, base) = (http::label(address.url()), plain(address, "pinning+")?);
        let token = credentials
            .pinning_token
            .clone()
            .ok_or_else(|| RemoteError::Credential { place: name.clone(), hint: CREDENTIAL.to_owned() })?;
        if !is_private(&base) {
            return Err(RemoteError::Forbidden { url: name, reason: "its token would travel unencrypted; use pinning+https".to_owned() });
        }
        let node = address.url().query_pairs().find(|(key, _)| key == NODE).map(|(_, url)| node(&name, &url, credentials)).transpose()?;
        // Receipts are under this name, and whoever mends what was lost needs the node again.
        let name = node.as_ref().map_or_else(|| name.clone(), |node| format!("{name}?{NODE}={}", node.name().trim_start_matches("ipfs+")));
        Ok(Self { service: Counterpart::new(name, &base, CREDENTIAL)?, base, token, node })
    }

    /// Waits as long for the service as `patience` says.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.service.patience = patience;
        self.node = self.node.map(|node| node.with_patience(patience));
        self
    }

    /// Asks the service to forget what `receipt` was given for.
    ///
    /// # Errors
    /// When the service cannot be asked or refuses.
    pub async fn unpin(&self, receipt: &Receipt) -> Result<(), RemoteError> {
        let Some(request) = self.request_of(receipt).await? else { return Ok(()) };
        let (status, bytes) = self.ask(self.service.client().delete(below(&self.base, &["pins", &request]))).await?;
        if status.is_success() || status.as_u16() == 404 { Ok(()) } else { Err(self.service.refused(status, answers::failure(&bytes))) }
    }

    async fn request_of(&self, receipt: &Receipt) -> Result<Option<String>, RemoteError> {
        match &receipt.locator {
            Some(request) => Ok(Some(request.clone())),
            None => Ok(self.find(&receipt.root, "queued,pinning,pinned,failed").await?.map(|pin| pin.request)),
        }
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(reqwest::StatusCode, bytes::Bytes), RemoteError> {
        self.service.ask(request.bearer_auth(self.token.expose()), MAX_ANSWER, self.service.patience.answer).await
    }

    /// Returns the best pin of `id` in one of these states.
    async fn find(&self, id: &ContentId, states: &str) -> Result<Option<Pin>, RemoteError> {
        let mut url = below(&self.base, &["pins"]);
        url.query_pairs_mut().append_pair("cid", &id.to_string()).append_pair("status", states);
        let (status, bytes) = self.ask(self.service.client().get(url)).await?;
        match status.as_u16() {
            404 => Ok(None),
            _ if status.is_success() => answers::best(&bytes, id).map_err(|reason| self.service.unusable(reason)),
            _ => Err(self.service.refused(status, answers::failure(&bytes))),
        }
    }

    async fn add(&self, item: &Item, origins: &[String]) -> Result<Pin, RemoteError> {
        let mut body = json!({ "cid": item.root.to_string(), "origins": origins, "meta": { "mediaType": item.media_type } });
        if let (Some(name), Some(body)) = (&item.name, body.as_object_mut()) {
            body.insert("name".to_owned(), name.chars().take(MAX_NAME).collect::<String>().into());
        }
        let (status, bytes) = self.ask(self.service.client().post(below(&self.base, &["pins"])).json(&body)).await?;
        if !status.is_success() {
            return Err(self.service.refused(status, answers::failure(&bytes)));
        }
        let pin = self.checked(&bytes, &item.root)?;
        match pin.state() {
            PinState::Failed(reason) => Err(self.service.refused(status, format!("the pin failed: {reason}"))),
            _ => Ok(pin),
        }
    }

    fn checked(&self, bytes: &[u8], root: &ContentId) -> Result<Pin, RemoteError> {
        let pin = answers::pin(bytes).map_err(|reason| self.service.unusable(reason))?;
        if pin.cid == *root { Ok(pin) } else { Err(self.service.unusable(format!("it speaks of {} when asked for {root}", pin.cid))) }
    }

    /// Has the node reach for the service's nodes, so that the transfer begins through firewalls too. The pin stands without it.
    async fn introduce(&self, node: &Kubo, pin: &Pin) {
        if pin.status != Status::Pinned {
            drop(timeout(CONNECT, future::join_all(pin.delegates.iter().map(|peer| node.connect(peer)))).await);
        }
    }
}

#[async_trait]
impl Remote for PinningService {
    fn name(&self) -> &str {
        &self.service.name
    }

    /// It takes content where it is paired with a node.
    fn abilities(&self) -> Abilities {
        Abilities { put: self.node.is_some(), read: false, pin: true, apart: true }
    }

    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        let mut origins = Vec::new();
        if let Some(node) = &self.node {
            node.put(item, store, watch).await?;
            origins = node.addresses().await?;
        }
        let pin = match self.find(&item.root, "queued,pinning,pinned").await? {
            Some(pin) => pin,
            None => self.add(item, &origins).await?,
        };
        if let Some(node) = &self.node {
            self.introduce(node, &pin).await;
        }
        let receipt = Receipt::now(item.root, &self.service.name, item.bytes);
        Ok(Receipt { locator: Some(pin.request), expires: pin.until, ..receipt })
    }

    async fn block(&self, _: &ContentId, _: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        Err(RemoteError::Unable { place: self.service.name.clone(), action: "give content; ask a gateway or a node" })
    }

    async fn car(&self, _: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        Err(RemoteError::Unable { place: self.service.name.clone(), action: "give content; ask a gateway or a node" })
    }

    async fn has(&self, id: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        Ok(self.find(id, "pinned").await?.is_some())
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        let Some(request) = self.request_of(receipt).await? else { return Ok(PinState::Absent) };
        let (status, bytes) = self.ask(self.service.client().get(below(&self.base, &["pins", &request]))).await?;
        match status.as_u16() {
            404 => Ok(PinState::Absent),
            _ if status.is_success() => Ok(self.checked(&bytes, &receipt.root)?.state()),
            _ => Err(self.service.refused(status, answers::failure(&bytes))),
        }
    }

    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}

/// Opens the paired node.
fn node(place: &str, url: &str, credentials: &Credentials) -> Result<Kubo, RemoteError> {
    // Written with the scheme of a place, the plus sign reads as a space.
    let url = url.strip_prefix("ipfs ").or_else(|| url.strip_prefix("ipfs+")).unwrap_or(url);
    let address: Address = format!("ipfs+{url}")
        .parse()
        .map_err(|reason| RemoteError::Unreachable { place: place.to_owned(), reason: format!("its node: {reason}") })?;
    Kubo::open(&address, credentials)
}
