//! What the manager of a divided token does with it: nothing that takes it away.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use modelmark_chain::{MetadataPlace, SharesState, SharesVault};
use serde_json::json;

use super::{VaultArgs, vault};
use crate::commands::license::MadeDocument;
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::session::Session;
use crate::transaction::Acting;

/// Say where a divided token's metadata is read; only the manager
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares metadata 0x… chain")]
pub(crate) struct MetadataArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Where: ipfs, chain, or ar:// and an Arweave transaction
    place: String,
}

/// Offer rights to use the model of a divided token, and take offers back; only the manager
#[derive(Debug, Subcommand)]
pub(crate) enum LicenseCommand {
    Offer(Box<OfferArgs>),
    Close(Box<CloseArgs>),
}

/// Offer rights to use the model, in the vault's name
///
/// What the lineage does not get comes to the vault, in a currency that it divides: the offer has the form that `license offer` prints, with the vault as its
/// beneficiary. Prints the offer, which buyers need.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares license offer 0x… offer.json > made.json")]
pub(crate) struct OfferArgs {
    #[command(flatten)]
    document: DocumentArgs,
}

/// Take an offer of the vault's back
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares license close 0x… made.json")]
pub(crate) struct CloseArgs {
    #[command(flatten)]
    document: DocumentArgs,
}

/// Which vault, and which offer.
#[derive(Debug, Args)]
struct DocumentArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Offer, in the form that `license offer` prints, or - for stdin
    offer: PathBuf,
}

pub(super) async fn metadata(session: &Session<'_>, args: &MetadataArgs) -> Result<()> {
    let place: MetadataPlace = args.place.parse().or_usage()?;
    let (acting, vault, state) = managing(session, &args.at).await?;
    acting
        .make_and_tell(session, vec![vault.set_metadata_place(place)], |_| {
            let token = state.terms.token;
            Ok((json!({"token": token, "place": place.to_string()}), format!("{place}: the metadata of {token} is read there from now on")))
        })
        .await
}

pub(super) async fn license(session: &Session<'_>, command: &LicenseCommand) -> Result<()> {
    let (args, opens) = match command {
        LicenseCommand::Offer(args) => (&args.document, true),
        LicenseCommand::Close(args) => (&args.document, false),
    };
    let offer = MadeDocument::read(&args.offer)?.into_offer();
    let (acting, vault, state) = managing(session, &args.at).await?;
    if offer.token != state.terms.token {
        return Err(CommandError::refused(format!("the offer is for {}, and the vault holds {}", offer.token, state.terms.token)));
    }
    if opens && offer.beneficiary != vault.address() {
        let told = format!("the offer's beneficiary is {}, and its money has to come to the holders", offer.beneficiary);
        return Err(CommandError::refused(told).hint(format!("name the vault: \"beneficiary\": \"{}\"", vault.address())));
    }
    let call = if opens { vault.offer_license(&offer) } else { vault.close_license(&offer) };
    acting
        .make_and_tell(session, vec![call], |_| {
            let value = json!({"offer": offer, "maker": vault.address().to_checksum(None), "open": opens});
            let json = serde_json::to_string_pretty(&json!({"offer": offer, "maker": vault.address()})).or_refused()?;
            Ok((value, if opens { json } else { "the offer is taken back".to_owned() }))
        })
        .await
}

/// Opens key and chain for the vault's manager.
async fn managing<'a>(session: &Session<'_>, args: &'a VaultArgs) -> Result<(Acting<'a>, SharesVault, SharesState)> {
    let acting = args.transaction.act(session).await?;
    let vault = vault(&acting.chain, &args.vault).await?;
    let state = vault.state().await.map_err(explain)?;
    if state.manager != acting.wallet.address() {
        return Err(CommandError::refused(format!("the manager of {} is {}; nothing was sent", args.vault, state.manager))
            .hint("the holders choose a manager: `modelmark shares propose --manager`"));
    }
    Ok((acting, vault, state))
}
