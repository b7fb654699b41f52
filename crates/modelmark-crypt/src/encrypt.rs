//! From a model to its encrypted form.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use modelmark_digest::outboard::{LeafError, LeafList, Outboard, VerifyingReader};
use modelmark_digest::partial::Listing;
use modelmark_digest::{ContentId, ModelPath, Sha256Digest};
use tempfile::NamedTempFile;

use crate::age_file::begin;
use crate::objects::{Folder, MAX_KEYS, key_name, object_name, outboard_name};
use crate::place::{NewFolder, folder_of};
use crate::{CryptError, Identities, MAX_RECIPIENTS, Opened, Recipient};

/// Files that are worked on side by side: each is one stream, and encryption is slower than most disks.
const MAX_THREADS: usize = 4;

/// Bytes that are passed on at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// Whoever a model is encrypted for: at least one recipient, each once.
#[derive(Clone, Debug)]
pub struct Holders(Vec<Recipient>);

impl Holders {
    /// Takes the recipients; a repeated one counts once.
    ///
    /// # Errors
    /// [`CryptError::Count`] when there is none, or more than [`MAX_RECIPIENTS`].
    pub fn new(recipients: impl IntoIterator<Item = Recipient>) -> Result<Self, CryptError> {
        let mut holders: Vec<Recipient> = Vec::new();
        for recipient in recipients {
            if !holders.contains(&recipient) {
                holders.push(recipient);
            }
        }
        match holders.len() {
            0 => Err(CryptError::Count("there is no recipient to encrypt for".to_owned())),
            count if count > MAX_RECIPIENTS => {
                Err(CryptError::Count(format!("{count} recipients are more than the {MAX_RECIPIENTS} at once")))
            }
            _ => Ok(Self(holders)),
        }
    }

    /// Returns a short name for this set of recipients, whatever their order.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut names: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        names.sort();
        Sha256Digest::of(names.join("\n").as_bytes()).to_string().chars().take(16).collect()
    }
}

/// Encrypts the model at `model`, whose leaves are those of `outboard`, into the new directory `out`, which appears when it is whole; `advanced` is told of
/// the bytes that were read. Returns the CID of the model.
///
/// Memory is bounded by the outboard and a few buffers.
///
/// # Errors
/// [`CryptError::Exists`] when there is something at `out`, [`CryptError::Changed`] when a file is not what the outboard says, and when something cannot be
/// read or written. Nothing is at `out` then.
pub fn encrypt(
    model: &Path,
    outboard: Outboard,
    holders: &Holders,
    out: &Path,
    advanced: &(dyn Fn(u64) + Sync),
) -> Result<ContentId, CryptError> {
    let cid = outboard.cid()?;
    let folder = NewFolder::begin(out)?;
    let key = Identities::generate();
    write_key(&folder.path().join(key_name(1)), &key, holders)?;
    let recipients: Vec<Recipient> = key.recipients().collect();
    write_whole(&folder.path().join(outboard_name()), &recipients, &outboard.encode())?;

    let lists = outboard.check(&cid)?;
    let listing = Listing::of(model)?;
    let files: Vec<(Option<&ModelPath>, &LeafList)> = lists.files().collect();
    let sealed = side_by_side(files.len(), &|index| {
        let Some((path, list)) = files.get(index) else { return Ok(()) };
        let target = folder.path().join(object_name(index + 1));
        seal(&listing, path.map_or("", ModelPath::as_str), list, &recipients, &target, advanced)
    });
    sealed?;
    folder.finish()?;
    Ok(cid)
}

/// Encrypts the key of the encrypted model in `folder` for further holders, with the key of one who is a holder already. No other file changes. Returns
/// the name of the new file.
///
/// # Errors
/// When the identities are no holder's, there are [`MAX_KEYS`] key files already, or the directory cannot be written.
pub fn add_recipients(folder: &Path, identities: &Identities, holders: &Holders) -> Result<String, CryptError> {
    let opened = Opened::open(Folder(folder.to_owned()), identities)?;
    for number in 1..=MAX_KEYS {
        let path = folder.join(key_name(number));
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return write_key(&path, opened.key(), holders).map(|()| key_name(number));
            }
            Err(error) => return Err(CryptError::io("look at", &path)(error)),
            Ok(_) => {}
        }
    }
    Err(CryptError::Count(format!("there are {MAX_KEYS} key files already")))
}

fn write_key(path: &Path, key: &Identities, holders: &Holders) -> Result<(), CryptError> {
    write_whole(path, &holders.0, key.to_text().as_bytes())
}

/// Writes a small age file that appears when it is whole, and replaces nothing.
fn write_whole(path: &Path, recipients: &[Recipient], plaintext: &[u8]) -> Result<(), CryptError> {
    let wrong = || CryptError::io("write", path);
    let mut file = NamedTempFile::new_in(folder_of(path)).map_err(wrong())?;
    let written = begin(BufWriter::new(&mut file), recipients).and_then(|mut out| {
        out.write_all(plaintext)?;
        out.finish()?.flush()
    });
    written.and_then(|()| file.as_file().sync_all()).map_err(wrong())?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(CryptError::Exists(path.to_owned())),
        Err(error) => Err(wrong()(error.error)),
    }
}

fn seal(
    listing: &Listing,
    path: &str,
    list: &LeafList,
    recipients: &[Recipient],
    target: &Path,
    advanced: &(dyn Fn(u64) + Sync),
) -> Result<(), CryptError> {
    let changed = |reason: String| CryptError::Changed { path: path.to_owned(), reason };
    let (source, _) = listing.open(path)?.ok_or_else(|| changed("it is gone".to_owned()))?;
    // What the digests do not name is not encrypted, whatever happens to the file meanwhile.
    let mut verified = VerifyingReader::new(source, list);
    let wrong = || CryptError::io("write", target);
    let file = File::create_new(target).map_err(wrong())?;
    let mut out = begin(BufWriter::new(file), recipients).map_err(wrong())?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = match verified.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(changed("it became shorter".to_owned())),
            Err(error) if error.get_ref().is_some_and(|inner| inner.is::<LeafError>()) => return Err(changed(error.to_string())),
            Err(error) => return Err(CryptError::io("read", path)(error)),
        };
        out.write_all(buffer.get(..count).unwrap_or_default()).map_err(wrong())?;
        advanced(count as u64);
    }
    let written = out.finish().and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error)).and_then(|file| file.sync_all());
    written.map_err(wrong())
}

/// Does `work` for the numbers below `count` on a few threads, and stops at the first failure.
pub(crate) fn side_by_side(count: usize, work: &(dyn Fn(usize) -> Result<(), CryptError> + Sync)) -> Result<(), CryptError> {
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<CryptError>> = Mutex::default();
    let failed = || failure.lock().unwrap_or_else(PoisonError::into_inner);
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count || failed().is_some() {
                return;
            }
            if let Err(error) = work(index) {
                failed().get_or_insert(error);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS).min(count);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Without another thread this one does it all.
            let _ = std::thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    let failure = failed().take();
    failure.map_or(Ok(()), Err)
}
