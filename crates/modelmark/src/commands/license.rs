//! `modelmark license`: rights to use a model, offered, granted, bought, used and shown.

mod copies;
mod offer;
mod seat;
mod show;
mod take;
mod terms;

use std::path::Path;

use clap::Subcommand;
use modelmark_chain::{Address, LicenseOffer, TokenRef, parse_address, scopes_named};

use crate::chain_source::{check_chain, registry_of};
use crate::commands::mint::genuine;
use crate::error::{CommandError, Result};
use crate::session::{Session, read_input};
use crate::transaction::{Acting, TransactionArgs};

const MAX_OFFER_BYTES: u64 = 64 << 10;

/// Offer, grant, buy, use and show rights to use a model, and state what licences permit
#[derive(Debug, Subcommand)]
pub(crate) enum LicenseCommand {
    Offer(Box<offer::OfferArgs>),
    Close(Box<offer::CloseArgs>),
    Grant(Box<offer::GrantArgs>),
    Buy(Box<take::BuyArgs>),
    Redeem(Box<take::RedeemArgs>),
    Transfer(Box<copies::TransferArgs>),
    Copies(copies::CopiesArgs),
    #[command(subcommand)]
    Seat(seat::SeatCommand),
    Show(show::ShowArgs),
    #[command(subcommand)]
    Terms(terms::TermsCommand),
}

pub(crate) fn run(session: &Session<'_>, command: &LicenseCommand) -> Result<()> {
    match command {
        LicenseCommand::Offer(args) => session.block_on(offer::offer(session, args)),
        LicenseCommand::Close(args) => session.block_on(offer::close(session, args)),
        LicenseCommand::Grant(args) => session.block_on(offer::grant(session, args)),
        LicenseCommand::Buy(args) => session.block_on(take::buy(session, args)),
        LicenseCommand::Redeem(args) => session.block_on(take::redeem(session, args)),
        LicenseCommand::Transfer(args) => session.block_on(copies::transfer(session, args)),
        LicenseCommand::Copies(args) => session.block_on(copies::copies(session, args)),
        LicenseCommand::Seat(command) => seat::run(session, command),
        LicenseCommand::Show(args) => session.block_on(show::show(session, args)),
        LicenseCommand::Terms(command) => terms::run(session, command),
    }
}

/// An offer as `license offer` prints it, or an entry of the offers that `license show --json` lists.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct MadeDocument {
    offer: LicenseOffer,
    /// Who made it; it takes part in the offer's id.
    maker: Option<Address>,
}

impl MadeDocument {
    /// Reads the document at `path`, or from stdin.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = read_input(path, MAX_OFFER_BYTES)?;
        serde_json::from_slice(&bytes).map_err(|error| CommandError::usage(format!("`{}` is no offer: {error}", path.display())))
    }

    /// Returns the offer, whoever made it.
    pub(crate) fn into_offer(self) -> LicenseOffer {
        self.offer
    }

    /// Returns the offer, which has to make copies, and who made it.
    pub(crate) fn copies(self) -> Result<(LicenseOffer, Address)> {
        if !self.offer.transferable {
            return Err(CommandError::usage("the offer makes grants, not copies").hint("copies are made by `license offer --transferable`"));
        }
        let maker = self.maker.ok_or_else(|| CommandError::usage("the document does not say who made the offer (`maker`)"))?;
        Ok((self.offer, maker))
    }
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
