//! The one place where links are followed: from a file of a snapshot to its bytes.
//!
//! A target is read as text and resolved here, not by the system; the way to it is opened folder by folder from the cache, without following anything.
//! So a folder or link that is swapped during the run leads to an error, never out of the cache.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::claim::Claim;
use super::error::{HubError, LinkFault};
use super::origin::{HubOrigin, Place};
use crate::DigestError;
use crate::walk::OPEN_INSIDE;

const FOLDER: OFlags = OPEN_INSIDE.union(OFlags::DIRECTORY);
/// How the hub's client names a download that has not ended.
const INCOMPLETE: &str = ".incomplete";
/// Hex digits of a Xet hash.
const XET_DIGITS: usize = 64;

/// A folder of a cache that is a snapshot or lies in one.
#[derive(Debug)]
pub(crate) struct Snapshot {
    cache: OwnedFd,
    place: Place,
    pub(crate) origin: HubOrigin,
}

/// What a link leads to.
#[derive(Debug)]
pub(crate) struct Blob {
    pub(crate) handle: OwnedFd,
    /// What the name of the repository's own blob says about its bytes.
    pub(crate) claim: Option<Claim>,
}

/// Where the bytes of a file may lie.
enum Bytes<'n> {
    /// In the repository's own blobs, under this name.
    Own(&'n str),
    /// In the blobs that all repositories of the cache share.
    Shared,
}

impl Snapshot {
    /// Finds the snapshot that the folder or file at `path` is, or lies in.
    pub(crate) fn around(path: &Path) -> Result<Option<Self>, DigestError> {
        let Some(place) = Place::of(path) else { return Ok(None) };
        let Some(origin) = place.origin() else { return Ok(None) };
        let cache = rustix::fs::open(&place.cache, OPEN_INSIDE | OFlags::DIRECTORY, Mode::empty());
        let cache = cache.map_err(|errno| DigestError::Read { path: place.cache.clone(), source: errno.into() })?;
        Ok(Some(Self { cache, place, origin }))
    }

    /// Opens the folder that the snapshot was found around, through the cache.
    pub(crate) fn open_folder(&self) -> Result<OwnedFd, Errno> {
        let way = [self.place.folder.as_str()].into_iter().chain(self.place.inside.iter().map(String::as_str));
        descend(self.cache.as_fd(), way)?.ok_or(Errno::NOENT)
    }

    /// Opens the folder of the repository's blobs.
    pub(crate) fn open_blobs(&self) -> Result<OwnedFd, Errno> {
        descend(self.cache.as_fd(), [self.place.folder.as_str(), "blobs"].into_iter())?.ok_or(Errno::NOENT)
    }

    /// Tells whether the snapshot was found around a link in it.
    pub(crate) const fn is_of_link(&self) -> bool {
        self.place.linked
    }

    /// Follows the link with this `target` that stands in the folder `inside` of what the snapshot was found around.
    pub(crate) fn follow<'p>(&'p self, inside: impl Iterator<Item = &'p str>, target: &[u8]) -> Result<Blob, LinkFault> {
        let mut at: Vec<&str> = vec![&self.place.folder];
        at.extend(self.place.inside.iter().map(String::as_str));
        at.extend(inside);
        self.follow_from(&at, target)
    }

    /// Follows the link that is the file which the snapshot was found around.
    pub(crate) fn follow_itself(&self, target: &[u8]) -> Result<Blob, LinkFault> {
        let above = self.place.inside.split_last().map_or(&[][..], |(_, above)| above);
        let at: Vec<&str> = [self.place.folder.as_str()].into_iter().chain(above.iter().map(String::as_str)).collect();
        self.follow_from(&at, target)
    }

    fn follow_from(&self, at: &[&str], target: &[u8]) -> Result<Blob, LinkFault> {
        let target = text(target)?;
        let way = resolve(at, target)?;
        let claim = match self.bytes_at(&way)? {
            Bytes::Own(etag) => Claim::of(etag),
            Bytes::Shared => None,
        };
        let handle = match self.open(&way)? {
            Opened::File(handle) => handle,
            // Only a blob of the repository's own can stand for one of the shared.
            Opened::Link(second) if matches!(self.bytes_at(&way)?, Bytes::Own(_)) => {
                let folder = way.split_last().map_or(&[][..], |(_, folder)| folder);
                let way = resolve(folder, text(&second)?)?;
                match (self.bytes_at(&way)?, self.open(&way)?) {
                    (Bytes::Shared, Opened::File(handle)) => handle,
                    (Bytes::Own(_), _) => return Err(LinkFault::Elsewhere),
                    (_, Opened::Link(_)) => return Err(LinkFault::Hops),
                }
            }
            Opened::Link(_) => return Err(LinkFault::Hops),
        };
        Ok(Blob { handle, claim })
    }

    /// Tells what a path from the cache names, if it is a place of bytes that belong to this repository.
    fn bytes_at<'n>(&self, way: &[&'n str]) -> Result<Bytes<'n>, LinkFault> {
        let found = match way {
            [folder, "blobs", etag] if *folder == self.place.folder => Bytes::Own(etag),
            ["blobs", start, xet] if is_xet(xet) && xet.starts_with(start) && start.len() == 2 => Bytes::Shared,
            _ => return Err(LinkFault::Elsewhere),
        };
        if way.last().is_some_and(|name| name.ends_with(INCOMPLETE)) {
            return Err(LinkFault::Incomplete);
        }
        Ok(found)
    }

    fn open(&self, way: &[&str]) -> Result<Opened, LinkFault> {
        let (name, folders) = way.split_last().ok_or(LinkFault::Form)?;
        let folder = descend(self.cache.as_fd(), folders.iter().copied()).map_err(fault_on_the_way)?;
        let at = folder.as_ref().unwrap_or(&self.cache);
        match rustix::fs::openat(at, *name, OPEN_INSIDE, Mode::empty()) {
            Ok(handle) => match rustix::fs::fstat(&handle) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode).is_file() => Ok(Opened::File(handle)),
                _ => Err(LinkFault::Special),
            },
            Err(Errno::LOOP) => {
                let target = rustix::fs::readlinkat(at, *name, Vec::new()).map_err(|_| LinkFault::Special)?;
                Ok(Opened::Link(target.into_bytes()))
            }
            Err(Errno::NOENT) => Err(LinkFault::Dangling),
            Err(_) => Err(LinkFault::Special),
        }
    }
}

/// What stood at the end of a way.
enum Opened {
    File(OwnedFd),
    Link(Vec<u8>),
}

/// Opens the file that the link at `path` leads to when the link is one of a snapshot; `None` when it is not.
///
/// # Errors
/// When the link does not lead where the hub's client puts files.
pub fn open_linked(path: &Path) -> Result<Option<File>, DigestError> {
    let unreadable = |source| DigestError::Read { path: path.to_owned(), source };
    let target = std::fs::read_link(path).map_err(unreadable)?;
    let Some(snapshot) = Snapshot::around(path)? else { return Ok(None) };
    let blob = snapshot.follow_itself(target.as_os_str().as_encoded_bytes());
    let blob = blob.map_err(|fault| HubError::Link { path: path.to_owned(), target: target.to_string_lossy().into_owned(), fault })?;
    Ok(Some(blob.handle.into()))
}

fn descend<'p>(from: BorrowedFd<'_>, way: impl Iterator<Item = &'p str>) -> Result<Option<OwnedFd>, Errno> {
    let mut here: Option<OwnedFd> = None;
    for folder in way {
        let at = here.as_ref().map_or(from, AsFd::as_fd);
        here = Some(rustix::fs::openat(at, folder, FOLDER, Mode::empty())?);
    }
    Ok(here)
}

fn fault_on_the_way(errno: Errno) -> LinkFault {
    if errno == Errno::NOENT { LinkFault::Dangling } else { LinkFault::Way }
}

fn text(target: &[u8]) -> Result<&str, LinkFault> {
    std::str::from_utf8(target).map_err(|_| LinkFault::Form)
}

/// Resolves a target of the form `../../name/name` from the folder `at`; both and the result are paths from the cache.
fn resolve<'n>(at: &[&'n str], target: &'n str) -> Result<Vec<&'n str>, LinkFault> {
    if target.starts_with('/') {
        return Err(LinkFault::Absolute);
    }
    let mut way = at.to_vec();
    let mut down = false;
    for part in target.split('/') {
        match part {
            // After a name it would depend on whether that is a link.
            "" | "." => return Err(LinkFault::Form),
            ".." if down => return Err(LinkFault::Form),
            ".." => drop(way.pop().ok_or(LinkFault::Escapes)?),
            name => {
                down = true;
                way.push(name);
            }
        }
    }
    Ok(way)
}

fn is_xet(name: &str) -> bool {
    name.len() == XET_DIGITS && name.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}
