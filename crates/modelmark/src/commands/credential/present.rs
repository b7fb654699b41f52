//! `modelmark credential present`: the part of a credential that its holder wants to show.

use std::path::PathBuf;

use clap::Args;
use modelmark_credential::{Challenge, MAX_CREDENTIAL_BYTES, PresentError, present};
use serde_json::json;

use super::{key, now};
use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::session::{Session, read_judged};

/// So many places are shown when a path leads nowhere.
const SHOWN: usize = 32;

/// Show a part of a credential of the format sd-jwt
///
/// What stays in the open (which model, whose, of which weights, under which licence) is shown in any case. Each `--disclose` names a place in the claims
/// and shows what is there, with all below it. The holder's key signs that for one reader and one nonce.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark credential present record.sd-jwt --disclose /record/provenance/datasets/0 > shown.sd-jwt\n  \
                        modelmark credential present record.sd-jwt --disclose /record/provenance/training --key holder.key \\\n    \
                        --audience https://verifier.example --nonce n-0S6_WzA2Mj"
)]
pub(crate) struct PresentArgs {
    /// Credential file, or - for stdin
    credential: PathBuf,
    /// Place to show, a JSON Pointer into the claims such as `/record/provenance/training`; can be given several times [default: only what is in the open]
    #[arg(long, value_name = "PATH")]
    disclose: Vec<String>,
    /// Key file of the holder, from `modelmark credential key new`
    #[arg(long, value_name = "FILE", requires = "audience", requires = "nonce")]
    key: Option<PathBuf>,
    /// File with the password of the key [default: $MODELMARK_PASSWORD, else a prompt on the terminal]
    #[arg(long, value_name = "FILE", requires = "key")]
    key_password_file: Option<PathBuf>,
    /// Who asks to see it
    #[arg(long, value_name = "TEXT", requires = "key")]
    audience: Option<String>,
    /// What they gave to sign, once
    #[arg(long, value_name = "TEXT", requires = "key")]
    nonce: Option<String>,
}

pub(super) fn run(session: &Session<'_>, args: &PresentArgs) -> Result<()> {
    let bytes = read_judged(&args.credential, MAX_CREDENTIAL_BYTES)?;
    let token = std::str::from_utf8(&bytes).or_usage()?;
    let key = args.key.as_deref().map(|path| key::open(path, args.key_password_file.as_deref())).transpose()?;
    let challenge = args.audience.as_deref().zip(args.nonce.as_deref()).map(|(audience, nonce)| Challenge { audience, nonce });
    let paths: Vec<&str> = args.disclose.iter().map(String::as_str).collect();
    let presentation = present(token, &paths, key.as_ref().zip(challenge.as_ref()), now()?).map_err(told)?;
    if presentation.holder.is_some() && key.is_none() {
        session.output.note("not signed by the holder (--key): whoever asks for that with a nonce does not take it");
    }
    session.output.note(format!("{} disclosed, {} withheld", presentation.disclosed, presentation.withheld));
    match session.output.json() {
        true => {
            let (disclosed, withheld) = (presentation.disclosed, presentation.withheld);
            session.output.result(&json!({"presentation": presentation.token, "disclosed": disclosed, "withheld": withheld}), String::new)
        }
        false => session.output.document(presentation.token.as_bytes()),
    }
}

fn told(error: PresentError) -> CommandError {
    let hint = match &error {
        PresentError::NothingAt { held, .. } if held.is_empty() => Some("nothing in this credential is hidden".to_owned()),
        PresentError::NothingAt { held, .. } => {
            let more = if held.len() > SHOWN { ", and more" } else { "" };
            Some(format!("hidden are {}{more}", held.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ")))
        }
        _ => None,
    };
    let error = CommandError::new(Kind::Usage, error);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
