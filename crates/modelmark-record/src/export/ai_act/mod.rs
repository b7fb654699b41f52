//! Two forms that the EU AI Act asks of providers of general-purpose models, filled from a record as far as it goes, with a list of what is missing.
//!
//! A record states facts; a form asks for more. Nothing is guessed: a question without an answer in the record is on the list.

mod documentation;
mod summary;

use serde::Serialize;

use crate::CanonicalRecord;

use super::markdown::{code, line, quote};

pub use documentation::ai_act_form;
pub use summary::ai_act_summary;

/// A form, filled as far as a record goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Form {
    /// What it is called.
    pub title: &'static str,
    /// Which text asks for it.
    pub basis: &'static str,
    /// Address of the record that it was filled from.
    pub record: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
    /// The questions that the record does not answer, by number.
    pub missing: Vec<Missing>,
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its number.
    pub number: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// Its questions.
    pub questions: Vec<Question>,
}

/// A question, and the answers that the record has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its number within the form.
    pub number: String,
    /// What is asked.
    pub asked: &'static str,
    /// What the record says; nothing when it says nothing.
    pub answers: Vec<String>,
}

/// A question without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its number within the form.
    pub number: String,
    /// What is asked.
    pub asked: &'static str,
}

impl Form {
    fn new(title: &'static str, basis: &'static str, record: &CanonicalRecord, sections: Vec<Section>) -> Self {
        let unanswered = sections.iter().flat_map(|section| &section.questions).filter(|question| question.answers.is_empty());
        let missing = unanswered.map(|question| Missing { number: question.number.clone(), asked: question.asked }).collect();
        Self { title, basis, record: record.id().token_uri(), sections, missing }
    }

    /// Returns the form as JSON.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        // Texts and lists of texts have a JSON form.
        serde_json::to_value(self).map(|form| format!("{form:#}\n").into_bytes()).unwrap_or_default()
    }

    /// Returns the form as Markdown. Answers are quotations in which nothing is markup.
    #[must_use]
    pub fn markdown(&self) -> Vec<u8> {
        let mut blocks = vec![
            format!("# {}", self.title),
            format!(
                "{} Filled from the provenance record {}; what its creator states there is not checked here.",
                self.basis,
                code(&self.record)
            ),
        ];
        for section in &self.sections {
            blocks.push(format!("## {} {}", section.number, section.heading));
            for question in &section.questions {
                blocks.push(format!("**{} {}**", question.number, question.asked));
                blocks.push(match question.answers.as_slice() {
                    [] => "*Not stated in the record.*".to_owned(),
                    [one] => quote(one),
                    several => several.iter().map(|answer| format!("- {}", line(answer))).collect::<Vec<_>>().join("\n"),
                });
            }
        }
        blocks.push("## What is missing".to_owned());
        blocks.push(match self.missing.as_slice() {
            [] => "Nothing.".to_owned(),
            missing => missing.iter().map(|missing| format!("- {} {}", missing.number, missing.asked)).collect::<Vec<_>>().join("\n"),
        });
        format!("{}\n", blocks.join("\n\n")).into_bytes()
    }
}

/// Makes a section; its questions are numbered from 1.
fn section<const N: usize>(number: &'static str, heading: &'static str, questions: [(&'static str, Vec<String>); N]) -> Section {
    let numbered = questions.into_iter().enumerate();
    let questions = numbered.map(|(at, (asked, answers))| Question { number: format!("{number}.{}", at + 1), asked, answers });
    Section { number, heading, questions: questions.collect() }
}

/// Answers with a value, if there is one.
fn said(value: Option<impl ToString>) -> Vec<String> {
    value.map(|value| value.to_string()).into_iter().collect()
}

/// For questions that no record answers.
const fn unsaid() -> Vec<String> {
    Vec::new()
}

/// The names under which the model can be told apart from any other.
fn identity(record: &CanonicalRecord) -> Vec<String> {
    let provenance = &record.record().provenance;
    let version = provenance.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    vec![
        format!("{}{version}", record.record().name),
        format!("files: {}", provenance.model.cid),
        format!("weights: {}", provenance.weights.cid),
    ]
}

/// The models that this one was made from.
fn dependencies(record: &CanonicalRecord) -> Vec<String> {
    let lineage = &record.record().provenance.lineage;
    let parent = |edge: &crate::Edge| {
        let parent = &edge.parent;
        let names = [
            parent.name.as_ref().map(ToString::to_string),
            parent.token.as_ref().map(ToString::to_string),
            parent.cid.map(|cid| cid.to_string()),
            parent.weights_hash.map(|hash| format!("weights {}", hash.to_0x())),
            parent.uri.as_ref().map(ToString::to_string),
        ];
        format!("{}: {}", super::word(edge.relation).unwrap_or_default(), names.into_iter().flatten().collect::<Vec<_>>().join(", "))
    };
    lineage.iter().map(parent).collect()
}

fn provider(record: &CanonicalRecord) -> Vec<String> {
    let creator = &record.record().provenance.creator;
    said(creator.name.as_ref().map(|name| format!("{name} (account {})", creator.account)))
}

/// What is known of a dataset, on one line.
fn dataset(dataset: &crate::Dataset) -> String {
    let facts = [
        super::word(dataset.role).map(|role| format!("role {role}")),
        dataset.revision.as_ref().map(|revision| format!("revision {revision}")),
        dataset.license.as_ref().map(|license| format!("licence {license}")),
        dataset.size.map(|size| format!("{size} bytes")),
        dataset.files.map(|files| format!("{files} files")),
        dataset.uri.as_ref().map(ToString::to_string),
        dataset.cid.map(|cid| cid.to_string()),
        dataset.root.map(|root| format!("dataset root {}", root.to_0x())),
        dataset.sha256.map(|digest| format!("SHA-256 {digest}")),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    format!("{}: {facts}", dataset.name)
}
