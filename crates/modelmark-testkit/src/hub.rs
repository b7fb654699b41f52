//! Caches of the Hugging Face hub, laid out as the hub's own client does (`vectors/hub/`).

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tools::workspace;

/// Two ways of the client to keep large files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In the blobs of the repository.
    Plain,
    /// In a store that all repositories of the cache share, behind a second link.
    Shared,
}

/// A cache with one repository, `org/tiny-1.0`, on disk.
#[derive(Debug)]
pub struct HubCache {
    /// The cache.
    pub root: PathBuf,
    /// The commit of its branch `main`, whose snapshot is whole. The tag `v1` has another, with one file.
    pub commit: String,
}

/// The repository of [`HubCache`].
pub const REPOSITORY: &str = "org/tiny-1.0";

impl HubCache {
    /// Lays a cache out in `root`.
    ///
    /// # Errors
    /// When the vectors cannot be read or `root` cannot be written.
    pub fn write(root: &Path, layout: Layout) -> io::Result<Self> {
        let vectors = vectors()?;
        let name = if layout == Layout::Shared { "shared" } else { "plain" };
        let entries = vectors.pointer(&format!("/caches/{name}")).and_then(Value::as_array);
        fs::create_dir_all(root)?;
        for entry in entries.into_iter().flatten() {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let path = root.join(text("path").unwrap_or_default());
            match (text("link"), text("hex")) {
                (Some(target), _) => symlink(target, path)?,
                (_, Some(bytes)) => fs::write(path, unhex(bytes))?,
                _ => fs::create_dir_all(path)?,
            }
        }
        let commit = vectors.get("commit").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { root: root.to_owned(), commit })
    }

    /// Returns the folder of the repository.
    #[must_use]
    pub fn repository(&self) -> PathBuf {
        self.root.join(format!("models--{}", REPOSITORY.replace('/', "--")))
    }

    /// Returns the folder of the whole snapshot.
    #[must_use]
    pub fn snapshot(&self) -> PathBuf {
        self.repository().join("snapshots").join(&self.commit)
    }
}

/// Writes the files of the repository into `dir`, as a plain copy has them.
///
/// # Errors
/// When the vectors cannot be read or `dir` cannot be written.
pub fn write_copy(dir: &Path) -> io::Result<()> {
    let vectors = vectors()?;
    for (path, bytes) in vectors.get("files").and_then(Value::as_object).into_iter().flatten() {
        let path = dir.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, unhex(bytes.as_str().unwrap_or_default()))?;
    }
    Ok(())
}

fn vectors() -> io::Result<Value> {
    Ok(serde_json::from_slice(&fs::read(workspace().join("vectors/hub/caches.json"))?)?)
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
