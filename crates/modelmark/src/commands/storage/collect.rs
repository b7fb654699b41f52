//! `modelmark storage gc`: frees what nothing keeps.

use clap::Args;
use modelmark_storage::StorageError;
use modelmark_verify::exit_codes;

use crate::commands::cat::explain;
use crate::error::Result;
use crate::output::bytes;
use crate::session::{Session, writable_hint};

/// Free the blocks that no record, signatures or model in the store needs
///
/// Files that are referenced where they lie are never touched.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage gc")]
pub(crate) struct GcArgs {}

pub(crate) fn run(session: &Session<'_>, _args: &GcArgs) -> Result<u8> {
    let freed = session.store()?.gc().map_err(|error| {
        let damaged = matches!(error, StorageError::Missing { .. } | StorageError::Damaged { .. } | StorageError::Altered { .. });
        let told = writable_hint(explain(error));
        if damaged { told.hint("nothing was freed; `modelmark storage fsck --repair` mends what can be had elsewhere") } else { told }
    })?;
    session.output.result(&freed, || format!("freed {} blocks and {} files, {}", freed.blocks, freed.files, bytes(freed.bytes)))?;
    Ok(exit_codes::VERIFIED)
}
