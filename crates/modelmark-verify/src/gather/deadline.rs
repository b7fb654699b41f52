//! What the network may take. A look that takes longer, or that ends in a panic, is one that could not be had: it never hangs and never ends the rest.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;

/// The time that all looks beyond this machine may take together. Only time in which one of them is asked counts, not what the files take.
pub(super) struct Deadline {
    whole: Duration,
    spent: AtomicU64,
}

impl Deadline {
    pub(super) const fn new(whole: Duration) -> Self {
        Self { whole, spent: AtomicU64::new(0) }
    }

    /// Looks, as long as there is time.
    pub(super) async fn within<T>(&self, look: impl Future<Output = T>) -> Result<T, String> {
        let left = self.left();
        if left.is_zero() {
            return Err(self.over());
        }
        let started = Instant::now();
        let outcome = tokio::time::timeout(left, AssertUnwindSafe(look).catch_unwind()).await;
        let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.spent.fetch_add(nanos, Ordering::Relaxed);
        match outcome {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(panic)) => Err(broken(panic.as_ref())),
            Err(_) => Err(self.over()),
        }
    }

    fn left(&self) -> Duration {
        self.whole.saturating_sub(Duration::from_nanos(self.spent.load(Ordering::Relaxed)))
    }

    fn over(&self) -> String {
        format!("the network had {} seconds for everything, which are over", self.whole.as_secs_f32())
    }
}

/// Says what a look ended in that should never end so.
pub(super) fn broken(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a fault of this program: {}", message.unwrap_or("unknown"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn looks_share_one_time_and_what_hangs_takes_no_more() {
        let deadline = Deadline::new(Duration::from_millis(50));
        assert!(deadline.within(std::future::pending::<()>()).await.unwrap_err().contains("0.05 seconds"));
        assert!(deadline.within(async { 7 }).await.is_err());
    }

    #[tokio::test]
    async fn a_panic_is_told_and_ends_nothing_else() {
        let deadline = Deadline::new(Duration::from_secs(60));
        let broken = deadline.within(async { [7][std::hint::black_box(1)] }).await;
        assert!(broken.unwrap_err().contains("index out of bounds"));
        assert_eq!(deadline.within(async { 7 }).await, Ok(7));
    }
}
