//! `modelmark license buy` and `redeem`: what a licensee does.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{copies_of, scope_names};
use serde_json::json;

use super::{MadeDocument, act, address};
use crate::commands::mint::explain;
use crate::error::{CommandError, Result};
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Buy rights to use a model
///
/// All of the offer is in the call: nothing about it can change before it is taken.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license buy offer.json --dry-run\n  modelmark license buy offer.json")]
pub(crate) struct BuyArgs {
    /// Offer, as `license offer` prints it, or - for stdin
    offer: PathBuf,
    /// Account that gets the rights [default: the buyer]
    #[arg(long = "for", value_name = "ADDRESS")]
    licensee: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Turn a copy into a grant
///
/// The copy is used up, and the time of the grant runs from now. It does not matter whether the offer is still open or who owns the token.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license redeem offer.json")]
pub(crate) struct RedeemArgs {
    /// Offer that the copy is of, as `license offer` prints it, or - for stdin
    offer: PathBuf,
    /// Account that gets the rights [default: the copy's holder]
    #[arg(long = "for", value_name = "ADDRESS")]
    licensee: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) async fn buy(session: &Session<'_>, args: &BuyArgs) -> Result<()> {
    let MadeDocument { offer, .. } = MadeDocument::read(&args.offer)?;
    let acting = act(session, &args.transaction, &offer.token).await?;
    let licensee = args.licensee.as_deref().map(|text| address("--for", text)).transpose()?.unwrap_or(acting.wallet.address());
    acting
        .make_and_tell(session, offer.buy(licensee), |_| {
            let names = scope_names(offer.scopes);
            let value = json!({
                "token": offer.token,
                "licensee": licensee.to_checksum(None),
                "scopes": names,
                "price": offer.price.to_string(),
                "copy": offer.transferable,
            });
            let what = if offer.transferable { "has a copy of the right to" } else { "may" };
            Ok((value, format!("{licensee} {what} {} {}", names.join(", "), offer.token)))
        })
        .await
}

pub(super) async fn redeem(session: &Session<'_>, args: &RedeemArgs) -> Result<()> {
    let (offer, maker) = MadeDocument::read(&args.offer)?.copies()?;
    let acting = act(session, &args.transaction, &offer.token).await?;
    let holder = acting.wallet.address();
    let licensee = args.licensee.as_deref().map(|text| address("--for", text)).transpose()?.unwrap_or(holder);
    if copies_of(&acting.chain, holder, offer.id(maker)).await.map_err(explain)?.is_zero() {
        return Err(CommandError::refused(format!("{holder} has no copy of this offer"))
            .hint("buy one with `modelmark license buy`, or sign with the key of the account that has it"));
    }
    acting
        .make_and_tell(session, vec![offer.redeem(maker, licensee)], |_| {
            let names = scope_names(offer.scopes);
            let value = json!({"token": offer.token, "licensee": licensee.to_checksum(None), "scopes": names});
            Ok((value, format!("{licensee} may {} {}", names.join(", "), offer.token)))
        })
        .await
}
