//! Two tensors that stream side by side, so that none of them has to fit into memory.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use modelmark_formats::{FormatError, Tensor, stream};

use super::measure::{Distance, Measure};
use crate::DigestError;
use crate::beside::Beside;
use crate::walk::{FoundFile, Tree};

/// Pieces of the first tensor that wait for the second.
const WAITING: usize = 4;

/// A tensor of a model.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) found: &'a FoundFile,
    pub(crate) tensor: &'a Tensor,
}

/// Measures how far two tensors of one shape are apart; `None` when their elements are no plain numbers.
///
/// # Errors
/// When one of them cannot be read, or its file is not what it was.
pub(crate) fn distance(first: Placed<'_>, second: Placed<'_>) -> Result<Option<Distance>, DigestError> {
    let Some(measure) = Measure::of(&first.tensor.dtype, &second.tensor.dtype) else { return Ok(None) };
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING);
        let sending = scope.spawn(move || first.stream(&mut |bytes| send(&sender, bytes)));
        let mut sides = Sides { measure, receiver, ahead: Vec::new(), behind: Vec::new() };
        let received = second.stream(&mut |bytes| sides.take(bytes));
        let Sides { measure, receiver, .. } = sides;
        // Whoever still sends is told that nobody listens.
        drop(receiver);
        let sent = sending.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        sent.and(received).map(|()| Some(measure.finish()))
    })
}

fn send(sender: &SyncSender<Vec<u8>>, bytes: &[u8]) -> ControlFlow<()> {
    match sender.send(bytes.to_vec()) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

impl Placed<'_> {
    fn stream(self, sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), DigestError> {
        let file = self.tree.open(self.found)?;
        let beside = Beside::new(self.tree, self.found, &file);
        let streamed = stream(self.tensor, &beside, sink);
        beside.unchanged()?;
        streamed.map_err(|error| match error {
            FormatError::Read(source) => self.tree.failed(&self.found.path, source),
            // Its digest was made from the same bytes a moment ago.
            _ => self.tree.changed(self.found),
        })
    }
}

/// The second tensor meets the first.
struct Sides {
    measure: Measure,
    receiver: Receiver<Vec<u8>>,
    /// Bytes of the first that the second has not reached.
    ahead: Vec<u8>,
    /// The start of an element of the second.
    behind: Vec<u8>,
}

impl Sides {
    fn take(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.behind.extend_from_slice(bytes);
        let mut done = 0;
        loop {
            let (first, second) = self.measure.update(&self.ahead, self.behind.get(done..).unwrap_or_default());
            self.ahead.drain(..first);
            done += second;
            if !self.measure.wants_more(self.behind.len() - done) {
                break;
            }
            match self.receiver.recv() {
                Ok(more) => self.ahead.extend_from_slice(&more),
                // The first one ended or failed; the sender knows which.
                Err(_) => return ControlFlow::Break(()),
            }
        }
        self.behind.drain(..done);
        ControlFlow::Continue(())
    }
}
