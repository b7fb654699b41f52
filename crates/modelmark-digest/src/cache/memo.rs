//! When a run may take digests from a cache, and when it may keep them there.

use std::os::fd::AsFd;
use std::time::{SystemTime, UNIX_EPOCH};

use super::known::Known;
use super::{CacheKey, DigestCache, RACY_MARGIN};
use crate::Request;
use crate::engine::FileDigests;
use crate::walk::FoundFile;

/// Nanoseconds since 1970.
type Nanoseconds = i128;

/// A cache as one run uses it.
pub(crate) struct Memo<'a> {
    cache: &'a dyn DigestCache,
    request: Request,
    /// The clock; tests turn it.
    now: fn() -> Nanoseconds,
}

impl<'a> Memo<'a> {
    pub(crate) fn new(cache: &'a dyn DigestCache, request: &Request) -> Self {
        Self { cache, request: request.clone(), now }
    }

    /// Returns the time from which a file is read.
    pub(crate) fn now(&self) -> Nanoseconds {
        (self.now)()
    }

    /// Returns the digests of a file that has not changed since they were made.
    pub(crate) fn recall(&self, found: &FoundFile, tensors: bool) -> Option<FileDigests> {
        let key = CacheKey::new(&found.stamp, self.request.profile);
        let known = Known::decode(&self.cache.get(&key)?)?;
        // The clock may have been set back since: then the file's times, or those of the entry, lie ahead of it.
        let settled = is_settled(found, known.read_from) && is_settled(found, self.now()) && known.read_from <= self.now();
        if settled { known.digests(found, &self.request, tensors) } else { None }
    }

    /// Keeps the digests of a file that was opened at `read_from` and was the same before and after.
    pub(crate) fn remember(&self, found: &FoundFile, digests: &FileDigests, read_from: Nanoseconds, file: impl AsFd) {
        if !is_settled(found, read_from) || !times_are_local(file) {
            return;
        }
        let key = CacheKey::new(&found.stamp, self.request.profile);
        let known = Known::of(digests, read_from);
        let known = match self.cache.get(&key).and_then(|older| Known::decode(&older)) {
            Some(older) => known.with(older),
            None => known,
        };
        if let Some(value) = known.encode() {
            self.cache.put(&key, &value);
        }
    }
}

/// Tells whether a file that is read from `moment` on was left alone long enough for any later change to show in its times.
fn is_settled(found: &FoundFile, moment: Nanoseconds) -> bool {
    let [modified, changed] = found.stamp.times();
    modified.max(changed) <= moment - RACY_MARGIN.as_nanos().cast_signed()
}

fn now() -> Nanoseconds {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos().cast_signed(),
        // A clock before 1970 settles nothing.
        Err(_) => Nanoseconds::MIN / 2,
    }
}

/// Tells whether the times of a file come from this machine's clock.
#[cfg(target_os = "linux")]
fn times_are_local(file: impl AsFd) -> bool {
    // Magic numbers of statfs(2): NFS, SMB, CIFS, SMB 2, FUSE, 9p, AFS, Ceph, Coda, NCP.
    const ELSEWHERE: [u64; 10] =
        [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x6573_5546, 0x0102_1997, 0x5346_414f, 0x00c3_6400, 0x7375_7245, 0x564c];
    // The field is signed on some architectures and as wide as a word; the numbers have 32 bits.
    rustix::fs::fstatfs(file).is_ok_and(|system| !ELSEWHERE.contains(&(system.f_type as u64 & 0xffff_ffff)))
}

/// Elsewhere nothing is kept, because there is no way yet to tell.
#[cfg(not(target_os = "linux"))]
fn times_are_local(_file: impl AsFd) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]
    use std::fs::{self, File};
    use std::path::Path;

    use super::super::MemoryCache;
    use super::*;
    use crate::unixfs::file_dag;
    use crate::walk::Tree;
    use crate::{CidProfile, ContentId, FileEntry, Sha256Digest};

    const LATER: fn() -> Nanoseconds = || now() + 3_000_000_000;
    const YESTERDAY: fn() -> Nanoseconds = || now() - 86_400_000_000_000;

    fn memo(cache: &MemoryCache, now: fn() -> Nanoseconds) -> Memo<'_> {
        Memo { now, ..Memo::new(cache, &Request::default()) }
    }

    fn found(path: &Path) -> Tree {
        Tree::find(path).unwrap()
    }

    /// Keeps the digests of the file at `path` as a run would that started at `memo.now()`.
    fn remember(memo: &Memo<'_>, path: &Path) -> ContentId {
        let tree = found(path);
        let bytes = fs::read(path).unwrap();
        let cid = ContentId::raw(&bytes);
        let entry =
            FileEntry { sha256: Some(Sha256Digest::of(&bytes)), ..FileEntry::new(tree.files[0].path.clone(), bytes.len() as u64, cid) };
        let digests = FileDigests { dag: file_dag(memo.request.profile, cid, entry.size), entry, tensors: None };
        memo.remember(&tree.files[0], &digests, memo.now(), File::open(path).unwrap());
        cid
    }

    fn recall(memo: &Memo<'_>, path: &Path) -> Option<ContentId> {
        memo.recall(&found(path).files[0], false).map(|digests| digests.entry.cid)
    }

    #[test]
    fn what_was_left_alone_is_recalled_and_what_is_racy_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "content").unwrap();
        let cache = MemoryCache::default();
        remember(&memo(&cache, now), &path);
        assert_eq!(recall(&memo(&cache, LATER), &path), None, "it was written a moment before it was read");
        let cid = remember(&memo(&cache, LATER), &path);
        assert_eq!(recall(&memo(&cache, LATER), &path), Some(cid));
        assert_eq!(memo(&cache, LATER).recall(&found(&path).files[0], true).map(|digests| digests.entry.cid), None, "no tensors were kept");
    }

    #[test]
    fn a_clock_that_was_set_back_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "content").unwrap();
        let cache = MemoryCache::default();
        remember(&memo(&cache, YESTERDAY), &path);
        assert_eq!(recall(&memo(&cache, LATER), &path), None, "times ahead of the clock settle nothing");
        remember(&memo(&cache, LATER), &path);
        assert_eq!(recall(&memo(&cache, YESTERDAY), &path), None);
        assert_eq!(recall(&memo(&cache, now), &path), None);
    }

    #[test]
    fn values_that_say_nothing_or_something_else_count_as_absent() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "content").unwrap();
        let cache = MemoryCache::default();
        let cid = remember(&memo(&cache, LATER), &path);
        let tree = found(&path);
        let key = CacheKey::new(&tree.files[0].stamp, CidProfile::UnixfsV1Legacy);
        let good = cache.get(&key).unwrap();
        for at in 0..good.len() {
            cache.put(&key, &good[..at]);
            assert_eq!(recall(&memo(&cache, LATER), &path), None);
        }
        for (from, to) in [("\"size\":7", "\"size\":8"), ("\"read_from\"", "\"read\""), (cid.to_string().as_str(), "bafy")] {
            let text = String::from_utf8(good.clone()).unwrap();
            assert!(text.contains(from), "{text}");
            cache.put(&key, text.replace(from, to).as_bytes());
            assert_eq!(recall(&memo(&cache, LATER), &path), None);
        }
        cache.put(&key, &good);
        assert_eq!(recall(&memo(&cache, LATER), &path), Some(cid));
    }

    #[test]
    fn a_reading_for_less_does_not_lose_what_an_earlier_one_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "content").unwrap();
        let cache = MemoryCache::default();
        let full = memo(&cache, LATER);
        let cid = remember(&full, &path);
        let tree = found(&path);
        let entry = FileEntry::new(tree.files[0].path.clone(), 7, cid);
        let less = FileDigests { dag: file_dag(full.request.profile, cid, 7), entry, tensors: None };
        full.remember(&tree.files[0], &less, full.now(), File::open(&path).unwrap());
        assert_eq!(recall(&full, &path), Some(cid));
        let cid_only = Memo { request: Request::cids(), ..memo(&cache, LATER) };
        assert_eq!(cid_only.recall(&tree.files[0], false).unwrap().entry.sha256, None, "what was not asked for is not given");
    }
}
