//! Several sources become one set of facts: the more explicit one wins, and contradictions are told.

use modelmark_digest::Sha256Digest;
use serde_json::{Map, Value};

use crate::check::is_bound;
use crate::value::Label;
use crate::{Dataset, Edge, Evaluation, Parent, Relation, SourceRef};

use super::config::Configured;
use super::intake::Intake;
use super::{CaptureError, Claims, Finding, FindingCode, LeftOut, ParentClaim, card, config, project};

/// Longest model card or configuration that is read, in bytes.
pub const MAX_SOURCE_BYTES: usize = 1 << 23;

/// A file that lies beside the model.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its name without directories, such as `README.md`.
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

/// What lies beside the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// `modelmark.toml`.
    pub project: Option<Document<'a>>,
    /// The model card.
    pub card: Option<Document<'a>>,
    /// `config.json`.
    pub config: Option<Document<'a>>,
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
    /// The `[chain]` table of `modelmark.toml`, which the caller reads; decimals are text.
    pub chain: Map<String, Value>,
}

/// Gathers facts; what the caller gives wins over `modelmark.toml`, that over the model card, and that over `config.json`.
///
/// # Errors
///
/// Refuses a `modelmark.toml` that does not follow its format. Other files that cannot be read become findings.
pub fn gather(given: Claims, beside: &Beside<'_>) -> Result<Capture, CaptureError> {
    let mut capture = Capture::default();
    let mut sources = vec![Source { origin: None, claims: given }];
    if let Some(document) = beside.project {
        let mut intake = Intake::new(document.file);
        let (claims, chain) = project::read(document.file, document.bytes, &mut intake)?;
        capture.chain = chain;
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
    if let Some(name) = beside.name {
        let mut intake = Intake::new("the model's own name");
        let claims = Claims { name: intake.value("name", name), ..Claims::default() };
        capture.findings.append(&mut intake.findings);
        capture.left_out.append(&mut intake.left_out);
        sources.push(Source { origin: None, claims });
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

/// One source and, for a file, its name and digest.
pub(super) struct Source {
    origin: Option<(Label, Sha256Digest)>,
    pub(super) claims: Claims,
}

impl Source {
    fn name(&self) -> &str {
        self.origin.as_ref().map_or("what was given", |(file, _)| file.as_str())
    }
}

impl Capture {
    fn source(&mut self, document: Document<'_>, claims: Claims, mut intake: Intake<'_>) -> Source {
        self.findings.append(&mut intake.findings);
        self.left_out.append(&mut intake.left_out);
        Source { origin: document.file.parse().ok().map(|file| (file, Sha256Digest::of(document.bytes))), claims }
    }

    fn merge(&mut self, sources: &[Source]) {
        let license = self.pick("license", sources, |claims| &claims.license);
        self.conflict("license", sources, |claims| claims.license.as_ref().map(|license| license.spdx.to_string()));
        self.conflict("task", sources, |claims| claims.task.as_ref().map(Label::to_string));
        self.conflict("version", sources, |claims| claims.version.as_ref().map(Label::to_string));
        if let Some(license) = license.as_ref().filter(|license| license.spdx.has_reference()) {
            let message = format!("{} is not on the SPDX licence list; its text decides", license.spdx);
            self.findings.push(Finding { code: FindingCode::LicenseReference, field: "license".to_owned(), message });
        }
        let training = self.pick("trainingConfig", sources, |claims| if claims.training.is_empty() { &None } else { &TAKEN });
        let training = training.and_then(|()| sources.iter().find(|source| !source.claims.training.is_empty()));
        self.facts.claims = Claims {
            name: self.pick("name", sources, |claims| &claims.name),
            description: self.pick("description", sources, |claims| &claims.description),
            image: self.pick("image", sources, |claims| &claims.image),
            external_url: self.pick("external_url", sources, |claims| &claims.external_url),
            version: self.pick("version", sources, |claims| &claims.version),
            task: self.pick("task", sources, |claims| &claims.task),
            tags: self.unite("tags", sources, |claims| &claims.tags, |a, b| a == b),
            license,
            royalty: self.pick("royalty", sources, |claims| &claims.royalty),
            creator: self.pick("creator", sources, |claims| &claims.creator),
            creator_name: self.pick("creator", sources, |claims| &claims.creator_name),
            contributors: self.unite("contributors", sources, |claims| &claims.contributors, |a, b| a.account == b.account),
            framework: self.framework(sources),
            architecture: self.pick("architecture", sources, |claims| &claims.architecture),
            tokenizer: self.first("tokenizer", sources, |claims| &claims.tokenizer),
            run: self.run(sources),
            considerations: self.considerations(sources),
            rights: self.rights(sources),
            attachments: self.unite("attachments", sources, |claims| &claims.attachments, |a, b| a.name == b.name),
            datasets: self.unite("datasets", sources, |claims| &claims.datasets, same_dataset),
            evaluations: self.evaluations(sources),
            parents: self.parents(sources),
            training: training.map(|source| source.claims.training.clone()).unwrap_or_default(),
            created_at: self.pick("createdAt", sources, |claims| &claims.created_at),
        };
        self.facts.sources.sort();
        self.facts.sources.dedup();
    }

    /// Takes the first source that says something.
    pub(super) fn pick<T: Clone>(&mut self, field: &str, sources: &[Source], get: impl Fn(&Claims) -> &Option<T>) -> Option<T> {
        let source = sources.iter().find(|source| get(&source.claims).is_some())?;
        self.note(field, source);
        get(&source.claims).clone()
    }

    /// Takes the entries of all sources; of equal ones, that of the first source.
    fn unite<T: Clone>(
        &mut self,
        field: &str,
        sources: &[Source],
        get: impl Fn(&Claims) -> &Vec<T>,
        same: impl Fn(&T, &T) -> bool,
    ) -> Vec<T> {
        let mut united: Vec<T> = Vec::new();
        for source in sources {
            for entry in get(&source.claims) {
                if !united.iter().any(|known| same(known, entry)) {
                    united.push(entry.clone());
                    self.note(field, source);
                }
            }
        }
        united
    }

    /// Remembers which file a field came from.
    fn note(&mut self, field: &str, source: &Source) {
        if let (Ok(field), Some((file, sha256))) = (field.parse(), &source.origin) {
            self.facts.sources.push(SourceRef { field, file: file.clone(), sha256: *sha256 });
        }
    }

    /// Tells of sources that contradict the first one that says something.
    pub(super) fn conflict(&mut self, field: &str, sources: &[Source], get: impl Fn(&Claims) -> Option<String>) {
        let said: Vec<(&Source, String)> = sources.iter().filter_map(|source| get(&source.claims).map(|value| (source, value))).collect();
        let Some(((winner, taken), rest)) = said.split_first() else { return };
        for (source, value) in rest.iter().filter(|(_, value)| value != taken) {
            let message = format!("{} says {taken}, {} says {value}; {taken} is taken", winner.name(), source.name());
            self.findings.push(Finding { code: FindingCode::Conflict, field: field.to_owned(), message });
        }
    }

    /// A library's name often stands in one file and its version in another.
    fn framework(&mut self, sources: &[Source]) -> Option<crate::Framework> {
        let mut framework = self.pick("framework", sources, |claims| &claims.framework)?;
        let same = |source: &&Source| {
            source.claims.framework.as_ref().is_some_and(|other| other.name == framework.name && other.version.is_some())
        };
        if framework.version.is_none()
            && let Some(source) = sources.iter().find(same)
        {
            framework.version = source.claims.framework.as_ref().and_then(|other| other.version.clone());
            self.note("framework", source);
        }
        Some(framework)
    }

    fn evaluations(&mut self, sources: &[Source]) -> Vec<Evaluation> {
        let same = |a: &Evaluation, b: &Evaluation| a.metric == b.metric && a.dataset == b.dataset && a.task == b.task;
        let united = self.unite("evaluations", sources, |claims| &claims.evaluations, same);
        for taken in &united {
            let others = sources
                .iter()
                .flat_map(|source| &source.claims.evaluations)
                .filter(|other| same(taken, other) && taken.value != other.value);
            for other in others {
                let message = format!("{} is said to be {} and {}; {} is taken", taken.metric, taken.value, other.value, taken.value);
                self.findings.push(Finding { code: FindingCode::Conflict, field: "evaluations".to_owned(), message });
            }
        }
        united
    }

    /// Keeps the parents that are bound to bytes; what other sources say about the same name completes them.
    fn parents(&mut self, sources: &[Source]) -> Vec<ParentClaim> {
        let mut bound: Vec<ParentClaim> = Vec::new();
        for source in sources {
            for claim in source.claims.parents.iter().filter(|claim| is_bound(&claim.parent)) {
                if !bound.iter().any(|known| known.parent == claim.parent) {
                    bound.push(claim.clone());
                    self.note("lineage", source);
                }
            }
        }
        for source in sources {
            for claim in source.claims.parents.iter().filter(|claim| !is_bound(&claim.parent)) {
                match bound.iter_mut().find(|known| same_name(&known.parent, &claim.parent)) {
                    Some(known) => {
                        complete(known, claim);
                        self.note("lineage", source);
                    }
                    None => self.unbound(source, claim),
                }
            }
        }
        bound
    }

    fn unbound(&mut self, source: &Source, claim: &ParentClaim) {
        let name = claim.parent.name.as_ref().map_or("without a name", Label::as_str);
        let message =
            format!("{}: parent {name} has neither a digest nor a token and is not recorded; name one of them to bind it", source.name());
        self.findings.push(Finding { code: FindingCode::UnboundParent, field: "lineage".to_owned(), message });
    }

    /// Tells of a model that a file names and nobody declares as a parent.
    fn undeclared(&mut self, from: &str, sources: &[Source], said: impl Fn(&str) -> String) {
        let mut named = sources.iter().flat_map(|source| &source.claims.parents).filter_map(|claim| claim.parent.name.as_ref());
        let own = self.facts.claims.name.as_ref().is_some_and(|name| name.as_str() == from) || matches!(from, "." | "./");
        if !own && !named.any(|name| name.as_str() == from) {
            let message = format!("{}, which no source declares as a parent", said(from));
            self.findings.push(Finding { code: FindingCode::UndeclaredParent, field: "lineage".to_owned(), message });
        }
    }
}

/// Stands for a value that exists.
const TAKEN: Option<()> = Some(());

fn same_dataset(a: &Dataset, b: &Dataset) -> bool {
    a.name == b.name && a.role == b.role
}

fn same_name(a: &Parent, b: &Parent) -> bool {
    a.name.is_some() && a.name == b.name
}

fn complete(known: &mut ParentClaim, other: &ParentClaim) {
    known.relation = known.relation.or(other.relation);
    known.share_bps = known.share_bps.or(other.share_bps);
    if known.parent.uri.is_none() {
        known.parent.uri.clone_from(&other.parent.uri);
    }
    let missing: Vec<_> = other.evidence.iter().filter(|digest| !known.evidence.contains(digest)).copied().collect();
    known.evidence.extend(missing);
}

impl ParentClaim {
    /// Returns the step of lineage that the claim states; a fine-tune when nobody says otherwise, as on the hub.
    #[must_use]
    pub fn edge(&self) -> Edge {
        Edge {
            relation: self.relation.unwrap_or(Relation::Finetune),
            share_bps: self.share_bps,
            parent: self.parent.clone(),
            evidence: self.evidence.clone(),
        }
    }
}
