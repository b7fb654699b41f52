//! The bytes of an outboard; the layout is that of `docs/spec/outboard.md`.

use super::tree::{leaf_count, profile_named};
use super::{ListedFile, Outboard, OutboardError};
use crate::walk::{MAX_DEPTH, MAX_ENTRIES, MAX_MODEL_BYTES};
use crate::{CidProfile, ManifestKind, ModelPath, Sha256Digest};

const MAGIC: &[u8; 16] = b"modelmark leaves";
const VERSION: u32 = 1;
const DIGEST_BYTES: usize = 32;
/// Longest name of a profile, as its length is written in one byte.
const MAX_NAME: usize = u8::MAX as usize;

pub(super) fn encode(outboard: &Outboard) -> Vec<u8> {
    let name = outboard.profile.name().as_bytes();
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    out.push(u8::from(outboard.kind == ManifestKind::Directory));
    // Names of profiles are short, and paths and counts are bounded where they are made.
    out.push(name.len().min(MAX_NAME) as u8);
    out.extend(name);
    out.extend((outboard.files.len() as u32).to_le_bytes());
    out.extend((outboard.empty_folders.len() as u32).to_le_bytes());
    for file in &outboard.files {
        put_path(&mut out, file.path.as_ref().map_or("", ModelPath::as_str));
        out.extend(file.size.to_le_bytes());
    }
    outboard.empty_folders.iter().for_each(|folder| put_path(&mut out, folder.as_str()));
    outboard.files.iter().flat_map(|file| &file.leaves).for_each(|digest| out.extend(digest.as_bytes()));
    out
}

fn put_path(out: &mut Vec<u8>, path: &str) {
    out.extend((path.len() as u16).to_le_bytes());
    out.extend(path.as_bytes());
}

pub(super) fn parse(bytes: &[u8]) -> Result<Outboard, OutboardError> {
    let mut input = Input { all: bytes.len() as u64, rest: bytes };
    if bytes.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
        return Err(OutboardError::Magic);
    }
    input.take(MAGIC.len())?;
    match u32::from_le_bytes(input.array()?) {
        VERSION => {}
        other => return Err(OutboardError::Version(other)),
    }
    let kind = match input.array()? {
        [0] => ManifestKind::File,
        [1] => ManifestKind::Directory,
        _ => return Err(OutboardError::Malformed("it is of neither a file nor a directory")),
    };
    let [length] = input.array()?;
    let name = String::from_utf8_lossy(input.take(length.into())?).into_owned();
    let profile = profile_named(&name).ok_or(OutboardError::Profile(name))?;
    let mut outboard = Outboard { profile, kind, files: Vec::new(), empty_folders: Vec::new() };
    table(&mut input, &mut outboard)?;
    leaves(&mut input, &mut outboard)?;
    Ok(outboard)
}

/// Reads the files' paths and sizes, and the empty directories.
fn table(input: &mut Input<'_>, outboard: &mut Outboard) -> Result<(), OutboardError> {
    let (files, folders) = (u32::from_le_bytes(input.array()?), u32::from_le_bytes(input.array()?));
    if u64::from(files) + u64::from(folders) > MAX_ENTRIES as u64 {
        return Err(OutboardError::TooMuch("files and directories"));
    }
    if files == 0 || (outboard.kind == ManifestKind::File && (files, folders) != (1, 0)) {
        return Err(OutboardError::Malformed("a model is one file, or a directory with at least one"));
    }
    let mut total = 0_u64;
    for _ in 0..files {
        let path = path(input, outboard.kind)?;
        let size = u64::from_le_bytes(input.array()?);
        total = total.checked_add(size).filter(|total| *total <= MAX_MODEL_BYTES).ok_or(OutboardError::TooMuch("bytes"))?;
        outboard.files.push(ListedFile { path, size, leaves: Vec::new() });
    }
    for _ in 0..folders {
        outboard.empty_folders.extend(path(input, outboard.kind)?);
    }
    in_order(outboard)
}

fn path(input: &mut Input<'_>, kind: ManifestKind) -> Result<Option<ModelPath>, OutboardError> {
    let length = usize::from(u16::from_le_bytes(input.array()?));
    let bytes = input.take(length)?;
    match kind {
        ManifestKind::File if bytes.is_empty() => Ok(None),
        ManifestKind::File => Err(OutboardError::Malformed("the name of a single file is not part of a model")),
        ManifestKind::Directory => {
            let text = std::str::from_utf8(bytes).map_err(|_| OutboardError::Malformed("a path is not UTF-8"))?;
            if text.split('/').count() > MAX_DEPTH + 1 {
                return Err(OutboardError::TooMuch("nested directories"));
            }
            Ok(Some(ModelPath::try_from(text)?))
        }
    }
}

/// Makes sure that both lists are sorted, and that nothing stands inside a file or an empty directory.
fn in_order(outboard: &Outboard) -> Result<(), OutboardError> {
    let files: Vec<&str> = outboard.files.iter().filter_map(|file| file.path.as_ref()).map(ModelPath::as_str).collect();
    let folders: Vec<&str> = outboard.empty_folders.iter().map(ModelPath::as_str).collect();
    for list in [&files, &folders] {
        if let Some([_, second]) = list.array_windows().find(|[first, second]| first.as_bytes() >= second.as_bytes()) {
            return Err(OutboardError::Order((*second).to_owned()));
        }
    }
    let taken = |path: &str| files.binary_search(&path).is_ok() || folders.binary_search(&path).is_ok();
    let lies_inside = |path: &str| path.match_indices('/').any(|(at, _)| path.get(..at).is_some_and(taken));
    let stray = files.iter().chain(&folders).find(|path| lies_inside(path));
    let twice = folders.iter().find(|path| files.binary_search(path).is_ok());
    stray.or(twice).map_or(Ok(()), |path| Err(OutboardError::Order((*path).to_owned())))
}

/// Reads the digests; their number follows from the sizes, so that nothing is allocated before it is known to be there.
fn leaves(input: &mut Input<'_>, outboard: &mut Outboard) -> Result<(), OutboardError> {
    let wanted: u64 = outboard.files.iter().map(|file| digests_bytes(outboard.profile, file.size)).sum();
    if input.rest.len() as u64 != wanted {
        return Err(OutboardError::Length { found: input.all, wanted: input.position() + wanted });
    }
    for file in &mut outboard.files {
        let length = usize::try_from(digests_bytes(outboard.profile, file.size)).unwrap_or(usize::MAX);
        file.leaves = input.take(length)?.as_chunks::<DIGEST_BYTES>().0.iter().map(|digest| Sha256Digest::from(*digest)).collect();
    }
    Ok(())
}

/// Bytes of the digests of a file; far below the end of the range for what a model can hold.
fn digests_bytes(profile: CidProfile, size: u64) -> u64 {
    leaf_count(profile, size) * DIGEST_BYTES as u64
}

/// What is still to be read.
struct Input<'a> {
    all: u64,
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    const fn position(&self) -> u64 {
        self.all - self.rest.len() as u64
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], OutboardError> {
        let Some((now, later)) = self.rest.split_at_checked(length) else {
            return Err(OutboardError::Length { found: self.all, wanted: self.position() + length as u64 });
        };
        self.rest = later;
        Ok(now)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], OutboardError> {
        let mut out = [0; N];
        out.iter_mut().zip(self.take(N)?).for_each(|(to, from)| *to = *from);
        Ok(out)
    }
}
