//! An encrypted model that was opened: what is in it, and its bytes at any position.

use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::sync::{Mutex, PoisonError};

use age::stream::StreamReader;
use modelmark_digest::outboard::{LeafList, LeafLists, MAX_OUTBOARD_BYTES, Outboard, VerifyingReader};
use modelmark_digest::{ContentId, ModelPath};
use modelmark_formats::ReadAt;
use zeroize::Zeroizing;

use crate::age_file::{self, Plaintext, broken};
use crate::keys::MAX_IDENTITIES_BYTES;
use crate::objects::{MAX_KEYS, key_name, object_name, outboard_name};
use crate::{CryptError, Identities, Objects};

/// An encrypted model and the key to it.
#[derive(Debug)]
pub struct Opened<O> {
    objects: O,
    key: Identities,
    cid: ContentId,
    lists: LeafLists,
    empty_folders: Vec<ModelPath>,
}

impl<O: Objects> Opened<O> {
    /// Opens the model in `objects` with the first of `identities` that is a holder's, and reads what is in it.
    ///
    /// That the model is the one that was wanted is for [`Opened::check`]: whoever knows a holder's public key can encrypt another one for them.
    ///
    /// # Errors
    /// [`CryptError::NoKey`] when no identity is a holder's, and when a file is missing, damaged or not what it should be.
    pub fn open(objects: O, identities: &Identities) -> Result<Self, CryptError> {
        let key = model_key(&objects, identities)?;
        let name = outboard_name();
        let bytes = read_small(age_file::open(&objects, name, &key)?, name, MAX_OUTBOARD_BYTES)?;
        let outboard = Outboard::parse(&bytes)?;
        let cid = outboard.cid()?;
        let empty_folders = outboard.empty_folders().cloned().collect();
        Ok(Self { objects, key, cid, lists: outboard.check(&cid)?, empty_folders })
    }

    /// Makes sure that the model inside is the one whose CID a record states.
    ///
    /// # Errors
    /// [`CryptError::OtherModel`] when it is another one.
    pub fn check(self, wanted: &ContentId) -> Result<Self, CryptError> {
        if self.cid == *wanted { Ok(self) } else { Err(CryptError::OtherModel { found: self.cid, wanted: *wanted }) }
    }

    /// Returns the CID of the model inside.
    #[must_use]
    pub const fn cid(&self) -> ContentId {
        self.cid
    }

    /// Returns the files of the model and their leaves, in path order; a model that is one file has no name for it.
    #[must_use]
    pub const fn lists(&self) -> &LeafLists {
        &self.lists
    }

    /// Returns the directories of the model that hold nothing.
    #[must_use]
    pub fn empty_folders(&self) -> &[ModelPath] {
        &self.empty_folders
    }

    /// Returns the file at `path` to be read at any position, and its leaves. It lets through what is authentic, and a
    /// [`VerifyingFile`](modelmark_digest::outboard::VerifyingFile) over it only what is the model's.
    ///
    /// # Errors
    /// [`CryptError::NoFile`] when there is none, and as [`Opened::open`].
    pub fn file(&self, path: &str) -> Result<(DecryptedFile<O::Object>, &LeafList), CryptError> {
        let lone = matches!(self.lists.kind(), modelmark_digest::ManifestKind::File);
        let found = self.lists.files().enumerate().find(|(_, (have, _))| lone || have.is_some_and(|have| have.as_str() == path));
        let (index, (_, list)) = found.ok_or_else(|| CryptError::NoFile(path.chars().take(200).collect()))?;
        let stream = age_file::open(&self.objects, &object_name(index + 1), &self.key)?;
        Ok((DecryptedFile { stream: Mutex::new(stream), size: list.size() }, list))
    }

    pub(crate) const fn key(&self) -> &Identities {
        &self.key
    }

    /// Returns the plaintext of file number `index`, every leaf of it checked.
    pub(crate) fn stream<'l>(&self, index: usize, list: &'l LeafList) -> Result<VerifyingReader<'l, Plaintext<O::Object>>, CryptError> {
        Ok(VerifyingReader::new(age_file::open(&self.objects, &object_name(index + 1), &self.key)?, list))
    }
}

/// Tries every key file.
fn model_key<O: Objects>(objects: &O, identities: &Identities) -> Result<Identities, CryptError> {
    for number in 1..=MAX_KEYS {
        let name = key_name(number);
        let opened = match age_file::open(objects, &name, identities) {
            Ok(opened) => opened,
            Err(CryptError::NoKey(_)) => continue,
            Err(CryptError::Io { source, .. }) if number > 1 && source.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        };
        let text = read_small(opened, &name, MAX_IDENTITIES_BYTES)?;
        let malformed = || CryptError::Malformed { name: name.clone(), reason: "what it holds is no key".to_owned() };
        return std::str::from_utf8(&text).ok().and_then(|text| Identities::parse(text).ok()).ok_or_else(malformed);
    }
    Err(CryptError::NoKey("any of the key files".to_owned()))
}

fn read_small(plaintext: impl io::Read, name: &str, limit: u64) -> Result<Zeroizing<Vec<u8>>, CryptError> {
    let mut bytes = Zeroizing::new(Vec::new());
    plaintext.take(limit + 1).read_to_end(&mut bytes).map_err(|error| broken(name, error))?;
    if bytes.len() as u64 > limit {
        return Err(CryptError::Malformed { name: name.to_owned(), reason: format!("it holds more than {limit} bytes") });
    }
    Ok(bytes)
}

/// A file of an encrypted model, read at any position: 64 KiB are decrypted and authenticated for it at least.
pub struct DecryptedFile<R> {
    stream: Mutex<StreamReader<BufReader<R>>>,
    size: u64,
}

impl<R: io::Read + io::Seek> ReadAt for DecryptedFile<R> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.seek(SeekFrom::Start(offset))?;
        stream.read_exact(buffer)
    }
}
