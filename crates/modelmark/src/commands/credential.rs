//! `modelmark credential`: the record as a W3C verifiable credential.

mod issue;
mod key;
mod present;
mod verify;

use std::path::Path;
use std::time::SystemTime;

use clap::Subcommand;
use modelmark_credential::{Instant, KeyError, PublicKey};
use modelmark_verify::exit_codes;

use crate::error::{CommandError, Kind, Result};
use crate::session::{Session, read_input};

/// A DID document or a public key has some kilobytes.
const MAX_DOCUMENT_BYTES: u64 = 1 << 20;

/// Issue, present and verify a record as a verifiable credential
#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    Issue(Box<issue::IssueArgs>),
    Present(present::PresentArgs),
    Verify(verify::VerifyArgs),
    #[command(subcommand)]
    Key(key::KeyCommand),
}

/// Returns the exit code.
pub(crate) fn run(session: &Session<'_>, command: &CredentialCommand) -> Result<u8> {
    match command {
        CredentialCommand::Issue(args) => issue::run(session, args)?,
        CredentialCommand::Present(args) => present::run(session, args)?,
        CredentialCommand::Verify(args) => return verify::run(session, args),
        CredentialCommand::Key(command) => key::run(session, command)?,
    }
    Ok(exit_codes::VERIFIED)
}

/// Reads the public key of an issuer or a holder.
fn read_key(path: &Path) -> Result<PublicKey> {
    let bytes = read_input(path, MAX_DOCUMENT_BYTES)?;
    let wrong = |error: anyhow::Error| CommandError::new(Kind::Usage, error.context(format!("`{}`", path.display())));
    let text = std::str::from_utf8(&bytes).map_err(|error| wrong(error.into()))?;
    text.parse().map_err(|error: KeyError| wrong(error.into()))
}

/// Returns the time of the clock.
pub(super) fn now() -> Result<Instant> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
    let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok());
    seconds
        .and_then(Instant::from_unix)
        .ok_or_else(|| CommandError::usage("the system's clock is outside the years 1970 to 9999").hint("set the clock, or name the time"))
}
