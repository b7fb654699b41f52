//! All sources of facts about one model, read in the order of their precedence.

use modelmark_digest::{Sha256Digest, TokenizerFiles};
use serde_json::{Map, Value};

use crate::value::Label;
use crate::{Code, SourceRef, Training};

use super::card;
use super::config::Configured;
use super::intake::Intake;
use super::{
    CaptureError, Claims, Finding, FindingCode, ImportedToken, LeftOut, StoredRun, config, data, document, imported, project, stored_run,
    tokenizer,
};

/// Longest model card or configuration that is read, in bytes.
pub const MAX_SOURCE_BYTES: usize = 1 << 23;

/// A file that lies beside the model.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its path within the model, such as `README.md`; `../` in front when it lies outside.
    pub file: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A model that a file names as what this one was made from.
#[derive(Clone, Copy, Debug)]
pub struct NamedParent<'a> {
    /// The file.
    pub file: &'a str,
    /// Name of the other model.
    pub name: &'a str,
}

/// A file beside data that the caller has fingerprinted.
#[derive(Clone, Copy, Debug)]
pub struct DataDocument<'a> {
    /// The name under which the caller gives the data.
    pub dataset: &'a Label,
    /// The file, a dataset card (`README.md`) or a description (`croissant.json`).
    pub document: Document<'a>,
}

/// What lies beside the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// `modelmark.toml`.
    pub project: Option<Document<'a>>,
    /// A token that others minted for the model, whose metadata is taken over.
    pub imported: Option<ImportedToken<'a>>,
    /// The model card.
    pub card: Option<Document<'a>>,
    /// `config.json`.
    pub config: Option<Document<'a>>,
    /// The tokenizer in the model's own folder.
    pub tokenizer: Option<&'a TokenizerFiles>,
    /// What lies beside the data.
    pub data: &'a [DataDocument<'a>],
    /// Other files about the model and its training, each recognised by its path ([`is_source`](super::is_source)).
    pub documents: &'a [Document<'a>],
    /// Runs out of the databases of trackers.
    pub runs: &'a [StoredRun],
    /// What version control says of the code.
    pub code: Option<&'a Code>,
    /// Models that other files of this one name as what it was made from; they are only held against what is declared.
    pub parents: &'a [NamedParent<'a>],
    /// Name of the model's folder or file, the name that is taken when nothing else names the model.
    pub name: Option<&'a str>,
}

/// What is known about a model, and which file each part was captured from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The facts. Its parents are all bound to a digest or token.
    pub claims: Claims,
    /// Where captured values came from; what the caller gave has no entry.
    pub sources: Vec<SourceRef>,
}

/// Facts, and what the user should be told about them.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// What is known.
    pub facts: Facts,
    /// Contradictions and gaps.
    pub findings: Vec<Finding>,
    /// What was found and left out on purpose.
    pub left_out: Vec<LeftOut>,
    /// What each source said, in the order of their precedence.
    pub statements: Vec<Statement>,
    /// The `[chain]` table of `modelmark.toml`, which the caller reads; decimals are text.
    pub chain: Map<String, Value>,
    /// Its `[storage]` table, which the caller reads.
    pub storage: Map<String, Value>,
}

/// What one source says about one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The field, as [`SourceRef::field`] names it; of a setting with its name.
    pub field: String,
    /// What it says.
    pub value: Value,
    /// The source: a file, or in words what else it is.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: Option<Sha256Digest>,
    /// Whether it entered the facts.
    pub taken: bool,
}

/// Gathers facts; what the caller gives wins over `modelmark.toml`, that over the metadata of an imported token, that over the model card, that over
/// `config.json`, and that over what training tools wrote.
///
/// # Errors
///
/// Refuses a `modelmark.toml` that does not follow its format. Other files that cannot be read become findings.
pub fn gather(given: Claims, beside: &Beside<'_>) -> Result<Capture, CaptureError> {
    let mut capture = Capture::default();
    let mut sources = vec![Source::named("what was given", given)];
    if let Some(document) = beside.project {
        let mut intake = Intake::new(document.file);
        let project::Read { claims, chain, storage } = project::read(document.file, document.bytes, &mut intake)?;
        (capture.chain, capture.storage) = (chain, storage);
        sources.push(capture.source(document, claims, intake));
    }
    if let Some(imported) = beside.imported {
        let document = imported.metadata;
        let mut intake = Intake::new(document.file);
        let bytes = bounded(document, "the metadata", &mut intake).unwrap_or_default();
        let claims = imported::read(&imported, bytes, &mut intake);
        sources.push(capture.source(document, claims, intake));
    }
    if let Some(document) = beside.card {
        let mut intake = Intake::new(document.file);
        let claims = bounded(document, "front matter", &mut intake).map(|bytes| card::read(bytes, &mut intake)).unwrap_or_default();
        sources.push(capture.source(document, claims, intake));
    }
    let mut loaded_from = None;
    if let Some(document) = beside.config {
        let mut intake = Intake::new(document.file);
        let configured = bounded(document, "architecture", &mut intake).map(|bytes| config::read(bytes, &mut intake));
        let Configured { claims, loaded_from: from } = configured.unwrap_or_default();
        loaded_from = from;
        sources.push(capture.source(document, claims, intake));
    }
    if let Some(files) = beside.tokenizer {
        let mut intake = Intake::new("the tokenizer");
        let claims = tokenizer::read(files, &mut intake);
        capture.findings.append(&mut intake.findings);
        sources.push(Source { name: tokenizer::name(files), origins: tokenizer::origins(files), claims });
    }
    for DataDocument { dataset, document } in beside.data {
        let mut intake = Intake::new(document.file);
        let claims = bounded(*document, "the file", &mut intake).map(|bytes| data::read(dataset, document.file, bytes, &mut intake));
        sources.push(capture.source(*document, claims.unwrap_or_default(), intake));
    }
    for run in beside.runs {
        let mut intake = Intake::new(&run.file);
        let claims = stored_run::read(run, &mut intake);
        sources.push(capture.keep(&run.file, run.sha256, claims, intake));
    }
    let mut documents: Vec<_> = beside.documents.iter().filter_map(|document| Some((document::kind(document.file)?, *document))).collect();
    documents.sort_by(|(a, first), (b, second)| (a, first.file).cmp(&(b, second.file)));
    for (kind, document) in documents {
        let mut intake = Intake::new(document.file);
        let claims =
            bounded(document, "the file", &mut intake).map(|bytes| kind.read(document.file, bytes, &mut intake)).unwrap_or_default();
        sources.push(capture.source(document, claims, intake));
    }
    if let Some(code) = beside.code {
        let run = Training { code: Some(code.clone()), ..Training::default() };
        sources.push(Source::named("git", Claims { run, ..Claims::default() }));
    }
    if let Some(name) = beside.name {
        let mut intake = Intake::new("the model's own name");
        let claims = Claims { name: intake.value("name", name), ..Claims::default() };
        capture.findings.append(&mut intake.findings);
        capture.left_out.append(&mut intake.left_out);
        sources.push(Source::named("the model's own name", claims));
    }
    capture.merge(&sources);
    if let Some(loaded_from) = loaded_from {
        capture.undeclared(loaded_from.as_str(), &sources, |name| format!("the configuration was loaded from {name}"));
    }
    for NamedParent { file, name } in beside.parents {
        capture.undeclared(name, &sources, |name| format!("{file} says that the model is made from {name}"));
    }
    Ok(capture)
}

fn bounded<'a>(document: Document<'a>, field: &str, intake: &mut Intake<'_>) -> Option<&'a [u8]> {
    if document.bytes.len() <= MAX_SOURCE_BYTES {
        return Some(document.bytes);
    }
    intake.report(FindingCode::Unreadable, field, format_args!("{} bytes; the limit is {MAX_SOURCE_BYTES}", document.bytes.len()));
    None
}

/// One source: what it says, and where that stands.
pub(super) struct Source {
    pub(super) name: String,
    /// The files that it stands in, with their digests; none when it is no file.
    pub(super) origins: Vec<(Label, Sha256Digest)>,
    pub(super) claims: Claims,
}

impl Source {
    fn named(name: &str, claims: Claims) -> Self {
        Self { name: name.to_owned(), origins: Vec::new(), claims }
    }
}

impl Capture {
    fn source(&mut self, document: Document<'_>, claims: Claims, intake: Intake<'_>) -> Source {
        self.keep(document.file, Sha256Digest::of(document.bytes), claims, intake)
    }

    fn keep(&mut self, file: &str, sha256: Sha256Digest, claims: Claims, mut intake: Intake<'_>) -> Source {
        self.findings.append(&mut intake.findings);
        self.left_out.append(&mut intake.left_out);
        let origins = file.parse().ok().map(|file| (file, sha256)).into_iter().collect();
        Source { name: file.to_owned(), origins, claims }
    }
}
