//! `modelmark license show`: offers for a model, and what an account may do with it.

use clap::Args;
use modelmark_chain::{Chain, Grant, MadeOffer, TokenRef, grants, has_access, license_offers, scope_names};
use serde_json::json;

use super::{address, scopes};
use crate::chain_source::{self, check_chain};
use crate::commands::mint::explain;
use crate::error::{OrKind as _, Result};
use crate::money;
use crate::options::ChainArgs;
use crate::session::Session;

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

pub(super) async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
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
        offer.terms.to_0x()
    )
}

fn grant_line(grant: &Grant) -> String {
    let end = grant.end.map_or_else(|| "for ever".to_owned(), |end| format!("until {end} (Unix time)"));
    format!("grant   {}  {}  {end}  {} of {} seats", grant.place, scope_names(grant.scopes).join(","), grant.seated, grant.seats)
}
