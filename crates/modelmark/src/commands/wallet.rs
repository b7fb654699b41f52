//! `modelmark wallet`: make a key and see which account is used.

use std::io::ErrorKind;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use modelmark_chain::{ChainId, Wallet, WalletError};
use serde_json::json;

use crate::error::{CommandError, Kind, Result};
use crate::options::SignerArgs;
use crate::session::Session;
use crate::signer;

/// Make an encrypted key, or show which account signs
#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    New(NewArgs),
    Address(AddressArgs),
}

/// Make a new key in an encrypted keystore file
///
/// The file is Web3 Secret Storage, which `cast`, geth and other wallets read. An existing file is never overwritten.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark wallet new ./creator.json --password-file ./password.txt")]
pub(crate) struct NewArgs {
    /// File to make
    file: PathBuf,
    /// File with the password [default: $MODELMARK_PASSWORD, else a prompt on the terminal]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Show the account that would sign
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark wallet address --keystore ./creator.json")]
pub(crate) struct AddressArgs {
    #[command(flatten)]
    signer: SignerArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &WalletCommand) -> Result<()> {
    let wallet = match command {
        WalletCommand::New(args) => create(args)?,
        WalletCommand::Address(args) => signer::wallet(&args.signer, ChainId::DEVELOPMENT)?,
    };
    let address = wallet.address().to_checksum(None);
    session
        .output
        .result(&json!({"address": address, "account": format!("eip155:1:{address}"), "development": wallet.is_development()}), || {
            address.clone()
        })
}

fn create(args: &NewArgs) -> Result<Wallet> {
    let password = signer::new_password(&args.file, args.password_file.as_deref())?;
    Wallet::create_keystore(&args.file, &password).map_err(|error| {
        let exists = matches!(&error, WalletError::File { source, .. } if source.kind() == ErrorKind::AlreadyExists);
        let error = CommandError::new(Kind::Usage, error);
        if exists { error.hint("name another file, or use this one with `--keystore`: a key that is overwritten is lost") } else { error }
    })
}
