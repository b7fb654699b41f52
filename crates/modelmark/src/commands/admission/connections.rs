//! Who may be connected, and for how long: nobody can hold the webhook up by connections that say nothing, or say it slowly.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a connection may take for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From the first byte of a request, or from the connection, to the first byte of the answer. An API server waits for no longer either.
    pub(super) request: Duration,
    /// To take the answer.
    pub(super) answer: Duration,
    /// To ask again. API servers close connections after 90 s of silence; whoever did that before them would lose requests that are on the way.
    pub(super) rest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { request: Duration::from_secs(10), answer: Duration::from_secs(10), rest: Duration::from_secs(120) }
    }
}

/// What is granted to whoever connects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Most connections at once. An API server has as many as requests that it waits for: some 200 when there is much to do.
    pub(super) all: usize,
    /// Most connections of one address.
    pub(super) each: usize,
    pub(super) patience: Patience,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { all: 1024, each: 256, patience: Patience::default() }
    }
}

/// Counts connections, by the address at the other end.
#[derive(Debug)]
pub(super) struct Slots {
    taken: Mutex<HashMap<IpAddr, usize>>,
    bounds: Bounds,
}

impl Slots {
    pub(super) fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { taken: Mutex::default(), bounds })
    }

    /// Takes a slot, if there is one for this address.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Slot> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, own) = (taken.values().sum::<usize>(), taken.get(&peer).copied().unwrap_or_default());
        if all >= self.bounds.all || own >= self.bounds.each {
            return None;
        }
        taken.insert(peer, own + 1);
        Some(Slot { slots: Arc::clone(self), peer })
    }
}

/// The place of one connection, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    peer: IpAddr,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.peer) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.remove(&self.peer)),
        }
    }
}

/// What bytes come and go over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection that ends when whoever is at the other end takes too long. One request is answered after the other.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    patience: Patience,
    phase: Phase,
    timer: Pin<Box<Sleep>>,
    _slot: Slot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Request,
    Answer,
    Rest,
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>, slot: Slot) -> Self {
        let patience = slot.slots.bounds.patience;
        Self { stream, patience, phase: Phase::Request, timer: Box::pin(sleep(patience.request)), _slot: slot }
    }

    fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        let time = match phase {
            Phase::Request => self.patience.request,
            Phase::Answer => self.patience.answer,
            Phase::Rest => self.patience.rest,
        };
        self.timer.as_mut().reset(Instant::now() + time);
    }

    /// Ends what would go on waiting when there is no time left.
    fn waiting<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) else {
            return self.waiting(context);
        };
        if self.phase == Phase::Rest && buffer.filled().len() > before {
            self.begin(Phase::Request);
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.phase != Phase::Answer {
            self.begin(Phase::Answer);
        }
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Ready(written) => Poll::Ready(written),
            Poll::Pending => self.waiting(context),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Poll::Ready(flushed) = Pin::new(&mut self.stream).poll_flush(context) else {
            return self.waiting(context);
        };
        if self.phase == Phase::Answer {
            self.begin(Phase::Rest);
        }
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Ready(ended) => Poll::Ready(ended),
            Poll::Pending => self.waiting(context),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(20);
    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn connection(patience: Patience) -> (Connection, DuplexStream) {
        let (ours, theirs) = duplex(64);
        let slots = Slots::new(Bounds { all: 1, each: 1, patience });
        (Connection::new(Box::new(ours), slots.take(HERE).unwrap()), theirs)
    }

    async fn timed_out(connection: &mut Connection) -> bool {
        connection.read_u8().await.is_err_and(|error| error.kind() == io::ErrorKind::TimedOut)
    }

    #[test]
    fn slots_are_bounded_and_come_back() {
        let slots = Slots::new(Bounds { all: 3, each: 2, ..Bounds::default() });
        let there = IpAddr::V4(Ipv4Addr::BROADCAST);
        let first = slots.take(HERE).unwrap();
        let second = slots.take(HERE).unwrap();
        assert!(slots.take(HERE).is_none());
        let third = slots.take(there).unwrap();
        assert!(slots.take(there).is_none());
        drop(second);
        let second = slots.take(there).unwrap();
        drop((first, second, third));
        assert!(slots.taken.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn who_says_nothing_or_says_it_slowly_is_left() {
        let (mut silent, _theirs) = connection(Patience { request: SHORT, answer: LONG, rest: LONG });
        assert!(timed_out(&mut silent).await);
        let (mut slow, mut theirs) = connection(Patience { request: SHORT, answer: LONG, rest: LONG });
        let dripping = async {
            while theirs.write_all(b"x").await.is_ok() {
                tokio::time::sleep(SHORT / 4).await;
            }
        };
        let reading = async { while !timed_out(&mut slow).await {} };
        tokio::select! { () = dripping => unreachable!("nobody closes"), () = reading => {} }
    }

    #[tokio::test]
    async fn who_does_not_take_the_answer_is_left() {
        let (mut stuck, _theirs) = connection(Patience { request: LONG, answer: SHORT, rest: LONG });
        let ended = stuck.write_all(&[0; 1000]).await;
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_was_answered_may_rest_and_ask_again() {
        let (mut ours, mut theirs) = connection(Patience { request: LONG, answer: LONG, rest: SHORT });
        for _ in 0..2 {
            theirs.write_all(b"?").await.unwrap();
            // No rest before the first answer: this waits for as long as a request may take.
            assert_eq!(ours.read_u8().await.unwrap(), b'?');
            assert_eq!(ours.phase, Phase::Request);
            ours.write_all(b"!").await.unwrap();
            assert_eq!(ours.phase, Phase::Answer);
            ours.flush().await.unwrap();
            assert_eq!(theirs.read_u8().await.unwrap(), b'!');
            assert_eq!(ours.phase, Phase::Rest);
        }
        assert!(timed_out(&mut ours).await);
    }
}
