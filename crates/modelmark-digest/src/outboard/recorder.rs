//! Makes an outboard while a model is fingerprinted.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{ListedFile, Outboard, OutboardError, tree};
use crate::{ContentId, Manifest, ManifestKind, ModelPath, Observer, Sha256Digest};

/// An observer that keeps the leaves of all files: 40 bytes for each.
#[derive(Debug, Default)]
pub struct Recorder {
    leaves: Mutex<HashMap<ModelPath, Vec<(u64, Sha256Digest)>>>,
    empty_folders: Mutex<BTreeSet<ModelPath>>,
}

impl Recorder {
    /// Returns the outboard of the model whose run this watched.
    ///
    /// # Errors
    /// When what was seen is not the model of `manifest`.
    pub fn finish(self, manifest: &Manifest) -> Result<Outboard, OutboardError> {
        let mut seen = self.leaves.into_inner().unwrap_or_else(PoisonError::into_inner);
        let single = manifest.kind == ManifestKind::File;
        let mut files = Vec::with_capacity(manifest.files.len());
        for entry in &manifest.files {
            let mut leaves = seen.remove(&entry.path).unwrap_or_default();
            leaves.sort_unstable_by_key(|(offset, _)| *offset);
            let leaves: Vec<Sha256Digest> = leaves.into_iter().map(|(_, digest)| digest).collect();
            if leaves.len() as u64 != tree::leaf_count(manifest.profile, entry.size) {
                return Err(OutboardError::Recorded(format!("{} leaves of {}", leaves.len(), entry.path)));
            }
            files.push(ListedFile { path: (!single).then(|| entry.path.clone()), size: entry.size, leaves });
        }
        let empty_folders = self.empty_folders.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect();
        let outboard = Outboard { profile: manifest.profile, kind: manifest.kind, files, empty_folders };
        let cid = outboard.cid()?;
        if cid == manifest.cid { Ok(outboard) } else { Err(OutboardError::Recorded(format!("they make {cid}, not {}", manifest.cid))) }
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<ModelPath, Vec<(u64, Sha256Digest)>>> {
        self.leaves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder {
    fn empty_folder(&self, path: &ModelPath) {
        self.empty_folders.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
    }

    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        if len == 0 {
            return;
        }
        let mut seen = self.seen();
        let leaf = (offset, cid.digest());
        match seen.get_mut(file) {
            Some(leaves) => leaves.push(leaf),
            None => drop(seen.insert(file.clone(), vec![leaf])),
        }
    }
}
