//! The seam between modelmark and places beyond this machine.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use modelmark_digest::ContentId;
use modelmark_storage::Store;

use crate::{Cost, Receipt, RemoteError, Unverified};

/// Bytes as they arrive, unverified.
pub type ByteStream = BoxStream<'static, Result<Bytes, RemoteError>>;

/// What a place can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Takes content.
    pub put: bool,
    /// Gives content.
    pub read: bool,
    /// Can be told to keep what it, or somebody else, has.
    pub pin: bool,
    /// Takes the nodes of a directory [alone](Item::alone), after the files that they lead to.
    pub apart: bool,
}

/// What a place is to keep: a block, with everything below it unless it stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its CID.
    pub root: ContentId,
    /// Length in bytes of everything, for estimates and progress.
    pub bytes: u64,
    /// Media type of what `root` stands for, such as `application/json`.
    pub media_type: String,
    /// A name for people.
    pub name: Option<String>,
    /// Only the block itself is sent: what it links to was given to the place before, as items of its own.
    pub alone: bool,
}

/// What a place is asked to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The block.
    pub root: ContentId,
    /// The bytes that are wanted of the file that `root` is, and the nodes that lead to them; `None`: everything below `root`.
    pub range: Option<Range<u64>>,
}

/// How a place stands to something that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinState {
    /// It keeps it.
    Pinned,
    /// It is still fetching or confirming; the text is the place's own word for it.
    Pending(String),
    /// It gave up; the text says why.
    Failed(String),
    /// It knows nothing of it.
    Absent,
    /// It cannot be asked.
    Unknown,
}

/// Is told how far a transfer is.
pub trait Watch: Send + Sync {
    /// So many more bytes went out.
    fn sent(&self, bytes: u64);
}

/// Watches nothing.
impl Watch for () {
    fn sent(&self, _: u64) {}
}

/// A place beyond this machine.
///
/// Whatever it gives is [`Unverified`] or a [`ByteStream`], which its reader holds against the CID. A place that does not have something
/// answers `None`; an error means that it could not be asked.
#[async_trait]
pub trait Remote: Send + Sync {
    /// Returns the place's URL, without secrets.
    fn name(&self) -> &str;

    /// Returns what the place can be asked for.
    fn abilities(&self) -> Abilities;

    /// Has the place keep `item`, whose blocks are all in `store`. Repeating it changes nothing, and costs nothing where the place can tell.
    ///
    /// # Errors
    /// [`RemoteError::Unable`] for a place that takes nothing, when the place is out of reach or refuses, and when `store` cannot give a block.
    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError>;

    /// Returns the block `id` of at most [`MAX_BLOCK_BYTES`](modelmark_storage::MAX_BLOCK_BYTES) as the place sent it. `receipt` is what
    /// the place gave for a root that `id` lies below, for places that find nothing by CID.
    ///
    /// # Errors
    /// When the place cannot be asked, or sends more than a block.
    async fn block(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError>;

    /// Returns what is wanted as the bytes of a CAR (version 1), each block before the blocks that it links to, depth first; `None` when the place
    /// does not have it, or speaks no CAR and has to be asked block by block. A place may send more than a range.
    ///
    /// # Errors
    /// When the place cannot be asked.
    async fn car(&self, want: &Want, receipt: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError>;

    /// Tells whether the place says that it has the block, without fetching it.
    ///
    /// # Errors
    /// When the place cannot be asked.
    async fn has(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<bool, RemoteError>;

    /// Says how the place stands to what `receipt` was given for.
    ///
    /// # Errors
    /// When the place cannot be asked.
    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError>;

    /// Returns what it costs to put so many bytes, where the place has a price.
    ///
    /// # Errors
    /// When the place cannot be asked.
    async fn estimate(&self, bytes: u64) -> Result<Option<Cost>, RemoteError>;
}
