//! `modelmark license`: rights to use a model, offered, granted, bought and shown.

use std::path::PathBuf;

use alloy::primitives::U256;
use clap::{Args, Subcommand};
use modelmark_chain::{
    Address, Chain, Grant, LicenseOffer, MadeOffer, TokenRef, grants, has_access, license_offers, parse_address, scope_names, scopes_named,
};
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::evidence;
use crate::money;
use crate::options::ChainArgs;
use crate::session::{Session, read_input};
use crate::transaction::{Acting, TransactionArgs};

const MAX_OFFER_BYTES: u64 = 64 << 10;

/// Offer, grant, buy and show rights to use a model
#[derive(Debug, Subcommand)]
pub(crate) enum LicenseCommand {
    Offer(Box<OfferArgs>),
    Grant(Box<GrantArgs>),
    Buy(Box<BuyArgs>),
    Show(ShowArgs),
}

/// What is granted.
#[derive(Debug, Args)]
struct TermsArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Document that says what is granted: a file, whose SHA-256 is stated, or 0x and its SHA-256
    #[arg(long, value_name = "FILE|DIGEST")]
    terms: String,
    /// What is granted, with commas: use, commercial, derive, redistribute
    #[arg(long, value_name = "SCOPES", default_value = "use")]
    scopes: String,
    /// How long a grant lasts [default: for ever]
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// How many accounts the licensee may let use it too
    #[arg(long, value_name = "N", default_value_t = 0)]
    seats: u16,
}

/// Offer rights to use a model for money
///
/// Only the token's owner may. What is paid goes to the token's payees after its lineage has its shares. Prints the offer, which buyers need: send it to
/// them, or let them find it with `license show`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark license offer eip155:31337/erc721:0x…/123… --terms terms.md --price 0.05 --days 365 --scopes use,commercial > offer.json"
)]
pub(crate) struct OfferArgs {
    #[command(flatten)]
    terms: TermsArgs,
    /// What it costs: coins such as 0.05, or with --currency units of that token
    #[arg(long, value_name = "AMOUNT")]
    price: String,
    /// ERC-20 token that is paid [default: the chain's own currency]
    #[arg(long, value_name = "ADDRESS")]
    currency: Option<String>,
    /// Account that alone may take it [default: everybody]
    #[arg(long = "for", value_name = "ADDRESS")]
    licensee: Option<String>,
    /// How often it can be taken [default: any number]
    #[arg(long, value_name = "N", default_value_t = 0)]
    copies: u32,
    /// Let buyers have a copy (ERC-1155) that they can sell on until it is turned into a grant
    #[arg(long)]
    transferable: bool,
    /// Last second, in Unix time, at which it can be taken [default: no end]
    #[arg(long, value_name = "TIME", default_value_t = 0)]
    closes_at: u64,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Grant rights to use a model for nothing
///
/// Only the token's owner may; a grant cannot be taken back.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark license grant eip155:31337/erc721:0x…/123… 0x… --terms terms.md --scopes use,derive --days 30"
)]
pub(crate) struct GrantArgs {
    #[command(flatten)]
    terms: TermsArgs,
    /// Account that gets the rights
    licensee: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

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

/// Show the offers for a model, and what an account may do with it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license show eip155:31337/erc721:0x…/123… --account 0x… --scopes use,commercial")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Account whose grants are shown
    #[arg(long, value_name = "ADDRESS")]
    account: Option<String>,
    /// What the account wants to do, with commas: use, commercial, derive, redistribute
    #[arg(long, value_name = "SCOPES", default_value = "use")]
    scopes: String,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &LicenseCommand) -> Result<()> {
    match command {
        LicenseCommand::Offer(args) => session.block_on(offer(session, args)),
        LicenseCommand::Grant(args) => session.block_on(grant(session, args)),
        LicenseCommand::Buy(args) => session.block_on(buy(session, args)),
        LicenseCommand::Show(args) => session.block_on(show(session, args)),
    }
}

impl TermsArgs {
    /// Returns these terms as an offer for nothing.
    fn read(&self) -> Result<LicenseOffer> {
        Ok(LicenseOffer {
            token: self.token.parse().or_usage()?,
            terms: evidence::digest("--terms", &self.terms)?,
            currency: Address::ZERO,
            price: U256::ZERO,
            beneficiary: Address::ZERO,
            licensee: Address::ZERO,
            duration: self.days.map_or(0, |days| u64::from(days) * 86_400),
            closes_at: 0,
            copies: 0,
            seats: self.seats,
            scopes: scopes(&self.scopes)?,
            transferable: false,
        })
    }
}

async fn offer(session: &Session<'_>, args: &OfferArgs) -> Result<()> {
    let currency = args.currency.as_deref().map(|text| address("--currency", text)).transpose()?.unwrap_or_default();
    let what = LicenseOffer {
        currency,
        price: money::amount("--price", &args.price, currency)?,
        licensee: args.licensee.as_deref().map(|text| address("--for", text)).transpose()?.unwrap_or_default(),
        copies: args.copies,
        transferable: args.transferable,
        closes_at: args.closes_at,
        ..args.terms.read()?
    };
    if what.price >> 96 != U256::ZERO {
        return Err(CommandError::usage("--price is beyond what an offer can ask for"));
    }
    let acting = act(session, &args.transaction, &what.token).await?;
    acting
        .make_and_tell(session, vec![what.make()], |_| {
            let maker = acting.wallet.address();
            let value = json!({"offer": what, "maker": maker.to_checksum(None), "id": what.id(maker).to_string()});
            Ok((value.clone(), serde_json::to_string_pretty(&value).or_refused()?))
        })
        .await
}

async fn grant(session: &Session<'_>, args: &GrantArgs) -> Result<()> {
    let what = args.terms.read()?;
    let licensee = address("the licensee", &args.licensee)?;
    let acting = act(session, &args.transaction, &what.token).await?;
    acting
        .make_and_tell(session, vec![what.grant(licensee)], |_| {
            let names = scope_names(what.scopes);
            let value = json!({"token": what.token, "licensee": licensee.to_checksum(None), "scopes": names});
            Ok((value, format!("{licensee} may {} {}", names.join(", "), what.token)))
        })
        .await
}

async fn buy(session: &Session<'_>, args: &BuyArgs) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Document {
        offer: LicenseOffer,
    }
    let bytes = read_input(&args.offer, MAX_OFFER_BYTES)?;
    let Document { offer } =
        serde_json::from_slice(&bytes).map_err(|error| CommandError::usage(format!("`{}` is no offer: {error}", args.offer.display())))?;
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

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let account = args.account.as_deref().map(|text| address("--account", text)).transpose()?;
    let wanted = scopes(&args.scopes)?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &token)?;
    let offers = license_offers(&chain, &token).await.map_err(explain)?;
    let (held, allowed) = match account {
        Some(account) => {
            let allowed = has_access(&chain, &token, account, wanted).await.map_err(explain)?;
            (grants(&chain, &token, account).await.map_err(explain)?, Some(allowed))
        }
        None => (Vec::new(), None),
    };
    let value = json!({
        "token": token,
        "offers": offers,
        "account": account.map(|account| account.to_checksum(None)),
        "scopes": scope_names(wanted),
        "allowed": allowed,
        "grants": held,
    });
    session.output.result(&value, || {
        let mut lines: Vec<_> = offers.iter().map(|made| offer_line(made, &chain)).collect();
        if offers.is_empty() {
            lines.push("no offers".to_owned());
        }
        lines.extend(held.iter().map(grant_line));
        lines.extend(allowed.map(|yes| format!("{} {}", if yes { "ALLOWED " } else { "NOT ALLOWED " }, args.scopes)));
        lines.join("\n")
    })
}

fn offer_line(made: &MadeOffer, chain: &Chain) -> String {
    let offer = &made.offer;
    let state = if made.open { "open" } else { "closed" };
    let days = if offer.duration == 0 { "for ever".to_owned() } else { format!("for {} days", offer.duration / 86_400) };
    format!(
        "offer   {state}  {} {days} for {}  by {}  terms {}",
        scope_names(offer.scopes).join(","),
        money::shown(offer.price, offer.currency, chain),
        made.maker,
        offer.terms
    )
}

fn grant_line(grant: &Grant) -> String {
    let end = grant.end.map_or_else(|| "for ever".to_owned(), |end| format!("until {end} (Unix time)"));
    format!("grant   {}  {end}  {} of {} seats", scope_names(grant.scopes).join(","), grant.seated, grant.seats)
}

/// Opens key and chain for a token of a registry that is ours.
async fn act<'a>(session: &Session<'_>, args: &'a TransactionArgs, token: &TokenRef) -> Result<Acting<'a>> {
    let acting = args.act(session).await?;
    check_chain(&acting.chain, token)?;
    genuine(&registry_of(&acting.chain, token)).await?;
    Ok(acting)
}

fn scopes(text: &str) -> Result<u8> {
    let wrong = || CommandError::usage(format!("--scopes {text}: the scopes are use, commercial, derive and redistribute, with commas"));
    scopes_named(text.split(',')).ok_or_else(wrong)
}

fn address(option: &str, text: &str) -> Result<Address> {
    parse_address(text).map_err(|error| CommandError::usage(format!("{option}: {error}")))
}
