//! Reads a huge model without driving everything else out of the page cache.
//!
//! The pages of a file that is read once and larger than memory push out what other programs use. So for models that are large beside the memory, pages
//! are given back behind the reader, but never those of a file that was in the cache before: somebody uses it.

use std::fs::File;

/// Tells whether reading so many bytes would take more than half of the machine's memory.
pub(super) fn is_crowded_by(bytes: u64) -> bool {
    is_large_beside(bytes, memory())
}

fn is_large_beside(bytes: u64, memory: Option<u64>) -> bool {
    memory.is_some_and(|memory| bytes > memory / 2)
}

#[cfg(target_os = "linux")]
fn memory() -> Option<u64> {
    let facts = rustix::system::sysinfo();
    // The field's width differs between architectures.
    #[expect(clippy::useless_conversion, reason = "not everywhere the same type")]
    u64::try_from(facts.totalram).ok().and_then(|units| units.checked_mul(facts.mem_unit.into()))
}

#[cfg(not(target_os = "linux"))]
fn memory() -> Option<u64> {
    None
}

/// Tells whether parts of the file are in the cache already, from a few samples. When that cannot be told, they count as being there.
#[cfg(target_os = "linux")]
pub(super) fn is_cached(file: &File, size: u64) -> bool {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    const SAMPLES: u64 = 16;
    (0..SAMPLES).map(|sample| size / SAMPLES * sample).any(|offset| {
        let mut byte = [0];
        // Without waiting, only what is in the cache can be read.
        let read = preadv2(file, &mut [std::io::IoSliceMut::new(&mut byte)], offset, ReadWriteFlags::NOWAIT);
        read != Err(Errno::AGAIN)
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_cached(_file: &File, _size: u64) -> bool {
    true
}

/// Gives back the pages of a range that was read.
pub(super) fn forget(file: &File, offset: u64, length: usize) {
    // A hint only; a file system may decline it.
    let _ = rustix::fs::fadvise(file, offset, std::num::NonZeroU64::new(length as u64), rustix::fs::Advice::DontNeed);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn only_what_is_large_beside_the_memory_crowds_it() {
        assert!(!is_large_beside(1 << 30, Some(2 << 30)));
        assert!(is_large_beside((1 << 30) + 1, Some(2 << 30)));
        assert!(!is_large_beside(u64::MAX, None));
        assert!(!is_crowded_by(1 << 20));
    }

    #[test]
    fn what_was_just_written_is_in_use_and_what_is_given_back_can_be_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, vec![7; 1 << 20]).unwrap();
        let file = File::open(&path).unwrap();
        assert!(is_cached(&file, 1 << 20));
        file.sync_all().unwrap();
        forget(&file, 0, 1 << 20);
        assert_eq!(std::fs::read(&path).unwrap(), vec![7; 1 << 20]);
    }
}
