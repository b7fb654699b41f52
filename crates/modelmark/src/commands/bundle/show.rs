//! `modelmark bundle show`: what a bundle says, once it is checked.

use std::fmt::Write as _;
use std::path::PathBuf;

use alloy::primitives::B256;
use clap::Args;
use modelmark_chain::{MintLink, ProvenMint, ProvenTokens};
use modelmark_verify::{Bundle, MAX_BUNDLE_BYTES, Rival, TrustedBlock, rfc3339};
use serde::Serialize;

use crate::error::{CommandError, Result};
use crate::output::printable_lines;
use crate::session::{Session, read_judged};

/// Show what a bundle proves, of which block, and on whose word
///
/// A bundle that does not hold is refused with a code. Nobody is asked.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark bundle show my-model.bundle.json --block-hash 0x…")]
pub(crate) struct ShowArgs {
    /// Bundle
    file: PathBuf,
    /// Hash of a block that you know to be one of the chain's; a bundle that speaks of another block is refused. Repeatable
    #[arg(long, value_name = "HASH", value_parser = block_hash)]
    block_hash: Vec<TrustedBlock>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'b> {
    sha256: String,
    /// Whether the block is one that the caller named.
    trusted_block: bool,
    #[serde(flatten)]
    proven: &'b ProvenTokens,
    signatures: usize,
    /// By the word of the bundle's maker.
    claims: &'b [Rival],
    lineage_records: usize,
}

/// Reads a block's hash.
pub(crate) fn block_hash(text: &str) -> std::result::Result<TrustedBlock, String> {
    text.parse().map(|hash: B256| hash.0).map_err(|_| "a block's hash is 0x and 64 hex digits".to_owned())
}

/// Says where the mint was, and who says that its block is one of the chain's.
fn minted(mint: &ProvenMint, trusted: &[TrustedBlock]) -> String {
    let word = match mint.link {
        MintLink::Same => "the same block",
        MintLink::Parent => "the parent of that block",
        MintLink::History => "an ancestor of that block, by its state (EIP-2935)",
        MintLink::Told if trusted.contains(&mint.block.hash.0) => "which you trust",
        MintLink::Told => "one of the chain's by the word of the bundle's maker",
    };
    let block = &mint.block;
    format!("block {} of {}, {}, transaction {}, log {}: {word}", block.number, rfc3339(block.time), block.hash, mint.transaction, mint.log)
}

pub(super) fn run(session: &Session<'_>, args: &ShowArgs) -> Result<u8> {
    let bytes = read_judged(&args.file, MAX_BUNDLE_BYTES)?;
    let refused = |error: modelmark_verify::BundleError| CommandError::refused(format!("{}: {error}", error.code()));
    let bundle = Bundle::parse(&bytes).map_err(refused)?;
    let proven = bundle.check(&args.block_hash).map_err(refused)?;
    let shown = Shown {
        sha256: bundle.digest().to_string(),
        trusted_block: !args.block_hash.is_empty(),
        proven: &proven,
        signatures: bundle.signatures().count(),
        claims: bundle.rivals(),
        lineage_records: bundle.lineage().count(),
    };
    let token = proven.tokens.get(&proven.token.id());
    let token = token.ok_or_else(|| CommandError::refused(format!("there is no token {}", proven.token)))?;
    session.output.result(&shown, || {
        let block = &proven.block;
        let trust = if shown.trusted_block { "" } else { ", by the word of the bundle's maker" };
        let mut rows = vec![
            ("bundle", shown.sha256.clone()),
            ("token", proven.token.to_string()),
            ("block", format!("{} of {}, {}{trust}", block.number, rfc3339(block.time), block.hash)),
            ("owner", token.owner.to_string()),
            ("creator", token.creator.to_string()),
            ("status", token.status.to_string()),
            ("licence", token.license.clone()),
            ("weights", token.weights.to_0x()),
            ("record", token.record.to_0x()),
            (
                "ancestors",
                format!(
                    "{}, {} of them in the log alone",
                    (proven.tokens.len() + proven.logged.len()).saturating_sub(1),
                    proven.logged.len()
                ),
            ),
            ("signatures", shown.signatures.to_string()),
            ("claims", format!("{} of others, by the word of the bundle's maker", shown.claims.len())),
        ];
        rows.extend(proven.mint.as_ref().map(|mint| ("mint", minted(mint, &args.block_hash))));
        rows.extend(token.judgements.iter().map(|said| ("curator", format!("{} says {}", said.curator, said.status))));
        let mut text = String::new();
        for (name, value) in rows {
            let _ = writeln!(text, "{name:<11} {}", printable_lines(&value, 12));
        }
        text
    })?;
    Ok(0)
}
