//! `modelmark license seat`: accounts that a licensee lets use a grant too.

use clap::{Args, Subcommand};
use modelmark_chain::{Address, Chain, Grant, TokenRef, grants, has_seat, scope_names, set_seat};
use serde_json::json;

use super::{act, address};
use crate::chain_source::{self, check_chain};
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Let other accounts use a grant too, as many as it has seats
#[derive(Debug, Subcommand)]
pub(crate) enum SeatCommand {
    Assign(Box<AssignArgs>),
    Release(Box<ReleaseArgs>),
    Show(ShowArgs),
}

/// Which seat.
#[derive(Debug, Args)]
struct SeatArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Account that has, or gets, the seat
    holder: String,
    /// Which of the licensee's grants, as `license show` counts them from 0 [default: the first that fits]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..8))]
    place: Option<u64>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Give an account a seat in one of the licensee's grants
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license seat assign eip155:31337/erc721:0x…/123… 0x…")]
pub(crate) struct AssignArgs {
    #[command(flatten)]
    seat: SeatArgs,
}

/// Take an account's seat away, so that another can have it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license seat release eip155:31337/erc721:0x…/123… 0x…")]
pub(crate) struct ReleaseArgs {
    #[command(flatten)]
    seat: SeatArgs,
}

/// Show in which of a licensee's grants an account has a seat
///
/// A seat is lent by a licensee, so that it is asked for with the licensee's name: a stranger could put somebody into a seat of a useless grant.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license seat show eip155:31337/erc721:0x…/123… 0x… --licensee 0x…")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Account that may have a seat
    holder: String,
    /// Account whose grants they are
    #[arg(long, value_name = "ADDRESS")]
    licensee: String,
    #[command(flatten)]
    chain: ChainArgs,
}

/// A grant that is not over, and whether an account has a seat in it.
struct Place {
    grant: Grant,
    seated: bool,
}

pub(super) fn run(session: &Session<'_>, command: &SeatCommand) -> Result<()> {
    match command {
        SeatCommand::Assign(args) => session.block_on(set(session, &args.seat, true)),
        SeatCommand::Release(args) => session.block_on(set(session, &args.seat, false)),
        SeatCommand::Show(args) => session.block_on(show(session, args)),
    }
}

async fn set(session: &Session<'_>, args: &SeatArgs, seated: bool) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let holder = address("the seat's holder", &args.holder)?;
    let acting = act(session, &args.transaction, &token).await?;
    let licensee = acting.wallet.address();
    let mut places = places(&acting.chain, &token, licensee, holder).await?;
    places.retain(|place| args.place.is_none_or(|wanted| place.grant.place == wanted));
    let Some(first) = places.first() else {
        return Err(CommandError::refused(format!("{licensee} has no such grant for {token} that is not over"))
            .hint("`modelmark license show TOKEN --account ADDRESS` lists an account's grants"));
    };
    let held = places.iter().find(|place| place.seated).map(|place| place.grant.place);
    let (place, call) = match (held, seated) {
        (Some(place), true) => (place, None),
        (None, false) => (first.grant.place, None),
        (Some(place), false) => (place, Some(set_seat(&token, place, holder, false))),
        (None, true) => {
            let place = free(&places)?;
            (place, Some(set_seat(&token, place, holder, true)))
        }
    };
    let changed = call.is_some();
    acting
        .make_and_tell(session, call.into_iter().collect(), |_| {
            let value = json!({
                "token": token,
                "licensee": licensee.to_checksum(None),
                "holder": holder.to_checksum(None),
                "place": place,
                "seated": seated,
                "changed": changed,
            });
            let has = if seated { "has a seat" } else { "has no seat" };
            Ok((value, format!("{holder} {has} in grant {place} of {licensee}")))
        })
        .await
}

/// Returns the first of the grants that has a seat to give.
fn free(places: &[Place]) -> Result<u64> {
    let found = places.iter().find(|place| place.grant.seated < place.grant.seats).map(|place| place.grant.place);
    found.ok_or_else(|| match places.iter().map(|place| u32::from(place.grant.seats)).sum::<u32>() {
        0 => CommandError::refused("the grant has no seats: it is for the licensee alone"),
        seats => CommandError::refused(format!("all {seats} seats are taken")).hint("free one with `modelmark license seat release`"),
    })
}

/// Returns a licensee's grants that are not over.
async fn places(chain: &Chain, token: &TokenRef, licensee: Address, holder: Address) -> Result<Vec<Place>> {
    let now = chain.block().await.map_err(explain)?.time;
    let mut places = Vec::new();
    for grant in grants(chain, token, licensee).await.map_err(explain)? {
        if grant.is_live(now) {
            let seated = has_seat(chain, token, licensee, &grant, holder).await.map_err(explain)?;
            places.push(Place { grant, seated });
        }
    }
    Ok(places)
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let holder = address("the seat's holder", &args.holder)?;
    let licensee = address("--licensee", &args.licensee)?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &token)?;
    let mut places = places(&chain, &token, licensee, holder).await?;
    places.retain(|place| place.seated);
    let held: Vec<Grant> = places.into_iter().map(|place| place.grant).collect();
    let value = json!({"token": token, "holder": holder.to_checksum(None), "licensee": licensee.to_checksum(None), "grants": held});
    session.output.result(&value, || {
        let line =
            |grant: &Grant| format!("{holder} has a seat in grant {} of {licensee}: {}", grant.place, scope_names(grant.scopes).join(", "));
        match held.is_empty() {
            true => format!("{holder} has no seat in a grant of {licensee}"),
            false => held.iter().map(line).collect::<Vec<_>>().join("\n"),
        }
    })
}
