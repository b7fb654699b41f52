//! What of a model goes to places beside its record, and whether it is encrypted before.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use modelmark_crypt::{Holders, encrypt};
use modelmark_digest::outboard::Recorder;
use modelmark_digest::{ContentId, Manifest, Observer as _, Request};
use modelmark_storage::Leaves;
use serde::Serialize;

use crate::commands::digest::{explain, observed};
use crate::error::{CommandError, OrKind as _, Result};
use crate::identities::{self, holders};
use crate::options::CacheArgs;
use crate::output::bytes;
use crate::places::{Places, Sent};
use crate::progress::{Both, Progress};
use crate::session::{Session, writable_hint};

/// What places keep.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Places")]
pub(crate) struct WeightsArgs {
    /// What the places keep: the record, with its signatures and its picture, or all files of the model too. A file that a place has is not sent again, so
    /// that what broke off goes on when it is repeated
    #[arg(long = "store", value_name = "WHAT", value_enum, default_value_t)]
    what: What,
    /// Encrypt the files of the model for this recipient (`age1…`) before they go to the places; repeatable. The record states the digests of the plaintext.
    /// See `modelmark encrypt`
    #[arg(long, value_name = "RECIPIENT")]
    recipient: Vec<String>,
    /// File with recipients, one a line; repeatable
    #[arg(long, value_name = "FILE")]
    recipients_file: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum What {
    #[default]
    Record,
    Weights,
}

/// What is to be done with the files, checked.
pub(crate) struct Plan {
    what: What,
    holders: Option<Holders>,
}

/// What of a model went to the places.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    /// CID of what the places keep: of the model, or of its encrypted form.
    root: ContentId,
    encrypted: bool,
    #[serde(flatten)]
    sent: Sent,
}

impl WeightsArgs {
    /// Checks what can be checked before a large model is read.
    pub(crate) fn plan(&self, places: &Places) -> Result<Plan> {
        let named = !(self.recipient.is_empty() && self.recipients_file.is_empty());
        match self.what {
            What::Record if named => Err(CommandError::usage("only weights are encrypted").hint("add `--store weights`")),
            What::Weights if places.is_empty() => {
                Err(CommandError::usage("there is no place to store the weights at").hint("name one with `--place URL`"))
            }
            what => {
                let holders = named.then(|| holders(&self.recipient, &self.recipients_file)).transpose()?;
                Ok(Plan { what, holders })
            }
        }
    }
}

impl Plan {
    /// Hands the model at `path`, which is in the block store, to the places if that was asked for, encrypted if there are holders.
    pub(crate) fn keep(
        &self,
        session: &Session<'_>,
        places: &Places,
        path: &Path,
        manifest: &Manifest,
        yes: bool,
    ) -> Result<Option<Stored>> {
        if self.what == What::Record {
            return Ok(None);
        }
        let sealed = self.holders.as_ref().map(|holders| seal(session, path, manifest, holders)).transpose()?;
        let model = sealed.as_ref().unwrap_or(manifest);
        let sent = session.block_on(places.keep_model(session, model, yes))?;
        session.output.step("weights", format!("{}, {} sent, {} of it was there", model.cid, bytes(sent.sent), bytes(sent.there)));
        Ok(Some(Stored { root: model.cid, encrypted: sealed.is_some(), sent }))
    }
}

/// Encrypts the model into the data directory, where it stays because the block store refers to it, and takes that into the block store. What was encrypted
/// for the same holders before is used again: it could not be made twice alike, so that places would get it twice.
fn seal(session: &Session<'_>, path: &Path, manifest: &Manifest, holders: &Holders) -> Result<Manifest> {
    let folder = session.data_dir()?.join("encrypted");
    fs::create_dir_all(&folder).or_unreachable().map_err(writable_hint)?;
    let lock = alone_in(&folder).or_unreachable().map_err(writable_hint)?;
    let sealed = folder.join(format!("{}-{}", manifest.cid, holders.fingerprint()));
    if !sealed.is_dir() {
        let recorder = Recorder::default();
        let request = Request { profile: manifest.profile, ..Request::cids() };
        let again = observed(session, path, &request, &Both(&Progress::new(session.output, "digest"), &recorder), CacheArgs::default())?;
        if again.cid != manifest.cid {
            return Err(
                CommandError::unreachable(format!("`{}` changed meanwhile", path.display())).hint("try again when nobody writes to it")
            );
        }
        let outboard = recorder.finish(&again).or_refused()?;
        forget(&note_of(&sealed)).or_unreachable().map_err(writable_hint)?;
        let progress = Progress::new(session.output, "encrypt");
        progress.planned(again.files.len() as u64, again.size);
        encrypt(path, outboard, holders, &sealed, &|count| progress.advanced(count)).map_err(identities::explain)?;
    }
    let store = session.store()?;
    let import = store.import(&sealed, Leaves::Referenced).or_unreachable()?;
    let taken = modelmark_digest::digest(&sealed, &Request::cids(), &import).map_err(explain)?;
    same_as_before(&sealed, &taken.cid)?;
    import.finish(&taken).or_unreachable().map_err(writable_hint)?;
    drop(lock);
    session.output.step("encrypt", format!("{} as {}", manifest.cid, taken.cid));
    Ok(taken)
}

/// Waits until nobody else encrypts there, and removes what a run that was killed left half made.
fn alone_in(folder: &Path) -> io::Result<File> {
    let lock = File::options().create(true).append(true).open(folder.join("lock"))?;
    lock.lock()?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains(".part-") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(lock)
}

/// Makes sure that an encrypted model is the one that was made, and not what became of it on this disk.
fn same_as_before(sealed: &Path, cid: &ContentId) -> Result<()> {
    let note = note_of(sealed);
    match fs::read_to_string(&note) {
        Ok(before) if before.trim() == cid.to_string() => Ok(()),
        Ok(_) => Err(CommandError::refused(format!("`{}` is no longer what it was when it was made", sealed.display()))
            .hint("remove it, and it is encrypted again")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::write(&note, cid.to_string()).or_unreachable().map_err(writable_hint),
        Err(error) => Err(error).or_unreachable(),
    }
}

fn note_of(sealed: &Path) -> PathBuf {
    sealed.with_extension("cid")
}

fn forget(note: &Path) -> io::Result<()> {
    match fs::remove_file(note) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
