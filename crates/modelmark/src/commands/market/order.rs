//! Orders: from options, signed, and read back.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use alloy::primitives::U256;
use clap::Args;
use modelmark_chain::{
    Address, Call, Goods, MarketOrder, Registry, Side, SignedOrder, TokenId, TokenList, TokenRef, editions_address, order_counter,
};

use super::address;
use crate::chain_source::{check_chain, registry_of};
use crate::commands::license::MadeDocument;
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::money;
use crate::session::{Session, read_input};
use crate::transaction::Acting;

/// A list of as many tokens as the market takes fits.
const MAX_ORDER_BYTES: u64 = 1 << 20;
/// A royalty that a registry of ours cannot exceed.
const MAX_ROYALTY_BPS: u16 = 1_000;

/// Terms of an order.
#[derive(Debug, Args)]
pub(super) struct OrderArgs {
    /// What the buyer pays, the royalty included: coins such as 0.5, or with --currency units of that token
    #[arg(long, value_name = "AMOUNT")]
    price: String,
    /// ERC-20 token that is paid [default: the chain's own currency]
    #[arg(long, value_name = "ADDRESS")]
    pub(super) currency: Option<String>,
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

/// What an order is about.
pub(super) struct Subject {
    pub(super) goods: Goods,
    pub(super) registry: Address,
    pub(super) token_id: Option<TokenId>,
    pub(super) any_of: Option<TokenList>,
}

impl Subject {
    /// Returns a token, or any of its collection.
    pub(super) fn token(token: &TokenRef, any: bool) -> Self {
        Self { goods: Goods::Token, registry: token.contract(), token_id: (!any).then(|| token.id()), any_of: None }
    }

    /// Returns a copy of the licence that the offer in a file makes.
    pub(super) fn copy(offer: &Path, acting: &Acting<'_>) -> Result<Self> {
        let (offer, maker) = MadeDocument::read(offer)?.copies()?;
        check_chain(&acting.chain, &offer.token)?;
        Ok(Self { goods: Goods::Copy, registry: editions_address(), token_id: Some(offer.id(maker).into()), any_of: None })
    }

    /// Returns any one of the tokens in a file, and the first of them.
    pub(super) fn list(path: &Path) -> Result<(Self, TokenRef)> {
        let wrong = |error: &dyn std::fmt::Display| CommandError::usage(format!("`{}`: {error}", path.display()));
        let text = String::from_utf8(read_input(path, MAX_ORDER_BYTES)?).map_err(|_| wrong(&"not UTF-8 text"))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let tokens: Vec<TokenRef> = lines.map(str::parse).collect::<std::result::Result<_, _>>().map_err(|error| wrong(&error))?;
        let Some(first) = tokens.first().copied() else { return Err(wrong(&"no token in it")) };
        if let Some(other) = tokens.iter().find(|token| (token.chain(), token.contract()) != (first.chain(), first.contract())) {
            return Err(wrong(&format!("{other} is of another collection than {first}")));
        }
        let list = TokenList::try_from(tokens.iter().map(TokenRef::id).collect::<Vec<_>>()).map_err(|error| wrong(&error))?;
        Ok((Self { goods: Goods::Token, registry: first.contract(), token_id: None, any_of: Some(list) }, first))
    }
}

/// Returns the order that the options describe.
pub(super) async fn order(acting: &Acting<'_>, args: &OrderArgs, side: Side, subject: Subject) -> Result<MarketOrder> {
    let maker = acting.wallet.address();
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = time.as_secs();
    // A chain's clock may run ahead of ours.
    let start = acting.chain.block().await.map_err(explain)?.time.min(now);
    let currency = args.currency.as_deref().map(|text| address("--currency", text)).transpose()?.unwrap_or_default();
    money::check_currency(&acting.chain, "--currency", currency).await?;
    Ok(MarketOrder {
        chain: acting.chain.id(),
        maker,
        taker: args.taker.as_deref().map(|text| address("--for", text)).transpose()?.unwrap_or_default(),
        side,
        goods: subject.goods,
        registry: subject.registry,
        token_id: subject.token_id,
        any_of: subject.any_of,
        currency,
        price: money::amount("--price", &args.price, currency)?,
        max_royalty_bps: MAX_ROYALTY_BPS,
        starts_at: start,
        ends_at: now + args.days * 86_400,
        // Of two orders of one second both can be filled.
        nonce: args.nonce.map_or_else(|| U256::from(time.as_nanos()), U256::from),
        counter: order_counter(&acting.chain, maker).await.map_err(explain)?,
    })
}

/// Sends the permission that the order needs, and prints the signed order.
pub(super) async fn sign(session: &Session<'_>, acting: &Acting<'_>, order: MarketOrder, permission: Vec<Call>) -> Result<()> {
    let signed = order.sign(&acting.wallet).map_err(explain)?;
    if acting.make(session, permission).await?.is_shown() {
        return Ok(());
    }
    let json = serde_json::to_string_pretty(&signed).or_refused()?;
    session.output.result(&signed, || json)
}

/// Reads an order, as `market list` and `market offer` print it.
pub(super) fn read(path: &Path) -> Result<SignedOrder> {
    let bytes = read_input(path, MAX_ORDER_BYTES)?;
    serde_json::from_slice(&bytes).map_err(|error| CommandError::usage(format!("`{}` is no order: {error}", path.display())))
}

/// Returns the token's registry, which has to be ours.
pub(super) async fn ours(acting: &Acting<'_>, token: &TokenRef) -> Result<Registry> {
    check_chain(&acting.chain, token)?;
    let registry = registry_of(&acting.chain, token);
    genuine(&registry).await?;
    Ok(registry)
}

/// Returns where the token or copy of an order is, which has to be a contract of ours, and what it is called.
pub(super) async fn place(acting: &Acting<'_>, order: &MarketOrder, id: TokenId) -> Result<(Registry, String)> {
    let token = TokenRef::new(order.chain, order.registry, id);
    match order.goods {
        Goods::Token => Ok((ours(acting, &token).await?, token.to_string())),
        Goods::Copy => {
            check_chain(&acting.chain, &token)?;
            if order.registry != editions_address() {
                return Err(CommandError::refused(format!(
                    "the contract {} has no copies of our licences; nothing was sent",
                    order.registry
                )));
            }
            Ok((registry_of(&acting.chain, &token), format!("{}/erc1155:{}/{id}", order.chain, order.registry)))
        }
    }
}
