//! `modelmark dataset`: commit to a dataset, and prove what is and is not in it.

mod check;
mod croissant;
mod prove;
mod root;
mod row;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use modelmark_dataset::{DatasetError, SaltKey};
use modelmark_digest::{Manifest, Request};
use zeroize::Zeroizing;

use crate::commands::digest;
use crate::error::{CommandError, Kind, Result};
use crate::progress::Progress;
use crate::session::Session;

const KEY_VARIABLE: &str = "MODELMARK_SALT_KEY";
/// More than any key file has.
const MAX_KEY_BYTES: u64 = 1 << 10;

/// Commit to a dataset, and prove what is and is not in it
#[derive(Debug, Subcommand)]
pub(crate) enum DatasetCommand {
    Root(root::RootArgs),
    Prove(prove::ProveArgs),
    Check(check::CheckArgs),
    Croissant(croissant::CroissantArgs),
}

pub(crate) fn run(session: &Session<'_>, command: &DatasetCommand) -> Result<u8> {
    match command {
        DatasetCommand::Root(args) => root::run(session, args),
        DatasetCommand::Prove(args) => prove::run(session, args),
        DatasetCommand::Check(args) => check::run(session, args),
        DatasetCommand::Croissant(args) => croissant::run(session, args),
    }
}

/// Whether the leaves are salted, and with which key.
#[derive(Debug, Args)]
struct SaltArgs {
    /// Salt the leaves, so that nobody can test guesses against the root; the key, 64 hex digits, is $MODELMARK_SALT_KEY
    #[arg(long)]
    salted: bool,
    /// Salt the leaves with the key in this file, 64 hex digits
    #[arg(long, value_name = "FILE", conflicts_with = "salted")]
    salt_key_file: Option<PathBuf>,
}

impl SaltArgs {
    fn key(&self) -> Result<Option<SaltKey>> {
        let text = match &self.salt_key_file {
            Some(path) => read_key(path).map_err(|error| CommandError::usage(format!("cannot read `{}`: {error}", path.display())))?,
            None if self.salted => Zeroizing::new(std::env::var(KEY_VARIABLE).map_err(|_| {
                CommandError::usage(format!("{KEY_VARIABLE} is not set to a text"))
                    .hint("make a key with `openssl rand -hex 32`, and keep it")
            })?),
            None => return Ok(None),
        };
        let wrong = |error| CommandError::new(Kind::Usage, error).hint("make a key with `openssl rand -hex 32`, and keep it");
        text.parse().map(Some).map_err(wrong)
    }
}

fn read_key(path: &Path) -> std::io::Result<Zeroizing<String>> {
    use std::io::Read as _;
    // Reserved at once: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_KEY_BYTES as usize));
    std::fs::File::open(path)?.take(MAX_KEY_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// Fingerprints what a check is about: every byte is read, whatever a cache says.
fn read_anew(session: &Session<'_>, path: &Path) -> Result<Manifest> {
    let request = Request { tensors: false, ..Request::default() };
    modelmark_digest::digest(path, &request, &Progress::new(session.output, "digest")).map_err(digest::explain)
}

/// Says which document has the fault.
fn of_document(path: &Path) -> impl Fn(DatasetError) -> CommandError {
    move |error| {
        let kind = kind(&error);
        CommandError::new(kind, anyhow::Error::new(error).context(format!("`{}`", path.display())))
    }
}

const fn kind(error: &DatasetError) -> Kind {
    match error {
        DatasetError::Io(_) => Kind::Unreachable,
        DatasetError::Path(_) => Kind::Usage,
        _ => Kind::Refused,
    }
}

/// Gives a dataset's fault its exit code.
pub(crate) fn explain(error: DatasetError) -> CommandError {
    let kind = kind(&error);
    let hint = match &error {
        DatasetError::SamePath(_) => Some("rename one of them: other systems cannot tell them apart"),
        DatasetError::NoSuchPath(_) => Some("name it as `modelmark dataset root` lists it; --absent-path proves that it is not there"),
        DatasetError::ContentPresent { .. } | DatasetError::PathPresent(_) => Some("without --absent-… its membership can be proven"),
        _ => None,
    };
    let explained = CommandError::new(kind, error);
    match hint {
        Some(hint) => explained.hint(hint),
        None => explained,
    }
}
