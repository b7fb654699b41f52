//! `modelmark anchor`: any number of records under one root, in one transaction, and commitments to weights that are shown later.

mod build;
mod check;
mod claim;
mod commit;
mod entries;
mod prove;
mod reveal;
mod secret;
mod submit;

use std::io::ErrorKind;
use std::path::Path;

use clap::Subcommand;
use modelmark_log::LogError;

use crate::error::{CommandError, Kind, Result};
use crate::output::printable;
use crate::session::Session;

/// The document in a list's folder that says what the entries are.
const MANIFEST: &str = "manifest.json";
/// File of a list's folder with its signed root.
const CHECKPOINT: &str = "checkpoint";

/// Put records under one root (build, submit, prove, check, claim), or commit to weights that are shown later (commit, reveal)
#[derive(Debug, Subcommand)]
pub(crate) enum AnchorCommand {
    Build(Box<build::BuildArgs>),
    Submit(Box<submit::SubmitArgs>),
    Prove(Box<prove::ProveArgs>),
    Check(Box<check::CheckArgs>),
    Claim(Box<claim::ClaimArgs>),
    Commit(Box<commit::CommitArgs>),
    Reveal(Box<reveal::RevealArgs>),
    Priority(reveal::PriorityArgs),
}

/// Returns the exit code.
pub(crate) fn run(session: &Session<'_>, command: &AnchorCommand) -> Result<u8> {
    let done = modelmark_verify::exit_codes::VERIFIED;
    match command {
        AnchorCommand::Build(args) => build::run(session, args).map(|()| done),
        AnchorCommand::Submit(args) => submit::run(session, args).map(|()| done),
        AnchorCommand::Prove(args) => prove::run(session, args).map(|()| done),
        AnchorCommand::Check(args) => check::run(session, args),
        AnchorCommand::Claim(args) => claim::run(session, args).map(|()| done),
        AnchorCommand::Commit(args) => commit::run(session, args).map(|()| done),
        AnchorCommand::Reveal(args) => reveal::run(session, args).map(|()| done),
        AnchorCommand::Priority(args) => reveal::priority(session, args).map(|()| done),
    }
}

/// Says what kind of obstacle a log met, and in which folder: the errors name files inside it.
fn explain_in(folder: &Path) -> impl Fn(LogError) -> CommandError {
    let shown = printable(&folder.display().to_string());
    move |error| {
        let missing = matches!(&error, LogError::File { path, source } if path == CHECKPOINT && source.kind() == ErrorKind::NotFound);
        let kind = kind(&error);
        match missing {
            true => CommandError::new(kind, anyhow::anyhow!("there is no list in `{shown}`: it has no file `{CHECKPOINT}`"))
                .hint("`modelmark anchor build` makes one"),
            false => CommandError::new(kind, anyhow::anyhow!("the list in `{shown}`: {error}")),
        }
    }
}

/// Says what kind of obstacle a log met.
fn explain(error: LogError) -> CommandError {
    CommandError::new(kind(&error), error)
}

const fn kind(error: &LogError) -> Kind {
    match error {
        LogError::File { .. } | LogError::Form { .. } | LogError::Key(_) | LogError::Proof(_) => Kind::Usage,
        _ => Kind::Refused,
    }
}
