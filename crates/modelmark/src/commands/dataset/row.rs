//! One row of a file of a dataset: proven, and told of.

use std::path::Path;
use std::str::FromStr;

use modelmark_dataset::{RowError, RowKind, RowProof, prove_row};
use modelmark_digest::partial::Listing;
use modelmark_digest::{ManifestKind, Sha256Digest};
use modelmark_verify::exit_codes;
use serde::Serialize;

use super::root::quietly;
use crate::commands::digest;
use crate::error::{CommandError, Kind, Result};
use crate::output::printable;
use crate::session::Session;

/// A row, counted from 0, of a file; a dataset that is one file need not name it.
#[derive(Clone, Debug)]
pub(super) struct RowOfFile {
    path: Option<String>,
    number: u64,
}

impl FromStr for RowOfFile {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (path, number) = text.rsplit_once(':').map_or((None, text), |(path, number)| (Some(path.to_owned()), number));
        let digits = number.bytes().all(|digit| digit.is_ascii_digit());
        let number = digits.then(|| number.parse().ok()).flatten().ok_or("write PATH:N, such as train.jsonl:0 for the first row")?;
        Ok(Self { path, number })
    }
}

/// Proves a row of the dataset at `dataset`.
pub(super) fn prove(dataset: &Path, row: &RowOfFile) -> Result<RowProof> {
    let listing = Listing::of(dataset).map_err(digest::explain)?;
    let name = match (&row.path, listing.kind()) {
        (Some(path), ManifestKind::Directory) => path.clone(),
        (None, ManifestKind::Directory) => {
            return Err(CommandError::usage("the dataset is a directory").hint("name the file: `--row PATH:N`"));
        }
        (_, ManifestKind::File) => listing.files().next().map(|(path, _)| path.to_string()).unwrap_or_default(),
    };
    let Some((file, _)) = listing.open(&name).map_err(digest::explain)? else {
        return Err(CommandError::usage(format!("there is no file {name} in the dataset")));
    };
    let kind = RowKind::of_name(&name)
        .ok_or_else(|| CommandError::usage(format!("{name} is no .jsonl, .ndjson, .csv or .parquet file, whose rows are known")))?;
    let told = |error: RowError| told(&name, error);
    let again = file.try_clone().map_err(|error| told(error.into()))?;
    let proof = quietly(|| prove_row(file, kind, None, row.number)).map_err(told)?;
    listing.check(&name, &again).map_err(digest::explain)?;
    Ok(proof)
}

/// Gives rows that cannot be read their exit code.
pub(super) fn told(name: &str, error: RowError) -> CommandError {
    let kind = match error {
        RowError::Io(_) => Kind::Unreachable,
        RowError::NoRow { .. } => Kind::Usage,
        _ => Kind::Refused,
    };
    CommandError::new(kind, anyhow::Error::new(error).context(format!("cannot read the rows of {name}")))
}

/// What became of a check.
#[derive(Serialize)]
struct Checked<'p> {
    proven: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    kind: RowKind,
    row: Numbered<'p>,
    root: Sha256Digest,
}

#[derive(Serialize)]
struct Numbered<'p> {
    index: u64,
    rows: u64,
    columns: &'p str,
    value: &'p str,
}

/// Checks a proof of a row against the root of the rows.
pub(super) fn check(session: &Session<'_>, proof: &RowProof, root: Sha256Digest) -> Result<u8> {
    let found = proof.root();
    let fault = (found != root).then(|| {
        format!(
            "it leads to the rows with the root {found}; a row is checked against the root of the rows of its file, as `modelmark dataset root \
             --rows` tells it, not against that of the dataset"
        )
    });
    let row = Numbered { index: proof.proof.index(), rows: proof.proof.size(), columns: proof.columns(), value: proof.row() };
    let checked = Checked { proven: fault.is_none(), fault, kind: proof.kind, row, root };
    session.output.result(&checked, || text(&checked))?;
    Ok(if checked.proven { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}

fn text(checked: &Checked<'_>) -> String {
    let Checked { row, root, .. } = checked;
    let claim = format!("row {} of {} (from 0) is {}", row.index, row.rows, printable(row.value));
    let columns = if row.columns.is_empty() { String::new() } else { format!("\ncolumns     {}", printable(row.columns)) };
    match &checked.fault {
        None => format!("PROVEN      {claim}{columns}\nroot        {root}"),
        Some(fault) => format!("NOT PROVEN  {claim}{columns}\nbecause     {fault}\nroot        {root}"),
    }
}
