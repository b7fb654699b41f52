//! Whether a place still has what it took, and having it put where it is not.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Block, LocalStore, Store, car};
use serde::Serialize;

use crate::{Item, PinState, Receipt, Remote, RemoteError, Want, Watch, car_stream};

/// Up to this many bytes everything is read; above, samples are.
const SMALL: u64 = 4 << 20;
/// Blocks that are read of what is larger: of a place that lost a tenth, they miss it in 3 of 100 cases.
const SAMPLES: usize = 32;
/// Most inner nodes that are remembered while samples are read.
const MAX_NODES: usize = 1024;
/// Deepest tree that is followed.
const MAX_DEPTH: usize = 64;
/// First and longest wait between two looks at a place that is still working on something.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How much of something is read to see whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every block.
    Whole,
    /// So many blocks, at random positions, and the nodes that lead to them.
    Sample(usize),
}

/// How something is at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "condition", rename_all = "camelCase")]
pub enum Condition {
    /// Every block was read and is right.
    Whole {
        /// Blocks that were read.
        blocks: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Blocks at random positions were read and are right.
    Sampled {
        /// Blocks that were read.
        blocks: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// The place says that it keeps it, and gives nothing that could be read.
    Claimed,
    /// The place is still fetching or confirming it.
    Pending {
        /// The place's own word for it.
        word: String,
    },
    /// The place neither gives it nor says anything.
    Unknown,
    /// It is not there, or not all of it.
    Lost {
        /// What is missing.
        reason: String,
    },
    /// A block has other bytes than its CID says.
    Altered {
        /// The block.
        block: ContentId,
    },
}

impl Depth {
    /// Returns how much is read of something of so many bytes unless somebody asks for all.
    #[must_use]
    pub const fn fitting(bytes: u64) -> Self {
        if bytes <= SMALL { Self::Whole } else { Self::Sample(SAMPLES) }
    }
}

impl Condition {
    /// Tells whether one may rely on it: it was read, or the place stands by it.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Whole { .. } | Self::Sampled { .. } | Self::Claimed)
    }

    /// Tells whether it has to be put there again.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::Altered { .. })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { blocks, bytes } => write!(f, "there, all {blocks} blocks read ({bytes} bytes)"),
            Self::Sampled { blocks, bytes } => write!(f, "there, {blocks} blocks at random read ({bytes} bytes)"),
            Self::Claimed => f.write_str("there, says the place"),
            Self::Pending { word } => write!(f, "not yet there: {word}"),
            Self::Unknown => f.write_str("unknown: the place says nothing"),
            Self::Lost { reason } => write!(f, "lost: {reason}"),
            Self::Altered { block } => write!(f, "altered: block {block} has other bytes"),
        }
    }
}

/// Puts `item`, and looks whether it is there. A place that is still working on it is asked again for as long as `patience` says.
///
/// `note` is told of the receipt as soon as there is one: what was taken was taken, whatever comes next.
///
/// # Errors
/// What the place says, and what `note` says.
pub async fn keep(
    place: &dyn Remote,
    item: &Item,
    store: Arc<dyn Store>,
    watch: &dyn Watch,
    patience: Duration,
    note: impl FnOnce(&Receipt) -> Result<(), RemoteError>,
) -> Result<(Receipt, Condition), RemoteError> {
    let receipt = Receipt { alone: item.alone, ..place.put(item, store, watch).await? };
    note(&receipt)?;
    let (began, mut wait) = (Instant::now(), FIRST_WAIT);
    loop {
        let condition = look(place, &receipt, Depth::fitting(item.bytes)).await?;
        if condition.holds() || began.elapsed() + wait > patience || matches!(condition, Condition::Unknown | Condition::Altered { .. }) {
            return Ok((receipt, condition));
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Looks whether the place still has what `receipt` was given for.
///
/// # Errors
/// When the place cannot be asked.
pub async fn look(place: &dyn Remote, receipt: &Receipt, depth: Depth) -> Result<Condition, RemoteError> {
    let state = match place.state(receipt).await {
        Err(RemoteError::Unable { .. }) => PinState::Unknown,
        other => other?,
    };
    match state {
        PinState::Absent => return Ok(Condition::Lost { reason: "the place knows nothing of it".to_owned() }),
        PinState::Failed(reason) => return Ok(Condition::Lost { reason }),
        PinState::Pinned | PinState::Pending(_) | PinState::Unknown => {}
    }
    let read = if place.abilities().read { Some(read(place, receipt, depth).await?) } else { None };
    Ok(match (read, state) {
        (Some(Condition::Lost { .. }), PinState::Pending(word)) | (None, PinState::Pending(word)) => Condition::Pending { word },
        (Some(condition), _) => condition,
        (None, PinState::Pinned) => Condition::Claimed,
        (None, _) => Condition::Unknown,
    })
}

/// Reads it at the place, whatever the place says about it.
///
/// # Errors
/// When the place cannot be asked.
pub async fn read(place: &dyn Remote, receipt: &Receipt, depth: Depth) -> Result<Condition, RemoteError> {
    let mut reading = Reading { place, receipt, blocks: 0, bytes: 0 };
    let outcome = match depth {
        _ if receipt.alone => reading.block(&receipt.root).await.map(drop),
        Depth::Whole => reading.whole().await,
        Depth::Sample(count) => reading.samples(count).await,
    };
    let (blocks, bytes) = (reading.blocks, reading.bytes);
    match outcome {
        Ok(()) if depth == Depth::Whole || receipt.alone => Ok(Condition::Whole { blocks, bytes }),
        Ok(()) => Ok(Condition::Sampled { blocks, bytes }),
        Err(Fault::Found(condition)) => Ok(condition),
        Err(Fault::Remote(error)) => Err(error),
    }
}

enum Fault {
    Found(Condition),
    Remote(RemoteError),
}

struct Reading<'p> {
    place: &'p dyn Remote,
    receipt: &'p Receipt,
    blocks: u64,
    bytes: u64,
}

impl Reading<'_> {
    async fn block(&mut self, id: &ContentId) -> Result<Bytes, Fault> {
        let altered = || Fault::Found(Condition::Altered { block: *id });
        let sent = match self.place.block(id, Some(self.receipt)).await {
            Ok(sent) => sent.ok_or_else(|| Fault::Found(Condition::Lost { reason: format!("block {id} is not there") }))?,
            Err(RemoteError::Lie { .. }) => return Err(altered()),
            Err(error) => return Err(Fault::Remote(error)),
        };
        let bytes = sent.verify(id).ok_or_else(altered)?;
        self.blocks += 1;
        self.bytes += bytes.len() as u64;
        Ok(bytes)
    }

    async fn whole(&mut self) -> Result<(), Fault> {
        let mut ahead = vec![self.receipt.root];
        let mut seen = HashSet::new();
        while let Some(id) = ahead.pop() {
            if seen.insert(id) {
                let bytes = self.block(&id).await?;
                ahead.extend(links(&id, &bytes).into_iter().map(|(id, _)| id));
            }
        }
        Ok(())
    }

    /// Goes down from the root again and again, at every node to one below it, the likelier the more bytes lie there.
    async fn samples(&mut self, count: usize) -> Result<(), Fault> {
        let mut nodes: HashMap<ContentId, Vec<(ContentId, u64)>> = HashMap::new();
        let random = RandomState::new();
        for sample in 0..count {
            let mut id = self.receipt.root;
            for depth in 0..MAX_DEPTH {
                let below = match nodes.get(&id) {
                    Some(below) => below.clone(),
                    None => {
                        let bytes = self.block(&id).await?;
                        links(&id, &bytes)
                    }
                };
                let Some(next) = pick(&below, random.hash_one((sample, depth))) else { break };
                if nodes.len() < MAX_NODES {
                    nodes.insert(id, below);
                }
                id = next;
            }
        }
        Ok(())
    }
}

/// Returns what the verified `bytes` of `id` link to, and how many bytes lie there; nothing where they are no node.
fn links(id: &ContentId, bytes: &[u8]) -> Vec<(ContentId, u64)> {
    if id.codec() == Codec::Raw {
        return Vec::new();
    }
    match unixfs::decode(bytes) {
        Ok(Node::File(parts)) => parts.iter().map(|part| (part.cid, part.size)).collect(),
        Ok(Node::Directory(links) | Node::Shard(links)) => links.iter().map(|link| (link.cid, link.tsize)).collect(),
        Err(_) => Vec::new(),
    }
}

/// Returns the one that `random` falls on, each as likely as it has bytes.
fn pick(below: &[(ContentId, u64)], random: u64) -> Option<ContentId> {
    let weight = |size: u64| u128::from(size.max(1));
    let total: u128 = below.iter().map(|(_, size)| weight(*size)).sum();
    let mut left = u128::from(random).checked_rem(total)?;
    below.iter().find_map(|(id, size)| match left.checked_sub(weight(*size)) {
        Some(rest) => {
            left = rest;
            None
        }
        None => Some(*id),
    })
}

/// Brings what `receipt` was given for from the place into `store`, every block re-hashed.
///
/// # Errors
/// When the place does not have all of it, sends other bytes or far more than it took, or cannot be asked; when `store` cannot be written to.
pub async fn bring(place: &dyn Remote, receipt: &Receipt, store: Arc<dyn Store>) -> Result<(), RemoteError> {
    let limits = car::Limits { bytes: receipt.bytes.saturating_mul(2).saturating_add(16 << 20), ..car::Limits::MODEL };
    let want = Want { root: receipt.root, range: None };
    if !receipt.alone
        && let Some(car) = place.car(&want, Some(receipt)).await?
    {
        return car_stream::import(car, store, limits).await.map(drop);
    }
    let name = || place.name().to_owned();
    let mut ahead = vec![receipt.root];
    let (mut seen, mut total) = (HashSet::new(), 0_u64);
    while let Some(id) = ahead.pop() {
        if !seen.insert(id) {
            continue;
        }
        let sent = place.block(&id, Some(receipt)).await?.ok_or_else(|| RemoteError::Missing { id, asked: name() })?;
        let bytes = sent.verify(&id).ok_or_else(|| RemoteError::Lie { place: name(), id })?;
        total = total.saturating_add(bytes.len() as u64);
        if total > limits.bytes {
            return Err(RemoteError::TooLarge { place: name(), limit: limits.bytes });
        }
        if !receipt.alone {
            ahead.extend(links(&id, &bytes).into_iter().map(|(id, _)| id));
        }
        let block = Block::new(id.codec(), bytes.to_vec())?;
        store.put_all(&[block])?;
    }
    Ok(())
}

/// Notes a receipt beside the blocks of this machine; it is on disk when this returns.
///
/// # Errors
/// When the store cannot be written to.
pub fn note(store: &LocalStore, receipt: &Receipt) -> Result<(), RemoteError> {
    let unspellable = |error: serde_json::Error| RemoteError::Answer { place: receipt.place.clone(), reason: error.to_string() };
    let document = serde_json::to_vec(receipt).map_err(unspellable)?;
    Ok(store.note_receipt(&receipt.root, &receipt.place, &document)?)
}

/// Returns the receipts for `root`, or all of them.
///
/// # Errors
/// When the store cannot be read, or a receipt in it cannot.
pub fn noted(store: &LocalStore, root: Option<&ContentId>) -> Result<Vec<Receipt>, RemoteError> {
    let read = |noted: modelmark_storage::Noted| {
        serde_json::from_slice(&noted.receipt).map_err(|error| RemoteError::Answer {
            place: noted.place,
            reason: format!("its receipt on this machine cannot be read: {error}"),
        })
    };
    store.receipts(root)?.into_iter().map(read).collect()
}
