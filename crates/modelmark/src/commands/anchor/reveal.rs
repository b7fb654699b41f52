//! `modelmark anchor reveal` and `priority`: the earlier time of a token's weights, shown and read.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{AnchoredEntry, Call, Chain, Commitment, Model, TokenRef, anchored, committed_at, parse_address, priority_of};
use modelmark_digest::Sha256Digest;
use modelmark_log::{Entry, EntryKind, ProofFile};
use serde_json::json;

use super::{explain, secret};
use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain as explain_chain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::{Session, read_input};
use crate::transaction::TransactionArgs;

const MAX_PROOF: u64 = 512 << 10;

/// Show that a token's creator committed to its weights before
///
/// Anybody who has the salt may. The salt is public afterwards, and showing it again sends nothing. With --proof the commitment is an entry of a list that --by anchored.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark anchor reveal eip155:31337/erc721:0x…/123… --secret my-model.secret\n  \
                        modelmark anchor reveal eip155:31337/erc721:0x…/123… --secret my-model.secret --proof 7.tlog-proof --by 0x…")]
pub(crate) struct RevealArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// File with the salt, as `anchor commit` wrote it
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Proof file of the commitment in a list, as `anchor prove` writes it
    #[arg(long, value_name = "FILE", requires = "by")]
    proof: Option<PathBuf>,
    /// Account that anchored the list
    #[arg(long, value_name = "ADDRESS", requires = "proof")]
    by: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show the earliest time at which a token's creator is shown to have committed to its weights
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark anchor priority eip155:31337/erc721:0x…/123…")]
pub(crate) struct PriorityArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(super) fn run(session: &Session<'_>, args: &RevealArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let commitment = secret::read(&args.secret)?;
    session.block_on(async {
        let acting = args.transaction.act(session).await?;
        let model = model(&acting.chain, &token).await?;
        if (commitment.creator, commitment.weights) != (model.creator, model.weights) {
            return Err(CommandError::refused(format!("the commitment is not to the weights of {token} by its creator")));
        }
        let (call, time) = match &args.proof {
            Some(path) => in_list(args, path, &acting.chain, &token, &commitment).await?,
            None => {
                let time = committed_at(&acting.chain, &commitment).await.map_err(explain_chain)?;
                let time = time.ok_or_else(|| {
                    CommandError::refused(format!("nobody made the commitment {}", commitment.digest()))
                        .hint("for an entry of an anchored list name its proof with `--proof` and `--by`")
                })?;
                (commitment.reveal(&token), time)
            }
        };
        // What is shown stays: the earliest time counts, and showing it again changes nothing.
        let known = priority_of(&acting.chain, &token).await.map_err(explain_chain)?.filter(|known| *known <= time);
        let calls = if known.is_some() { Vec::new() } else { vec![call] };
        let priority = known.unwrap_or(time);
        acting
            .make_and_tell(session, calls, |_| {
                let value = json!({"token": token, "priority": priority, "minted": model.minted.time, "shownBefore": known.is_some()});
                let news = if known.is_some() { ", as was shown before" } else { "" };
                Ok((value, format!("{token}: its creator committed to the weights at {priority} (Unix time){news}")))
            })
            .await
    })
}

/// Returns the call for a commitment in a list, and when the list was anchored.
async fn in_list(args: &RevealArgs, path: &Path, chain: &Chain, token: &TokenRef, commitment: &Commitment) -> Result<(Call, u64)> {
    let text = String::from_utf8(read_input(path, MAX_PROOF)?).map_err(|_| CommandError::usage("the proof file is not UTF-8 text"))?;
    let proof: ProofFile = text.parse().map_err(explain)?;
    let by = parse_address(args.by.as_deref().unwrap_or_default()).map_err(|error| CommandError::usage(format!("--by: {error}")))?;
    let wanted = Entry::new(EntryKind::Commit, Sha256Digest::from(commitment.digest().0));
    if !proof.includes(&wanted.bytes()) {
        return Err(CommandError::refused(format!("the proof is not of {wanted}")));
    }
    let root = proof.checkpoint().checkpoint().root();
    let found = anchored(chain, by, root).await.map_err(explain_chain)?;
    let found = found.ok_or_else(|| CommandError::refused(format!("{by} never anchored the root {}", root.to_0x())))?;
    let entry = AnchoredEntry { root, index: proof.proof().index(), hashes: proof.proof().hashes().to_vec() };
    Ok((commitment.reveal_anchored(token, by, &entry), found.at))
}

pub(super) fn priority(session: &Session<'_>, args: &PriorityArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    session.block_on(async {
        let chain = chain_source::connect(session, &args.chain).await?.chain;
        let model = model(&chain, &token).await?;
        let time = priority_of(&chain, &token).await.map_err(explain_chain)?;
        let value = json!({"token": token, "priority": time, "minted": model.minted.time});
        session.output.result(&value, || match time {
            Some(time) => format!("committed to at {time}, minted at {} (Unix time)", model.minted.time),
            None => format!("no earlier commitment was shown; minted at {} (Unix time)", model.minted.time),
        })
    })
}

/// Returns what a registry of ours says about a token.
async fn model(chain: &Chain, token: &TokenRef) -> Result<Model> {
    check_chain(chain, token)?;
    let registry = registry_of(chain, token);
    genuine(&registry).await?;
    let model = registry.model(token.id()).await.map_err(explain_chain)?;
    model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))
}
