//! The digests of a range of bytes, and the proof that it belongs to its file: `modelmark digest --range`.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use modelmark_digest::outboard::{LeafList, LeafLists, Outboard, VerifyingFile};
use modelmark_digest::partial::{Listing, RangeDigests, RangeProof};
use modelmark_digest::{Codec, ContentId, ManifestKind, Request};
use serde::Serialize;

use super::{DigestArgs, explain};
use crate::byte_range::ByteRange;
use crate::commands::verify::read_outboard;
use crate::error::{CommandError, OrKind as _, Result};
use crate::output::{bytes, printable};
use crate::output_file::write_whole;
use crate::session::Session;

/// Bytes of a file; a model that is one file need not name it.
#[derive(Clone, Debug)]
pub(super) struct RangeOfFile {
    path: Option<String>,
    range: Range<u64>,
}

impl FromStr for RangeOfFile {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (path, range) = text.rsplit_once(':').map_or((None, text), |(path, range)| (Some(path.to_owned()), range));
        Ok(Self { path, range: range.parse::<ByteRange>()?.0 })
    }
}

/// What is told of the range.
#[derive(Serialize)]
struct Digested {
    path: String,
    cid: ContentId,
    size: u64,
    range: Span,
    digests: RangeDigests,
    leaves: Vec<Leaf>,
    proof: serde_json::Value,
}

#[derive(Serialize)]
struct Span {
    start: u64,
    end: u64,
}

/// A leaf that holds bytes of the range.
#[derive(Serialize)]
struct Leaf {
    index: usize,
    offset: u64,
    length: u64,
    cid: ContentId,
}

/// Digests the range. With an outboard only the leaves that hold it are read, else the whole file, whose tree the proof is about.
pub(super) fn run(session: &Session<'_>, model: &Path, request: &Request, asked: &RangeOfFile, args: &DigestArgs) -> Result<()> {
    let listing = Listing::of(model).map_err(explain)?;
    let path = name_of(&listing, asked)?;
    let (file, size) =
        listing.open(&path).map_err(explain)?.ok_or_else(|| CommandError::usage(format!("there is no file {path} in the model")))?;
    let lists = args.from_outboard.as_deref().map(|outboard| self_checked(read_outboard(outboard)?)).transpose()?;
    let read;
    let list = match &lists {
        Some(lists) => lists.file(&path).ok_or_else(|| CommandError::refused(format!("the outboard has no file {path}")))?,
        None => {
            listing.refuse_hollow(&path, request).map_err(explain)?;
            read = LeafList::read(request.profile, &file, size).map_err(|error| unreadable(&path, &error))?;
            &read
        }
    };
    let range = within(&asked.range, &path, list.size())?;
    let digests = RangeDigests::of(&VerifyingFile::new(&file, list), &range, request).map_err(|error| unreadable(&path, &error))?;
    listing.check(&path, &file).map_err(explain)?;
    let document = RangeProof::new(list, range.clone()).or_refused()?.to_json();
    if let Some(proof) = &args.proof {
        write_whole(proof, document.to_string().as_bytes())?;
    }
    let leaf = |index: usize| {
        let place = list.place(index);
        let cid = list.digest(index).map(|digest| ContentId::from_digest(Codec::Raw, digest));
        cid.map(|cid| Leaf { index, offset: place.start, length: place.end - place.start, cid })
    };
    let leaves = list.covering(&range).filter_map(leaf).collect();
    let span = Span { start: range.start, end: range.end };
    let digested = Digested { path, cid: list.cid(), size: list.size(), range: span, digests, leaves, proof: document };
    session.output.result(&digested, || text(&digested))
}

fn name_of(listing: &Listing, asked: &RangeOfFile) -> Result<String> {
    match (&asked.path, listing.kind()) {
        (Some(path), ManifestKind::Directory) => Ok(path.clone()),
        (None, ManifestKind::Directory) => {
            Err(CommandError::usage("the model is a directory").hint("name the file: `--range PATH:START..END`"))
        }
        (asked, ManifestKind::File) => {
            let only = listing.files().next().map(|(path, _)| path.to_string()).unwrap_or_default();
            match asked {
                Some(path) if *path != only => {
                    Err(CommandError::usage(format!("there is no file {path} in the model, which is the file {only}"))
                        .hint("leave the path out: `--range START..END`"))
                }
                _ => Ok(only),
            }
        }
    }
}

/// Takes an outboard by its own word: the proof names the CID that it comes to, and whoever checks the proof knows which one it should be.
fn self_checked(outboard: Outboard) -> Result<LeafLists> {
    let cid = outboard.cid().or_refused()?;
    outboard.check(&cid).or_refused()
}

/// An open end is the end of the file; an end that was typed has to be in it.
fn within(range: &Range<u64>, path: &str, size: u64) -> Result<Range<u64>> {
    let end = if range.end == u64::MAX { size } else { range.end };
    if range.start < end && end <= size {
        return Ok(range.start..end);
    }
    let told = if range.end == u64::MAX { String::new() } else { range.end.to_string() };
    Err(CommandError::usage(format!("{path} has {size} bytes, which do not hold {}..{told}", range.start)))
}

fn unreadable(path: &str, error: &std::io::Error) -> CommandError {
    if error.kind() == std::io::ErrorKind::InvalidData {
        return CommandError::refused(format!("{path} is not the file of the outboard: {error}"));
    }
    CommandError::unreachable(format!("cannot read {path}: {error}"))
}

fn text(digested: &Digested) -> String {
    let Digested { path, cid, size, range: Span { start, end }, digests, leaves, .. } = digested;
    let mut text = String::new();
    let of = [
        ("sha256", digests.sha256.map(|d| d.to_string())),
        ("keccak256", digests.keccak256.map(|d| d.to_string())),
        ("blake3", digests.blake3.map(|d| d.to_string())),
    ];
    for (name, digest) in of.into_iter().filter_map(|(name, digest)| digest.map(|digest| (name, digest))) {
        let _ = writeln!(text, "{name:<10} {digest}");
    }
    let _ = writeln!(text, "bytes      {start}..{end} ({}) of {}", bytes(end - start), printable(path));
    let _ = writeln!(text, "file       {cid}  {}", bytes(*size));
    for leaf in leaves {
        let _ = writeln!(text, "leaf {:<5} {}  {}..{}", leaf.index, leaf.cid, leaf.offset, leaf.offset + leaf.length);
    }
    text
}
