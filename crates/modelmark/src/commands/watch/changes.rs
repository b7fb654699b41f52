//! When to look again: something changed, the system lost count of what did, or it is time.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use serde::Serialize;

/// Why a model is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Cause {
    /// For the first time.
    Start,
    /// Something was written, added, moved or removed, or may have been.
    Change,
    /// Nothing was reported for so long.
    Interval,
}

/// Somebody who never stops writing keeps a change from being looked at for so many times the pause that is waited for.
const PATIENCE: u32 = 10;

/// What the system reports of a model, from the time this is made on.
///
/// It is made anew for each verification: a directory that was replaced by another is another to the system.
pub(super) struct Changes {
    /// It reports for as long as it lives.
    _watcher: Option<RecommendedWatcher>,
    reports: Receiver<()>,
    blind: Option<String>,
}

impl Changes {
    /// Begins to watch the model at `path`, and the folder that names it.
    pub(super) fn of(path: &Path) -> Self {
        let (sender, reports) = channel();
        let concerned = Concerned::of(path);
        let hear = move |event: notify::Result<Event>| {
            if event.map_or(true, |event| concerned.by(&event)) {
                // Nobody is left to tell when a new watch took the place of this one.
                let _ = sender.send(());
            }
        };
        match watcher(path, hear) {
            Ok(watcher) => Self { _watcher: Some(watcher), reports, blind: None },
            Err(error) => Self { _watcher: None, reports, blind: Some(error.to_string()) },
        }
    }

    /// Returns why nothing is reported, if so.
    pub(super) fn blind(&self) -> Option<&str> {
        self.blind.as_deref()
    }

    /// Waits for a change and then until nothing changed for `settle`, but no longer than `interval` for the first.
    pub(super) fn wait(&self, interval: Duration, settle: Duration) -> Cause {
        match self.reports.recv_timeout(interval) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return Cause::Interval,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(interval);
                return Cause::Interval;
            }
        }
        let started = Instant::now();
        while started.elapsed() < settle * PATIENCE && self.reports.recv_timeout(settle).is_ok() {}
        Cause::Change
    }
}

/// Watches everything in the model, the folder that it stands in, and the blobs if it is a snapshot of links to them.
fn watcher(path: &Path, hear: impl FnMut(notify::Result<Event>) + Send + 'static) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(hear)?;
    let path = absolute(path);
    if path.exists() {
        watcher.watch(&path, RecursiveMode::Recursive)?;
    }
    if let Some(parent) = path.parent().filter(|parent| parent.exists()) {
        watcher.watch(parent, RecursiveMode::NonRecursive)?;
    }
    if modelmark_digest::hub::origin(&path).is_some()
        && let Some(blobs) = path.ancestors().map(|folder| folder.join("blobs")).find(|blobs| blobs.is_dir())
    {
        watcher.watch(&blobs, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

/// Tells the reports about the model from those about its neighbours.
struct Concerned {
    model: PathBuf,
    parent: Option<PathBuf>,
}

impl Concerned {
    fn of(path: &Path) -> Self {
        let model = absolute(path);
        Self { parent: model.parent().map(Path::to_owned), model }
    }

    fn by(&self, event: &Event) -> bool {
        if event.need_rescan() {
            // The system lost count.
            return true;
        }
        // Verifying reads, and reading is reported too.
        let reading = matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write));
        let neighbour = |path: &PathBuf| path.parent() == self.parent.as_deref() && *path != self.model;
        !reading && (event.paths.is_empty() || !event.paths.iter().all(neighbour))
    }
}

/// Links in the path are left as they are: the last may be the very name that is made to lead elsewhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, Flag, ModifyKind};

    #[test]
    fn neighbours_and_reading_do_not_count_and_a_lost_count_does() {
        let concerned = Concerned::of(Path::new("/models/mine"));
        let event = |kind, path: &str| Event::new(kind).add_path(PathBuf::from(path));
        let modified = EventKind::Modify(ModifyKind::Any);
        assert!(concerned.by(&event(modified, "/models/mine")));
        assert!(concerned.by(&event(modified, "/models/mine/sub/weights")));
        assert!(concerned.by(&event(EventKind::Access(AccessKind::Close(AccessMode::Write)), "/models/mine/weights")));
        assert!(concerned.by(&Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        assert!(concerned.by(&event(EventKind::Create(CreateKind::Folder), "/models/yours").add_path(PathBuf::from("/models/mine"))));
        assert!(!concerned.by(&event(EventKind::Create(CreateKind::Folder), "/models/yours")));
        assert!(!concerned.by(&event(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/models/mine/weights")));
        assert!(!concerned.by(&event(EventKind::Access(AccessKind::Close(AccessMode::Read)), "/models/mine/weights")));
    }

    #[test]
    fn who_never_stops_writing_is_looked_at_all_the_same() {
        let (sender, reports) = channel();
        let writer = std::thread::spawn(move || while sender.send(()).is_ok() {});
        let changes = Changes { _watcher: None, reports, blind: None };
        assert_eq!(changes.wait(Duration::from_secs(60), Duration::from_millis(10)), Cause::Change);
        drop(changes);
        assert!(writer.join().is_ok());
    }
}
