//! What a reader knows about a place.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use modelmark_digest::ContentId;

use super::Served;
use crate::{Remote, RemoteError};

/// The first pause before a place is asked again; it doubles each time.
const PAUSE: Duration = Duration::from_millis(200);
/// How often the pause doubles at most.
const MAX_DOUBLINGS: u32 = 8;

pub(super) struct Place {
    remote: Arc<dyn Remote>,
    standing: Mutex<Standing>,
}

#[derive(Default)]
struct Standing {
    blocks: u64,
    bytes: u64,
    /// Failures since it last gave something.
    failures: u32,
    /// When it may be asked again.
    not_before: Option<Instant>,
    dismissed: Option<Dismissal>,
}

/// What a place did that nobody honest does.
#[derive(Clone)]
enum Dismissal {
    Lie(ContentId),
    Answer(String),
    TooLarge(u64),
}

impl Place {
    pub(super) fn new(remote: Arc<dyn Remote>) -> Self {
        Self { remote, standing: Mutex::default() }
    }

    pub(super) fn name(&self) -> &str {
        self.remote.name()
    }

    pub(super) fn remote(&self) -> &dyn Remote {
        self.remote.as_ref()
    }

    pub(super) fn served(&self) -> Served {
        let dismissed = self.dismissal().map(|error| error.to_string());
        let standing = self.standing();
        Served { place: self.name().to_owned(), blocks: standing.blocks, bytes: standing.bytes, dismissed }
    }

    /// Returns why the place is not asked any more, if so.
    pub(super) fn dismissal(&self) -> Option<RemoteError> {
        let place = self.name().to_owned();
        let dismissal = self.standing().dismissed.clone()?;
        Some(match dismissal {
            Dismissal::Lie(id) => RemoteError::Lie { place, id },
            Dismissal::Answer(reason) => RemoteError::Answer { place, reason },
            Dismissal::TooLarge(limit) => RemoteError::TooLarge { place, limit },
        })
    }

    pub(super) fn failures(&self) -> u32 {
        self.standing().failures
    }

    /// Returns how long the place has to be left alone.
    pub(super) fn pause(&self) -> Duration {
        self.standing().not_before.map_or(Duration::ZERO, |time| time.saturating_duration_since(Instant::now()))
    }

    pub(super) fn gave(&self, bytes: usize) {
        let mut standing = self.standing();
        standing.blocks += 1;
        standing.bytes += bytes as u64;
        standing.failures = 0;
    }

    /// Notes what went wrong. Whoever sent what was not asked for is dismissed; whoever is busy or broke off gets a pause.
    pub(super) fn failed(&self, error: &RemoteError) {
        let mut standing = self.standing();
        standing.failures = standing.failures.saturating_add(1);
        let doubled = PAUSE * 2_u32.pow((standing.failures - 1).min(MAX_DOUBLINGS));
        match error {
            RemoteError::Lie { id, .. } => standing.dismissed = Some(Dismissal::Lie(*id)),
            RemoteError::Answer { reason, .. } => standing.dismissed = Some(Dismissal::Answer(reason.clone())),
            RemoteError::TooLarge { limit, .. } => standing.dismissed = Some(Dismissal::TooLarge(*limit)),
            RemoteError::Busy { seconds, .. } => {
                let wait = seconds.map_or(doubled, Duration::from_secs);
                standing.not_before = Instant::now().checked_add(wait);
            }
            _ => standing.not_before = Instant::now().checked_add(doubled),
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
