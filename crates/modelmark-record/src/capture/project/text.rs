//! Claims as the text of a `modelmark.toml`, for a person to edit.

use std::fmt::{Display, Write as _};

use crate::capture::{Claims, ParentClaim};
use crate::value::Scalar;
use crate::{Attachment, Contributor, Dataset, DatasetRole, Evaluation};

/// Returns the text of a `modelmark.toml` that says what the claims say. What it cannot say is the architecture, which `config.json` does.
#[must_use]
pub fn project_text(claims: &Claims) -> String {
    let mut text = Text::default();
    model(claims, &mut text);
    text.table("[creator]", |table| {
        table.text("name", claims.creator_name.as_ref());
        table.text("account", claims.creator.as_ref());
    });
    text.table("[royalty]", |table| table.text("percent", claims.royalty.map(|royalty| royalty.to_string()).as_ref()));
    text.table("[rights]", |table| table.word("training-mining", claims.rights.training_mining.as_ref()));
    stated(claims, &mut text);
    claims.datasets.iter().for_each(|entry| text.table("[[dataset]]", |table| dataset(entry, table)));
    claims.parents.iter().for_each(|entry| text.table("[[parent]]", |table| parent(entry, table)));
    claims.contributors.iter().for_each(|entry| text.table("[[contributor]]", |table| contributor(entry, table)));
    claims.evaluations.iter().for_each(|entry| text.table("[[evaluation]]", |table| evaluation(entry, table)));
    claims.attachments.iter().for_each(|entry| text.table("[[attachment]]", |table| attachment(entry, table)));
    text.0
}

fn model(claims: &Claims, text: &mut Text) {
    text.table("[model]", |table| {
        table.text("name", claims.name.as_ref());
        table.text("version", claims.version.as_ref());
        table.text("description", claims.description.as_ref());
        table.text("license", claims.license.as_ref().map(|license| &license.spdx));
        table.text("license-uri", claims.license.as_ref().and_then(|license| license.uri.as_ref()));
        table.text("task", claims.task.as_ref());
        table.list("tags", &claims.tags);
        table.text("image", claims.image.as_ref());
        table.text("external-url", claims.external_url.as_ref());
        table.text("framework", claims.framework.as_ref().map(|framework| &framework.name));
        table.text("framework-version", claims.framework.as_ref().and_then(|framework| framework.version.as_ref()));
        table.text("created-at", claims.created_at.as_ref());
        table.text("tokenizer-sha256", claims.tokenizer.as_ref());
    });
}

fn stated(claims: &Claims, text: &mut Text) {
    let (considerations, run) = (&claims.considerations, &claims.run);
    text.table("[considerations]", |table| {
        table.text("intended-use", considerations.intended_use.as_ref());
        table.text("limitations", considerations.limitations.as_ref());
        table.text("fairness", considerations.fairness.as_ref());
        table.text("risks", considerations.risks.as_ref());
        table.word("personal-data", considerations.personal_data.as_ref());
    });
    text.table("[run]", |table| {
        table.text("uri", run.run.as_ref());
        table.text("code", run.code.as_ref().and_then(|code| code.uri.as_ref()));
        table.text("commit", run.code.as_ref().and_then(|code| code.commit.as_ref()));
        table.plain("dirty", run.code.as_ref().and_then(|code| code.dirty));
        table.text("started-at", run.started_at.as_ref());
        table.text("finished-at", run.finished_at.as_ref());
        table.text("hardware", run.hardware.as_ref());
        table.plain("devices", run.devices);
        table.text("image", run.image.as_ref());
        table.text("energy-kwh", run.energy_kwh.as_ref());
        table.text("co2-grams", run.co2_grams.as_ref());
    });
    text.table("[training]", |table| {
        for (key, value) in &claims.training {
            match value {
                Scalar::Integer(value) => table.plain(&quoted(key), Some(value)),
                Scalar::Text(value) => table.text(&quoted(key), Some(value)),
            }
        }
    });
}

fn dataset(dataset: &Dataset, table: &mut Text) {
    table.text("name", Some(&dataset.name));
    table.word("role", Some(&dataset.role).filter(|role| **role != DatasetRole::Train));
    table.text("cid", dataset.cid.as_ref());
    table.text("root", dataset.root.as_ref());
    table.text("sha256", dataset.sha256.as_ref());
    table.plain("size", dataset.size);
    table.plain("files", dataset.files);
    table.text("license", dataset.license.as_ref());
    table.text("revision", dataset.revision.as_ref());
    table.text("uri", dataset.uri.as_ref());
}

fn parent(claim: &ParentClaim, table: &mut Text) {
    let parent = &claim.parent;
    table.text("name", parent.name.as_ref());
    table.word("relation", claim.relation.as_ref());
    table.text("share", claim.share_bps.map(|share| share.to_string()).as_ref());
    table.text("token", parent.token.as_ref());
    table.text("token-id", parent.token_id.as_ref());
    table.text("cid", parent.cid.as_ref());
    table.text("weights-hash", parent.weights_hash.as_ref());
    table.list("evidence", &claim.evidence);
    table.text("uri", parent.uri.as_ref());
}

fn contributor(contributor: &Contributor, table: &mut Text) {
    table.text("account", Some(&contributor.account));
    table.text("share", Some(&contributor.share_bps));
    table.text("name", contributor.name.as_ref());
}

fn evaluation(evaluation: &Evaluation, table: &mut Text) {
    table.text("metric", Some(&evaluation.metric));
    table.text("value", Some(&evaluation.value));
    table.text("task", evaluation.task.as_ref());
    table.text("dataset", evaluation.dataset.as_ref());
    table.text("dataset-revision", evaluation.dataset_revision.as_ref());
    table.plain("n", evaluation.n);
    table.text("harness", evaluation.harness.as_ref());
    table.text("source", evaluation.source.as_ref());
    table.text("date", evaluation.date.as_ref());
}

fn attachment(attachment: &Attachment, table: &mut Text) {
    table.text("name", Some(&attachment.name));
    table.text("media-type", Some(&attachment.media_type));
    table.text("cid", Some(&attachment.cid));
    table.text("sha256", Some(&attachment.sha256));
    table.plain("size", Some(attachment.size));
}

/// TOML in the making.
#[derive(Default)]
struct Text(String);

impl Text {
    /// Writes a table, unless nothing stands in it.
    fn table(&mut self, header: &str, fill: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        fill(&mut inner);
        if !inner.0.is_empty() {
            let gap = if self.0.is_empty() { "" } else { "\n" };
            self.line(&format!("{gap}{header}\n{}", inner.0.trim_end()));
        }
    }

    fn text(&mut self, key: &str, value: Option<&impl Display>) {
        if let Some(value) = value {
            self.line(&format!("{key} = {}", quoted(value)));
        }
    }

    fn plain(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line(&format!("{key} = {value}"));
        }
    }

    /// Writes a word of a closed list as it is spelled everywhere.
    fn word(&mut self, key: &str, value: Option<&impl serde::Serialize>) {
        let word = value.and_then(|value| serde_json::to_value(value).ok());
        self.text(key, word.as_ref().and_then(serde_json::Value::as_str).as_ref());
    }

    fn list<T: Display>(&mut self, key: &str, items: &[T]) {
        if !items.is_empty() {
            let items: Vec<String> = items.iter().map(quoted).collect();
            self.line(&format!("{key} = [{}]", items.join(", ")));
        }
    }

    fn line(&mut self, line: &str) {
        // A string takes any line.
        let _ = writeln!(self.0, "{line}");
    }
}

/// A basic string of TOML, whose escapes are those of JSON; the one character more that TOML escapes does not occur in the values of a record.
fn quoted(value: &impl Display) -> String {
    serde_json::Value::String(value.to_string()).to_string()
}
