//! `modelmark license copies` and `transfer`: copies of licences before they are used.

use std::path::PathBuf;

use alloy::primitives::U256;
use clap::Args;
use modelmark_chain::{copies_of, copies_uri, editions_address, offer_state, transfer_copies};
use serde_json::json;

use super::{MadeDocument, act, address};
use crate::chain_source::{self, check_chain};
use crate::commands::mint::explain;
use crate::error::{CommandError, Result};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Show the copies of an offer, and how many an account has
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license copies offer.json --account 0x…")]
pub(crate) struct CopiesArgs {
    /// Offer, as `license offer` prints it, or - for stdin
    offer: PathBuf,
    /// Account whose copies are counted
    #[arg(long, value_name = "ADDRESS")]
    account: Option<String>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Hand copies of a licence to somebody else
///
/// To sell a copy, list it: `modelmark market list --copy offer.json`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license transfer offer.json 0x… --count 2")]
pub(crate) struct TransferArgs {
    /// Offer that the copies are of, as `license offer` prints it, or - for stdin
    offer: PathBuf,
    /// Account that gets them
    to: String,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) async fn copies(session: &Session<'_>, args: &CopiesArgs) -> Result<()> {
    let (offer, maker) = MadeDocument::read(&args.offer)?.copies()?;
    let account = args.account.as_deref().map(|text| address("--account", text)).transpose()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &offer.token)?;
    let id = offer.id(maker);
    let (open, sold) = offer_state(&chain, id).await.map_err(explain)?;
    let terms = copies_uri(&chain, id).await.map_err(explain)?;
    let held = match account {
        Some(account) => Some(copies_of(&chain, account, id).await.map_err(explain)?),
        None => None,
    };
    let value = json!({
        "contract": editions_address().to_checksum(None),
        "id": id.to_string(),
        "open": open,
        "copies": offer.copies,
        "sold": sold,
        "terms": terms,
        "account": account.map(|account| account.to_checksum(None)),
        "held": held.map(|held| held.to_string()),
    });
    session.output.result(&value, || {
        let state = if open { "open" } else { "closed" };
        // The contract counts only what is limited.
        let count = if offer.copies == 0 { "any number of copies".to_owned() } else { format!("{sold} of {} copies sold", offer.copies) };
        let mut lines = vec![format!("offer   {state}, {count}"), format!("copies  {id} at {}", editions_address())];
        lines.push(format!("terms   {}", if terms.is_empty() { offer.terms.to_0x() } else { printable(&terms) }));
        lines.extend(account.zip(held).map(|(account, held)| format!("held    {held} by {account}")));
        lines.join("\n")
    })
}

pub(super) async fn transfer(session: &Session<'_>, args: &TransferArgs) -> Result<()> {
    let (offer, maker) = MadeDocument::read(&args.offer)?.copies()?;
    let to = address("the receiver", &args.to)?;
    let acting = act(session, &args.transaction, &offer.token).await?;
    let (from, id, count) = (acting.wallet.address(), offer.id(maker), U256::from(args.count));
    let held = copies_of(&acting.chain, from, id).await.map_err(explain)?;
    if held < count {
        return Err(CommandError::refused(format!("{from} has {held} copies of this offer, not {count}")));
    }
    acting
        .make_and_tell(session, vec![transfer_copies(from, to, id, count)], |_| {
            let value = json!({"token": offer.token, "id": id.to_string(), "from": from.to_checksum(None), "to": to.to_checksum(None), "count": args.count});
            Ok((value, format!("{to} has {count} more of the copies")))
        })
        .await
}
