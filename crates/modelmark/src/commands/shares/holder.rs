//! What holders and bidders do with shares beside claiming and voting: send them, lend their votes, take money back.

use clap::Args;
use modelmark_chain::Wei;
use serde_json::json;

use super::{VaultArgs, address, coins, currency, vault};
use crate::commands::mint::explain;
use crate::error::{CommandError, Result};
use crate::session::Session;

/// Send shares to another account
///
/// What they earned until now stays the sender's.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares send 0x… 0x… 250.5")]
pub(crate) struct SendSharesArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Account that gets them
    to: String,
    /// How many shares
    amount: String,
}

/// Let an account vote with one's shares; one's own account takes the votes back
///
/// Votes count as they were in the second before a question was put. Shares that were never delegated do not vote.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares delegate 0x… 0x…")]
pub(crate) struct DelegateArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Account that votes
    to: String,
}

/// Take out what one bid and was outbid
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares withdraw 0x…")]
pub(crate) struct WithdrawArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Where the money goes [default: the account itself]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
}

/// Give the winner of an auction the money back, when the registry has not let the token go for 30 days
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares give-up 0x…")]
pub(crate) struct GiveUpArgs {
    #[command(flatten)]
    pub(super) at: VaultArgs,
}

/// Take out what came in after one redeemed the token
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares sweep 0x…")]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// ERC-20 token [default: the chain's own currency]
    #[arg(long, value_name = "ADDRESS")]
    currency: Option<String>,
    /// Where the money goes [default: the account itself]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
}

pub(super) async fn send(session: &Session<'_>, args: &SendSharesArgs) -> Result<()> {
    let (to, amount) = (address("the account", &args.to)?, coins("the shares", &args.amount)?);
    if amount == Wei::default() || to.is_zero() {
        return Err(CommandError::usage("no shares, or to nobody"));
    }
    let acting = args.at.transaction.act(session).await?;
    let vault = vault(&acting.chain, &args.at.vault).await?;
    let from = acting.wallet.address();
    let (held, _) = vault.holding(from, modelmark_chain::Address::ZERO).await.map_err(explain)?;
    if held < amount.get() {
        let told = format!("{from} holds {} shares, not {}; nothing was sent", Wei::new(held).coins(), amount.coins());
        return Err(CommandError::refused(told));
    }
    acting
        .make_and_tell(session, vec![vault.send(to, amount.get())], |_| {
            let value = json!({"vault": args.at.vault, "from": from.to_checksum(None), "to": to.to_checksum(None), "shares": amount});
            Ok((value, format!("{} shares to {to}", amount.coins())))
        })
        .await
}

pub(super) async fn delegate(session: &Session<'_>, args: &DelegateArgs) -> Result<()> {
    let to = address("the account", &args.to)?;
    super::act(session, &args.at, |vault, _| vault.delegate(to), &format!("{to} votes with these shares")).await
}

pub(super) async fn withdraw(session: &Session<'_>, args: &WithdrawArgs) -> Result<()> {
    let to = args.to.as_deref().map(|text| address("--to", text)).transpose()?;
    let acting = args.at.transaction.act(session).await?;
    let vault = vault(&acting.chain, &args.at.vault).await?;
    let account = acting.wallet.address();
    let refund = vault.refund(account).await.map_err(explain)?;
    if refund == Wei::default() {
        return Err(CommandError::refused(format!("{account} was not outbid in {}; nothing was sent", args.at.vault)));
    }
    let to = to.unwrap_or(account);
    acting
        .make_and_tell(session, vec![vault.withdraw_bid(to)], |_| {
            let value = json!({"vault": args.at.vault, "account": account.to_checksum(None), "to": to.to_checksum(None), "amount": refund});
            Ok((value, format!("{} {} to {to}", refund.coins(), acting.chain.id().coin())))
        })
        .await
}

pub(super) async fn sweep(session: &Session<'_>, args: &SweepArgs) -> Result<()> {
    let currency = currency(args.currency.as_deref())?;
    let to = args.to.as_deref().map(|text| address("--to", text)).transpose()?;
    super::act(session, &args.at, |vault, account| vault.sweep(currency, to.unwrap_or(account)), "what came in is taken out").await
}
