//! Whether the webhook lives, and whether it can say anything but no.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

/// What there is to tell.
#[derive(Debug, Default)]
pub(super) struct Health {
    chain: AtomicBool,
    stale: AtomicBool,
}

impl Health {
    /// Notes whether the chain was reached.
    pub(super) fn chain(&self, reached: bool) {
        self.chain.store(reached, Ordering::Relaxed);
    }

    /// Notes whether the policy in force is another than the one in its file, because that cannot be read.
    pub(super) fn stale(&self, stale: bool) {
        self.stale.store(stale, Ordering::Relaxed);
    }

    /// A policy file that is broken makes nobody unready: all replicas would go at once, and the policy that there was holds pods as well as ever.
    pub(super) fn ready(&self) -> (StatusCode, &'static str) {
        match (self.chain.load(Ordering::Relaxed), self.stale.load(Ordering::Relaxed)) {
            (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "the chain was not reached yet\n"),
            (true, true) => (StatusCode::OK, "ready, by an earlier policy: its file cannot be read now\n"),
            (true, false) => (StatusCode::OK, "ready\n"),
        }
    }
}

/// Returns the routes `/healthz` and `/readyz`.
pub(super) fn routes(health: Arc<Health>) -> Router {
    let ready = move || {
        let answer = health.ready();
        async move { answer }
    };
    Router::new().route("/healthz", get(async || "alive\n")).route("/readyz", get(ready))
}
