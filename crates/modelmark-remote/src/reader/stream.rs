//! Reading a tree from a CAR: only the block that the traversal expects next is accepted.

use bytes::Bytes;
use futures_util::FutureExt as _;
use modelmark_digest::ContentId;
use modelmark_storage::{Block, StorageError, car};

use super::pace::Paced;
use super::walk::{Pending, Walk};
use super::{Reader, Sink};
use crate::{RemoteError, Want};

/// How many CARs that bring nothing new are asked of a place in one read.
const MAX_MISSES: u32 = 2;

/// A CAR that has begun to arrive.
struct Begun {
    first: Bytes,
    stream: Paced,
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
        let asked = tokio::time::timeout(idle, place.remote().car(&part, self.receipt(place, &want.root))).await;
        let asked = asked.map_err(|_| RemoteError::Timeout { place: name.to_owned(), seconds: idle.as_secs() })??;
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
        let Begun { first, mut stream } = begun;
        let mut parser = car::Parser::new();
        let mut bytes = Some(first);
        while let Some(chunk) = bytes {
            let mut rest: &[u8] = &chunk;
            while let Some(section) = parser.push(&mut rest).map_err(|error| unreadable(name, &error))? {
                let lie = || RemoteError::Lie { place: name.to_owned(), id: section.id };
                let block = Block::verified(&section.id, section.bytes).map_err(|error| unreadable(name, &error))?.ok_or_else(lie)?;
                walk.count(index, block.bytes().len())?;
                place.gave(block.bytes().len());
                self.accept(name, block, want, walk, sink, base).await?;
                if walk.ahead.iter().skip(base).all(|pending| pending.optional) {
                    walk.ahead.truncate(base);
                    return Ok(());
                }
            }
            bytes = stream.next().await?;
        }
        let whole = parser.finish();
        // What is missing, but at hand, was left out because it came before.
        walk.advance(sink, base)?;
        let short = |_| RemoteError::Unreachable { place: name.to_owned(), reason: "it broke off in the middle of a CAR".to_owned() };
        whole.map_err(short)
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
