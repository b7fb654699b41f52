//! Giving data away: items to a bundler, or transactions of their own to the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use futures_util::TryStreamExt as _;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use url::Url;

use super::chunks::{Chunks, MAX_CHUNK};
use super::gateway::{Gateway, MAX_SHORT_ANSWER};
use super::spool::Spool;
use super::transaction::{Terms, Transaction};
use super::{ArweaveKey, Draft, ItemError, ItemId, ItemSigner, Tag};
use crate::{RemoteError, Watch, http};

/// Longest receipt that is read, in bytes.
const MAX_RECEIPT: u64 = 64 << 10;
/// How often a transfer's progress is told.
const TELL: Duration = Duration::from_millis(200);
/// How long an upload may stand still; a bundler checks a large item before it answers.
const STALL: Duration = Duration::from_secs(120);
/// What a bundler wants where it refuses for want of it.
const CREDENTIAL: &str = "it knows accounts by their keys: MODELMARK_ARWEAVE_KEY names a wallet's file";

/// What was taken, and at what price in winston, where the place said so.
pub(crate) struct Taken {
    pub(crate) id: ItemId,
    pub(crate) winston: Option<u128>,
}

impl Gateway {
    /// Signs data as an item and posts it, unless the gateway has it already.
    pub(crate) async fn post_item(
        &self,
        bundler: &Url,
        signer: &dyn ItemSigner,
        tags: Vec<Tag>,
        data: &Spool,
        watch: &dyn Watch,
    ) -> Result<Taken, RemoteError> {
        let (id, head) = Draft::new(tags).sign(data.hash(), signer).map_err(|error| self.unsigned(&error))?;
        if self.has(&id).await? {
            return Ok(Taken { id, winston: Some(0) });
        }
        let place = http::label(bundler);
        let sent = Arc::new(AtomicU64::new(0));
        let (counter, length) = (Arc::clone(&sent), head.len() as u64 + data.len());
        let body = data.stream(head, move |bytes| {
            counter.fetch_add(bytes, Ordering::Relaxed);
        })?;
        let body = Body::wrap_stream(body.map_err(std::io::Error::other));
        // The client's own limit counts from the first byte that is sent, which is too short for these; `STALL` is the limit here.
        let client =
            http::builder(bundler).read_timeout(STALL.saturating_mul(1000)).build().map_err(|error| http::broken(&place, &error))?;
        let request = client.post(bundler.clone()).header(CONTENT_TYPE, "application/octet-stream");
        let mut request = std::pin::pin!(request.header(CONTENT_LENGTH, length).body(body).send());
        let mut moved = tokio::time::Instant::now();
        let response = loop {
            tokio::select! {
                response = &mut request => break response,
                () = tokio::time::sleep(TELL) => match sent.swap(0, Ordering::Relaxed) {
                    0 if moved.elapsed() > STALL => return Err(RemoteError::Timeout { place, seconds: STALL.as_secs() }),
                    0 => {}
                    bytes => {
                        moved = tokio::time::Instant::now();
                        watch.sent(bytes);
                    }
                },
            }
        };
        watch.sent(sent.swap(0, Ordering::Relaxed));
        let response = response.map_err(|error| http::broken(&place, &error))?;
        match response.status() {
            // 202 without a receipt: it has the item already.
            StatusCode::ACCEPTED => Ok(Taken { id, winston: Some(0) }),
            StatusCode::OK | StatusCode::CREATED => {
                let receipt = self.in_time(http::body(&place, response, MAX_RECEIPT)).await?;
                read_receipt(&place, &receipt, id)
            }
            _ => Err(http::refusal(&place, response, CREDENTIAL).await),
        }
    }

    /// Signs data as a transaction of their own and posts it, with what the gateway says it costs.
    pub(crate) async fn post_transaction(
        &self,
        key: &ArweaveKey,
        tags: &[Tag],
        data: &Spool,
        watch: &dyn Watch,
    ) -> Result<Taken, RemoteError> {
        let (reader, size) = (data.reader()?, data.len());
        let read = tokio::task::spawn_blocking(move || Chunks::of(std::io::BufReader::new(reader), size)).await;
        let failed = |error: &dyn std::fmt::Display| RemoteError::Unreachable { place: self.place().to_owned(), reason: error.to_string() };
        let chunks = read.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        let winston = self.price(size).await?;
        let anchor = self.text("tx_anchor", MAX_SHORT_ANSWER).await?.ok_or_else(|| self.answer("no anchor"))?;
        let terms = Terms { anchor: anchor.trim(), reward: &winston.to_string(), tags };
        let mut transaction = Transaction::sign(&terms, size, chunks.root(), key).map_err(|error| self.unsigned(&error))?;
        let id = transaction.id().map_err(|error| self.unsigned(&error))?;
        let mut file = tokio::fs::File::from_std(data.reader()?);
        if size <= MAX_CHUNK {
            transaction.data = BASE64URL_NOPAD.encode(&read_chunk(&mut file, 0, size).await.map_err(|error| failed(&error))?);
            self.post("tx", &json!(transaction)).await?;
            watch.sent(size);
            return Ok(Taken { id, winston: Some(winston) });
        }
        // Nodes take chunks of transactions that they know.
        self.post("tx", &json!(transaction)).await?;
        for (start, end, path) in chunks.paths() {
            let chunk = read_chunk(&mut file, start, end - start).await.map_err(|error| failed(&error))?;
            let body = json!({
                "data_root": BASE64URL_NOPAD.encode(&chunks.root()),
                "data_size": size.to_string(),
                "data_path": BASE64URL_NOPAD.encode(&path),
                "offset": (end - 1).to_string(),
                "chunk": BASE64URL_NOPAD.encode(&chunk),
            });
            self.post("chunk", &body).await?;
            watch.sent(end - start);
        }
        Ok(Taken { id, winston: Some(winston) })
    }

    /// Returns what the gateway says that so many bytes cost in a transaction of their own, in winston.
    pub(crate) async fn price(&self, bytes: u64) -> Result<u128, RemoteError> {
        let price = self.text(&format!("price/{bytes}"), MAX_SHORT_ANSWER).await?;
        let price = price.as_deref().map(str::trim).filter(|price| price.bytes().all(|byte| byte.is_ascii_digit()));
        price.and_then(|price| price.parse().ok()).ok_or_else(|| self.answer("no price"))
    }

    async fn post(&self, path: &str, body: &Value) -> Result<(), RemoteError> {
        let request = self.client.post(self.settings.at(path)).json(body);
        self.in_time(async {
            let response = request.send().await.map_err(|error| http::broken(self.place(), &error))?;
            // 208: it has it already.
            if response.status().is_success() { Ok(()) } else { Err(http::refusal(self.place(), response, CREDENTIAL).await) }
        })
        .await
    }

    fn unsigned(&self, error: &ItemError) -> RemoteError {
        RemoteError::Credential { place: self.place().to_owned(), hint: error.to_string() }
    }
}

async fn read_chunk(file: &mut tokio::fs::File, start: u64, length: u64) -> std::io::Result<Vec<u8>> {
    let mut chunk = vec![0; usize::try_from(length).map_err(std::io::Error::other)?];
    file.seek(std::io::SeekFrom::Start(start)).await?;
    file.read_exact(&mut chunk).await?;
    Ok(chunk)
}

/// Reads what a bundler answers: the id of the item, which has to be ours, and with some what was taken for it.
fn read_receipt(place: &str, receipt: &[u8], id: ItemId) -> Result<Taken, RemoteError> {
    let wrong = |reason: &str| RemoteError::Answer { place: place.to_owned(), reason: http::tame(reason) };
    let receipt: Value = serde_json::from_slice(receipt).map_err(|error| wrong(&format!("no receipt: {error}")))?;
    match receipt.get("id").and_then(Value::as_str) {
        Some(said) if said == id.to_string() => {}
        Some(said) => return Err(wrong(&format!("a receipt for {said}, which is not what was sent"))),
        None => return Err(wrong("a receipt without an id")),
    }
    let winston = receipt.get("winc").and_then(|winc| winc.as_str()?.parse().ok());
    Ok(Taken { id, winston })
}
