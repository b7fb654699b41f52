//! `modelmark market list` and `offer`: what makers sign.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{
    Address, MarketOrder, Registry, Seaport, Side, TokenId, TokenRef, copies_of, funds_of, let_copies_move, let_move, pay_with,
};

use super::address;
use super::order::{OrderArgs, Subject, order, ours, sign};
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::session::Session;
use crate::transaction::{Acting, TransactionArgs};

/// Where Seaport 1.6 is on every chain that has it, as text for the option's default.
const SEAPORT: &str = "0x0000000000000068F116a894984e2DB1123eB395";

/// Offer a token or a copy of a licence for sale: sign an order that anybody can fill
///
/// Nothing is sent but, once, the permission for the market to move sold tokens. The order is printed; give it to whom you like. It counts until it is filled,
/// cancelled or over. A copy has no royalty when it is sold on: the lineage had its shares when it was first sold.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark market list eip155:31337/erc721:0x…/123… --price 0.5 > order.json\n  modelmark market list --copy offer.json --price 0.2 > copy.json\n  modelmark market list eip155:8453/erc721:0x…/123… --price 0.5 --seaport > seaport.json"
)]
pub(crate) struct ListArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    #[arg(required_unless_present = "copy", conflicts_with = "copy")]
    token: Option<String>,
    /// Sell a copy of a licence instead: its offer, as `license offer --transferable` prints it
    #[arg(long, value_name = "OFFER")]
    copy: Option<PathBuf>,
    /// Sign an order for Seaport 1.6 instead, in the JSON that its marketplaces take; =ADDRESS for a Seaport of one's own
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = SEAPORT,
        conflicts_with_all = ["taker", "nonce", "copy"]
    )]
    seaport: Option<String>,
    /// Give it away, with `--price 0`, to whoever is first
    #[arg(long)]
    gift: bool,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Offer to buy a token or a copy of a licence: sign an order that its owner can fill
///
/// It is paid in an ERC-20 token such as wrapped ETH, which the market may take from then on, up to the price of the dearest offer. With --any the order is
/// for any token of the collection, with --list for any one of those in a file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark market offer eip155:31337/erc721:0x…/123… --price 5000000 --currency 0x… > bid.json\n  \
                        modelmark market offer --list tokens.txt --price 5000000 --currency 0x… > bid.json")]
pub(crate) struct OfferArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    #[arg(required_unless_present_any = ["copy", "list"], conflicts_with_all = ["copy", "list"])]
    token: Option<String>,
    /// Buy any token of its collection
    #[arg(long, conflicts_with_all = ["copy", "list"])]
    any: bool,
    /// Buy any one of these tokens of one collection: a file with a token on each line, or - for stdin
    #[arg(long, value_name = "FILE", conflicts_with = "copy")]
    list: Option<PathBuf>,
    /// Buy a copy of a licence: its offer, as `license offer --transferable` prints it
    #[arg(long, value_name = "OFFER")]
    copy: Option<PathBuf>,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) async fn list(session: &Session<'_>, args: &ListArgs) -> Result<()> {
    let token: Option<TokenRef> = args.token.as_deref().map(str::parse).transpose().or_usage()?;
    let acting = args.transaction.act(session).await?;
    match (token, &args.copy) {
        (Some(token), _) => list_token(session, args, &acting, &token).await,
        (None, Some(offer)) => list_copy(session, args, &acting, Subject::copy(offer, &acting)?).await,
        (None, None) => Err(CommandError::usage("name what is sold: a token, or a licence's offer with `--copy`")),
    }
}

async fn list_token(session: &Session<'_>, args: &ListArgs, acting: &Acting<'_>, token: &TokenRef) -> Result<()> {
    let registry = ours(acting, token).await?;
    check_owner(&registry, token, acting.wallet.address()).await?;
    let order = order(acting, &args.order, Side::Ask, Subject::token(token, false)).await?;
    check_price(args, &order)?;
    if let Some(place) = &args.seaport {
        return list_on_seaport(session, acting, &registry, &order, token.id(), address("--seaport", place)?).await;
    }
    let permission = let_move(&registry, acting.wallet.address()).await.map_err(explain)?;
    sign(session, acting, order, permission.into_iter().collect()).await
}

/// Refuses to list what is not the seller's: the permission would be paid for nothing, and the order would wait to sell the token at this price once it is.
async fn check_owner(registry: &Registry, token: &TokenRef, seller: Address) -> Result<()> {
    let model = registry.model(token.id()).await.map_err(explain)?;
    let owner = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?.owner;
    match owner == seller {
        true => Ok(()),
        false => Err(CommandError::refused(format!("{token} is {owner}'s, and the key {seller}'s; nothing was signed"))),
    }
}

/// Refuses a price of nothing, which gives away to whoever is first, unless that is meant.
fn check_price(args: &ListArgs, order: &MarketOrder) -> Result<()> {
    match (order.price.is_zero(), args.gift) {
        (true, false) => Err(CommandError::usage("--price 0 gives it away to whoever is first; nothing was signed")
            .hint("if that is meant, say so with `--gift`, and name who gets it with `--for`")),
        (false, true) => Err(CommandError::usage("--gift: a gift has `--price 0`; nothing was signed")),
        _ => Ok(()),
    }
}

async fn list_copy(session: &Session<'_>, args: &ListArgs, acting: &Acting<'_>, copy: Subject) -> Result<()> {
    let seller = acting.wallet.address();
    let id = copy.token_id.map(TokenId::get).unwrap_or_default();
    if copies_of(&acting.chain, seller, id).await.map_err(explain)?.is_zero() {
        return Err(CommandError::refused(format!("{seller} has no copy of this offer")).hint("buy one with `modelmark license buy`"));
    }
    let order = order(acting, &args.order, Side::Ask, copy).await?;
    check_price(args, &order)?;
    let permission = let_copies_move(&acting.chain, seller).await.map_err(explain)?;
    sign(session, acting, order, permission.into_iter().collect()).await
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

pub(super) async fn offer(session: &Session<'_>, args: &OfferArgs) -> Result<()> {
    let currency = args.order.currency.as_deref().map(|text| address("--currency", text)).transpose()?;
    if currency.is_none_or(|currency| currency.is_zero()) {
        return Err(CommandError::usage(
            "an offer to buy is paid in an ERC-20 token: the chain's own currency cannot be taken from an account",
        )
        .hint("name the token with `--currency`, such as the chain's wrapped ETH"));
    }
    let token: Option<TokenRef> = args.token.as_deref().map(str::parse).transpose().or_usage()?;
    let list = args.list.as_deref().map(Subject::list).transpose()?;
    let acting = args.transaction.act(session).await?;
    let wanted = match (token, list, &args.copy) {
        (Some(token), ..) => {
            ours(&acting, &token).await?;
            Subject::token(&token, args.any)
        }
        (None, Some((list, first)), _) => {
            ours(&acting, &first).await?;
            list
        }
        (None, None, Some(offer)) => Subject::copy(offer, &acting)?,
        (None, None, None) => return Err(CommandError::usage("name what is wanted: a token, `--list` or `--copy`")),
    };
    let order = order(&acting, &args.order, Side::Bid, wanted).await?;
    if order.price.is_zero() {
        return Err(CommandError::usage("--price 0: an offer to buy pays something; nothing was signed"));
    }
    let funds = funds_of(&acting.chain, order.currency, order.maker).await.map_err(explain)?;
    if funds.balance < order.price {
        session.output.note(format!(
            "{} has {} units of {}: nobody can sell before it has {}",
            order.maker, funds.balance, order.currency, order.price
        ));
    }
    let permission = pay_with(&acting.chain, order.currency, order.maker, order.price).await.map_err(explain)?;
    sign(session, &acting, order, permission.into_iter().collect()).await
}
