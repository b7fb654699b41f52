//! Which secret keys decrypt a model, and for whom it is encrypted.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_crypt::{CryptError, Holders, Identities, MAX_IDENTITIES_BYTES, Recipient};
use zeroize::Zeroizing;

use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::session::read_input;
use crate::signer::secret;

const IDENTITY_VARIABLE: &str = "MODELMARK_IDENTITY";
const MAX_RECIPIENTS_BYTES: u64 = 64 << 10;

/// Who decrypts.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Identity (default: $MODELMARK_IDENTITY, else a prompt on the terminal)")]
pub(crate) struct IdentityArgs {
    /// File with age identities (`AGE-SECRET-KEY-1…`), as `age-keygen` writes it; - for stdin
    #[arg(short, long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
}

impl IdentityArgs {
    /// Reads the identities: from the file, the environment, or a prompt.
    pub(crate) fn read(&self) -> Result<Identities> {
        let text = match (&self.identity, secret(IDENTITY_VARIABLE)?) {
            (Some(path), _) => text_of(path, MAX_IDENTITIES_BYTES)?,
            (None, Some(text)) => text,
            (None, None) => prompt()?,
        };
        Identities::parse(&text).or_usage()
    }
}

fn prompt() -> Result<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::usage("an identity is needed and there is no terminal to ask on")
            .hint(format!("name a file with `--identity`, or set {IDENTITY_VARIABLE}")));
    }
    let asked = rpassword::prompt_password("Identity (AGE-SECRET-KEY-1…): ");
    asked.map(Zeroizing::new).map_err(|error| CommandError::usage(format!("cannot read the identity: {error}")))
}

fn text_of(path: &Path, limit: u64) -> Result<Zeroizing<String>> {
    let bytes = Zeroizing::new(read_input(path, limit)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| CommandError::usage(format!("`{}` is not UTF-8 text", path.display())))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads recipients as typed, and from files with one a line.
pub(crate) fn holders(typed: &[String], files: &[PathBuf]) -> Result<Holders> {
    let mut recipients: Vec<Recipient> = typed.iter().map(|text| text.parse().or_usage()).collect::<Result<_>>()?;
    for path in files {
        let text = text_of(path, MAX_RECIPIENTS_BYTES)?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
            let named = |error: CryptError| CommandError::usage(format!("`{}`, line {}: {error}", path.display(), number + 1));
            recipients.push(line.parse().map_err(named)?);
        }
    }
    Holders::new(recipients).or_usage()
}

/// Says what kind of obstacle it was.
pub(crate) fn explain(error: CryptError) -> CommandError {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    let kind = match &error {
        CryptError::Io { source, .. } if matches!(source.kind(), NotFound | NotADirectory | PermissionDenied | ReadOnlyFilesystem) => {
            Kind::Usage
        }
        CryptError::Io { .. } | CryptError::Changed { .. } => Kind::Unreachable,
        CryptError::Exists(_) | CryptError::Recipient(_) | CryptError::Identity { .. } | CryptError::Count(_) | CryptError::NoFile(_) => {
            Kind::Usage
        }
        _ => Kind::Refused,
    };
    let hint = match &error {
        CryptError::Exists(_) => Some("choose another name: nothing is replaced"),
        CryptError::NoKey(_) => Some("a holder can add you: `modelmark encrypt DIR --add-recipient age1… --identity FILE`"),
        CryptError::Changed { .. } => Some("try again when nobody writes to it"),
        _ => None,
    };
    let explained = CommandError::new(kind, error);
    match hint {
        Some(hint) => explained.hint(hint),
        None => explained,
    }
}
