//! What 64-bit Arm offers: the SHA-2 instructions.

mod sha2;

use self::sha2::ArmSha2;
use super::backend::Backend;
use super::job::Job;
use super::run::{run, run_while_above};
use crate::Sha256Digest;

/// Returns whether this CPU can run `backend`.
pub(super) fn has(backend: Backend) -> bool {
    match backend {
        Backend::Portable => true,
        Backend::ArmSha2 => ArmSha2::detect().is_some(),
        Backend::Avx512 | Backend::ShaNi | Backend::Avx2 => false,
    }
}

/// Hashes the jobs with the kernels of `backend`; `None` when this CPU lacks it or it has no kernel of ours.
pub(super) fn hash<'m>(backend: Backend, jobs: &mut dyn Iterator<Item = Job<'m>>, out: &mut [Sha256Digest]) -> Option<()> {
    let kernel = if backend == Backend::ArmSha2 { ArmSha2::detect()? } else { return None };
    let unfinished = run_while_above::<2, _>(1, kernel, jobs, out);
    run::<1, _>(kernel, &mut unfinished.into_iter(), out);
    Some(())
}
