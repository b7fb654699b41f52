//! `modelmark license offer`, `close` and `grant`: what an owner does.

use std::path::PathBuf;

use alloy::primitives::U256;
use clap::Args;
use modelmark_chain::{Address, LicenseOffer, price_unit, scope_names};
use serde_json::json;

use super::{MadeDocument, act, address, scopes};
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::evidence;
use crate::money;
use crate::session::Session;
use crate::transaction::TransactionArgs;

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
    /// Account that gets what the lineage does not [default: the token's payees]
    #[arg(long, value_name = "ADDRESS")]
    beneficiary: Option<String>,
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

/// Take an offer back
///
/// Only the account that made it may. What was granted stays granted, copies that were sold stay good, and the same offer cannot be made again.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license close offer.json")]
pub(crate) struct CloseArgs {
    /// Offer, as `license offer` prints it, or - for stdin
    offer: PathBuf,
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

pub(super) async fn offer(session: &Session<'_>, args: &OfferArgs) -> Result<()> {
    let currency = args.currency.as_deref().map(|text| address("--currency", text)).transpose()?.unwrap_or_default();
    let what = LicenseOffer {
        currency,
        price: money::amount("--price", &args.price, currency)?,
        licensee: args.licensee.as_deref().map(|text| address("--for", text)).transpose()?.unwrap_or_default(),
        beneficiary: args.beneficiary.as_deref().map(|text| address("--beneficiary", text)).transpose()?.unwrap_or_default(),
        copies: args.copies,
        transferable: args.transferable,
        closes_at: args.closes_at,
        ..args.terms.read()?
    };
    if what.price >> 96 != U256::ZERO {
        return Err(CommandError::usage("--price is beyond what an offer can ask for"));
    }
    let acting = act(session, &args.transaction, &what.token).await?;
    money::check_currency(&acting.chain, "--currency", currency).await?;
    let now = acting.chain.block().await.map_err(explain)?.time;
    if what.closes_at != 0 && what.closes_at < now {
        return Err(CommandError::usage(format!("--closes-at {}: nobody could take it, it is {now} on the chain", what.closes_at)));
    }
    acting
        .make_and_tell(session, vec![what.make()], |_| {
            let maker = acting.wallet.address();
            let value = json!({"offer": what, "priceUnit": price_unit(currency), "maker": maker.to_checksum(None), "id": what.id(maker).to_string()});
            Ok((value.clone(), serde_json::to_string_pretty(&value).or_refused()?))
        })
        .await
}

pub(super) async fn close(session: &Session<'_>, args: &CloseArgs) -> Result<()> {
    let MadeDocument { offer, maker } = MadeDocument::read(&args.offer)?;
    let acting = act(session, &args.transaction, &offer.token).await?;
    let account = acting.wallet.address();
    if let Some(maker) = maker.filter(|maker| *maker != account) {
        return Err(CommandError::usage(format!("the offer is {maker}'s, and the key {account}'s")));
    }
    acting
        .make_and_tell(session, vec![offer.close()], |_| {
            let id = offer.id(account);
            let value = json!({"token": offer.token, "maker": account.to_checksum(None), "id": id.to_string(), "open": false});
            Ok((value, format!("nobody can take the offer any more: {}", offer.token)))
        })
        .await
}

pub(super) async fn grant(session: &Session<'_>, args: &GrantArgs) -> Result<()> {
    let what = args.terms.read()?;
    let licensee = address("the licensee", &args.licensee)?;
    if licensee.is_zero() {
        return Err(CommandError::usage("the licensee: nobody has the key of the account 0, and a grant cannot be taken back"));
    }
    let acting = act(session, &args.transaction, &what.token).await?;
    acting
        .make_and_tell(session, vec![what.grant(licensee)], |_| {
            let names = scope_names(what.scopes);
            let value = json!({"token": what.token, "licensee": licensee.to_checksum(None), "scopes": names});
            Ok((value, format!("{licensee} may {} {}", names.join(", "), what.token)))
        })
        .await
}
