//! How a request gets its turn: a slot, a body of bounded size that is JSON, and an end in time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::problem::{Problem, ProblemCode};
use crate::settings::Settings;

/// The slots of a router.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    settings: Settings,
    slots: Arc<Semaphore>,
}

impl Turns {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, slots: Arc::new(Semaphore::new(settings.at_once)) }
    }

    /// Reads the body and lets `work` make the answer.
    pub(crate) async fn take<T, F>(&self, request: Request, work: impl FnOnce(HeaderMap, Bytes) -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>>,
    {
        let _slot = self.slots.try_acquire().map_err(|_| {
            Problem::new(ProblemCode::Busy, format!("{} requests are being worked on; try again in a second", self.settings.at_once))
        })?;
        let end = Instant::now() + self.settings.deadline;
        let (head, body) = request.into_parts();
        json(&head.headers)?;
        let body = timeout_at(end, self.read(&head.headers, body)).await;
        let body = body.map_err(|_| Problem::new(ProblemCode::Slow, format!("the body was not there after {}", self.seconds())))??;
        let done = timeout_at(end, work(head.headers, body)).await;
        done.map_err(|_| Problem::new(ProblemCode::Deadline, format!("there was no answer after {}", self.seconds())))?
    }

    async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
        let most = self.settings.body;
        let too_large = || Problem::new(ProblemCode::TooLarge, format!("more than {most} bytes are not taken"));
        let stated = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if stated.is_some_and(|stated| stated > most as u64) {
            return Err(too_large());
        }
        // The one error besides a body that is too long is a connection that broke, and then nobody reads the answer.
        to_bytes(body, most).await.map_err(|_| too_large())
    }

    fn seconds(&self) -> String {
        format!("{:?}", Duration::from_millis(u64::try_from(self.settings.deadline.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// A page in a browser can send text to any address without asking, but not JSON.
fn json(headers: &HeaderMap) -> Result<(), Problem> {
    let stated = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = stated.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(ProblemCode::MediaType, "send `Content-Type: application/json`"))
}
