//! What a gateway is asked: data by id, and what its index knows of an item.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::{Client, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ItemId, settings::Settings};
use crate::{ByteStream, RemoteError, http};

/// How long a small answer may take from the first byte that is sent to the last that is received.
const SMALL_ANSWER: Duration = Duration::from_secs(60);
/// Longest answer of the index, in bytes.
const MAX_INDEX_ANSWER: u64 = 1 << 20;
/// Longest answer with a number, an anchor or a status, in bytes.
pub(crate) const MAX_SHORT_ANSWER: u64 = 4096;
/// How many items with the tag that is looked for are looked at. Anybody can write any tag.
const CANDIDATES: usize = 10;
/// What of an item is asked for.
const FIELDS: &str = "id anchor signature recipient owner { address key } tags { name value } data { size } block { height }";

/// A gateway.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    pub(crate) client: Client,
    pub(crate) settings: Settings,
    pub(crate) patience: Duration,
}

/// What the index of a gateway says of an item; nothing of it is checked yet.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Indexed {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) anchor: Option<String>,
    #[serde(default)]
    pub(crate) signature: Option<String>,
    #[serde(default)]
    pub(crate) recipient: Option<String>,
    #[serde(default)]
    pub(crate) owner: Option<Owner>,
    #[serde(default)]
    pub(crate) tags: Vec<IndexedTag>,
    /// Gateways differ in whether a size is a number or a text.
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    pub(crate) block: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Owner {
    #[serde(default)]
    pub(crate) key: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct IndexedTag {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Indexed {
    /// Returns the size of its data in bytes, where the index says it.
    pub(crate) fn size(&self) -> Option<u64> {
        let size = self.data.as_ref()?.get("size")?;
        size.as_u64().or_else(|| size.as_str()?.parse().ok())
    }

    pub(crate) fn item_id(&self) -> Option<ItemId> {
        self.id.parse().ok()
    }
}

impl Gateway {
    pub(crate) fn new(settings: Settings) -> Result<Self, RemoteError> {
        Ok(Self { client: http::client(&settings.gateway)?, settings, patience: SMALL_ANSWER })
    }

    pub(crate) fn place(&self) -> &str {
        &self.settings.name
    }

    /// Returns the data of an item or transaction as a stream of at most `limit` bytes; `None` when the gateway does not have it.
    ///
    /// `raw/ID` is asked for first: gateways lead browsers from `ID` to a host of its own, and nothing is followed here. arlocal knows `ID` alone.
    pub(crate) async fn data(&self, id: &ItemId, limit: u64) -> Result<Option<ByteStream>, RemoteError> {
        let Some(response) = self.either(Method::GET, id).await? else { return Ok(None) };
        let place = self.place().to_owned();
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(RemoteError::TooLarge { place, limit });
        }
        let mut left = limit;
        let stream = response.bytes_stream().map(move |chunk| {
            let chunk = chunk.map_err(|error| http::broken(&place, &error))?;
            left = left.checked_sub(chunk.len() as u64).ok_or_else(|| RemoteError::TooLarge { place: place.clone(), limit })?;
            Ok(chunk)
        });
        Ok(Some(stream.boxed()))
    }

    /// As [`Self::data`], all at once.
    pub(crate) async fn small_data(&self, id: &ItemId, limit: u64) -> Result<Option<Bytes>, RemoteError> {
        self.in_time(async {
            let Some(stream) = self.data(id, limit).await? else { return Ok(None) };
            let chunks: Vec<Bytes> = stream.try_collect().await?;
            Ok(Some(chunks.concat().into()))
        })
        .await
    }

    /// Tells whether the gateway says that it has the data.
    pub(crate) async fn has(&self, id: &ItemId) -> Result<bool, RemoteError> {
        self.in_time(async { Ok(self.either(Method::HEAD, id).await?.is_some()) }).await
    }

    async fn either(&self, method: Method, id: &ItemId) -> Result<Option<Response>, RemoteError> {
        for path in [format!("raw/{id}"), id.to_string()] {
            let request = self.client.request(method.clone(), self.settings.at(&path));
            let response = request.send().await.map_err(|error| http::broken(self.place(), &error))?;
            match response.status() {
                StatusCode::OK => return Ok(Some(response)),
                // 202: it was seen, and is not there yet. 3xx: to a page for browsers.
                status if is_absent(status) || status.is_redirection() || status == StatusCode::ACCEPTED => {}
                _ => return Err(http::refusal(self.place(), response, "").await),
            }
        }
        Ok(None)
    }

    /// Returns a short text below the gateway; `None` when it knows of nothing there.
    pub(crate) async fn text(&self, path: &str, limit: u64) -> Result<Option<String>, RemoteError> {
        let url = self.settings.at(path);
        self.in_time(async {
            let response = self.client.get(url).send().await.map_err(|error| http::broken(self.place(), &error))?;
            match response.status() {
                status if is_absent(status) => Ok(None),
                status if status.is_success() => {
                    let bytes = http::body(self.place(), response, limit).await?;
                    String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| self.answer("no UTF-8 text"))
                }
                _ => Err(http::refusal(self.place(), response, "").await),
            }
        })
        .await
    }

    /// Asks the index for items with the tag `IPFS-CID`, the newest first, of these owners or of anybody.
    pub(crate) async fn tagged(&self, cid: &str, owner: Option<&ItemId>) -> Result<Vec<Indexed>, RemoteError> {
        let query = format!(
            "query($cid: [String!]!, $owners: [String!], $first: Int) {{ transactions(tags: [{{ name: \"IPFS-CID\", values: $cid }}], owners: $owners, \
             first: $first) {{ edges {{ node {{ {FIELDS} }} }} }} }}"
        );
        let owners = owner.map(|owner| vec![owner.to_string()]);
        let answer = self.ask(&query, json!({ "cid": [cid], "owners": owners, "first": CANDIDATES })).await?;
        let edges = answer.pointer("/data/transactions/edges").and_then(Value::as_array);
        let edges = edges.ok_or_else(|| self.answer("no list of items"))?;
        let node = |edge: &Value| Indexed::deserialize(edge.get("node")?).ok();
        Ok(edges.iter().take(CANDIDATES).filter_map(node).collect())
    }

    /// Asks the index for one item or transaction.
    pub(crate) async fn indexed(&self, id: &ItemId) -> Result<Option<Indexed>, RemoteError> {
        let query = format!("query($id: ID!) {{ transaction(id: $id) {{ {FIELDS} }} }}");
        let answer = self.ask(&query, json!({ "id": id.to_string() })).await?;
        match answer.pointer("/data/transaction") {
            None => Err(self.answer("no item")),
            Some(Value::Null) => Ok(None),
            Some(item) => Indexed::deserialize(item).map(Some).map_err(|error| self.answer(&error.to_string())),
        }
    }

    async fn ask(&self, query: &str, variables: Value) -> Result<Value, RemoteError> {
        let request = self.client.post(self.settings.at("graphql")).json(&json!({ "query": query, "variables": variables }));
        self.in_time(async {
            let response = request.send().await.map_err(|error| http::broken(self.place(), &error))?;
            if !response.status().is_success() {
                return Err(http::refusal(self.place(), response, "").await);
            }
            let bytes = http::body(self.place(), response, MAX_INDEX_ANSWER).await?;
            let answer: Value = serde_json::from_slice(&bytes).map_err(|error| self.answer(&error.to_string()))?;
            match answer.pointer("/errors/0/message").and_then(Value::as_str) {
                Some(message) if answer.get("data").is_none_or(Value::is_null) => Err(self.answer(message)),
                _ => Ok(answer),
            }
        })
        .await
    }

    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = Result<T, RemoteError>>) -> Result<T, RemoteError> {
        let timeout = || RemoteError::Timeout { place: self.place().to_owned(), seconds: self.patience.as_secs() };
        tokio::time::timeout(self.patience, work).await.map_err(|_| timeout())?
    }

    /// Returns the error for an answer that means nothing; what the gateway said is tamed.
    pub(crate) fn answer(&self, reason: &str) -> RemoteError {
        RemoteError::Answer { place: self.place().to_owned(), reason: http::tame(reason) }
    }
}

/// Gateways say 400 or 404 of what they do not know, and 410 of what they do not serve.
pub(crate) fn is_absent(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 404 | 410)
}
