//! Which key signs: a keystore, the environment, or a development account where its key is allowed.

use std::io::IsTerminal as _;
use std::path::Path;

use modelmark_chain::{ChainId, Wallet};
use zeroize::Zeroizing;

use crate::error::{CommandError, OrKind as _, Result};
use crate::options::SignerArgs;
use crate::session::read_input;

const KEY_VARIABLE: &str = "MODELMARK_PRIVATE_KEY";
const PASSWORD_VARIABLE: &str = "MODELMARK_PASSWORD";
const MAX_PASSWORD_BYTES: u64 = 4096;

/// Returns the wallet that `args` and the environment name, for use on `chain`.
pub(crate) fn wallet(args: &SignerArgs, chain: ChainId) -> Result<Wallet> {
    let wallet = if let Some(path) = &args.keystore {
        Wallet::from_keystore(path, &password(args, path)?).or_usage()?
    } else if let Some(index) = args.dev_account {
        Wallet::development(chain, index as usize).or_usage()?
    } else if let Some(key) = secret(KEY_VARIABLE)? {
        Wallet::from_hex(&key).or_usage()?
    } else if chain.is_development() {
        Wallet::development(chain, 0).or_usage()?
    } else {
        return Err(CommandError::usage(format!("no key to sign with on {chain}"))
            .hint("name an encrypted keystore with `--keystore FILE` (`modelmark wallet new FILE` makes one)")
            .hint(format!("or set {KEY_VARIABLE}")));
    };
    wallet.check_usable_on(chain).or_usage()?;
    Ok(wallet)
}

/// Returns the keystore's password: from a file, the environment, or a prompt on a terminal.
pub(crate) fn password(args: &SignerArgs, keystore: &Path) -> Result<Zeroizing<String>> {
    password_of(args.password_file.as_deref(), keystore)
}

/// Returns the password of an encrypted key: from the file, the environment, or a prompt on a terminal.
pub(crate) fn password_of(file: Option<&Path>, keystore: &Path) -> Result<Zeroizing<String>> {
    if let Some(file) = file {
        let bytes = Zeroizing::new(read_input(file, MAX_PASSWORD_BYTES)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| CommandError::usage(format!("`{}` is not UTF-8 text", file.display())))?;
        return Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    if let Some(password) = secret(PASSWORD_VARIABLE)? {
        return Ok(password);
    }
    prompt(&format!("Password of {}: ", keystore.display()))
}

/// Returns the password for a key that is to be kept in `file`; on a terminal it is asked for twice.
pub(crate) fn new_password(file: &Path, password_file: Option<&Path>) -> Result<Zeroizing<String>> {
    let args = SignerArgs { keystore: None, password_file: password_file.map(Path::to_owned), dev_account: None };
    let chosen = password(&args, file)?;
    if chosen.is_empty() {
        return Err(CommandError::usage("an empty password protects nothing").hint("choose a password"));
    }
    let given_on_terminal = password_file.is_none() && secret(PASSWORD_VARIABLE)?.is_none();
    if given_on_terminal && *prompt("The same again: ")? != *chosen {
        return Err(CommandError::usage("the two passwords differ"));
    }
    Ok(chosen)
}

/// Asks for a password on the terminal without showing it.
pub(crate) fn prompt(question: &str) -> Result<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::usage("a password is needed and there is no terminal to ask on")
            .hint(format!("set {PASSWORD_VARIABLE}, or name a file with `--password-file`")));
    }
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .map_err(|error| CommandError::usage(format!("cannot read the password: {error}")))
}

fn secret(variable: &str) -> Result<Option<Zeroizing<String>>> {
    match std::env::var(variable) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(Zeroizing::new(value))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(CommandError::usage(format!("{variable} is not UTF-8 text"))),
    }
}
