//! `modelmark royalty lower`: a smaller royalty, for good.

use clap::Args;
use modelmark_chain::{BasisPoints, TokenRef};
use serde_json::json;

use crate::chain_source::{check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Lower a token's royalty for good
///
/// Only its creator or a delegate may, also after a sale. Nothing raises it again; the record goes on stating the royalty of the mint.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty lower eip155:31337/erc721:0x…/123… 2.5%")]
pub(crate) struct LowerArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// What is owed of each sale from now on
    #[arg(value_name = "PERCENT")]
    royalty: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) async fn run(session: &Session<'_>, args: &LowerArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let wanted: modelmark_record::ShareBps =
        args.royalty.parse().map_err(|error| CommandError::usage(format!("the royalty {}: {error}", args.royalty)))?;
    let royalty: BasisPoints = wanted.get().try_into().or_usage()?;
    let acting = args.transaction.act(session).await?;
    check_chain(&acting.chain, &token)?;
    let registry = registry_of(&acting.chain, &token);
    genuine(&registry).await?;
    let model = registry.model(token.id()).await.map_err(explain)?;
    let before = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?.royalty.share;
    if royalty >= before {
        return Err(CommandError::refused(format!(
            "the royalty of {token} is {before}: it can be lowered, and {royalty} is not lower; nothing was sent"
        )));
    }
    acting
        .make_and_tell(session, vec![registry.lower_royalty(token.id(), royalty)], |_| {
            let value = json!({"token": token, "before": before, "royalty": royalty});
            Ok((value, format!("{royalty} of each sale of {token}, {before} before")))
        })
        .await
}
