//! Models that places have in encrypted form: decrypted while they stream, and held against the record as any other.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use modelmark_crypt::{Objects, Opened, key_name};
use modelmark_digest::outboard::LeafList;
use modelmark_digest::unixfs::{self, Link, Node};
use modelmark_digest::{Codec, ContentId, ModelPath, Observer as _};
use modelmark_formats::ReadAt as _;
use modelmark_record::CanonicalRecord;
use modelmark_remote::Reader;
use modelmark_remote::fetch::{self, FetchError, RemoteFile, Wanted, WantedFile};
use modelmark_verify::exit_codes;
use serde_json::json;
use tokio::runtime::{Handle, Runtime};

use super::FetchArgs;
use crate::commands::decrypt::Decrypted;
use crate::commands::digest::files;
use crate::error::{CommandError, OrKind as _, Result};
use crate::identities::explain;
use crate::output::bytes;
use crate::places;
use crate::progress::Progress;
use crate::session::Session;
use crate::tensor_file;

/// Fetches the model of `record` from its encrypted form `root`.
pub(super) fn run(
    session: &Session<'_>,
    runtime: &Runtime,
    reader: &Arc<Reader>,
    record: &CanonicalRecord,
    root: &str,
    args: &FetchArgs,
) -> Result<u8> {
    let root: ContentId = root.strip_prefix("ipfs://").unwrap_or(root).parse().or_usage()?;
    if args.out.symlink_metadata().is_ok() {
        return Err(CommandError::usage(format!("there is something at `{}` already", args.out.display())).hint("nothing is replaced"));
    }
    let identities = args.identity.read()?;
    let objects = AtPlaces::open(runtime, reader, root)?;
    let model = record.record().provenance.model.cid;
    let opened = Opened::open(objects, &identities).and_then(|opened| opened.check(&model)).map_err(explain)?;
    if args.tensor.is_empty() { whole(session, &opened, record, root, args) } else { tensors(session, &opened, root, args) }
}

fn whole(session: &Session<'_>, opened: &Opened<AtPlaces>, record: &CanonicalRecord, root: ContentId, args: &FetchArgs) -> Result<u8> {
    let wanted = wanted(opened, record)?;
    let (count, size) = (wanted.files.len(), wanted.files.iter().map(|file| file.size).sum());
    let kept = AtomicU64::new(0);
    {
        let progress = Progress::new(session.output, "fetch");
        progress.planned(count as u64, size);
        let bring = |file: &WantedFile, out: &File, present| -> std::result::Result<(), Obstacle> {
            let held = opened.complete(file.path.as_str(), out, present, &|count| progress.advanced(count));
            kept.fetch_add(held.map_err(|error| Obstacle(explain(error)))?, Ordering::Relaxed);
            Ok(())
        };
        fetch::fill(&wanted, &args.out, &bring).map_err(|obstacle| obstacle.0)?;
    }
    let kept = kept.into_inner();
    let value = json!({
        "model": opened.cid(), "encrypted": root, "out": args.out, "files": count, "bytes": size, "part": false, "kept": kept,
    });
    session.output.result(&value, || {
        let earlier = if kept > 0 { format!(", {} of it from an earlier fetch", bytes(kept)) } else { String::new() };
        format!("{}  {}, {}{earlier}, decrypted", opened.cid(), files(count), bytes(size))
    })?;
    Ok(exit_codes::VERIFIED)
}

/// Why a file does not come, or the directory cannot be made.
struct Obstacle(CommandError);

impl From<FetchError> for Obstacle {
    fn from(error: FetchError) -> Self {
        Self(super::explain(error))
    }
}

/// Returns what the directory is to hold. The model that is encrypted does not say what a lone file is called; its record does.
fn wanted(opened: &Opened<AtPlaces>, record: &CanonicalRecord) -> Result<Wanted> {
    let named = record.record().provenance.model.files.first().map(|file| file.path.clone());
    let file = |(path, list): (Option<&ModelPath>, &LeafList)| {
        let path = path.cloned().or_else(|| named.clone()).ok_or_else(|| CommandError::refused("the record names no file of the model"))?;
        Ok(WantedFile { path, size: list.size(), cid: list.cid() })
    };
    let files = opened.lists().files().map(file).collect::<Result<_>>()?;
    Ok(Wanted { model: opened.cid(), files, empty_folders: opened.empty_folders().to_vec() })
}

fn tensors(session: &Session<'_>, opened: &Opened<AtPlaces>, root: ContentId, args: &FetchArgs) -> Result<u8> {
    let model = Decrypted(opened);
    let weights: Vec<String> = opened.lists().files().map(|(path, _)| path.map_or("model", ModelPath::as_str).to_owned()).collect();
    let found = tensor_file::find(&model, &weights, &args.tensor)?;
    let written = tensor_file::write(&model, &found, &args.out)?;
    let names: Vec<_> = found.iter().map(|found| json!({"name": found.tensor.name, "file": found.file})).collect();
    let value = json!({"model": opened.cid(), "encrypted": root, "out": args.out, "tensors": names, "bytes": written});
    session.output.result(&value, || format!("{}  {} of tensors, decrypted", opened.cid(), bytes(written)))?;
    Ok(exit_codes::VERIFIED)
}

/// The files of an encrypted model, by their names in its directory.
struct AtPlaces {
    reader: Arc<Reader>,
    runtime: Handle,
    links: BTreeMap<String, Link>,
}

impl AtPlaces {
    fn open(runtime: &Runtime, reader: &Arc<Reader>, root: ContentId) -> Result<Self> {
        let none = |reason: &str| CommandError::refused(format!("{root} is no encrypted model: {reason}"));
        let block = runtime.block_on(reader.block(&root)).map_err(places::explain)?;
        let links = match (root.codec(), unixfs::decode(block.bytes())) {
            (Codec::DagPb, Ok(Node::Directory(links))) => links,
            (Codec::DagPb, Ok(Node::Shard(_))) => return Err(none("it has more files than one block names")),
            _ => return Err(none("it is no directory")),
        };
        let links: BTreeMap<_, _> = links.into_iter().map(|link| (link.name.clone(), link)).collect();
        if !links.contains_key(&key_name(1)) {
            return Err(none("it has no key file"));
        }
        Ok(Self { reader: Arc::clone(reader), runtime: runtime.handle().clone(), links })
    }

    fn size(&self, link: &Link) -> io::Result<u64> {
        if link.cid.codec() == Codec::Raw {
            return Ok(link.tsize);
        }
        let block = self.runtime.block_on(self.reader.block(&link.cid)).map_err(io::Error::other)?;
        match unixfs::decode(block.bytes()) {
            // The decoder has checked that the sum fits.
            Ok(Node::File(parts)) => Ok(parts.iter().map(|part| part.size).sum()),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it is no file")),
        }
    }
}

impl Objects for AtPlaces {
    type Object = Reading;

    fn open(&self, name: &str) -> io::Result<Reading> {
        let link = self.links.get(name).ok_or(io::ErrorKind::NotFound)?;
        let size = self.size(link)?;
        Ok(Reading { file: RemoteFile::new(Arc::clone(&self.reader), self.runtime.clone(), link.cid, size), size, at: 0 })
    }
}

/// A file at places, read from a position on.
struct Reading {
    file: RemoteFile,
    size: u64,
    at: u64,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let Some(wanted) = buffer.get_mut(..count) else { return Ok(0) };
        self.file.read_exact_at(wanted, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reading {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(delta) => self.size.checked_add_signed(delta),
            SeekFrom::Current(delta) => self.at.checked_add_signed(delta),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
