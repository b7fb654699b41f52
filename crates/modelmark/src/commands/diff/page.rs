//! A comparison as a page for a person.

use std::fmt::Write as _;

use modelmark_digest::diff::{ChangedTensor, Diff, Distance, FileChanges, MovedTensor, TensorChanges, TensorOutline};

use crate::output::{bytes, printable};

/// Rows of one kind that are shown unless all are wanted.
const SHOWN: usize = 12;

/// Lays the page out: files, tensors, the verdict last.
pub(super) fn text(diff: &Diff, all: bool) -> String {
    let mut page = Page { text: String::new(), limit: if all { usize::MAX } else { SHOWN } };
    page.files(&diff.files);
    match &diff.tensors {
        Some(tensors) => page.tensors(tensors),
        None => {
            let reason = [&diff.first, &diff.second].into_iter().find_map(|weights| weights.unread.as_deref());
            page.row("tensors", &format!("not compared: {}", reason.unwrap_or("a model has no weights in a format that is read")));
        }
    }
    if let Some(overlap) = diff.overlap.filter(|overlap| overlap.of > 0) {
        page.row("shared", &format!("{} of the first model's {} distinct weight tensors are in the second", overlap.shared, overlap.of));
    }
    page.row("verdict", &diff.summary());
    page.text
}

struct Page {
    text: String,
    limit: usize,
}

impl Page {
    fn row(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "{name:<10} {}", printable(value));
    }

    fn rows(&mut self, name: &str, count: usize, rows: impl Iterator<Item = String>) {
        for row in rows.take(self.limit) {
            self.row(&format!("  {name}"), &row);
        }
        if count > self.limit {
            self.row("", &format!("and {} more {name}, see --all", count - self.limit));
        }
    }

    fn files(&mut self, files: &FileChanges) {
        let FileChanges { identical, added, removed, changed, renamed } = files;
        let counts = [("changed", changed.len()), ("renamed", renamed.len()), ("added", added.len()), ("removed", removed.len())];
        self.row("files", &counted(*identical, &counts));
        self.rows(
            "changed",
            changed.len(),
            changed.iter().map(|file| format!("{}  {} → {}", file.path, bytes(file.first_size), bytes(file.second_size))),
        );
        self.rows("renamed", renamed.len(), renamed.iter().map(|file| format!("{} → {}", file.first, file.second)));
        self.rows("added", added.len(), added.iter().map(ToString::to_string));
        self.rows("removed", removed.len(), removed.iter().map(ToString::to_string));
    }

    fn tensors(&mut self, tensors: &TensorChanges) {
        let TensorChanges { identical, moved, changed, added, removed, .. } = tensors;
        let renamed: Vec<&MovedTensor> = moved.iter().filter(|moved| moved.renamed()).collect();
        let retyped: Vec<&MovedTensor> = moved.iter().filter(|moved| !moved.renamed()).collect();
        let counts = [
            ("changed", changed.len()),
            ("retyped", retyped.len()),
            ("renamed", renamed.len()),
            ("added", added.len()),
            ("removed", removed.len()),
        ];
        self.row("tensors", &counted(*identical, &counts));
        self.rows("changed", changed.len(), changed.iter().map(change));
        self.rows(
            "retyped",
            retyped.len(),
            retyped.iter().map(|moved| format!("{}  {} → {}, no value lost", moved.first.name, moved.first.dtype, moved.second.dtype)),
        );
        self.rows("renamed", renamed.len(), renamed.iter().map(|moved| rename(moved)));
        self.rows("added", added.len(), added.iter().map(outline));
        self.rows("removed", removed.len(), removed.iter().map(outline));
    }
}

fn counted(identical: u64, others: &[(&str, usize)]) -> String {
    let mut text = format!("{identical} the same");
    for (what, count) in others.iter().filter(|(_, count)| *count > 0) {
        let _ = write!(text, ", {count} {what}");
    }
    text
}

fn outline(tensor: &TensorOutline) -> String {
    format!("{}  {} {:?}", tensor.name, tensor.dtype, tensor.shape)
}

fn rename(moved: &MovedTensor) -> String {
    let doubt = if moved.ambiguous { ", or another of several that are equal" } else { "" };
    format!("{} → {}{doubt}", moved.first.name, moved.second.name)
}

fn change(changed: &ChangedTensor) -> String {
    let ChangedTensor { first, second, stood_at, quantised, distance } = changed;
    let mut text = outline(first);
    if first.dtype != second.dtype || first.shape != second.shape {
        let _ = write!(text, " → {} {:?}", second.dtype, second.shape);
    }
    if let Some(name) = stood_at {
        let _ = write!(text, ", what stood at {name}");
    }
    if *quantised {
        text.push_str(", quantised, not measured");
    }
    if let Some(distance) = distance {
        let _ = write!(text, ", {}", apart(distance));
    }
    text
}

fn apart(distance: &Distance) -> String {
    let share = distance.share() * 100.0;
    let relative = distance.relative_l2.map(|relative| format!(" (relative {relative:.3e})")).unwrap_or_default();
    let odd = if distance.not_finite > 0 { format!(", {} not finite", distance.not_finite) } else { String::new() };
    format!("{share:.4} % of elements, L2 {:.4e}{relative}, largest {:.4e}{odd}", distance.l2, distance.max_abs)
}
