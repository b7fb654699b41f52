//! `modelmark storage pins` and `unpin`: the roots that are kept.

use clap::Args;
use modelmark_digest::ContentId;
use modelmark_verify::exit_codes;
use serde_json::json;

use crate::error::{CommandError, OrKind as _, Result};
use crate::session::{Session, writable_hint};

/// List what the block store keeps: records, signatures, models
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage pins")]
pub(crate) struct PinsArgs {}

/// Stop keeping a record, signatures or a model; the next `modelmark storage gc` frees its blocks
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage unpin bafybei… && modelmark storage gc")]
pub(crate) struct UnpinArgs {
    /// CID as `modelmark storage pins` shows it
    cid: String,
}

pub(crate) fn run(session: &Session<'_>, _args: &PinsArgs) -> Result<u8> {
    let pins = session.store()?.pins().or_unreachable()?;
    session.output.result(&pins, || pins.iter().map(|pin| format!("{:10}  {}", pin.role, pin.root)).collect::<Vec<_>>().join("\n"))?;
    Ok(exit_codes::VERIFIED)
}

pub(crate) fn unpin(session: &Session<'_>, args: &UnpinArgs) -> Result<u8> {
    let cid: ContentId = args.cid.strip_prefix("ipfs://").unwrap_or(&args.cid).parse().or_usage()?;
    if !session.store()?.unpin(&cid).or_unreachable().map_err(writable_hint)? {
        return Err(CommandError::refused(format!("{cid} is not kept here")).hint("`modelmark storage pins` lists what is"));
    }
    session.output.result(&json!({"unpinned": cid}), || cid.to_string())?;
    Ok(exit_codes::VERIFIED)
}
