//! The digests of all tensors, one by one: `modelmark digest --tensors`.

use std::fmt::Write as _;
use std::path::Path;

use modelmark_digest::cache::Renewed;
use modelmark_digest::fingerprint::TensorDigest;
use modelmark_digest::{FileTensorDigests, Manifest, ModelPath, Request, digest_tensors};
use serde::Serialize;

use super::{explain, table};
use crate::error::Result;
use crate::options::CacheArgs;
use crate::output::printable;
use crate::progress::Progress;
use crate::session::Session;

/// A manifest, and the tensors that its fingerprint is made of.
#[derive(Serialize)]
struct Listed<'a> {
    manifest: &'a Manifest,
    tensors: Vec<FileTensors<'a>>,
}

/// The tensors of one weights file.
#[derive(Serialize)]
struct FileTensors<'a> {
    file: &'a ModelPath,
    tensors: &'a [TensorDigest],
}

/// Fingerprints the model and lists its tensors.
pub(super) fn run(session: &Session<'_>, path: &Path, request: &Request, cache: CacheArgs) -> Result<()> {
    let (manifest, files) = digests(session, path, request, cache)?;
    let tensors = files.iter().map(|(file, tensors)| FileTensors { file, tensors }).collect();
    let listed = Listed { manifest: &manifest, tensors };
    session.output.result(&listed, || text(&listed))
}

fn digests(
    session: &Session<'_>,
    path: &Path,
    request: &Request,
    CacheArgs { recheck, .. }: CacheArgs,
) -> Result<(Manifest, Vec<FileTensorDigests>)> {
    let progress = Progress::new(session.output, "digest");
    match session.cache() {
        Some(cache) if recheck => digest_tensors(path, request, &progress, Some(&Renewed(cache))),
        Some(cache) => digest_tensors(path, request, &progress, Some(cache)),
        None => digest_tensors(path, request, &progress, None),
    }
    .map_err(explain)
}

fn text(listed: &Listed<'_>) -> String {
    let mut text = String::new();
    for FileTensors { file, tensors } in &listed.tensors {
        let _ = writeln!(text, "{}", printable(file.as_str()));
        for tensor in *tensors {
            let _ = writeln!(text, "  {}  {:<8} {:?}  {}", tensor.digest, tensor.dtype, tensor.shape, printable(&tensor.name));
        }
    }
    text + "\n" + &table(listed.manifest)
}
