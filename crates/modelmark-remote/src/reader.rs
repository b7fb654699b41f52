//! Reading from places that nobody trusts: several are asked, whoever answers first with the right bytes wins, and whoever lies is not asked again.
//!
//! Every block is held against its CID as it arrives, and nothing is handed on that was not asked for. So a place that lies costs its own dismissal, one
//! that hangs costs the short time after which the next one is asked too, and one that breaks off is replaced where it stopped.

mod fetch;
mod limits;
mod pace;
mod place;
mod sink;
mod stats;
mod stream;
mod walk;

use std::borrow::Cow;
use std::sync::Arc;

use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Block, BlockCache, StorageError};

use self::place::Place;
use self::sink::{Kept, Text};
use self::walk::Walk;
use crate::{Receipt, Remote, RemoteError, Want};

pub use self::limits::Limits;
pub use self::sink::{Sink, StoreSink};
pub use self::stats::{Served, Stats};

/// Most folders below each other that a path leads through.
const MAX_STEPS: usize = 16;

/// Reads blocks and what hangs below them from several places, in the order of preference in which they are given.
///
/// What it learns about a place, it knows for its life: a place that sent other bytes than it was asked for is not asked again.
pub struct Reader {
    places: Vec<Place>,
    limits: Limits,
    receipts: Vec<Receipt>,
    cache: Option<Arc<BlockCache>>,
}

impl Reader {
    /// Returns a reader of these places. Those that give nothing are left out.
    #[must_use]
    pub fn new(places: Vec<Arc<dyn Remote>>, limits: Limits) -> Self {
        let places = places.into_iter().filter(|place| place.abilities().read).map(Place::new).collect();
        Self { places, limits, receipts: Vec::new(), cache: None }
    }

    /// Hands on receipts, for places that find nothing by CID alone.
    #[must_use]
    pub fn with_receipts(mut self, receipts: Vec<Receipt>) -> Self {
        self.receipts = receipts;
        self
    }

    /// Looks into `cache` before it asks, and keeps there what [`Reader::block`] and [`Reader::small`] bring, but not what streams into a sink.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<BlockCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Returns the names of the places, without those that give nothing.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        self.places.iter().map(|place| place.name().to_owned()).collect()
    }

    /// Returns what each place gave until now, and why it was dismissed if it was.
    #[must_use]
    pub fn served(&self) -> Vec<Served> {
        self.places.iter().map(Place::served).collect()
    }

    /// Returns the block `id`.
    ///
    /// # Errors
    /// [`RemoteError::Missing`] when no place gave it; of one place alone, its own error.
    pub async fn block(&self, id: &ContentId) -> Result<Block, RemoteError> {
        self.block_from(id).await.map(|(_, block)| block)
    }

    /// Returns the block `id`, which lies below `root`: some places find nothing but what they were given, and what lies below that.
    ///
    /// # Errors
    /// As [`Reader::block`].
    pub async fn block_below(&self, root: &ContentId, id: &ContentId) -> Result<Block, RemoteError> {
        self.taken(root, id).await.map(|(_, block)| block)
    }

    /// Returns the block `id` and the name of the place that gave it.
    ///
    /// # Errors
    /// As [`Reader::block`].
    pub async fn block_from(&self, id: &ContentId) -> Result<(String, Block), RemoteError> {
        self.taken(id, id).await
    }

    async fn taken(&self, root: &ContentId, id: &ContentId) -> Result<(String, Block), RemoteError> {
        if let Some((name, block)) = self.cached(id) {
            return Ok((name, block));
        }
        let (place, block) = self.limits.in_time(id, self.race_block(root, id)).await?;
        if let Some(cache) = &self.cache {
            cache.put(&block);
        }
        Ok((self.places.get(place).map(|place| place.name().to_owned()).unwrap_or_default(), block))
    }

    /// Hands `want` to `sink`, each block before those that it links to, depth first, in the order of the links, and again at each place of the file where
    /// it stands, unless [`Sink::has`] it by then. Of a range come the leaves that hold it, and the nodes that lead to them.
    ///
    /// Memory holds a few blocks, and about 10 bytes for each leaf that was seen.
    ///
    /// # Errors
    /// As [`Reader::block`]; [`RemoteError::Limit`] for content that is larger or deeper than the limits, [`StorageError::Malformed`] for a block that cannot
    /// be followed, and what the sink says. What the sink took until then is what it was said to be.
    pub async fn blocks(&self, want: &Want, sink: &mut dyn Sink) -> Result<Stats, RemoteError> {
        let walk = Walk::new(want, self.limits, self.places.len());
        self.limits.in_time(&want.root, self.follow(want, walk, sink)).await
    }

    /// Returns the bytes of the file or block `id`.
    ///
    /// # Errors
    /// As [`Reader::blocks`], and [`RemoteError::Limit`] when there are more than `limit` bytes.
    pub async fn small(&self, id: &ContentId, limit: usize) -> Result<Vec<u8>, RemoteError> {
        let text = Text::default();
        if id.codec() == Codec::Raw {
            text.put(self.block(id).await?)?;
        } else {
            let range = 0..(limit as u64).saturating_add(1);
            let mut sink = Kept { text: &text, cache: self.cache.as_deref() };
            self.blocks(&Want { root: *id, range: Some(range) }, &mut sink).await?;
        }
        let bytes = text.into_bytes();
        if bytes.len() > limit { Err(RemoteError::Limit { root: *id, limit: limit as u64, what: "bytes" }) } else { Ok(bytes) }
    }

    /// Returns what stands at `path` below the folder `root`; `root` itself for an empty path.
    ///
    /// # Errors
    /// As [`Reader::block`]; [`StorageError::Malformed`] when there is no such name, or a folder on the way is none in one block.
    pub async fn resolve(&self, root: &ContentId, path: &str) -> Result<ContentId, RemoteError> {
        let mut here = *root;
        for (step, name) in path.split('/').filter(|name| !name.is_empty()).enumerate() {
            if step >= MAX_STEPS {
                return Err(RemoteError::Limit { root: *root, limit: MAX_STEPS as u64, what: "folders below each other" });
            }
            let malformed = |reason: String| StorageError::Malformed { id: here, reason };
            let block = self.block(&here).await?;
            let node = unixfs::decode(block.bytes()).map_err(|error| malformed(error.to_string()))?;
            let Node::Directory(links) = node else { return Err(malformed("it is no folder in one block".to_owned()).into()) };
            let link = links.iter().find(|link| link.name == name);
            here = link.ok_or_else(|| malformed(format!("the folder has no {name:?}")))?.cid;
        }
        Ok(here)
    }

    fn cached(&self, id: &ContentId) -> Option<(String, Block)> {
        let cache = self.cache.as_ref()?;
        Some((cache.name().to_owned(), cache.get(id)?))
    }

    /// Returns the receipt of a place for `id`, else for `root`, below which it lies. Where none was noted, one without a locator says what it lies below.
    fn receipt(&self, place: &Place, root: &ContentId, id: &ContentId) -> Option<Cow<'_, Receipt>> {
        let of = |wanted: &ContentId| self.receipts.iter().find(|receipt| receipt.root == *wanted && receipt.place == place.name());
        let noted = of(id).or_else(|| of(root).filter(|receipt| !receipt.alone));
        let stand_in = || (root != id).then(|| Cow::Owned(Receipt::now(*root, place.name(), 0)));
        noted.map(Cow::Borrowed).or_else(stand_in)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("places", &self.places()).field("limits", &self.limits).finish_non_exhaustive()
    }
}
