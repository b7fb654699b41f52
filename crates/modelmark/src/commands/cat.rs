//! `modelmark cat`: bytes from the block store, re-hashed as they stream.

use std::io::Write as _;

use clap::Args;
use modelmark_digest::ContentId;
use modelmark_storage::StorageError;

use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::output::finish;
use crate::session::Session;

/// Print the bytes behind a CID from the block store
///
/// Records and files of stored models; every block is re-hashed before it is printed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark cat bafkrei… > record.json")]
pub(crate) struct CatArgs {
    /// CID of a record or file
    cid: String,
    /// Where to start, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    offset: u64,
    /// How much to print, in bytes [default: to the end]
    #[arg(long, value_name = "BYTES")]
    length: Option<u64>,
}

pub(crate) fn run(session: &Session<'_>, args: &CatArgs) -> Result<()> {
    let cid: ContentId = args.cid.strip_prefix("ipfs://").unwrap_or(&args.cid).parse().or_usage()?;
    let end = args.length.map_or(u64::MAX, |length| args.offset.saturating_add(length));
    let mut out = std::io::stdout().lock();
    match modelmark_storage::cat(session.store()?, &cid, args.offset..end, &mut out) {
        Ok(_) => finish(out.flush()),
        Err(StorageError::Output(error)) => finish(Err(error)),
        Err(error) => Err(explain(error)),
    }
}

/// Gives a failed read its exit code: damage is a finding, absence is not.
pub(crate) fn explain(error: StorageError) -> CommandError {
    let kind = match error {
        StorageError::Damaged { .. } | StorageError::Altered { .. } | StorageError::TooLarge { .. } => Kind::Refused,
        _ => Kind::Unreachable,
    };
    CommandError::new(kind, error)
}
