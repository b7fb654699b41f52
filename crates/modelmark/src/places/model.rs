//! The files of a model to places, in pieces that are not sent twice.
//!
//! Each file is an item of its own: what broke off goes on at the file where it did, and places that find nothing by its CID but what they were given can
//! give a file without the others. The nodes of directories follow, each without what it links to, and those below before those above.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId, Manifest, ModelPath};
use modelmark_remote::redundancy::Depth;
use modelmark_remote::{Item, Receipt, Remote, Watch, redundancy};
use modelmark_storage::{LocalStore, MAX_BLOCK_BYTES, Store as _};
use serde::Serialize;

use super::{Attempt, Places, tree};
use crate::error::{CommandError, OrKind as _, Result};
use crate::progress::Transfer;
use crate::session::Session;

/// What of a model went to places.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    /// Bytes that went out, to all places together, with what the transfer adds.
    pub(crate) sent: u64,
    /// Bytes that places had already, all together.
    pub(crate) there: u64,
    /// What the places said, of each file and of each node of a directory.
    pub(crate) receipts: Vec<Receipt>,
}

/// The same model, whole and in pieces.
struct Pieces {
    whole: Item,
    files: Vec<Item>,
    nodes: Vec<Item>,
}

/// Counts what goes out, and passes it on to the bar.
struct Counted<'a> {
    bar: &'a Transfer,
    sent: AtomicU64,
    there: AtomicU64,
}

impl Watch for Counted<'_> {
    fn sent(&self, bytes: u64) {
        self.bar.sent(bytes);
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Places {
    /// Hands the model of `manifest` from the block store to every place, several at once. What a place has already is not sent to it again.
    ///
    /// What costs money is asked about first, unless the caller agreed with `yes`. When too few places keep all of it, that is an error.
    pub(crate) async fn keep_model(&self, session: &Session<'_>, manifest: &Manifest, yes: bool) -> Result<Sent> {
        if self.opened.is_empty() {
            return Ok(Sent::default());
        }
        let store = session.shared_store()?;
        let pieces = Pieces::of(&store, manifest)?;
        self.agree(session, &pieces.files, yes).await?;
        let bar = Transfer::new(session.output, "upload", manifest.size.saturating_mul(self.opened.len() as u64));
        let watch = Counted { bar: &bar, sent: AtomicU64::new(0), there: AtomicU64::new(0) };
        let attempts = join_all(self.opened.iter().map(|(_, place)| self.fill_with(place.as_ref(), &pieces, &store, &watch))).await;
        let (sent, there) = (watch.sent.into_inner(), watch.there.into_inner());
        drop(bar);
        Ok(Sent { sent, there, receipts: self.settle(session, attempts)? })
    }

    async fn fill_with(&self, place: &dyn Remote, pieces: &Pieces, store: &Arc<LocalStore>, watch: &Counted<'_>) -> Attempt {
        let items: Vec<&Item> =
            if place.abilities().apart { pieces.files.iter().chain(&pieces.nodes).collect() } else { vec![&pieces.whole] };
        let mut receipts = Vec::new();
        for item in items {
            if let Some(receipt) = kept(place, item, store).await {
                watch.there.fetch_add(item.bytes, Ordering::Relaxed);
                watch.bar.sent(item.bytes);
                receipts.push(receipt);
            } else {
                receipts.extend(self.fill(place, std::slice::from_ref(item), store, watch).await?);
            }
        }
        Ok(receipts)
    }
}

impl Pieces {
    fn of(store: &LocalStore, manifest: &Manifest) -> Result<Self> {
        let mut known = HashSet::new();
        let mut files = Vec::new();
        for file in manifest.files.iter().filter(|file| known.insert(file.cid)) {
            files.push(Item { name: Some(base_name(&file.path).to_owned()), ..tree(file.cid, file.size) });
        }
        let mut nodes = Vec::new();
        for root in [manifest.cid, manifest.weights.cid] {
            directories(store, root, &mut known, &mut nodes)?;
        }
        Ok(Self { whole: tree(manifest.cid, manifest.size), files, nodes })
    }
}

fn base_name(path: &ModelPath) -> &str {
    path.as_str().rsplit('/').next().unwrap_or_default()
}

/// Adds the nodes of the directory `root`, those below before those above; what is `known` is there already.
fn directories(store: &LocalStore, root: ContentId, known: &mut HashSet<ContentId>, nodes: &mut Vec<Item>) -> Result<()> {
    // A node comes by twice: the second time, all below it is done.
    let mut ahead = vec![(root, None)];
    while let Some((id, bytes)) = ahead.pop() {
        if let Some(bytes) = bytes {
            nodes.push(Item { alone: true, media_type: "application/vnd.ipld.dag-pb".to_owned(), ..tree(id, bytes) });
            continue;
        }
        if id.codec() == Codec::Raw || !known.insert(id) {
            continue;
        }
        let missing = || CommandError::unreachable(format!("{id}, a directory of the model, is not in the block store"));
        let block = store.get(&id, MAX_BLOCK_BYTES).or_unreachable()?.ok_or_else(missing)?;
        let node = unixfs::decode(&block).or_refused()?;
        ahead.push((id, Some(block.len() as u64)));
        if let Node::Directory(links) | Node::Shard(links) = node {
            ahead.extend(links.iter().rev().map(|link| (link.cid, None)));
        }
    }
    Ok(())
}

/// Returns the place's receipt for `item` if it still has it.
async fn kept(place: &dyn Remote, item: &Item, store: &LocalStore) -> Option<Receipt> {
    let noted = redundancy::noted(store, Some(&item.root)).ok()?;
    let receipt = noted.into_iter().find(|receipt| receipt.place == place.name() && receipt.alone <= item.alone)?;
    let condition = redundancy::look(place, &receipt, Depth::fitting(item.bytes)).await.ok()?;
    condition.holds().then_some(receipt)
}
