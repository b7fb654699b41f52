//! An IPFS node, by the RPC API that Kubo speaks: <https://docs.ipfs.tech/reference/kubo/rpc/>. js-ipfs speaks it too, and services such as Filebase.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{MAX_BLOCK_BYTES, StorageError, Store};
use reqwest::header::AUTHORIZATION;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, StatusCode};
use url::Url;

use crate::answers::kubo as answers;
use crate::exchange::{CAR, Counterpart, MAX_ANSWER, Patience, below, is_private, plain, typed};
use crate::{
    Abilities, Address, ByteStream, Cost, Credentials, Item, PinState, Receipt, Remote, RemoteError, Secret, Unverified, Want, Watch, http,
};

/// Where the credential is taken from.
const CREDENTIAL: &str = "set MODELMARK_IPFS_AUTH to the value of its Authorization header; it is sent over https and on this machine only";

/// How long a node may try to reach another.
const CONNECT: Duration = Duration::from_secs(10);

/// An IPFS node, `ipfs+http://HOST:PORT` or `ipfs+https://…`.
///
/// What it is given it pins. What it is asked for it may fetch from other nodes; whether it *has* something is asked without that.
#[derive(Clone, Debug)]
pub struct Kubo {
    node: Counterpart,
    api: Url,
    authorization: Option<Secret>,
    /// Roots below which a block was missing or wrong: a pin says nothing about them, and the next put sends them again.
    spoiled: Arc<Mutex<HashSet<ContentId>>>,
}

impl Kubo {
    /// Opens the node at `address`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`RemoteError::Unreachable`] when the address names no host.
    pub fn open(address: &Address, credentials: &Credentials) -> Result<Self, RemoteError> {
        Self::at(http::label(address.url()), &plain(address, "ipfs+")?, credentials)
    }

    pub(crate) fn at(name: String, url: &Url, credentials: &Credentials) -> Result<Self, RemoteError> {
        let authorization = credentials.ipfs_auth.clone().filter(|_| is_private(url));
        Ok(Self { node: Counterpart::new(name, url, CREDENTIAL)?, api: below(url, &["api", "v0"]), authorization, spoiled: Arc::default() })
    }

    /// Waits as long for the node as `patience` says.
    #[must_use]
    pub const fn with_patience(mut self, patience: Patience) -> Self {
        self.node.patience = patience;
        self
    }

    /// Returns where other nodes can reach this one, as multiaddrs.
    ///
    /// # Errors
    /// When the node cannot be asked.
    pub async fn addresses(&self) -> Result<Vec<String>, RemoteError> {
        let bytes = self.call("id", &[]).await?.map_err(|(status, reason)| self.node.refused(status, reason))?;
        answers::addresses(&bytes).map_err(|reason| self.node.unusable(reason))
    }

    /// Asks the node to connect to another, a multiaddr.
    ///
    /// # Errors
    /// When the node cannot be asked, or does not reach the other.
    pub async fn connect(&self, peer: &str) -> Result<(), RemoteError> {
        let answer = self.call("swarm/connect", &[("arg", peer), ("timeout", &duration(CONNECT))]).await?;
        answer.map(drop).map_err(|(status, reason)| self.node.refused(status, reason))
    }

    /// Builds the request of a command. Kubo takes nothing but POST, so that no page in a browser can call it by a link.
    fn request(&self, client: &Client, command: &str, options: &[(&str, &str)]) -> RequestBuilder {
        let mut url = below(&self.api, &command.split('/').collect::<Vec<_>>());
        if !options.is_empty() {
            url.query_pairs_mut().extend_pairs(options);
        }
        let request = client.post(url);
        match &self.authorization {
            Some(secret) => request.header(AUTHORIZATION, secret.expose()),
            None => request,
        }
    }

    /// Calls a command with a small answer; the inner error is what the node says went wrong.
    async fn call(&self, command: &str, options: &[(&str, &str)]) -> Result<Result<Bytes, (StatusCode, String)>, RemoteError> {
        let request = self.request(self.node.client(), command, options);
        self.ask(request, MAX_ANSWER).await
    }

    async fn ask(&self, request: RequestBuilder, limit: u64) -> Result<Result<Bytes, (StatusCode, String)>, RemoteError> {
        let within = self.node.patience.answer + self.node.patience.search;
        let (status, bytes) = self.node.ask(request, limit, within).await?;
        Ok(if status.is_success() { Ok(bytes) } else { Err((status, answers::message(&bytes))) })
    }

    /// Calls a command on the block `id`; `None` when the node does not have it.
    async fn look(&self, command: &str, id: &ContentId, options: &[(&str, &str)], limit: u64) -> Result<Option<Bytes>, RemoteError> {
        let (cid, search) = (id.to_string(), duration(self.node.patience.search));
        let options = [&[("arg", cid.as_str()), ("timeout", search.as_str())], options].concat();
        match self.ask(self.request(self.node.client(), command, &options), limit).await? {
            Ok(bytes) => Ok(Some(bytes)),
            Err((StatusCode::INTERNAL_SERVER_ERROR, reason)) if answers::says_absent(&reason) => Ok(None),
            Err((status, reason)) => Err(self.node.refused(status, reason)),
        }
    }

    /// Tells whether the node knows how large the block is, and that it means the same block. Where that cannot be asked, the block is fetched.
    async fn stat(&self, id: &ContentId, options: &[(&str, &str)]) -> Result<bool, RemoteError> {
        let bytes = match self.look("block/stat", id, options, MAX_ANSWER).await {
            Err(RemoteError::Refused { status, .. }) if is_unknown(status) => {
                return Ok(self.look("block/get", id, options, MAX_BLOCK_BYTES as u64).await?.is_some_and(|bytes| id.verify(&bytes)));
            }
            looked => looked?,
        };
        let Some(bytes) = bytes else { return Ok(false) };
        let key = answers::key(&bytes).map_err(|reason| self.node.unusable(reason))?;
        // Kubo answers with the multihash alone in some versions, which reads as another codec.
        if key.digest() == id.digest() { Ok(true) } else { Err(self.node.unusable(format!("it speaks of {key} when asked for {id}"))) }
    }

    fn is_spoiled(&self, root: &ContentId) -> bool {
        lock(&self.spoiled).contains(root)
    }

    async fn is_pinned(&self, id: &ContentId) -> Result<bool, RemoteError> {
        let cid = id.to_string();
        let answer = self.call("pin/ls", &[("arg", &cid), ("type", "recursive"), ("offline", "true"), ("cid-base", "base32")]).await?;
        match answer {
            Ok(bytes) => answers::is_pinned(&bytes, id).map_err(|reason| self.node.unusable(reason)),
            Err((_, reason)) if answers::says_unpinned(&reason) || answers::says_absent(&reason) => Ok(false),
            Err((status, reason)) => Err(self.node.refused(status, reason)),
        }
    }

    /// Puts a raw block, which has nothing below it, and pins it. A CAR of it does as well where there is no command for blocks.
    async fn put_block(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<(), RemoteError> {
        let id = &item.root;
        let bytes = read(*id, Arc::clone(&store)).await?;
        let count = bytes.len() as u64;
        // `format` is what `cid-codec` was called before, and still is in js-ipfs.
        let options = [
            ("cid-codec", "raw"),
            ("format", "raw"),
            ("mhtype", "sha2-256"),
            ("pin", "true"),
            ("allow-big-block", "true"),
            ("cid-base", "base32"),
        ];
        let form = Form::new().part("file", typed(Part::bytes(bytes).file_name("block"), "application/octet-stream"));
        let request = self.request(self.node.client(), "block/put", &options).multipart(form);
        let answer = match self.ask(request, MAX_ANSWER).await? {
            Err((status, _)) if is_unknown(status.as_u16()) => return self.put_dag(item, store, watch).await,
            answer => answer.map_err(|(status, reason)| self.node.refused(status, reason))?,
        };
        watch.sent(count);
        let key = answers::key(&answer).map_err(|reason| self.node.unusable(reason))?;
        if key == *id { Ok(()) } else { Err(self.node.unusable(format!("it keeps {id} as {key}"))) }
    }

    /// Puts a block with everything below it, which the node has already if the block is sent alone, and pins that all. Kubo looks for no block elsewhere
    /// meanwhile.
    async fn put_dag(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<(), RemoteError> {
        // Blocks are at most 2 MiB here, which is what the exchange between nodes carries; Kubo warns of more than 1 MiB.
        let options = [("pin-roots", "true"), ("allow-big-block", "true")];
        let (status, bytes) = self
            .node
            .upload(item, store, watch, |client, body| {
                let part = typed(Part::stream(body).file_name("model.car"), CAR);
                self.request(client, "dag/import", &options).multipart(Form::new().part("file", part))
            })
            .await?;
        if !status.is_success() {
            return Err(self.node.refused(status, answers::message(&bytes)));
        }
        let taken = answers::imported(&bytes, &item.root).map_err(|reason| self.node.unusable(reason))?;
        taken.map_err(|reason| self.node.refused(status, reason))
    }
}

#[async_trait]
impl Remote for Kubo {
    fn name(&self) -> &str {
        &self.node.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { put: true, read: true, pin: true, apart: true }
    }

    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        // A pin alone is not enough: a node can have lost what it pinned.
        if self.is_spoiled(&item.root) || !(self.is_pinned(&item.root).await? && self.has(&item.root, None).await?) {
            match item.root.codec() {
                Codec::Raw => self.put_block(item, store, watch).await?,
                Codec::DagPb => self.put_dag(item, store, watch).await?,
            }
            lock(&self.spoiled).remove(&item.root);
        }
        Ok(Receipt::now(item.root, &self.node.name, item.bytes))
    }

    async fn block(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        let bytes = self.look("block/get", id, &[], MAX_BLOCK_BYTES as u64).await?;
        if let Some(receipt) = receipt
            && bytes.as_ref().is_none_or(|bytes| !id.verify(bytes))
        {
            lock(&self.spoiled).insert(receipt.root);
        }
        Ok(bytes.map(Unverified::new))
    }

    async fn car(&self, want: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        // An export of what is not there begins well, with a header.
        if !self.stat(&want.root, &[]).await? {
            return Ok(None);
        }
        let cid = want.root.to_string();
        let request = self.request(self.node.client(), "dag/export", &[("arg", &cid), ("progress", "false")]);
        let response = request.send().await.map_err(|error| http::broken(&self.node.name, &error))?;
        if is_unknown(response.status().as_u16()) {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(http::refusal(&self.node.name, response, CREDENTIAL).await);
        }
        let name = self.node.name.clone();
        Ok(Some(response.bytes_stream().map_err(move |error| http::broken(&name, &error)).boxed()))
    }

    async fn has(&self, id: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        self.stat(id, &[("offline", "true")]).await
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        Ok(if self.is_pinned(&receipt.root).await? { PinState::Pinned } else { PinState::Absent })
    }

    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells whether a status means that there is no such command: services offer a part of the API.
const fn is_unknown(status: u16) -> bool {
    matches!(status, 404 | 405 | 501)
}

/// Reads a block, on a thread that may wait.
pub(crate) async fn read(id: ContentId, store: Arc<dyn Store>) -> Result<Vec<u8>, RemoteError> {
    let name = store.name().to_owned();
    let reading = tokio::task::spawn_blocking(move || store.get(&id, MAX_BLOCK_BYTES)).await;
    let bytes = reading.map_err(|error| StorageError::Output(io::Error::other(error)))??;
    bytes.ok_or_else(|| StorageError::Missing { id, store: name }.into())
}

/// Spells a duration as Go reads it.
fn duration(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
