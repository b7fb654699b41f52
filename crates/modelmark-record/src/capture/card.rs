//! The model card: `README.md` with YAML front matter as the Hugging Face hub defines it, and its first paragraph.

use crate::value::{Decimal, Label, Spdx, Uri};
use crate::{Dataset, DatasetRole, Evaluation, Framework, License, Parent, Relation};

use super::intake::Intake;
use super::yaml::{self, Node};
use super::{Claims, FindingCode, ParentClaim};

/// Most measurements that are taken from one card.
const MAX_EVALUATIONS: usize = 200;
/// Longest description that is taken from a card, in characters.
const MAX_DESCRIPTION: usize = 1000;

/// Returns what a model card says.
pub(super) fn read(bytes: &[u8], intake: &mut Intake<'_>) -> Claims {
    let Some(text) = text(bytes, intake) else { return Claims::default() };
    let (front, body) = split(text);
    let node = tree(front, intake);
    let mut claims = Claims {
        description: first_paragraph(body).and_then(|paragraph| intake.prose("description", &paragraph)),
        name: node.get("model-index").and_then(|index| index.items().first()).and_then(|model| label(intake, "name", model.get("name"))),
        task: label(intake, "task", node.get("pipeline_tag")),
        framework: label(intake, "framework", node.get("library_name")).map(|name| Framework { name, version: None }),
        license: license(&node, intake),
        ..Claims::default()
    };
    let texts = |key: &str| node.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::text);
    claims.tags = texts("tags").take(64).filter_map(|tag| intake.value("tags", tag)).collect();
    claims.datasets = texts("datasets").take(64).filter_map(|name| intake.value("datasets", name)).map(dataset).collect();
    claims.evaluations = evaluations(&node, intake);
    claims.parents = parents(&node, intake);
    claims
}

/// Returns the front matter of a card; nothing when it has none.
pub(super) fn front_matter(bytes: &[u8], intake: &mut Intake<'_>) -> Node {
    text(bytes, intake).map_or(Node::Null, |text| tree(split(text).0, intake))
}

fn text<'b>(bytes: &'b [u8], intake: &mut Intake<'_>) -> Option<&'b str> {
    std::str::from_utf8(bytes).map_err(|error| intake.report(FindingCode::Unreadable, "front matter", error)).ok()
}

fn tree(front: Option<&str>, intake: &mut Intake<'_>) -> Node {
    let parsed = front.map(yaml::parse).unwrap_or(Ok(Node::Null));
    parsed.map_err(|reason| intake.report(FindingCode::Unreadable, "front matter", reason)).unwrap_or(Node::Null)
}

/// Separates the front matter (between `---` lines at the very start) from the text.
fn split(text: &str) -> (Option<&str>, &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else { return (None, text) };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return (rest.get(..at), rest.get(at + line.len()..).unwrap_or_default());
        }
        at += line.len();
    }
    (None, text)
}

/// The first paragraph that is prose: no heading, list, table, quote, picture, code or HTML.
fn first_paragraph(body: &str) -> Option<String> {
    let is_markup = |line: &str| line.starts_with(['#', '<', '|', '!', '[', '>', '-', '*', '`', '=', '~']) || line.contains("<!--");
    let mut paragraph = String::new();
    for line in body.lines().take(200) {
        let line = line.trim_end();
        if line.is_empty() && !paragraph.is_empty() {
            break;
        }
        if line.is_empty() || (paragraph.is_empty() && (is_markup(line.trim_start()) || line.starts_with("    "))) {
            continue;
        }
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(line.trim());
    }
    let cut: String = paragraph.chars().filter(|c| !c.is_control()).take(MAX_DESCRIPTION).collect();
    (!cut.is_empty()).then_some(cut)
}

fn label(intake: &mut Intake<'_>, field: &str, node: Option<&Node>) -> Option<Label> {
    node.and_then(Node::text).and_then(|text| intake.value(field, text))
}

pub(super) const fn dataset(name: Label) -> Dataset {
    Dataset {
        role: DatasetRole::Train,
        name,
        cid: None,
        root: None,
        sha256: None,
        size: None,
        files: None,
        license: None,
        revision: None,
        uri: None,
    }
}

/// `license`, or for `license: other` the reference that `license_name` and `license_link` describe.
pub(super) fn license(node: &Node, intake: &mut Intake<'_>) -> Option<License> {
    let named = node.get("license")?;
    let Some(text) = named.text() else {
        intake.report(FindingCode::Unusable, "license", "is not one licence; write an SPDX expression such as `MIT OR Apache-2.0`");
        return None;
    };
    let spdx = match (text, label(intake, "license", node.get("license_name"))) {
        ("other", Some(name)) => Spdx::reference(name.as_str()),
        _ => intake.value("license", text)?,
    };
    let link = node.get("license_link").and_then(Node::text).filter(|link| link.starts_with("https://"));
    let uri = link.and_then(|link| intake.value::<Uri>("license", link));
    Some(License { spdx, uri })
}

fn parents(node: &Node, intake: &mut Intake<'_>) -> Vec<ParentClaim> {
    let relation = node.get("base_model_relation").and_then(Node::text).and_then(|text| match text {
        "finetune" => Some(Relation::Finetune),
        "adapter" => Some(Relation::Adapter),
        "merge" => Some(Relation::Merge),
        "quantized" => Some(Relation::Quantized),
        other => {
            intake.report(
                FindingCode::Unusable,
                "lineage",
                format_args!("unknown base_model_relation {:?}", other.chars().take(40).collect::<String>()),
            );
            None
        }
    });
    let mut parents: Vec<ParentClaim> = Vec::new();
    for name in node.get("base_model").map(Node::items).unwrap_or_default().iter().filter_map(Node::text).take(32) {
        let Some(name) = intake.value::<Label>("lineage", name) else { continue };
        if parents.iter().all(|known| known.parent.name.as_ref() != Some(&name)) {
            let uri = format!("https://huggingface.co/{name}").parse().ok();
            let parent = Parent { name: Some(name), uri, ..Parent::default() };
            parents.push(ParentClaim { relation, parent, ..ParentClaim::default() });
        }
    }
    parents
}

/// The measurements of `model-index`; values stay as they were typed.
fn evaluations(node: &Node, intake: &mut Intake<'_>) -> Vec<Evaluation> {
    let models = node.get("model-index").map(Node::items).unwrap_or_default();
    let results = models.iter().filter_map(|model| model.get("results")).flat_map(Node::items);
    let mut evaluations = Vec::new();
    for result in results {
        let task = label(intake, "evaluations", either(result.get("task"), "type", "name"));
        let dataset = label(intake, "evaluations", either(result.get("dataset"), "name", "type"));
        for metric in result.get("metrics").map(Node::items).unwrap_or_default() {
            let name = label(intake, "evaluations", either(Some(metric), "type", "name"));
            let value = metric.get("value").and_then(Node::text).and_then(|text| intake.value::<Decimal>("evaluations", text));
            if let (Some(metric), Some(value)) = (name, value)
                && evaluations.len() < MAX_EVALUATIONS
            {
                evaluations.push(Evaluation { task: task.clone(), dataset: dataset.clone(), ..Evaluation::new(metric, value) });
            }
        }
    }
    evaluations
}

fn either<'n>(node: Option<&'n Node>, first: &str, second: &str) -> Option<&'n Node> {
    let usable = |key: &str| node.and_then(|node| node.get(key)).filter(|value| value.text().is_some());
    usable(first).or_else(|| usable(second))
}
