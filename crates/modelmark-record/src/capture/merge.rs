//! Several sources become one set of facts: the more explicit one wins, and contradictions are told.

use serde::Serialize;
use serde_json::Value;

use crate::check::is_bound;
use crate::value::Label;
use crate::{Edge, Evaluation, Parent, Relation, SourceRef};

use super::gather::Source;
use super::{Capture, Claims, Finding, FindingCode, ParentClaim, Statement, number};

impl Capture {
    pub(super) fn merge(&mut self, sources: &[Source]) {
        let license = self.pick("license", sources, |claims| &claims.license);
        self.conflict("license", sources, |claims| claims.license.as_ref().map(|license| license.spdx.to_string()));
        self.conflict("task", sources, |claims| claims.task.as_ref().map(Label::to_string));
        self.conflict("version", sources, |claims| claims.version.as_ref().map(Label::to_string));
        if let Some(license) = license.as_ref().filter(|license| license.spdx.has_reference()) {
            let message = format!("{} is not on the SPDX licence list; its text decides", license.spdx);
            self.findings.push(Finding { code: FindingCode::LicenseReference, field: "license".to_owned(), message });
        }
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
            datasets: self.datasets(sources),
            evaluations: self.evaluations(sources),
            parents: self.parents(sources),
            training: self.settings(sources),
            created_at: self.pick("createdAt", sources, |claims| &claims.created_at),
        };
        self.facts.sources.sort();
        self.facts.sources.dedup();
        if self.facts.sources.len() > MAX_SOURCES {
            let message = format!("values came from {} places; the record names the first {MAX_SOURCES}", self.facts.sources.len());
            self.findings.push(Finding { code: FindingCode::TooMany, field: "sources".to_owned(), message });
            self.facts.sources.truncate(MAX_SOURCES);
        }
    }

    /// Takes the first source that says something.
    pub(super) fn pick<T: Clone + Serialize>(&mut self, field: &str, sources: &[Source], get: impl Fn(&Claims) -> &Option<T>) -> Option<T> {
        let mut picked = None;
        for source in sources {
            if let Some(value) = get(&source.claims) {
                self.state(field, value, source, picked.is_none());
                if picked.is_none() {
                    self.note(field, source);
                    picked = Some(value.clone());
                }
            }
        }
        picked
    }

    /// Remembers what a source says, taken or not.
    pub(super) fn state<T: Serialize + ?Sized>(&mut self, field: &str, value: &T, source: &Source, taken: bool) {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        let sha256 = if let [(_, only)] = source.origins.as_slice() { Some(*only) } else { None };
        self.statements.push(Statement { field: field.to_owned(), value, source: source.name.clone(), sha256, taken });
    }

    /// Takes the entries of all sources; of equal ones, that of the first source.
    fn unite<T: Clone + Serialize>(
        &mut self,
        field: &str,
        sources: &[Source],
        get: impl Fn(&Claims) -> &Vec<T>,
        same: impl Fn(&T, &T) -> bool,
    ) -> Vec<T> {
        let mut united: Vec<T> = Vec::new();
        for source in sources {
            for entry in get(&source.claims) {
                let new = !united.iter().any(|known| same(known, entry));
                self.state(field, entry, source, new);
                if new {
                    united.push(entry.clone());
                    self.note(field, source);
                }
            }
        }
        united
    }

    /// Remembers which files a field came from.
    pub(super) fn note(&mut self, field: &str, source: &Source) {
        let Ok(field) = field.parse::<Label>() else { return };
        let places = source.origins.iter().map(|(file, sha256)| SourceRef { field: field.clone(), file: file.clone(), sha256: *sha256 });
        self.facts.sources.extend(places);
    }

    /// Tells of sources that contradict the first one that says something.
    pub(super) fn conflict(&mut self, field: &str, sources: &[Source], get: impl Fn(&Claims) -> Option<String>) {
        let said: Vec<(&Source, String)> = sources.iter().filter_map(|source| get(&source.claims).map(|value| (source, value))).collect();
        let Some(((winner, taken), rest)) = said.split_first() else { return };
        for (source, value) in rest.iter().filter(|(_, value)| value != taken) {
            let message = format!("{field}: {} says {taken}, {} says {value}; {taken} is taken", winner.name, source.name);
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
                .filter(|other| same(taken, other) && !number::same(taken.value.as_str(), other.value.as_str()));
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
                let known = bound.iter().find(|known| known.parent == claim.parent);
                let new = known.is_none();
                if known.is_some_and(|known| known.edge() != claim.edge()) {
                    let message =
                        format!("{} states a parent again, with another relation, share or evidence; the first is taken", source.name);
                    self.findings.push(Finding { code: FindingCode::Conflict, field: "lineage".to_owned(), message });
                }
                self.state("lineage", &claim.edge(), source, new);
                if new {
                    bound.push(claim.clone());
                    self.note("lineage", source);
                }
            }
        }
        let mut reported: Vec<&Parent> = Vec::new();
        for source in sources {
            for claim in source.claims.parents.iter().filter(|claim| !is_bound(&claim.parent)) {
                self.state("lineage", &claim.edge(), source, false);
                match bound.iter_mut().find(|known| same_name(&known.parent, &claim.parent)) {
                    Some(known) => {
                        complete(known, claim);
                        self.note("lineage", source);
                    }
                    // Once for each name, however many files name it.
                    None if reported.iter().any(|known| same_name(known, &claim.parent)) => {}
                    None => {
                        reported.push(&claim.parent);
                        self.unbound(source, claim);
                    }
                }
            }
        }
        bound
    }

    fn unbound(&mut self, source: &Source, claim: &ParentClaim) {
        let name = claim.parent.name.as_ref().map_or("without a name", Label::as_str);
        let message =
            format!("{}: parent {name} has neither a digest nor a token and is not recorded; name one of them to bind it", source.name);
        self.findings.push(Finding { code: FindingCode::UnboundParent, field: "lineage".to_owned(), message });
    }

    /// Tells of a model that a file names and nobody declares as a parent.
    pub(super) fn undeclared(&mut self, from: &str, sources: &[Source], said: impl Fn(&str) -> String) {
        let mut named = sources.iter().flat_map(|source| &source.claims.parents).filter_map(|claim| claim.parent.name.as_ref());
        let own = self.facts.claims.name.as_ref().is_some_and(|name| name.as_str() == from) || matches!(from, "." | "./");
        if !own && !named.any(|name| name.as_str() == from) {
            let message = format!("{}, which no source declares as a parent", said(from));
            self.findings.push(Finding { code: FindingCode::UndeclaredParent, field: "lineage".to_owned(), message });
        }
    }
}

/// Most places that a record names.
const MAX_SOURCES: usize = 256;

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
