//! `modelmark record`: the provenance record of a model.

mod edit;
mod explain;
mod imported;

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{ChainId, parse_address};
use modelmark_digest::{Manifest, ManifestKind, Request};
use modelmark_record::{Account, Capture, MAX_RECORD_BYTES};
use serde_json::{Value, json};

use crate::commands::digest;
use crate::error::{CommandError, Result};
use crate::facts::{self, FactsArgs};
use crate::hub;
use crate::options::{ProfileArgs, SignerArgs};
use crate::session::{Session, read_input};
use crate::signer;

/// Compose the provenance record of a model
///
/// The record is the ERC-721 metadata JSON itself, in canonical form (RFC 8785), so that it can be signed. Facts come from options,
/// `modelmark.toml`, the model card, `config.json` and what training tools wrote; secrets, e-mail addresses and absolute paths are left out, and it is
/// said what. `--explain` shows where each of them comes from.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark digest ./my-model --json | modelmark record ./my-model --manifest - --license mit > record.json\n  \
                  modelmark record ./model --from-token eip155:1/erc721:0x…/7 --metadata 7.json > record.json"
)]
pub(crate) struct RecordArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    path: PathBuf,
    /// Fingerprints from `modelmark digest --json` (- for stdin), instead of reading the files again
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Account of the creator [default: the account of the key that would sign]
    #[arg(long, value_name = "ADDRESS")]
    creator: Option<String>,
    /// Show which file says what, what is taken, what conflicts and what is left out, instead of the record
    #[arg(long, conflicts_with = "manifest")]
    explain: bool,
    /// Open the facts in `$EDITOR` first, as the `modelmark.toml` that is then written beside the model; only on a terminal
    #[arg(long, conflicts_with = "manifest")]
    edit: bool,
    #[command(flatten)]
    import: imported::ImportArgs,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    facts: FactsArgs,
    #[command(flatten)]
    signer: SignerArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &RecordArgs) -> Result<()> {
    let creator = match &args.creator {
        Some(text) => parse_address(text.strip_prefix("eip155:1:").unwrap_or(text))
            .map_err(|error| CommandError::usage(format!("--creator: {error}")))?,
        None => signer::wallet(&args.signer, ChainId::DEVELOPMENT)?.address(),
    };
    let path = hub::locate(session, &args.path)?;
    let creator = Some(Account::from(creator));
    let mut known = args.facts.clone();
    known.imported = args.import.look(session, &path)?;
    let known = &known;
    if args.edit {
        edit::facts(session, &path, known, creator.clone())?;
    }
    if args.explain {
        let capture = facts::gather(session, &path, known, creator)?;
        return explain::print(session, &capture);
    }
    // First what costs nothing: a slip in an option, or a licence that nobody states, is told before a large model is read.
    let given = args.manifest.as_deref().map(|file| read_manifest(file, &path)).transpose()?;
    let capture = facts::gather(session, &path, known, creator)?;
    facts::check_complete(&capture)?;
    let manifest = match given {
        Some(manifest) => manifest,
        None => {
            let request = Request { profile: args.profile.cid_profile, holes: args.facts.cache.holes.read_holes, ..Request::default() };
            digest::manifest(session, &path, &request, args.facts.cache)?
        }
    };
    let (findings, left_out) = remarks(&capture);
    let record = facts::compose(session, &manifest, capture)?;
    if session.output.json() {
        let value = json!({
            "id": record.id().to_string(), "cid": record.cid().to_string(), "record": record.record(), "findings": findings, "leftOut": left_out,
        });
        return session.output.result(&value, String::new);
    }
    session.output.document(record.bytes())
}

/// What was noticed and left out, as JSON.
fn remarks(capture: &Capture) -> (Vec<Value>, Vec<Value>) {
    let findings = capture.findings.iter().map(|f| json!({"code": f.code.as_str(), "field": f.field, "message": f.message}));
    let left_out = capture.left_out.iter().map(|l| json!({"field": l.field, "file": l.file, "reason": l.reason}));
    (findings.collect(), left_out.collect())
}

/// Reads the manifest that is said to be of `model`.
fn read_manifest(path: &Path, model: &Path) -> Result<Manifest> {
    // A manifest lists as many files as a record does, in about the same space.
    let bytes = read_input(path, 4 * MAX_RECORD_BYTES as u64)?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| {
        CommandError::usage(format!("`{}` is not a manifest: {error}", path.display())).hint("`modelmark digest --json` makes one")
    })?;
    let (of, is) = match (manifest.kind, model.is_dir()) {
        (ManifestKind::File, true) => ("a file", "a directory"),
        (ManifestKind::Directory, false) => ("a directory", "none"),
        _ => return Ok(manifest),
    };
    Err(CommandError::refused(format!("`{}` is the manifest of {of}, `{}` is {is}", path.display(), model.display()))
        .hint("digest again: `modelmark digest PATH --json`"))
}
