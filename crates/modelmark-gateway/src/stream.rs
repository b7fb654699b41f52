//! An answer that is written by a thread that may block, and read by a client that may stall.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How much is handed over at once.
const PIECE: usize = 128 << 10;
/// How many pieces may wait.
const WAITING: usize = 2;

/// The writing end of a body.
pub(crate) struct BodyWriter {
    to: mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
    patience: Duration,
    piece: Vec<u8>,
}

/// Returns a body and what is to be written to it from a thread that may block, within the runtime.
pub(crate) fn body(patience: Duration) -> (BodyWriter, Body) {
    let (to, mut from) = mpsc::channel(WAITING);
    let body = Body::from_stream(futures_util::stream::poll_fn(move |context| from.poll_recv(context)));
    (BodyWriter { to, runtime: Handle::current(), patience, piece: Vec::with_capacity(PIECE) }, body)
}

/// Returns a body without bytes that does not tell its length: that of an answer whose head alone is sent is in the head, if it is known.
pub(crate) fn nothing() -> Body {
    Body::from_stream(futures_util::stream::empty::<io::Result<Bytes>>())
}

impl BodyWriter {
    /// Breaks the answer off, so that the client sees that it is not whole.
    pub(crate) fn abort(self, error: io::Error) {
        // Who stalls is not waited for: dropping the sender without this would look like the end.
        let _ = self.send(Err(error));
    }

    fn hand_over(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.send(Ok(piece.into()))
    }

    fn send(&self, piece: io::Result<Bytes>) -> io::Result<()> {
        match self.runtime.block_on(timeout(self.patience, self.to.send(piece))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()
    }
}
