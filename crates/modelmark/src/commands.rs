//! The verbs: one file each, with its arguments and what it does.

pub(crate) mod car;
pub(crate) mod cat;
pub(crate) mod deploy;
pub(crate) mod devnet;
pub(crate) mod digest;
pub(crate) mod mint;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod store;
pub(crate) mod verify;
pub(crate) mod wallet;

use modelmark_verify::exit_codes;

use crate::cli::{Cli, Command};
use crate::error::Result;
use crate::output::Output;
use crate::session::Session;

/// Runs the command and returns the process exit code.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<u8> {
    let session = Session::new(&cli.global, output)?;
    match cli.command {
        Command::Publish(args) => publish::run(&session, &args)?,
        Command::Verify(args) => return verify::run(&session, &args),
        Command::Show(args) => show::run(&session, &args)?,
        Command::Digest(args) => digest::run(&session, &args)?,
        Command::Record(args) => record::run(&session, &args)?,
        Command::Sign(args) => sign::run(&session, &args)?,
        Command::Store(args) => store::run(&session, &args)?,
        Command::Mint(args) => mint::run(&session, &args)?,
        Command::Cat(args) => cat::run(&session, &args)?,
        Command::Car(command) => car::run(&session, &command)?,
        Command::Devnet(args) => devnet::run(&session, &args)?,
        Command::Deploy(args) => deploy::run(&session, &args)?,
        Command::Wallet(command) => wallet::run(&session, &command)?,
    }
    Ok(exit_codes::VERIFIED)
}
