//! `modelmark market buy` and `sell`: what takers send.

use std::path::PathBuf;

use alloy::primitives::U256;
use clap::Args;
use modelmark_chain::{Address, Chain, MarketOrder, Side, TokenId, TokenRef, funds_of, is_order_used};
use serde_json::json;

use super::address;
use super::order::{place, read};
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::money;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Buy the token or copy of an order
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark market buy order.json --dry-run\n  modelmark market buy order.json")]
pub(crate) struct BuyArgs {
    /// Order, as `market list` prints it, or - for stdin
    order: PathBuf,
    /// Account that gets it [default: the buyer]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Sell a token or a copy to somebody who offers to buy it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark market sell bid.json\n  modelmark market sell any.json --token eip155:31337/erc721:0x…/123…")]
pub(crate) struct SellArgs {
    /// Order, as `market offer` prints it, or - for stdin
    order: PathBuf,
    /// Token to sell, for an order that takes any of a collection or list
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// The least to have after the royalty, in units of the order's currency
    #[arg(long, value_name = "AMOUNT", default_value_t = 0)]
    minimum: u128,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) async fn buy(session: &Session<'_>, args: &BuyArgs) -> Result<()> {
    let signed = read(&args.order)?;
    let Some(id) = signed.order.token_id.filter(|_| signed.order.side == Side::Ask) else {
        return Err(CommandError::usage("the order offers to buy, not to sell").hint("sell to it with `modelmark market sell`"));
    };
    let acting = args.transaction.act(session).await?;
    let (_, token) = place(&acting, &signed.order, id).await?;
    let buyer = acting.wallet.address();
    let to = args.to.as_deref().map(|text| address("--to", text)).transpose()?.unwrap_or(buyer);
    if !signed.order.currency.is_zero() {
        check_payable(&acting.chain, &signed.order, buyer).await?;
    }
    let calls = signed.buy(&acting.chain, buyer, to).await.map_err(explain)?;
    acting
        .make_and_tell(session, calls, |_| {
            let price = money::shown(signed.order.price, signed.order.currency, &acting.chain);
            let value = json!({"token": token, "owner": to.to_checksum(None), "seller": signed.order.maker.to_checksum(None), "price": signed.order.price.to_string()});
            Ok((value, format!("{token} is {to}'s, for {price}")))
        })
        .await
}

pub(super) async fn sell(session: &Session<'_>, args: &SellArgs) -> Result<()> {
    let signed = read(&args.order)?;
    let order = &signed.order;
    if order.side != Side::Bid {
        return Err(CommandError::usage("the order offers to sell, not to buy").hint("buy with `modelmark market buy`"));
    }
    let id = sold(args, order)?;
    let acting = args.transaction.act(session).await?;
    let (registry, token) = place(&acting, order, id).await?;
    check_payable(&acting.chain, order, order.maker).await?;
    let calls = signed.sell(&registry, acting.wallet.address(), id, U256::from(args.minimum)).await.map_err(explain)?;
    acting
        .make_and_tell(session, calls, |_| {
            let price = money::shown(order.price, order.currency, &acting.chain);
            let value = json!({"token": token, "owner": order.maker.to_checksum(None), "price": order.price.to_string()});
            Ok((value, format!("{token} is {}'s, for {price}", order.maker)))
        })
        .await
}

/// Returns the token to sell: the one that was named, else the only one that the order wants.
fn sold(args: &SellArgs, order: &MarketOrder) -> Result<TokenId> {
    let named: Option<TokenRef> = args.token.as_deref().map(str::parse).transpose().or_usage()?;
    let wanted = if order.any_of.is_some() { "any of a list of tokens" } else { "any token of the collection" };
    let id = named.map(|token| token.id()).or(order.token_id);
    let id = id.ok_or_else(|| CommandError::usage(format!("the order takes {wanted}")).hint("name yours with `--token`"))?;
    let elsewhere = named.is_some_and(|token| (token.chain(), token.contract()) != (order.chain, order.registry));
    if elsewhere || !order.is_about(id) {
        return Err(CommandError::refused("the order is not for this token; nothing was sent"));
    }
    Ok(id)
}

/// Refuses a trade that `payer` cannot pay in an ERC-20 token, before anything is sent: a permission would be given for nothing. What a buyer has not
/// let the market take is asked of a bid's maker only, as a taker gives that permission with the trade.
async fn check_payable(chain: &Chain, order: &MarketOrder, payer: Address) -> Result<()> {
    if is_order_used(chain, order).await.map_err(explain)? {
        return Err(CommandError::refused("the order was filled or cancelled, or another one with its number was filled"));
    }
    let funds = funds_of(chain, order.currency, payer).await.map_err(explain)?;
    if funds.balance < order.price {
        return Err(CommandError::refused(format!("{payer} has {} units of {}, not {}", funds.balance, order.currency, order.price)));
    }
    if payer == order.maker && funds.allowance < order.price {
        let told = format!("{payer} lets the market take {} units of {}, not {}", funds.allowance, order.currency, order.price);
        return Err(CommandError::refused(told).hint("the buyer gives that permission with `modelmark market offer`"));
    }
    Ok(())
}
