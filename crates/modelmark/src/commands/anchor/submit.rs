//! `modelmark anchor submit`: the root of a list, on a chain.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{anchor, anchored};
use modelmark_digest::Sha256Digest;
use modelmark_log::LogReader;
use serde_json::json;

use super::{MANIFEST, explain_in};
use crate::commands::mint::explain as explain_chain;
use crate::error::Result;
use crate::session::{Session, read_input};
use crate::transaction::TransactionArgs;

const MAX_MANIFEST: u64 = 1 << 20;

/// Anchor a list's root on a chain, in one transaction of the same cost whatever its length
///
/// Whoever sends it is committed to the list from that block on. The list itself stays where it is: keep its folder in more than one place.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark anchor submit ./batch --dry-run\n  modelmark anchor submit ./batch")]
pub(crate) struct SubmitArgs {
    /// Folder of the list
    folder: PathBuf,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) fn run(session: &Session<'_>, args: &SubmitArgs) -> Result<()> {
    let log = LogReader::open(&args.folder).map_err(explain_in(&args.folder))?;
    let checkpoint = log.checkpoint().checkpoint();
    let manifest = Sha256Digest::of(&read_input(&args.folder.join(MANIFEST), MAX_MANIFEST)?);
    session.block_on(async {
        let acting = args.transaction.act(session).await?;
        let by = acting.wallet.address();
        let there = anchored(&acting.chain, by, checkpoint.root()).await.map_err(explain_chain)?;
        let calls = if there.is_some() { Vec::new() } else { vec![anchor(checkpoint.root(), checkpoint.size(), manifest)] };
        acting
            .make_and_tell(session, calls, |_| {
                let value = json!({
                    "chain": acting.chain.id(),
                    "by": by.to_checksum(None),
                    "root": checkpoint.root().to_0x(),
                    "size": checkpoint.size(),
                    "manifest": manifest.to_0x(),
                    "anchoredBefore": there.map(|anchored| anchored.at),
                });
                let news = if there.is_some() { "was anchored before" } else { "is anchored" };
                Ok((value, format!("root {} over {} entries {news} by {by}", checkpoint.root().to_0x(), checkpoint.size())))
            })
            .await
    })
}
