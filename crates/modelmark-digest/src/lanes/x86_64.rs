//! What x86-64 offers: SHA instructions and vector lanes of two widths.

mod avx2;
mod avx512;
mod rounds;
mod sha_ni;

use self::avx2::Avx2;
use self::avx512::Avx512;
use self::sha_ni::ShaNi;
use super::backend::Backend;
use super::kernel::{resume as run_on, run};
use super::stream::Unfinished;
use crate::Sha256Digest;

/// Returns whether this CPU can run `backend`.
pub(super) fn has(backend: Backend) -> bool {
    match backend {
        Backend::Portable => true,
        Backend::ShaNi => ShaNi::detect().is_some(),
        Backend::Avx512 => Avx512::detect().is_some(),
        Backend::Avx2 => Avx2::detect().is_some(),
        Backend::ArmSha2 => false,
    }
}

/// Hashes the messages with the kernel of `backend`; `None` when this CPU lacks it, or when the portable path serves these messages better.
pub(super) fn hash(backend: Backend, messages: &[&[u8]], out: &mut [Sha256Digest]) -> Option<()> {
    match backend {
        Backend::ShaNi => run::<2>(ShaNi::detect()?, messages, out),
        // A vector register takes the same time for one busy lane as for all; a message by itself is hashed sooner in scalar registers.
        Backend::Avx512 | Backend::Avx2 if messages.len() < 2 => return None,
        Backend::Avx512 => run::<16>(Avx512::detect()?, messages, out),
        Backend::Avx2 => run::<8>(Avx2::detect()?, messages, out),
        Backend::Portable | Backend::ArmSha2 => return None,
    }
    Some(())
}

/// Folds blocks into messages that come in pieces; what too few messages have is left to the caller.
pub(super) fn resume(backend: Backend, messages: &mut [Unfinished<'_>]) {
    match backend {
        Backend::ShaNi => ShaNi::detect().into_iter().for_each(|kernel| run_on::<2>(kernel, 2, messages)),
        // Also for one message: where these are chosen there are no SHA instructions, and plain code that can resume is slower than one lane of
        // sixteen (0.15 against 0.2 GB/s).
        Backend::Avx512 => Avx512::detect().into_iter().for_each(|kernel| run_on::<16>(kernel, 1, messages)),
        Backend::Avx2 => Avx2::detect().into_iter().for_each(|kernel| run_on::<8>(kernel, 1, messages)),
        Backend::Portable | Backend::ArmSha2 => {}
    }
}
