//! `modelmark dataset croissant`: what a Croissant description says, and whether the files are the ones it speaks of.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_dataset::FileSet;
use modelmark_dataset::croissant::{Comparison, Croissant, MAX_CROISSANT_BYTES, Outcome};
use modelmark_digest::Sha256Digest;
use modelmark_verify::exit_codes;
use serde::Serialize;

use super::{explain, read_anew};
use crate::error::{CommandError, OrKind as _, Result};
use crate::output::printable;
use crate::session::Session;

/// Read a Croissant description of a dataset, and check the files against it
///
/// With PATH, exits with 1 when a file has other bytes than the description says, or the dataset another root. Files without a SHA-256 in the description
/// are bound by nothing, and are listed as such.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark dataset croissant croissant.json ./data")]
pub(crate) struct CroissantArgs {
    /// The description, JSON-LD in Croissant 1.0 or 1.1
    description: PathBuf,
    /// The dataset that it should describe
    path: Option<PathBuf>,
}

#[derive(Serialize)]
struct Told {
    description: Croissant,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Compared>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Compared {
    root: Sha256Digest,
    /// Whether it is the one in the description, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    same_root: Option<bool>,
    files: Comparison,
}

impl Compared {
    fn fails(&self) -> bool {
        self.files.differs() || self.same_root == Some(false)
    }
}

pub(super) fn run(session: &Session<'_>, args: &CroissantArgs) -> Result<u8> {
    let description = Croissant::read(&read(&args.description)?).or_refused()?;
    let comparison = args.path.as_deref().map(|path| compare(session, &description, path)).transpose()?;
    let fails = comparison.as_ref().is_some_and(Compared::fails);
    let told = Told { description, comparison };
    session.output.result(&told, || table(&told))?;
    Ok(if fails { exit_codes::DOES_NOT_VERIFY } else { exit_codes::VERIFIED })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let unreadable = |error: std::io::Error| CommandError::usage(format!("cannot read `{}`: {error}", path.display()));
    let mut bytes = Vec::new();
    // One byte more than is read at all, so that the reader sees that the file is too long and says so.
    File::open(path).map_err(unreadable)?.take(MAX_CROISSANT_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn compare(session: &Session<'_>, description: &Croissant, path: &Path) -> Result<Compared> {
    let set = FileSet::of(&read_anew(session, path)?, None).map_err(explain)?;
    let root = set.commitment().root();
    Ok(Compared { root, same_root: description.root.map(|told| told == root), files: description.compare(set.entries()) })
}

fn table(told: &Told) -> String {
    let mut text = String::new();
    let description = &told.description;
    let license = description.license.join(", ");
    let facts = [
        ("name", description.name.as_deref()),
        ("version", description.version.as_deref()),
        ("license", Some(license.as_str()).filter(|license| !license.is_empty())),
        ("citation", description.citation.as_deref()),
        ("url", description.url.as_deref()),
    ];
    for (label, fact) in facts {
        if let Some(fact) = fact {
            let _ = writeln!(text, "{label:<9} {}", printable(fact));
        }
    }
    let (files, sets, fields) = (description.files.len(), description.sets.len(), description.fields.len());
    let _ = writeln!(text, "describes files: {files}, file sets: {sets}, fields: {fields}");
    for finding in &description.findings {
        let _ = writeln!(text, "finding   {}", printable(finding));
    }
    if let Some(compared) = &told.comparison {
        compared_table(compared, &mut text);
    }
    text
}

fn compared_table(compared: &Compared, text: &mut String) {
    let _ = writeln!(text);
    for (id, outcome) in &compared.files.files {
        let word = match outcome {
            Outcome::Same => "same",
            Outcome::Differs => "DIFFERS",
            Outcome::Unbound => "no digest",
            Outcome::Missing => "missing",
            Outcome::Inside => "in another",
        };
        let _ = writeln!(text, "{word:<10} {}", printable(id));
    }
    for (id, count) in &compared.files.sets {
        let _ = writeln!(text, "set        {}: {count} of the files, bound by no digest", printable(id));
    }
    for path in &compared.files.undescribed {
        let _ = writeln!(text, "not in it  {}", printable(path));
    }
    let same = match compared.same_root {
        None => "of which the description says nothing",
        Some(true) => "as the description says",
        Some(false) => "and the description says ANOTHER",
    };
    let _ = writeln!(text, "\ndataset    {}, {same}", compared.root);
}
