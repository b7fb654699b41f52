//! What x86-64 offers: vector lanes, and SHA instructions for whatever does not fill them.

mod avx2;
mod avx512;
mod sha_ni;

use self::avx2::Avx2;
use self::avx512::Avx512;
use self::sha_ni::ShaNi;
use super::backend::Backend;
use super::job::Job;
use super::run::{run, run_while_above};
use crate::Sha256Digest;

/// With this many unfinished messages or fewer, pairs through the SHA instructions are done sooner than sixteen lanes of which most are idle.
const TOO_FEW_FOR_SIXTEEN: usize = 12;

/// Returns whether this CPU can run `backend`.
pub(super) fn has(backend: Backend) -> bool {
    match backend {
        Backend::Portable => true,
        Backend::Avx512 => Avx512::detect().is_some(),
        Backend::ShaNi => ShaNi::detect().is_some(),
        Backend::Avx2 => Avx2::detect().is_some(),
        Backend::ArmSha2 => false,
    }
}

/// Hashes the jobs with the kernels of `backend`; `None` when this CPU lacks it or it has no kernel of ours.
pub(super) fn hash<'m>(backend: Backend, jobs: &mut dyn Iterator<Item = Job<'m>>, out: &mut [Sha256Digest]) -> Option<()> {
    match backend {
        Backend::Avx512 => sixteen_lanes(Avx512::detect()?, ShaNi::detect(), jobs, out),
        Backend::ShaNi => two_streams(ShaNi::detect()?, jobs, out),
        Backend::Avx2 => run::<8, _>(Avx2::detect()?, jobs, out),
        Backend::Portable | Backend::ArmSha2 => return None,
    }
    Some(())
}

fn sixteen_lanes<'m>(wide: Avx512, rest: Option<ShaNi>, jobs: &mut dyn Iterator<Item = Job<'m>>, out: &mut [Sha256Digest]) {
    match rest {
        Some(sha_ni) => {
            let unfinished = run_while_above::<16, _>(TOO_FEW_FOR_SIXTEEN, wide, jobs, out);
            two_streams(sha_ni, &mut unfinished.into_iter(), out);
        }
        None => run::<16, _>(wide, jobs, out),
    }
}

fn two_streams<'m>(kernel: ShaNi, jobs: &mut dyn Iterator<Item = Job<'m>>, out: &mut [Sha256Digest]) {
    let unfinished = run_while_above::<2, _>(1, kernel, jobs, out);
    run::<1, _>(kernel, &mut unfinished.into_iter(), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::in_order;

    /// The CPUs that have AVX-512 but no SHA instructions are not those that tests usually run on.
    #[test]
    fn sixteen_lanes_finish_alone_where_sha_instructions_are_missing() {
        let Some(wide) = Avx512::detect() else { return };
        let bytes: Vec<u8> = (0..5000_u32).map(|i| (i * i >> 3) as u8).collect();
        for count in [0, 1, 2, 15, 16, 17, 40] {
            let messages: Vec<&[u8]> = (0..count).filter_map(|i| bytes.get(i..i * 119 + 7)).collect();
            let mut out = vec![Sha256Digest::from([0; 32]); messages.len()];
            sixteen_lanes(wide, None, &mut in_order(&messages), &mut out);
            let expected: Vec<_> = messages.iter().map(|message| Sha256Digest::of(message)).collect();
            assert_eq!(out, expected, "{count} messages");
        }
    }
}
