//! `modelmark storage cache`: how much is kept of what was read from places.

use clap::Args;
use modelmark_storage::BlockCache;
use modelmark_verify::exit_codes;
use serde_json::json;

use crate::error::Result;
use crate::output::bytes;
use crate::places::CACHE;
use crate::session::Session;

/// Show how much is kept of what was read from places, or forget it
///
/// At most 1 GiB; what was used least recently goes first. Nothing is lost but time when it is forgotten.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage cache --clear")]
pub(crate) struct CacheArgs {
    /// Forget all of it
    #[arg(long)]
    clear: bool,
}

pub(crate) fn run(session: &Session<'_>, args: &CacheArgs) -> Result<u8> {
    let cache = BlockCache::open(session.data_dir()?.join(CACHE));
    let (held, word) = if args.clear { (cache.clear(), "forgot") } else { (cache.held(), "holds") };
    let value = json!({"cache": cache.name(), "blocks": held.blocks, "bytes": held.bytes, "cleared": args.clear});
    session.output.result(&value, || format!("{}  {word} {} blocks, {}", cache.name(), held.blocks, bytes(held.bytes)))?;
    Ok(exit_codes::VERIFIED)
}
