//! Asking several places at once.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, FuturesUnordered};
use futures_util::{FutureExt as _, StreamExt as _};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::Block;

use super::pace::of_place;
use super::walk::{Pending, Walk};
use super::{Reader, Sink};
use crate::{RemoteError, Want};

/// What one place answered; `None`: it does not have it.
type Answer<T> = Result<Option<T>, RemoteError>;

impl Reader {
    /// Returns the block `id` below `root` and which place gave it.
    pub(super) async fn race_block(&self, root: &ContentId, id: &ContentId) -> Result<(usize, Block), RemoteError> {
        let failures = match self.race(self.order(), |place| self.ask_block(place, root, id).boxed()).await {
            Ok(found) => return Ok(found),
            Err(failures) => failures,
        };
        Err(self.nowhere(id, failures))
    }

    /// Asks the places in this order, the next one after a while or as soon as one failed, and returns the first answer. What went wrong is noted.
    pub(super) async fn race<'r, T>(
        &'r self,
        order: Vec<usize>,
        ask: impl Fn(usize) -> BoxFuture<'r, Answer<T>>,
    ) -> Result<(usize, T), Vec<(usize, Option<RemoteError>)>> {
        let mut order = order.into_iter();
        let mut failures = Vec::new();
        let mut running = FuturesUnordered::new();
        let begin = |place: usize| ask(place).map(move |answer| (place, answer));
        running.extend(order.next().map(&begin));
        while !running.is_empty() {
            let patience = if order.len() == 0 { Duration::MAX } else { self.limits.stagger };
            let Ok(Some((place, answer))) = tokio::time::timeout(patience, running.next()).await else {
                running.extend(order.next().map(&begin));
                continue;
            };
            match answer {
                Ok(Some(found)) => return Ok((place, found)),
                Ok(None) => failures.push((place, None)),
                Err(error) => failures.push((place, Some(error))),
            }
            running.extend(order.next().map(&begin));
        }
        Err(failures)
    }

    /// The places that are asked, those without failures first, else as they were given.
    pub(super) fn order(&self) -> Vec<usize> {
        let standing = self.places.iter().enumerate().filter(|(_, place)| place.dismissal().is_none());
        let mut order: Vec<_> = standing.map(|(index, place)| (place.failures(), index)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, index)| index).collect()
    }

    /// Asks one place for a block, again when it broke off or asked to wait.
    async fn ask_block(&self, index: usize, root: &ContentId, id: &ContentId) -> Answer<Block> {
        let Some(place) = self.places.get(index) else { return Ok(None) };
        let mut tries = 0;
        loop {
            let pause = place.pause();
            if pause > self.limits.wait {
                return Err(RemoteError::Busy { place: place.name().to_owned(), seconds: Some(pause.as_secs()) });
            }
            tokio::time::sleep(pause).await;
            let error = match self.try_block(index, root, id).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            place.failed(&error);
            if !is_passing(&error) || tries >= self.limits.retries {
                return Err(error);
            }
            tries += 1;
        }
    }

    async fn try_block(&self, index: usize, root: &ContentId, id: &ContentId) -> Answer<Block> {
        let Some(place) = self.places.get(index) else { return Ok(None) };
        let (name, limit) = (place.name(), self.limits.block_time());
        let receipt = self.receipt(place, root, id);
        let asked = place.remote().block(id, receipt.as_deref());
        let sent = tokio::time::timeout(limit, asked).await;
        let sent = sent.map_err(|_| RemoteError::Timeout { place: name.to_owned(), seconds: limit.as_secs() })?;
        let sent = sent.map_err(|error| of_place(name, error))?;
        let Some(sent) = sent else { return Ok(None) };
        let block = sent.into_block(id).ok_or_else(|| RemoteError::Lie { place: name.to_owned(), id: *id })?;
        place.gave(block.bytes().len());
        Ok(Some(block))
    }

    /// Says what it means that no place gave a block.
    fn nowhere(&self, id: &ContentId, failures: Vec<(usize, Option<RemoteError>)>) -> RemoteError {
        if let [only] = self.places.as_slice() {
            let failure = failures.into_iter().find_map(|(_, error)| error).or_else(|| only.dismissal());
            return failure.unwrap_or_else(|| RemoteError::Missing { id: *id, asked: only.name().to_owned() });
        }
        let word = |(index, place): (usize, &super::place::Place)| {
            let failure = failures.iter().find(|(failed, _)| *failed == index);
            let said = place.dismissal().map(|error| error.to_string()).or_else(|| failure?.1.as_ref().map(ToString::to_string));
            said.unwrap_or_else(|| place.name().to_owned())
        };
        let asked = self.places.iter().enumerate().map(word).collect::<Vec<_>>().join("; ");
        RemoteError::Missing { id: *id, asked: if asked.is_empty() { "no place was named".to_owned() } else { asked } }
    }

    /// Goes through all that is wanted, by CAR where a place gives one, else block by block.
    pub(super) async fn follow(&self, want: &Want, mut walk: Walk, sink: &mut dyn Sink) -> Result<super::Stats, RemoteError> {
        let sink: &dyn Sink = sink;
        while let Some(front) = walk.advance(sink, 0)? {
            if front.id.codec() == Codec::DagPb && self.stream(want, &front, &mut walk, sink).await? {
                continue;
            }
            self.fetch_some(want, &mut walk, sink).await?;
        }
        sink.finish()?;
        let mut places = std::mem::take(&mut walk.served);
        for (served, place) in places.iter_mut().zip(&self.places) {
            served.place = place.name().to_owned();
            served.dismissed = place.dismissal().map(|error| error.to_string());
        }
        Ok(super::Stats { blocks: walk.blocks, bytes: walk.bytes, places })
    }

    /// Fetches the leaves that come next, several at once, or the one node.
    async fn fetch_some(&self, want: &Want, walk: &mut Walk, sink: &dyn Sink) -> Result<(), RemoteError> {
        let mut met = HashSet::new();
        // A leaf that stands here again is at hand by then, or has to be asked for by itself.
        let is_leaf =
            |pending: &&Pending| pending.id.codec() == Codec::Raw && !pending.optional && !sink.has(&pending.id) && met.insert(pending.id);
        let leaves: Vec<ContentId> = walk.ahead.iter().rev().take_while(is_leaf).map(|pending| pending.id).collect();
        let run = if leaves.is_empty() { walk.ahead.last().map(|front| front.id).into_iter().collect() } else { leaves };
        let mut run = run.into_iter();
        let mut coming = FuturesOrdered::new();
        let begin = |id: ContentId| async move { self.race_block(&want.root, &id).await };
        coming.extend(run.by_ref().take(self.limits.parallel.max(1)).map(begin));
        while let Some(found) = coming.next().await {
            let (place, block) = found?;
            walk.count(place, block.bytes().len())?;
            if let Some(front) = walk.ahead.last().cloned().filter(|front| front.id == block.id()) {
                walk.take(&front, block, sink)?;
            }
            coming.extend(run.next().map(begin));
        }
        Ok(())
    }
}

/// Tells whether asking again may help.
const fn is_passing(error: &RemoteError) -> bool {
    matches!(error, RemoteError::Busy { .. } | RemoteError::Unreachable { .. })
}
