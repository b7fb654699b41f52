//! Reading a tree from a CAR: only the block that the traversal expects next is accepted.

use std::io;

use bytes::{Buf as _, Bytes};
use futures_util::future::{self, BoxFuture};
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt as _, StreamExt as _};
use modelmark_digest::ContentId;
use modelmark_storage::{Block, StorageError, car};

use super::pace::{Paced, of_place};
use super::walk::{Pending, Walk};
use super::{Reader, Sink};
use crate::{RemoteError, Want};

/// How many CARs that bring nothing new are asked of a place in one read.
const MAX_MISSES: u32 = 2;

/// How many blocks are hashed at once, and held in memory for that.
const HASHED_AT_ONCE: usize = 4;
/// Blocks from this size on are hashed beside the reading of what follows them, in bytes.
const WORTH_A_THREAD: usize = 64 << 10;

/// A CAR that has begun to arrive.
struct Begun {
    first: Bytes,
    stream: Paced,
}

/// The sections of a CAR, cut out of what has arrived.
struct Sections<'p> {
    name: &'p str,
    input: Bytes,
    stream: Paced,
    parser: car::Parser,
    /// How it ended, once it has. What came before still counts.
    end: Option<Result<(), RemoteError>>,
}

impl Sections<'_> {
    /// Returns the next section if it is all there.
    fn at_hand(&mut self) -> Option<car::Section> {
        if self.end.is_some() {
            return None;
        }
        let mut rest: &[u8] = &self.input;
        let read = self.parser.push(&mut rest);
        let used = self.input.len() - rest.len();
        self.input.advance(used);
        read.unwrap_or_else(|error| {
            self.end = Some(Err(unreadable(self.name, &error)));
            None
        })
    }

    /// Tells whether more has to arrive before there is another section.
    const fn hungry(&self) -> bool {
        self.input.is_empty() && self.end.is_none()
    }

    /// Waits for more to arrive.
    async fn more(&mut self) {
        match self.stream.next().await {
            Ok(Some(bytes)) => self.input = bytes,
            Ok(None) => self.end = Some(Ok(())),
            Err(error) => self.end = Some(Err(error)),
        }
    }

    /// Says how it ended.
    fn ended(self) -> Result<(), RemoteError> {
        self.end.unwrap_or(Ok(()))?;
        let reason = "it broke off in the middle of a CAR".to_owned();
        self.parser.finish().map_err(|_| RemoteError::Unreachable { place: self.name.to_owned(), reason })
    }
}

/// Hashes a section, on another thread if that is worth it; `None` when it is not what it says.
fn hashed(section: car::Section) -> BoxFuture<'static, (ContentId, Result<Option<Block>, StorageError>)> {
    let car::Section { id, bytes } = section;
    if bytes.len() < WORTH_A_THREAD {
        return future::ready((id, Block::verified(&id, bytes))).boxed();
    }
    // It begins at once, not when somebody waits for it.
    let hashing = tokio::task::spawn_blocking(move || Block::verified(&id, bytes));
    async move { (id, hashing.await.unwrap_or_else(|error| Err(StorageError::Output(io::Error::other(error))))) }.boxed()
}

impl Reader {
    /// Reads what is below `front`, the next block, from the CAR of the first place that sends one, as far as it goes. Says whether that brought anything.
    pub(super) async fn stream(&self, want: &Want, front: &Pending, walk: &mut Walk, sink: &dyn Sink) -> Result<bool, RemoteError> {
        let mut order = self.order();
        order.retain(|place| walk.misses.get(*place).is_some_and(|misses| *misses < MAX_MISSES));
        let part = Want { root: front.id, range: walk.range_below(front) };
        let (index, begun) = match self.race(order, |place| self.begin(place, want, part.clone()).boxed()).await {
            Ok(found) => found,
            Err(failures) => {
                failures.iter().for_each(|(place, _)| miss(walk, *place));
                return Ok(false);
            }
        };
        let Some(place) = self.places.get(index) else { return Ok(false) };
        let before = walk.blocks;
        let outcome = self.read_car(index, begun, want, walk, sink).await;
        if walk.blocks == before {
            miss(walk, index);
        }
        match outcome {
            Ok(()) => {}
            // The fault is the content's, the sink's or the limits', and no other place will do better.
            Err(error @ (RemoteError::Store(_) | RemoteError::Limit { .. } | RemoteError::Missing { .. })) => return Err(error),
            Err(error) => place.failed(&error),
        }
        Ok(walk.blocks > before)
    }

    async fn begin(&self, index: usize, want: &Want, part: Want) -> Result<Option<Begun>, RemoteError> {
        let Some(place) = self.places.get(index) else { return Ok(None) };
        let pause = place.pause();
        if pause > self.limits.wait {
            return Err(RemoteError::Busy { place: place.name().to_owned(), seconds: Some(pause.as_secs()) });
        }
        tokio::time::sleep(pause).await;
        let begun = self.try_begin(index, want, part).await;
        if let Err(error) = &begun {
            place.failed(error);
        }
        begun
    }

    async fn try_begin(&self, index: usize, want: &Want, part: Want) -> Result<Option<Begun>, RemoteError> {
        let Some(place) = self.places.get(index) else { return Ok(None) };
        let (name, idle) = (place.name(), self.limits.idle);
        let receipt = self.receipt(place, &want.root, &part.root);
        let asked = tokio::time::timeout(idle, place.remote().car(&part, receipt.as_deref())).await;
        let asked = asked.map_err(|_| RemoteError::Timeout { place: name.to_owned(), seconds: idle.as_secs() })?;
        let asked = asked.map_err(|error| of_place(name, error))?;
        let Some(stream) = asked else { return Ok(None) };
        let mut stream = Paced::new(name, stream, &self.limits);
        let first = stream.next().await?;
        Ok(first.map(|first| Begun { first, stream }))
    }

    /// Takes the blocks of a CAR whose root is the next block. Returns when all of it is there, or the CAR has ended.
    async fn read_car(&self, index: usize, begun: Begun, want: &Want, walk: &mut Walk, sink: &dyn Sink) -> Result<(), RemoteError> {
        let Some(place) = self.places.get(index) else { return Ok(()) };
        let name = place.name();
        let base = walk.ahead.len().saturating_sub(1);
        let mut sections = Sections { name, input: begun.first, stream: begun.stream, parser: car::Parser::new(), end: None };
        let mut hashing = FuturesOrdered::new();
        loop {
            while hashing.len() < HASHED_AT_ONCE {
                let Some(section) = sections.at_hand() else { break };
                hashing.push_back(hashed(section));
            }
            tokio::select! {
                biased;
                Some((id, block)) = hashing.next() => {
                    let block = block?.ok_or_else(|| RemoteError::Lie { place: name.to_owned(), id })?;
                    walk.count(index, block.bytes().len())?;
                    place.gave(block.bytes().len());
                    self.accept(name, block, want, walk, sink, base).await?;
                    if walk.ahead.iter().skip(base).all(|pending| pending.optional) {
                        walk.ahead.truncate(base);
                        return Ok(());
                    }
                }
                () = sections.more(), if sections.hungry() => {}
                else => break,
            }
        }
        // What is missing, but at hand, was left out because it came before.
        walk.advance(sink, base)?;
        sections.ended()
    }

    /// Takes a block of a CAR if it is the one that comes next, after those that are at hand already.
    async fn accept(
        &self,
        name: &str,
        block: Block,
        want: &Want,
        walk: &mut Walk,
        sink: &dyn Sink,
        base: usize,
    ) -> Result<(), RemoteError> {
        while let Some(front) = walk.ahead.last().filter(|_| walk.ahead.len() > base).cloned() {
            if front.id == block.id() {
                return if front.optional || sink.has(&front.id) { walk.pass(&front, &block) } else { walk.take(&front, block, sink) };
            }
            if walk.at_hand(&front, sink)? {
                continue;
            }
            if !walk.seen(&front.id) {
                return Err(out_of_order(name, &block.id(), &front.id));
            }
            // The place sends each block once; this one stands here again.
            let (from, again) = self.race_block(&want.root, &front.id).await?;
            walk.count(from, again.bytes().len())?;
            walk.take(&front, again, sink)?;
        }
        Err(out_of_order(name, &block.id(), &want.root))
    }
}

fn miss(walk: &mut Walk, place: usize) {
    if let Some(misses) = walk.misses.get_mut(place) {
        *misses += 1;
    }
}

fn unreadable(name: &str, error: &StorageError) -> RemoteError {
    RemoteError::Answer { place: name.to_owned(), reason: error.to_string() }
}

fn out_of_order(name: &str, sent: &ContentId, expected: &ContentId) -> RemoteError {
    RemoteError::Answer { place: name.to_owned(), reason: format!("block {sent} in a CAR where {expected} comes next") }
}
