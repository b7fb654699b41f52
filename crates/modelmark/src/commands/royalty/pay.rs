//! `modelmark royalty pay`: money for a token, from whoever wants to pay.

use alloy::primitives::U256;
use clap::Args;
use modelmark_chain::TokenRef;
use serde_json::json;

use super::{BeneficiaryArgs, CurrencyArgs, look};
use crate::error::{CommandError, OrKind as _, Result};
use crate::money;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Pay for a token: its lineage gets its shares, and its payees the rest
///
/// For what is earned outside our contracts, such as by an inference service. Anybody may pay; `royalty distribute` splits it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty pay eip155:31337/erc721:0x…/123… 0.25")]
pub(crate) struct PayArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// How much: coins such as 0.25, or with --currency units of that token
    amount: String,
    #[command(flatten)]
    beneficiary: BeneficiaryArgs,
    #[command(flatten)]
    currency: CurrencyArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) async fn run(session: &Session<'_>, args: &PayArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let (currency, beneficiary) = (args.currency.address()?, args.beneficiary.address()?);
    let amount = money::amount("the amount", &args.amount, currency)?;
    if amount == U256::ZERO {
        return Err(CommandError::usage("nothing would be paid"));
    }
    let acting = args.transaction.act(session).await?;
    money::check_currency(&acting.chain, "--currency", currency).await?;
    let (vault, _) = look(&acting.chain, &token).await?;
    acting
        .make_and_tell(session, vault.pay(token.id(), currency, amount, beneficiary), |_| {
            let value = json!({"token": token, "currency": currency.to_checksum(None), "amount": amount.to_string()});
            Ok((value, format!("{} paid for {token}", money::shown(amount, currency, &acting.chain))))
        })
        .await
}
