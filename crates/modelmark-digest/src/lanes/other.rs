//! A CPU for which there is no kernel of ours: the portable path is all there is.

use super::backend::Backend;
use super::stream::Unfinished;
use crate::Sha256Digest;

/// Returns whether this CPU can run `backend`.
pub(super) fn has(backend: Backend) -> bool {
    matches!(backend, Backend::Portable)
}

/// Hashes nothing: no backend has a kernel here.
pub(super) fn hash(_: Backend, _: &[&[u8]], _: &mut [Sha256Digest]) -> Option<()> {
    None
}

/// Leaves everything to the caller.
pub(super) fn resume(_: Backend, _: &mut [Unfinished<'_>]) {}
