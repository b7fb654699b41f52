//! Which key signs: a keystore, a Ledger device, AWS KMS, the environment, or a development account where its key is allowed.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use modelmark_chain::{ChainId, LedgerLink, Wallet, WalletError};
use zeroize::Zeroizing;

use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::options::SignerArgs;
use crate::session::read_input;

const KEY_VARIABLE: &str = "MODELMARK_PRIVATE_KEY";
const PASSWORD_VARIABLE: &str = "MODELMARK_PASSWORD";
const KMS_KEY_VARIABLE: &str = "AWS_KMS_KEY_ID";
/// How long one request to AWS KMS may take, retries included.
const KMS_DEADLINE: Duration = Duration::from_secs(30);
/// Where Speculos and other proxies of Ledger devices are, as Ledger's own Python clients read it.
const LEDGER_PROXY: [&str; 2] = ["LEDGER_PROXY_ADDRESS", "LEDGER_PROXY_PORT"];
const MAX_PASSWORD_BYTES: u64 = 4096;

/// Returns the wallet that `args` and the environment name, for use on `chain`.
pub(crate) fn wallet(args: &SignerArgs, chain: ChainId) -> Result<Wallet> {
    let wallet = if args.aws {
        kms(args.aws_key_id.as_deref())?
    } else if args.ledger {
        Wallet::from_ledger(&ledger_link()?, args.hd_path.clone(), Arc::new(ask_for_confirmation)).or_usage()?
    } else if let Some(path) = &args.keystore {
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

/// Asks AWS KMS for the key that the command line or the environment names.
fn kms(key: Option<&str>) -> Result<Wallet> {
    let key = match key {
        Some(key) => Zeroizing::new(key.to_owned()),
        None => secret(KMS_KEY_VARIABLE)?.ok_or_else(|| {
            CommandError::usage("`--aws` is given without a key").hint(format!("name it with `--aws-key-id ID`, or set {KMS_KEY_VARIABLE}"))
        })?,
    };
    Wallet::from_kms(&key, KMS_DEADLINE).map_err(|error| {
        let hint = match &error {
            WalletError::NoKms { .. } => "from source: `cargo install --path crates/modelmark --features aws-kms`",
            _ => "region, credentials and endpoint come from the AWS environment (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL and the like)",
        };
        CommandError::new(Kind::Usage, error).hint(hint)
    })
}

/// Returns where the Ledger device is: on USB, if the environment names no proxy.
fn ledger_link() -> Result<LedgerLink> {
    let [address, port] = LEDGER_PROXY.map(secret);
    match (address?, port?) {
        (None, None) => Ok(LedgerLink::Usb),
        (address, Some(port)) => Ok(LedgerLink::Tcp(format!("{}:{}", address.as_ref().map_or("127.0.0.1", |text| text.as_str()), *port))),
        (Some(_), None) => Err(CommandError::usage("LEDGER_PROXY_ADDRESS is set, and LEDGER_PROXY_PORT is not")),
    }
}

/// Tells on stderr, whatever else is shown there, why the program waits.
fn ask_for_confirmation(what: &str) {
    // Where nobody reads stderr there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "  confirm on the Ledger: {what}");
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
    let args = SignerArgs { password_file: password_file.map(Path::to_owned), ..SignerArgs::default() };
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

/// Reads a variable that holds a secret; an empty one counts as none.
pub(crate) fn secret(variable: &str) -> Result<Option<Zeroizing<String>>> {
    match std::env::var(variable) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(Zeroizing::new(value))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(CommandError::usage(format!("{variable} is not UTF-8 text"))),
    }
}
