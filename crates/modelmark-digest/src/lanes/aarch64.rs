//! What 64-bit Arm offers: the SHA-2 instructions.

mod sha2;

use self::sha2::ArmSha2;
use super::backend::Backend;
use super::kernel::{resume as run_on, run};
use super::stream::Unfinished;
use crate::Sha256Digest;

/// Returns whether this CPU can run `backend`.
pub(super) fn has(backend: Backend) -> bool {
    match backend {
        Backend::Portable => true,
        Backend::ArmSha2 => ArmSha2::detect().is_some(),
        Backend::Avx512 | Backend::ShaNi | Backend::Avx2 => false,
    }
}

/// Hashes the messages with the kernels of `backend`; `None` when this CPU lacks it or it has no kernel of ours.
pub(super) fn hash(backend: Backend, messages: &[&[u8]], out: &mut [Sha256Digest]) -> Option<()> {
    if backend != Backend::ArmSha2 {
        return None;
    }
    run::<2>(ArmSha2::detect()?, messages, out);
    Some(())
}

/// Folds blocks into messages that come in pieces; what too few messages have is left to the caller.
pub(super) fn resume(backend: Backend, messages: &mut [Unfinished<'_>]) {
    if backend == Backend::ArmSha2 {
        ArmSha2::detect().into_iter().for_each(|kernel| run_on::<2>(kernel, 2, messages));
    }
}
