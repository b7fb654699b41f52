//! `modelmark dataset check`: does a proof show what it claims?

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_dataset::{Claim, MAX_ROW_PROOF_BYTES, Proof, ROW_PROOF, RowProof};
use modelmark_digest::{ManifestKind, Sha256Digest};
use modelmark_verify::exit_codes;
use serde::Serialize;

use super::{of_document, read_anew, row};
use crate::error::{CommandError, Result};
use crate::output::{bytes, printable};
use crate::session::Session;

/// Check a proof about a dataset against the dataset's root
///
/// Exits with 0 when the proof shows its claim, with 1 when it does not. With FILE, the claim has to be about that file's content. A proof shows what
/// is in the committed set; it does not show that a model was trained on it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark dataset check proof.json --root 5f3c… ./a.jsonl")]
pub(crate) struct CheckArgs {
    /// The proof
    proof: PathBuf,
    /// Root of the dataset, or of the rows of a file, from a source that you trust
    #[arg(long, value_name = "DIGEST")]
    root: Sha256Digest,
    /// A file that the claim should be about
    file: Option<PathBuf>,
}

/// What became of the check.
#[derive(Serialize)]
struct Checked<'p> {
    proven: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    claim: &'p Claim,
    root: Sha256Digest,
}

pub(super) fn run(session: &Session<'_>, args: &CheckArgs) -> Result<u8> {
    let document = read(&args.proof)?;
    if is_of_a_row(&document) {
        let proof = RowProof::parse(&document).map_err(of_document(&args.proof))?;
        if args.file.is_some() {
            return Err(CommandError::usage("the proof is about a row, not about a file").hint("leave the file out"));
        }
        return row::check(session, &proof, args.root);
    }
    let proof = Proof::parse(&document).map_err(of_document(&args.proof))?;
    let about = args.file.as_deref().map(|file| fault_of_file(session, &proof.claim, file)).transpose()?.flatten();
    let fault = proof.fault(&args.root).map(|fault| fault.to_string()).or(about);
    let checked = Checked { proven: fault.is_none(), fault, claim: &proof.claim, root: args.root };
    session.output.result(&checked, || told(&checked))?;
    Ok(if checked.proven { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let unreadable = |error: std::io::Error| CommandError::usage(format!("cannot read `{}`: {error}", path.display()));
    let mut bytes = Vec::new();
    // One byte more than is read at all, so that the reader sees that the file is too long and says so.
    File::open(path).map_err(unreadable)?.take(MAX_ROW_PROOF_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Tells whether the document says that it is about a row.
fn is_of_a_row(document: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Kind {
        format: String,
    }
    serde_json::from_slice::<Kind>(document).is_ok_and(|kind| kind.format == ROW_PROOF)
}

/// Returns why the claim is not about the file at `path`.
fn fault_of_file(session: &Session<'_>, claim: &Claim, path: &Path) -> Result<Option<String>> {
    let manifest = read_anew(session, path)?;
    let (ManifestKind::File, [file]) = (manifest.kind, manifest.files.as_slice()) else {
        return Err(CommandError::usage(format!("`{}` is a directory; give one file", path.display())));
    };
    let claimed = match claim {
        Claim::Member(member) => member.file.sha256,
        Claim::AbsentContent { sha256, .. } => *sha256,
        Claim::AbsentPath { .. } => {
            return Err(CommandError::usage("the proof is about a path, not about a content").hint("leave the file out"));
        }
    };
    let same = file.sha256 == Some(claimed);
    Ok((!same).then(|| format!("the claim is about another content: SHA-256 {claimed}, which {} does not have", path.display())))
}

fn told(checked: &Checked<'_>) -> String {
    let claim = match checked.claim {
        Claim::Member(member) => {
            let file = &member.file;
            format!("{} (SHA-256 {}, {}) is in the dataset", printable(file.path.as_str()), file.sha256, bytes(file.size))
        }
        Claim::AbsentPath { path, .. } => format!("no file {} is in the dataset", printable(path.as_str())),
        Claim::AbsentContent { sha256, .. } => format!("no file with the SHA-256 {sha256} is in the dataset"),
    };
    match &checked.fault {
        None => format!("PROVEN      {claim}\nroot        {}", checked.root),
        Some(fault) => format!("NOT PROVEN  {claim}\nbecause     {}\nroot        {}", printable(fault), checked.root),
    }
}
