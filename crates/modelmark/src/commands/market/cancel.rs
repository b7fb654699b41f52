//! `modelmark market cancel` and `withdraw`: orders made void, and money that could not be sent.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{Wei, cancel_all_orders, market_credit, withdraw_market_credit};
use serde_json::json;

use super::address;
use super::order::read;
use crate::commands::mint::explain;
use crate::error::{CommandError, Result};
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Make an order void, or all of one's orders
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark market cancel order.json\n  modelmark market cancel --all")]
pub(crate) struct CancelArgs {
    /// Order to cancel, or - for stdin
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    order: Option<PathBuf>,
    /// Cancel all orders that the account signed so far
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Take out coins that the market could not send to an account
///
/// A sale is not stopped by a seller or a royalty's receiver that does not take the chain's own currency: what is theirs waits here. Anybody can have it
/// sent to its owner, as not every contract can call.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark market withdraw --to 0x…\n  modelmark market withdraw --of 0x…")]
pub(crate) struct WithdrawArgs {
    /// Where the account's own money goes [default: the account itself]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "of")]
    to: Option<String>,
    /// Send what waits for this account to it, instead of one's own
    #[arg(long, value_name = "ADDRESS")]
    of: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) async fn cancel(session: &Session<'_>, args: &CancelArgs) -> Result<()> {
    let signed = args.order.as_deref().map(read).transpose()?;
    let acting = args.transaction.act(session).await?;
    let account = acting.wallet.address();
    let call = match &signed {
        Some(signed) if signed.order.maker != account => {
            return Err(CommandError::usage(format!("the order is {}'s, and the key {account}'s", signed.order.maker)));
        }
        Some(signed) => signed.cancel(),
        None => cancel_all_orders(),
    };
    acting
        .make_and_tell(session, vec![call], |_| {
            let what = if args.all { "all orders are void" } else { "the order is void" };
            Ok((json!({"maker": account.to_checksum(None), "all": args.all}), what.to_owned()))
        })
        .await
}

pub(super) async fn withdraw(session: &Session<'_>, args: &WithdrawArgs) -> Result<()> {
    let other = args.of.as_deref().map(|text| address("--of", text)).transpose()?;
    let acting = args.transaction.act(session).await?;
    let account = other.unwrap_or(acting.wallet.address());
    let to = args.to.as_deref().map(|text| address("--to", text)).transpose()?.unwrap_or(account);
    let waiting = market_credit(&acting.chain, account).await.map_err(explain)?;
    if waiting == Wei::default() {
        return Err(CommandError::refused(format!("nothing waits for {account} on the market")));
    }
    let call = withdraw_market_credit(account, other.is_none().then_some(to));
    acting
        .make_and_tell(session, vec![call], |_| {
            let value = json!({"account": account.to_checksum(None), "to": to.to_checksum(None), "amount": waiting});
            Ok((value, format!("{} {} to {to}", waiting.coins(), acting.chain.id().coin())))
        })
        .await
}
