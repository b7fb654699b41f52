//! Whoever sends too little is not waited for.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt as _;

use super::Limits;
use crate::{ByteStream, RemoteError};

/// A stream of bytes that has to keep up a least pace. The time that its reader takes does not count.
pub(super) struct Paced {
    place: String,
    stream: ByteStream,
    idle: Duration,
    rate: u64,
    /// How long was waited, and what came, since the pace was last looked at.
    waited: Duration,
    came: u64,
}

impl Paced {
    pub(super) fn new(place: &str, stream: ByteStream, limits: &Limits) -> Self {
        Self { place: place.to_owned(), stream, idle: limits.idle, rate: limits.rate, waited: Duration::ZERO, came: 0 }
    }

    /// Returns the next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, RemoteError> {
        let slow = |place: &str, idle: Duration| RemoteError::Timeout { place: place.to_owned(), seconds: idle.as_secs() };
        let start = Instant::now();
        let next = tokio::time::timeout(self.idle, self.stream.next()).await;
        let next = next.map_err(|_| slow(&self.place, self.idle))?.transpose().map_err(|error| of_place(&self.place, error))?;
        self.waited += start.elapsed();
        self.came += next.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if next.is_some() && self.waited >= self.idle {
            if (self.came as f64) < self.rate as f64 * self.waited.as_secs_f64() {
                return Err(slow(&self.place, self.idle));
            }
            (self.waited, self.came) = (Duration::ZERO, 0);
        }
        Ok(next)
    }
}

/// A place that fails in its own store is a place that broke off; other errors of a store are those of whoever reads.
pub(super) fn of_place(place: &str, error: RemoteError) -> RemoteError {
    match error {
        RemoteError::Store(error) => RemoteError::Unreachable { place: place.to_owned(), reason: error.to_string() },
        other => other,
    }
}
