//! `modelmark credential key`: the keys that sign credentials.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use modelmark_chain::{SealedKey, WalletError};
use modelmark_credential::{Algorithm, SecretKey};
use serde_json::json;
use zeroize::Zeroizing;

use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::options::SignerArgs;
use crate::session::Session;
use crate::signer;

/// Make the keys that sign credentials
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    New(NewArgs),
}

/// Make a new key in an encrypted file
///
/// Prints its did:key. The file is for modelmark alone: the key is no account's. An existing file is never overwritten.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark credential key new ./issuer.key --password-file ./password.txt")]
pub(crate) struct NewArgs {
    /// File to make
    file: PathBuf,
    /// Kind of key: `ed25519`, which every format takes, or `p-256`, for the format `jwt`
    #[arg(long, value_name = "KIND", default_value_t = Algorithm::Ed25519)]
    algorithm: Algorithm,
    /// File with the password [default: $MODELMARK_PASSWORD, else a prompt on the terminal]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(super) fn run(session: &Session<'_>, command: &KeyCommand) -> Result<()> {
    let KeyCommand::New(args) = command;
    let password = signer::new_password(&args.file, args.password_file.as_deref())?;
    let key = SecretKey::generate(args.algorithm).or_unreachable()?;
    let did = key.public().did();
    let sealed = SealedKey { algorithm: args.algorithm.to_string(), did: did.clone(), secret: key.secret() };
    sealed.create(&args.file, &password).map_err(|error| {
        let exists = matches!(&error, WalletError::File { source, .. } if source.kind() == ErrorKind::AlreadyExists);
        let error = CommandError::new(Kind::Usage, error);
        if exists { error.hint("name another file: a key that is overwritten is lost") } else { error }
    })?;
    let value = json!({"did": did, "verificationMethod": key.public().verification_method(), "algorithm": args.algorithm.to_string()});
    session.output.result(&value, || did.clone())
}

/// Opens the key file at `path`.
pub(super) fn open(path: &Path, password_file: Option<&Path>) -> Result<SecretKey> {
    let password = SignerArgs { password_file: password_file.map(Path::to_owned), ..SignerArgs::default() };
    let password: Zeroizing<String> = signer::password(&password, path)?;
    let sealed = SealedKey::open(path, &password).or_usage()?;
    let key = SecretKey::from_secret(sealed.algorithm.parse().or_usage()?, &sealed.secret).or_usage()?;
    if key.public().did() == sealed.did {
        Ok(key)
    } else {
        Err(CommandError::usage(format!("`{}` is damaged: its DID is not that of its key", path.display())))
    }
}
