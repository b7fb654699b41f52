//! `modelmark oms`: signatures of OpenSSF model signing, made and verified.

pub(crate) mod beside;
pub(crate) mod place;
pub(crate) mod sign;
pub(crate) mod verify;

use clap::Subcommand;
use modelmark_oms::{KeyError, Statement};
use modelmark_record::{Record, RecordId};
use modelmark_verify::exit_codes;

use crate::error::{CommandError, Result};
use crate::session::Session;

/// Sign and verify models as OpenSSF model signing has it (`model.sig`)
///
/// Other clients read these signatures: the Python package `model-signing` and the Go client. They need no chain, record or account.
#[derive(Debug, Subcommand)]
pub(crate) enum OmsCommand {
    /// Sign a model: with a key, or with a key and its certificate
    #[command(subcommand)]
    Sign(sign::SignCommand),
    /// Verify a model: with a key, with certificates that you trust, or by who was logged in
    #[command(subcommand)]
    Verify(verify::VerifyCommand),
}

/// Returns the exit code.
pub(crate) fn run(session: &Session<'_>, command: &OmsCommand) -> Result<u8> {
    match command {
        OmsCommand::Sign(command) => sign::run(session, command).map(|()| exit_codes::VERIFIED),
        OmsCommand::Verify(command) => verify::run(session, command),
    }
}

/// Says what is wrong with a file of a key or certificate.
pub(crate) fn bad_key(path: &std::path::Path, error: &KeyError) -> CommandError {
    let told = CommandError::usage(format!("`{}`: {error}", path.display()));
    match error {
        KeyError::Curve(_) => told.hint("`openssl ecparam -name prime256v1 -genkey -noout -out key.pem` makes a key on P-256"),
        KeyError::NoKey(_) => told.hint("keys and certificates are read in PEM form"),
        _ => told,
    }
}

/// Returns the id of the record that a claim carries, when it carries one.
fn carried_record(statement: &Statement) -> Option<RecordId> {
    if statement.predicate_type != modelmark_oms::RECORD_PREDICATE {
        return None;
    }
    let record: Record = serde_json::from_value(statement.predicate.clone()).ok()?;
    record.canonical().ok().map(|record| record.id())
}
