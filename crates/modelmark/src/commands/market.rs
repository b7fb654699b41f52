//! `modelmark market`: tokens traded by signed orders.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use alloy::primitives::U256;
use clap::{Args, Subcommand};
use modelmark_chain::{
    Address, MarketOrder, Registry, Seaport, Side, SignedOrder, TokenId, TokenRef, cancel_all_orders, let_move, order_counter,
    parse_address, pay_with,
};
use serde_json::json;

use crate::chain_source::{check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::money;
use crate::session::{Session, read_input};
use crate::transaction::{Acting, TransactionArgs};

const MAX_ORDER_BYTES: u64 = 64 << 10;
/// Where Seaport 1.6 is on every chain that has it, as text for the option's default.
const SEAPORT: &str = "0x0000000000000068F116a894984e2DB1123eB395";
/// A royalty that a registry of ours cannot exceed.
const MAX_ROYALTY_BPS: u16 = 1_000;

/// Sell and buy tokens by signed orders, without a fee and with the royalty paid
#[derive(Debug, Subcommand)]
pub(crate) enum MarketCommand {
    List(Box<ListArgs>),
    Offer(Box<OfferArgs>),
    Buy(Box<BuyArgs>),
    Sell(Box<SellArgs>),
    Cancel(Box<CancelArgs>),
}

/// Terms of an order.
#[derive(Debug, Args)]
struct OrderArgs {
    /// What the buyer pays, the royalty included: coins such as 0.5, or with --currency units of that token
    #[arg(long, value_name = "AMOUNT")]
    price: String,
    /// ERC-20 token that is paid [default: the chain's own currency]
    #[arg(long, value_name = "ADDRESS")]
    currency: Option<String>,
    /// Account that alone may fill the order [default: anybody]
    #[arg(long = "for", value_name = "ADDRESS")]
    taker: Option<String>,
    /// How long the order counts
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3650))]
    days: u64,
    /// Number of the order: of all with one number, one can be filled [default: the time]
    #[arg(long, value_name = "N")]
    nonce: Option<u64>,
}

/// Offer a token for sale: sign an order that anybody can fill
///
/// Nothing is sent but, once, the permission for the market to move sold tokens. The order is printed; give it to whom you like. It counts until it is filled,
/// cancelled or over.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark market list eip155:31337/erc721:0x…/123… --price 0.5 > order.json\n  modelmark market list eip155:8453/erc721:0x…/123… --price 0.5 --seaport > seaport.json"
)]
pub(crate) struct ListArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Sign an order for Seaport 1.6 instead, in the JSON that its marketplaces take; =ADDRESS for a Seaport of one's own
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = SEAPORT,
        conflicts_with_all = ["taker", "nonce"]
    )]
    seaport: Option<String>,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Offer to buy a token: sign an order that its owner can fill
///
/// It is paid in an ERC-20 token, which the market may take from then on. With --any the order is for any token of the collection.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark market offer eip155:31337/erc721:0x…/123… --price 5000000 --currency 0x… > bid.json")]
pub(crate) struct OfferArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Buy any token of its collection
    #[arg(long)]
    any: bool,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Buy the token of an order
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark market buy order.json --dry-run\n  modelmark market buy order.json")]
pub(crate) struct BuyArgs {
    /// Order, as `market list` prints it, or - for stdin
    order: PathBuf,
    /// Account that gets the token [default: the buyer]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Sell a token to somebody who offers to buy it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark market sell bid.json\n  modelmark market sell any.json --token eip155:31337/erc721:0x…/123…")]
pub(crate) struct SellArgs {
    /// Order, as `market offer` prints it, or - for stdin
    order: PathBuf,
    /// Token to sell, for an order that takes any of the collection
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// The least to have after the royalty, in units of the order's currency
    #[arg(long, value_name = "AMOUNT", default_value_t = 0)]
    minimum: u128,
    #[command(flatten)]
    transaction: TransactionArgs,
}

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

pub(crate) fn run(session: &Session<'_>, command: &MarketCommand) -> Result<()> {
    match command {
        MarketCommand::List(args) => session.block_on(list(session, args)),
        MarketCommand::Offer(args) => session.block_on(offer(session, args)),
        MarketCommand::Buy(args) => session.block_on(buy(session, args)),
        MarketCommand::Sell(args) => session.block_on(sell(session, args)),
        MarketCommand::Cancel(args) => session.block_on(cancel(session, args)),
    }
}

async fn list(session: &Session<'_>, args: &ListArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let acting = args.transaction.act(session).await?;
    let registry = ours(&acting, &token).await?;
    let order = order(&acting, &args.order, &registry, Side::Ask, Some(token.id())).await?;
    if let Some(place) = &args.seaport {
        return list_on_seaport(session, &acting, &registry, &order, token.id(), address("--seaport", place)?).await;
    }
    let permission = let_move(&registry, acting.wallet.address()).await.map_err(explain)?;
    sign(session, &acting, order, permission.into_iter().collect()).await
}

async fn list_on_seaport(
    session: &Session<'_>,
    acting: &Acting<'_>,
    registry: &Registry,
    ask: &MarketOrder,
    token: TokenId,
    place: Address,
) -> Result<()> {
    let seaport = Seaport::at(&acting.chain, place).await.map_err(explain)?.ok_or_else(|| {
        CommandError::refused(format!("no Seaport 1.6 answers at {place} on {}; nothing was signed", acting.chain.id()))
            .hint("name its address with `--seaport=ADDRESS`, or list without `--seaport` for our market")
    })?;
    let listing = seaport.listing(registry, token, ask).await.map_err(explain)?;
    let permission = seaport.let_move(registry, ask.maker).await.map_err(explain)?;
    let signed = listing.sign(&acting.wallet).map_err(explain)?;
    if acting.make(session, permission.into_iter().collect()).await?.is_shown() {
        return Ok(());
    }
    let json = serde_json::to_string_pretty(&signed).or_refused()?;
    session.output.result(&signed, || json)
}

async fn offer(session: &Session<'_>, args: &OfferArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    if args.order.currency.is_none() {
        return Err(CommandError::usage(
            "an offer to buy is paid in an ERC-20 token: the chain's own currency cannot be taken from an account",
        )
        .hint("name the token with `--currency`, such as the chain's wrapped ETH"));
    }
    let acting = args.transaction.act(session).await?;
    let registry = ours(&acting, &token).await?;
    let order = order(&acting, &args.order, &registry, Side::Bid, (!args.any).then(|| token.id())).await?;
    let permission = pay_with(&acting.chain, order.currency, order.maker, order.price).await.map_err(explain)?;
    sign(session, &acting, order, permission.into_iter().collect()).await
}

async fn buy(session: &Session<'_>, args: &BuyArgs) -> Result<()> {
    let signed = read(&args.order)?;
    let Some(id) = signed.order.token_id.filter(|_| signed.order.side == Side::Ask) else {
        return Err(CommandError::usage("the order offers to buy, not to sell").hint("sell to it with `modelmark market sell`"));
    };
    let acting = args.transaction.act(session).await?;
    let token = TokenRef::new(signed.order.chain, signed.order.registry, id);
    ours(&acting, &token).await?;
    let buyer = acting.wallet.address();
    let to = args.to.as_deref().map(|text| address("--to", text)).transpose()?.unwrap_or(buyer);
    let calls = signed.buy(&acting.chain, buyer, to).await.map_err(explain)?;
    acting
        .make_and_tell(session, calls, |_| {
            let price = money::shown(signed.order.price, signed.order.currency, &acting.chain);
            let value = json!({"token": token, "owner": to.to_checksum(None), "seller": signed.order.maker.to_checksum(None), "price": signed.order.price.to_string()});
            Ok((value, format!("{token} is {to}'s, for {price}")))
        })
        .await
}

async fn sell(session: &Session<'_>, args: &SellArgs) -> Result<()> {
    let signed = read(&args.order)?;
    if signed.order.side != Side::Bid {
        return Err(CommandError::usage("the order offers to sell, not to buy").hint("buy with `modelmark market buy`"));
    }
    let named: Option<TokenRef> = args.token.as_deref().map(str::parse).transpose().or_usage()?;
    let id = named.map(|token| token.id()).or(signed.order.token_id);
    let id: TokenId =
        id.ok_or_else(|| CommandError::usage("the order takes any token of the collection").hint("name yours with `--token`"))?;
    let token = TokenRef::new(signed.order.chain, signed.order.registry, id);
    let acting = args.transaction.act(session).await?;
    let registry = ours(&acting, &token).await?;
    let calls = signed.sell(&registry, acting.wallet.address(), id, U256::from(args.minimum)).await.map_err(explain)?;
    acting
        .make_and_tell(session, calls, |_| {
            let price = money::shown(signed.order.price, signed.order.currency, &acting.chain);
            let value = json!({"token": token, "owner": signed.order.maker.to_checksum(None), "price": signed.order.price.to_string()});
            Ok((value, format!("{token} is {}'s, for {price}", signed.order.maker)))
        })
        .await
}

async fn cancel(session: &Session<'_>, args: &CancelArgs) -> Result<()> {
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

/// Returns the order that the options describe.
async fn order(acting: &Acting<'_>, args: &OrderArgs, registry: &Registry, side: Side, token_id: Option<TokenId>) -> Result<MarketOrder> {
    let maker = acting.wallet.address();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // A chain's clock may run ahead of ours.
    let start = acting.chain.block().await.map_err(explain)?.time.min(now);
    let currency = args.currency.as_deref().map(|text| address("--currency", text)).transpose()?.unwrap_or_default();
    Ok(MarketOrder {
        chain: acting.chain.id(),
        maker,
        taker: args.taker.as_deref().map(|text| address("--for", text)).transpose()?.unwrap_or_default(),
        side,
        registry: registry.address(),
        token_id,
        currency,
        price: money::amount("--price", &args.price, currency)?,
        max_royalty_bps: MAX_ROYALTY_BPS,
        starts_at: start,
        ends_at: now + args.days * 86_400,
        nonce: U256::from(args.nonce.unwrap_or(now)),
        counter: order_counter(&acting.chain, maker).await.map_err(explain)?,
    })
}

/// Sends the permission that the order needs, and prints the signed order.
async fn sign(session: &Session<'_>, acting: &Acting<'_>, order: MarketOrder, permission: Vec<modelmark_chain::Call>) -> Result<()> {
    let signed = order.sign(&acting.wallet).map_err(explain)?;
    if acting.make(session, permission).await?.is_shown() {
        return Ok(());
    }
    let json = serde_json::to_string_pretty(&signed).or_refused()?;
    session.output.result(&signed, || json)
}

fn read(path: &Path) -> Result<SignedOrder> {
    let bytes = read_input(path, MAX_ORDER_BYTES)?;
    serde_json::from_slice(&bytes).map_err(|error| CommandError::usage(format!("`{}` is no order: {error}", path.display())))
}

/// Returns the token's registry, which has to be ours.
async fn ours(acting: &Acting<'_>, token: &TokenRef) -> Result<Registry> {
    check_chain(&acting.chain, token)?;
    let registry = registry_of(&acting.chain, token);
    genuine(&registry).await?;
    Ok(registry)
}

fn address(option: &str, text: &str) -> Result<Address> {
    parse_address(text).map_err(|error| CommandError::usage(format!("{option}: {error}")))
}
