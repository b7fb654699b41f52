//! `modelmark encrypt`: a model that only its holders can read.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_crypt::{Identities, add_recipients, encrypt};
use modelmark_digest::outboard::Recorder;
use modelmark_digest::{Observer as _, Request};
use serde_json::json;

use crate::commands::digest::{files, observed};
use crate::error::{CommandError, OrKind as _, Result};
use crate::hub;
use crate::identities::{IdentityArgs, explain, holders};
use crate::options::{CacheArgs, ProfileArgs};
use crate::output::bytes;
use crate::output_file::{refuse_overlaps, unwritten};
use crate::progress::{Both, Progress};
use crate::session::Session;

/// Encrypt a model for its holders, so that it can lie on public storage
///
/// What is written are age files, which `age` and `rage` decrypt too. Their number and sizes can be seen, names and content cannot. The digests of the
/// plaintext go along, encrypted, so that `decrypt` holds all that comes out against the record, and a part of the model can be read alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark encrypt --new-identity key.txt\n  \
                        modelmark encrypt ./my-model ./my-model.encrypted --recipient age1… --recipient age1…\n  \
                        modelmark encrypt ./my-model.encrypted --add-recipient age1… --identity key.txt")]
pub(crate) struct EncryptArgs {
    /// Model: a file, a directory, or `ORG/NAME` in the Hugging Face cache; with --add-recipient a model that is encrypted already
    #[arg(required_unless_present = "new_identity", conflicts_with = "new_identity")]
    path: Option<PathBuf>,
    /// Directory to make
    #[arg(required_unless_present_any = ["new_identity", "add_recipient"], conflicts_with_all = ["new_identity", "add_recipient"])]
    out: Option<PathBuf>,
    /// Whoever may decrypt it, as `age-keygen` shows it (`age1…`); repeatable
    #[arg(short, long, value_name = "RECIPIENT", conflicts_with = "add_recipient")]
    recipient: Vec<String>,
    /// File with recipients, one a line; repeatable
    #[arg(short = 'R', long, value_name = "FILE")]
    recipients_file: Vec<PathBuf>,
    /// Let somebody else decrypt the encrypted model too, with the identity of a holder; repeatable. One small file is added, and no other changes
    #[arg(long, value_name = "RECIPIENT")]
    add_recipient: Vec<String>,
    /// Make an identity, write it to this new file, and show its recipient
    #[arg(long, value_name = "FILE")]
    new_identity: Option<PathBuf>,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    cache: CacheArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &EncryptArgs) -> Result<()> {
    match (&args.new_identity, &args.path, &args.out) {
        (Some(file), _, _) => new_identity(session, file),
        (None, Some(path), None) => add(session, path, args),
        (None, Some(path), Some(out)) => whole(session, path, out, args),
        (None, None, _) => Err(CommandError::usage("there is no model to encrypt")),
    }
}

fn new_identity(session: &Session<'_>, path: &Path) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let identity = Identities::generate();
    let recipient = identity.recipients().map(|recipient| recipient.to_string()).collect::<String>();
    let text = zeroize::Zeroizing::new(format!("# public key: {recipient}\n{}", *identity.to_text()));
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => CommandError::usage(format!("there is something at `{}` already", path.display())),
        _ => unwritten(path, &error),
    })?;
    session.output.result(&json!({"recipient": recipient, "file": path}), || recipient.clone())
}

fn add(session: &Session<'_>, path: &Path, args: &EncryptArgs) -> Result<()> {
    let holders = holders(&args.add_recipient, &args.recipients_file)?;
    let added = add_recipients(path, &args.identity.read()?, &holders).map_err(explain)?;
    session.output.result(&json!({"added": added}), || format!("{}", path.join(&added).display()))
}

fn whole(session: &Session<'_>, path: &Path, out: &Path, args: &EncryptArgs) -> Result<()> {
    let holders = holders(&args.recipient, &args.recipients_file)?;
    let path = hub::locate(session, path)?;
    refuse_overlaps(&[Some(out)], &path, "model")?;
    if out.symlink_metadata().is_ok() {
        return Err(explain(modelmark_crypt::CryptError::Exists(out.to_owned())));
    }
    let request = Request { profile: args.profile.cid_profile, holes: args.cache.holes.read_holes, ..Request::cids() };
    let recorder = Recorder::default();
    let manifest = observed(session, &path, &request, &Both(&Progress::new(session.output, "digest"), &recorder), args.cache)?;
    let outboard = recorder.finish(&manifest).or_refused()?;
    {
        let progress = Progress::new(session.output, "encrypt");
        progress.planned(manifest.files.len() as u64, manifest.size);
        encrypt(&path, outboard, &holders, out, &|count| progress.advanced(count)).map_err(explain)?;
    }
    let value = json!({"model": manifest.cid, "files": manifest.files.len(), "bytes": manifest.size, "directory": out});
    session.output.result(&value, || format!("{}  {}, {}", manifest.cid, files(manifest.files.len()), bytes(manifest.size)))
}
