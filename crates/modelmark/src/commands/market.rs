//! `modelmark market`: tokens and copies of licences traded by signed orders.

mod cancel;
mod fill;
mod list;
mod order;

use clap::Subcommand;
use modelmark_chain::{Address, parse_address};

use crate::error::{CommandError, Result};
use crate::session::Session;

/// Sell and buy tokens and licences by signed orders, without a fee and with the royalty paid
#[derive(Debug, Subcommand)]
pub(crate) enum MarketCommand {
    List(Box<list::ListArgs>),
    Offer(Box<list::OfferArgs>),
    Buy(Box<fill::BuyArgs>),
    Sell(Box<fill::SellArgs>),
    Cancel(Box<cancel::CancelArgs>),
    Withdraw(Box<cancel::WithdrawArgs>),
}

pub(crate) fn run(session: &Session<'_>, command: &MarketCommand) -> Result<()> {
    match command {
        MarketCommand::List(args) => session.block_on(list::list(session, args)),
        MarketCommand::Offer(args) => session.block_on(list::offer(session, args)),
        MarketCommand::Buy(args) => session.block_on(fill::buy(session, args)),
        MarketCommand::Sell(args) => session.block_on(fill::sell(session, args)),
        MarketCommand::Cancel(args) => session.block_on(cancel::cancel(session, args)),
        MarketCommand::Withdraw(args) => session.block_on(cancel::withdraw(session, args)),
    }
}

fn address(option: &str, text: &str) -> Result<Address> {
    parse_address(text).map_err(|error| CommandError::usage(format!("{option}: {error}")))
}
