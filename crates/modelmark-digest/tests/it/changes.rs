//! A file that changes while it is read is an error that names it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use modelmark_digest::cache::{DigestCache, MemoryCache};
use modelmark_digest::{ContentId, DigestError, ModelPath, Observer, Request, digest, survey};

use crate::content::{content, write};
use crate::safetensors_files::{shard, tensor};

/// Does something to the model once: when the first leaf of the file is seen, or before anything is read.
struct Meddler<F: Fn() + Sync> {
    file: Option<&'static str>,
    act: F,
    done: AtomicBool,
}

impl<F: Fn() + Sync> Meddler<F> {
    fn once(&self) {
        if !self.done.swap(true, Ordering::SeqCst) {
            // Past the tick of a coarse file system clock.
            std::thread::sleep(std::time::Duration::from_millis(20));
            (self.act)();
        }
    }
}

impl<F: Fn() + Sync> Observer for Meddler<F> {
    fn planned(&self, _files: u64, _bytes: u64) {
        if self.file.is_none() {
            self.once();
        }
    }

    fn leaf(&self, file: &ModelPath, _offset: u64, _len: u32, _cid: &ContentId) {
        if self.file.is_some_and(|name| name == file.as_str()) {
            self.once();
        }
    }
}

pub(crate) fn meddled(model: &Path, file: Option<&'static str>, act: impl Fn() + Sync) -> PathBuf {
    let meddler = Meddler { file, act, done: AtomicBool::new(false) };
    match digest(model, &Request::default(), &meddler) {
        Err(DigestError::Changed(path)) => path,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_looked_over_is_what_is_fingerprinted() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "state.pkl", b"\x80\x04}.");
    write(dir.path(), "README.md", b"hello");
    let looked = survey(dir.path()).unwrap();
    assert_eq!(looked.digest(&Request::default(), &(), None).unwrap(), digest(dir.path(), &Request::default(), &()).unwrap());
    let cache = MemoryCache::default();
    let path = dir.path().join("state.pkl");
    std::thread::sleep(std::time::Duration::from_millis(20));
    std::fs::write(&path, b"\x80\x04].").unwrap();
    for cache in [None, Some(&cache as &dyn DigestCache)] {
        let outcome = looked.digest(&Request::cids(), &(), cache);
        assert!(matches!(&outcome, Err(DigestError::Changed(changed)) if *changed == path), "{outcome:?}");
    }
}

fn append(path: &Path) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap();
}

#[test]
fn appended_cut_or_overwritten_while_read() {
    for size in [10, 300_000, 5 << 20] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/file");
        let acts: [&(dyn Fn() + Sync); 3] =
            [&|| append(&path), &|| File::options().write(true).open(&path).unwrap().set_len(5).unwrap(), &|| {
                File::options().write(true).open(&path).unwrap().write_all_at(b"!", 0).unwrap()
            }];
        for act in acts {
            write(dir.path(), "sub/file", &content(size));
            assert_eq!(meddled(dir.path(), Some("sub/file"), act), path);
        }
    }
}

#[test]
fn replaced_between_listing_and_reading() {
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = dir.path().join("file");
    write(dir.path(), "file", b"before");
    // From outside, so that one file alone has changed and the error can name no other.
    write(outside.path(), "other", b"xxxxxx");
    assert_eq!(meddled(dir.path(), None, || std::fs::rename(outside.path().join("other"), &path).unwrap()), path);
}

#[test]
fn a_directory_swapped_for_a_link_does_not_lead_out() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "file", b"secret");
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "sub/file", b"inside");
    let swap = || {
        std::fs::rename(dir.path().join("sub"), outside.path().join("moved")).unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("sub")).unwrap();
    };
    assert_eq!(meddled(dir.path(), None, swap), dir.path().join("sub/file"));
}

#[test]
fn a_file_swapped_for_a_link_or_pipe_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let acts: [&(dyn Fn() + Sync); 2] = [&|| std::os::unix::fs::symlink("/etc/passwd", &path).unwrap(), &|| {
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
    }];
    for act in acts {
        let _ = std::fs::remove_file(&path);
        write(dir.path(), "file", b"inside");
        let swap = || {
            std::fs::remove_file(&path).unwrap();
            act();
        };
        assert_eq!(meddled(dir.path(), None, swap), path);
    }
}

#[test]
fn a_safetensors_file_changed_while_read() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "m.safetensors", &shard(&[tensor("w", &[2 << 20], &content(2 << 20))]));
    let path = dir.path().join("m.safetensors");
    assert_eq!(meddled(dir.path(), Some("m.safetensors"), || append(&path)), path);
}

#[test]
fn a_second_run_over_the_settled_file_succeeds() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "file", &content(300_000));
    meddled(dir.path(), Some("file"), || append(&dir.path().join("file")));
    digest(dir.path(), &Request::default(), &()).unwrap();
}
