//! `modelmark anchor claim`: an entry of a list becomes a token.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{Address, AnchoredEntry, Call, Registry, anchored, token_id_of};
use modelmark_log::ProofFile;
use serde_json::json;

use super::entries::{Claimable, EntryArgs};
use super::explain;
use crate::chain_source;
use crate::commands::mint::{explain as explain_chain, genuine};
use crate::commands::sign::read_record;
use crate::commands::store::{keep, read_signatures};
use crate::error::{CommandError, Result};
use crate::session::{Session, read_input};
use crate::transaction::TransactionArgs;

const MAX_PROOF: u64 = 512 << 10;

/// Mint a token from an entry of an anchored list
///
/// The entry is the creator's consent: anybody can submit it and pays, and the token is the one that the creator stated. The creator lets the contract mint
/// for them once; when the creator claims, that is done first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark anchor claim record.tlog-proof record.json")]
pub(crate) struct ClaimArgs {
    /// Proof file
    proof: PathBuf,
    /// Record file
    record: PathBuf,
    /// Signature document of the record, to be stored with it
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    #[command(flatten)]
    entry: ClaimedArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// What the entry says beside the record.
#[derive(Debug, Args)]
struct ClaimedArgs {
    /// Owner of the token, as the list was built with [default: the record's creator]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// Last second, in Unix time, at which it can be claimed, as the list was built with [default: for ever]
    #[arg(long, value_name = "TIME")]
    deadline: Option<u64>,
}

pub(super) fn run(session: &Session<'_>, args: &ClaimArgs) -> Result<()> {
    let text =
        String::from_utf8(read_input(&args.proof, MAX_PROOF)?).map_err(|_| CommandError::usage("the proof file is not UTF-8 text"))?;
    let proof: ProofFile = text.parse().map_err(explain)?;
    let record = read_record(&args.record)?;
    let document = args.signature.as_deref().map(|path| read_signatures(path, &record)).transpose()?;
    session.block_on(async {
        let acting = args.transaction.act(session).await?;
        let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
        genuine(&registry).await?;
        let options = EntryArgs::minting(args.entry.to.clone(), args.entry.deadline);
        let claimed = options.claimable(session, &record, &registry)?;
        if !proof.includes(&claimed.entry().bytes()) {
            return Err(CommandError::refused(format!("the proof is not of {}, the mint of this record", claimed.entry()))
                .hint("claim with the same --to, --deadline and --registry as the list was built with"));
        }
        let token = registry.token(token_id_of(&claimed.model));
        let there = registry.exists(token.id()).await.map_err(explain_chain)?;
        let sender = acting.wallet.address();
        let calls = if there { Vec::new() } else { calls(&registry, sender, &claimed, &proof).await? };
        let keep = || keep(session, &record, document.as_deref()).map(drop);
        acting
            .keep_make_and_tell(session, calls, keep, |_| {
                let value =
                    json!({"token": token, "record": record.id().to_string(), "minted": !there, "to": claimed.to.to_checksum(None)});
                Ok((value, token.to_string()))
            })
            .await
    })
}

/// Returns what has to be sent, after looking for all that would make the last call fail.
async fn calls(registry: &Registry, sender: Address, claimed: &Claimable, proof: &ProofFile) -> Result<Vec<Call>> {
    let (creator, head) = (claimed.model.creator, proof.checkpoint().checkpoint());
    if anchored(registry.chain(), creator, head.root()).await.map_err(explain_chain)?.is_none() {
        return Err(CommandError::refused(format!("the creator {creator} never anchored the root {}", head.root().to_0x()))
            .hint("the creator anchors the list with `modelmark anchor submit`"));
    }
    let acts = registry.anchors_act_for(creator).await.map_err(explain_chain)?;
    if !acts && sender != creator {
        return Err(CommandError::refused(format!("the creator {creator} has not let the contract mint from their lists"))
            .hint("the creator does that by claiming a first token"));
    }
    let licence = registry.license_call(&claimed.model.license).await.map_err(explain_chain)?;
    let delegate = (!acts).then(|| registry.let_anchors_act());
    let entry = AnchoredEntry { root: head.root(), index: proof.proof().index(), hashes: proof.proof().hashes().to_vec() };
    let claim = registry.claim_anchored(claimed.to, &claimed.model, claimed.deadline, &entry);
    Ok(licence.into_iter().chain(delegate).chain([claim]).collect())
}
