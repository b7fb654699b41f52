//! A model of several files and its encrypted form.

use std::fs;
use std::path::{Path, PathBuf};

use modelmark_crypt::{CryptError, Folder, Holders, Identities, Opened, encrypt};
use modelmark_digest::outboard::{Outboard, Recorder};
use modelmark_digest::{ContentId, Request, digest};
use tempfile::TempDir;

/// A model with its encrypted form, gone when dropped.
pub(crate) struct Sealed {
    pub(crate) dir: TempDir,
    pub(crate) holder: Identities,
    pub(crate) cid: ContentId,
}

/// The files: of several leaves and many chunks, of exactly two chunks, empty, small, and an empty folder beside them.
pub(crate) fn write_model(path: &Path) {
    fs::create_dir_all(path.join("sub/none")).unwrap();
    let weights: Vec<u8> = (0..700_001_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    fs::write(path.join("weights.bin"), weights).unwrap();
    fs::write(path.join("even.bin"), vec![9; 128 << 10]).unwrap();
    fs::write(path.join("sub/empty"), b"").unwrap();
    fs::write(path.join("config.json"), b"{}").unwrap();
}

pub(crate) fn outboard(path: &Path) -> Outboard {
    let recorder = Recorder::default();
    let manifest = digest(path, &Request::cids(), &recorder).unwrap();
    recorder.finish(&manifest).unwrap()
}

impl Sealed {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let holder = Identities::generate();
        let model = dir.path().join("model");
        write_model(&model);
        let holders = Holders::new(holder.recipients()).unwrap();
        let cid = encrypt(&model, outboard(&model), &holders, &dir.path().join("sealed"), &|_| {}).unwrap();
        Self { dir, holder, cid }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn open(&self) -> Result<Opened<Folder>, CryptError> {
        Opened::open(Folder(self.path("sealed")), &self.holder)
    }
}

/// Tells whether two directories hold the same.
pub(crate) fn same(a: &Path, b: &Path) -> bool {
    outboard(a).encode() == outboard(b).encode()
}
