//! Pinata, by its own interface, version 3: <https://docs.pinata.cloud/api-reference>. Unlike pinning services it takes the bytes themselves.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{StorageError, Store};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, StatusCode};
use url::Url;

use crate::answers::pinata::{self as answers, File};
use crate::exchange::{CAR, Counterpart, MAX_ANSWER, Patience, below, typed};
use crate::{
    Abilities, Address, ByteStream, Cost, Credentials, Item, PinState, Receipt, Remote, RemoteError, Secret, Unverified, Want, Watch,
    car_stream, kubo,
};

/// Where the credential is taken from.
const CREDENTIAL: &str = "set PINATA_JWT to a key of your account";
const API: &str = "https://api.pinata.cloud/v3";
const UPLOADS: &str = "https://uploads.pinata.cloud/v3";
/// Largest file that Pinata makes one raw block of: the piece size of its importer.
const ONE_BLOCK: u64 = 256 << 10;

/// Pinata, `pinata:`. Its gateway is a gateway like any other.
#[derive(Clone, Debug)]
pub struct Pinata {
    service: Counterpart,
    api: Url,
    uploads: Url,
    jwt: Secret,
}

impl Pinata {
    /// Opens the service. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`RemoteError::Credential`] without a key, [`RemoteError::Unreachable`] when the address says more than `pinata:`.
    pub fn open(address: &Address, credentials: &Credentials) -> Result<Self, RemoteError> {
        let name = address.to_string();
        let unreachable = |reason: String| RemoteError::Unreachable { place: name.clone(), reason };
        if name != "pinata:" {
            return Err(unreachable("its address is `pinata:` and no more".to_owned()));
        }
        let url = |text: &str| Url::parse(text).map_err(|error| unreachable(error.to_string()));
        Self::at(name.clone(), url(API)?, url(UPLOADS)?, credentials)
    }

    /// Opens a service that speaks as Pinata does, elsewhere: at `api` and, for what it is sent, at `uploads`.
    ///
    /// # Errors
    /// [`RemoteError::Credential`] without a key.
    pub fn at(name: String, api: Url, uploads: Url, credentials: &Credentials) -> Result<Self, RemoteError> {
        let jwt = credentials.pinata_jwt.clone();
        let jwt = jwt.ok_or_else(|| RemoteError::Credential { place: name.clone(), hint: CREDENTIAL.to_owned() })?;
        Ok(Self { service: Counterpart::new(name, &api, CREDENTIAL)?, api, uploads, jwt })
    }

    /// Waits as long for the service as `patience` says.
    #[must_use]
    pub const fn with_patience(mut self, patience: Patience) -> Self {
        self.service.patience = patience;
        self
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(StatusCode, Bytes), RemoteError> {
        self.answer(request.bearer_auth(self.jwt.expose())).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<(StatusCode, Bytes), RemoteError> {
        self.service.ask(request, MAX_ANSWER, self.service.patience.answer).await
    }

    async fn find(&self, id: &ContentId) -> Result<Option<File>, RemoteError> {
        let mut url = below(&self.api, &["files", "public"]);
        url.query_pairs_mut().append_pair("cid", &id.to_string());
        let (status, bytes) = self.ask(self.service.client().get(url)).await?;
        match status.as_u16() {
            404 => Ok(None),
            _ if status.is_success() => answers::find(&bytes, id).map_err(|reason| self.service.unusable(reason)),
            _ => Err(self.service.refused(status, answers::failure(&bytes))),
        }
    }

    /// Begins the form of an upload: Pinata reads its fields in order, and the file has to be the last.
    fn form(item: &Item) -> Form {
        Form::new().text("network", "public").text("name", item.name.clone().unwrap_or_else(|| item.root.to_string()))
    }

    fn upload(&self, client: &Client, form: Form) -> RequestBuilder {
        client.post(below(&self.uploads, &["files"])).bearer_auth(self.jwt.expose()).multipart(form)
    }

    /// Sends a small block as a file, of which Pinata makes the same block.
    async fn put_block(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<(StatusCode, Bytes), RemoteError> {
        let bytes = kubo::read(item.root, store).await?;
        let count = bytes.len() as u64;
        let part = Part::bytes(bytes).file_name(item.root.to_string());
        let part = part.mime_str(&item.media_type).map_err(|error| self.service.unusable(format!("media type: {error}")))?;
        let answer = self.answer(self.upload(self.service.client(), Self::form(item).part("file", part))).await?;
        watch.sent(count);
        Ok(answer)
    }

    /// Sends everything as a CAR. Its length is counted beforehand: front doors of such services want to know it.
    async fn put_dag(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<(StatusCode, Bytes), RemoteError> {
        let length = car_length(item, Arc::clone(&store)).await?;
        let request = |client: &Client, body| {
            let part = typed(Part::stream_with_length(body, length).file_name(format!("{}.car", item.root)), CAR);
            self.upload(client, Self::form(item).text("car", "true").part("file", part))
        };
        self.service.upload(item, store, watch, request).await
    }
}

#[async_trait]
impl Remote for Pinata {
    fn name(&self) -> &str {
        &self.service.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { put: true, read: false, pin: false, apart: false }
    }

    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        let file = match self.find(&item.root).await? {
            Some(file) => file,
            None => {
                let is_small = item.root.codec() == Codec::Raw && item.bytes <= ONE_BLOCK;
                let (status, bytes) =
                    if is_small { self.put_block(item, store, watch).await? } else { self.put_dag(item, store, watch).await? };
                if !status.is_success() {
                    return Err(self.service.refused(status, answers::failure(&bytes)));
                }
                answers::file(&bytes).map_err(|reason| self.service.unusable(reason))?
            }
        };
        if let Some(cid) = file.cid.filter(|cid| *cid != item.root) {
            return Err(self.service.unusable(format!("it keeps {} as {cid}, under its id {}", item.root, file.id)));
        }
        Ok(Receipt { locator: Some(file.id), ..Receipt::now(item.root, &self.service.name, item.bytes) })
    }

    async fn block(&self, _: &ContentId, _: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        Err(RemoteError::Unable { place: self.service.name.clone(), action: "give content; ask its gateway" })
    }

    async fn car(&self, _: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        Err(RemoteError::Unable { place: self.service.name.clone(), action: "give content; ask its gateway" })
    }

    async fn has(&self, id: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        Ok(self.find(id).await?.is_some())
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        let Some(id) = &receipt.locator else {
            return Ok(if self.has(&receipt.root, None).await? { PinState::Pinned } else { PinState::Absent });
        };
        let (status, bytes) = self.ask(self.service.client().get(below(&self.api, &["files", "public", id]))).await?;
        if status.as_u16() == 404 {
            return Ok(PinState::Absent);
        }
        if !status.is_success() {
            return Err(self.service.refused(status, answers::failure(&bytes)));
        }
        let file = answers::file(&bytes).map_err(|reason| self.service.unusable(reason))?;
        Ok(match file.cid {
            None => PinState::Pending("its CID is being computed".to_owned()),
            Some(cid) if cid == receipt.root => PinState::Pinned,
            Some(cid) => PinState::Failed(format!("it is kept as {cid}")),
        })
    }

    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}

/// Counts the bytes of the CAR of `root`.
async fn car_length(item: &Item, store: Arc<dyn Store>) -> Result<u64, RemoteError> {
    let item = item.clone();
    let counting = tokio::task::spawn_blocking(move || {
        let mut count = Count(0);
        car_stream::write_item(store.as_ref(), &item, &mut count).map(|_| count.0)
    });
    Ok(counting.await.map_err(|error| StorageError::Output(io::Error::other(error)))??)
}

struct Count(u64);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
