//! The tensors of a set of weights as a tree of the parts of their names, in which equal layers are shown once.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use modelmark_formats::Tensor;

use crate::output::bytes;

/// Levels and lines that are shown when nothing else is asked for.
const SHOWN_LEVELS: usize = 4;
const SHOWN_LINES: usize = 40;
/// Deepest tree that is built: a hostile name may have thousands of parts.
const MAX_DEPTH: usize = 32;

/// Tensors and groups under one name.
#[derive(Debug, Default)]
pub(super) struct Tree {
    groups: BTreeMap<Part, Tree>,
    /// The tensor of exactly this name.
    tensor: Option<Outline>,
    total: Total,
    /// What stands between the name and those in it.
    divider: char,
}

/// How much of a tree is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Depth {
    /// So many levels.
    Of(usize),
    /// As many as fit on a page.
    Fitting,
}

/// What a line says of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outline {
    dtype: String,
    shape: Vec<u64>,
    bytes: Option<u64>,
}

/// What there is of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    tensors: u64,
    parameters: u64,
    bytes: u64,
}

/// A part of a name: layers count, so that numbers are in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part(String);

impl Part {
    fn number(&self) -> Option<u64> {
        // Other spellings of a number are names of their own.
        self.0.parse().ok().filter(|number: &u64| number.to_string() == self.0)
    }
}

impl Ord for Part {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => one.cmp(&two),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.0.cmp(&other.0),
        }
    }
}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Total {
    fn add(&mut self, tensor: &Tensor) {
        self.tensors = self.tensors.saturating_add(1);
        self.parameters = self.parameters.saturating_add(tensor.elements);
        self.bytes = self.bytes.saturating_add(tensor.bytes().unwrap_or(0));
    }

    fn times(self, count: u64) -> Self {
        let times = |one: u64| one.saturating_mul(count);
        Self { tensors: times(self.tensors), parameters: times(self.parameters), bytes: times(self.bytes) }
    }

    fn shown(self) -> String {
        let plural = if self.tensors == 1 { "" } else { "s" };
        format!("{} tensor{plural}, {} parameters, {}", self.tensors, self.parameters, bytes(self.bytes))
    }
}

impl Tree {
    /// Adds a tensor under its name, whose parts are divided by dots or, where there is none, by slashes.
    pub(super) fn add(&mut self, tensor: &Tensor) {
        let divider = if tensor.name.contains('.') { '.' } else { '/' };
        let mut here = self;
        here.total.add(tensor);
        here.divider = divider;
        for part in tensor.name.splitn(MAX_DEPTH, divider) {
            here = here.groups.entry(Part(part.to_owned())).or_default();
            here.total.add(tensor);
            here.divider = divider;
        }
        here.tensor = Some(Outline { dtype: tensor.dtype.clone(), shape: tensor.shape.clone(), bytes: tensor.bytes() });
    }

    /// Returns the lines of the tree.
    pub(super) fn lines(&self, depth: Depth) -> Vec<String> {
        match depth {
            Depth::Of(depth) => self.down_to(depth).aligned(),
            Depth::Fitting => {
                let fitting = (2..=SHOWN_LEVELS).rev().map(|depth| self.down_to(depth)).find(|lines| lines.0.len() <= SHOWN_LINES);
                let mut lines = fitting.unwrap_or_else(|| self.down_to(1));
                let left_out = lines.0.len().saturating_sub(SHOWN_LINES);
                lines.0.truncate(SHOWN_LINES);
                if left_out > 0 {
                    lines.0.push((format!("and {left_out} more"), "see --depth and --tensors".to_owned()));
                }
                lines.aligned()
            }
        }
    }

    fn down_to(&self, depth: usize) -> Lines {
        let mut lines = Lines::default();
        if depth > 0 {
            lines.of(self, 0, depth);
        }
        lines
    }

    /// Tells whether the same tensors stand in both, whatever the values.
    fn is_like(&self, other: &Self) -> bool {
        self.total == other.total
            && self.tensor == other.tensor
            && self.groups.len() == other.groups.len()
            && self.groups.iter().zip(&other.groups).all(|((part, one), (other, two))| part == other && one.is_like(two))
    }
}

/// Rows of two columns.
#[derive(Default)]
struct Lines(Vec<(String, String)>);

impl Lines {
    fn of(&mut self, tree: &Tree, level: usize, depth: usize) {
        let mut groups = tree.groups.iter().peekable();
        while let Some((first, group)) = groups.next() {
            let (mut last, mut alike) = (first, 1);
            while let Some((next, _)) = groups.next_if(|(next, other)| follows(last, next) && group.is_like(other)) {
                (last, alike) = (next, alike + 1);
            }
            let name = if alike > 1 { format!("{}-{}", first.0, last.0) } else { first.0.clone() };
            self.group(&name, group, alike, (level, depth));
        }
    }

    /// Writes a group and what is in it; groups with nothing else in them than one are one line.
    fn group(&mut self, name: &str, group: &Tree, alike: u64, (level, depth): (usize, usize)) {
        if alike == 1
            && group.tensor.is_none()
            && let Some((only, inner)) = group.groups.first_key_value().filter(|_| group.groups.len() == 1)
        {
            return self.group(&format!("{name}{}{}", group.divider, only.0), inner, 1, (level, depth));
        }
        let indent = "  ".repeat(level);
        let alike_in_words = if alike > 1 { format!("{alike} alike: ") } else { String::new() };
        match &group.tensor {
            Some(tensor) if group.groups.is_empty() => {
                self.0.push((format!("{indent}{name}"), format!("{alike_in_words}{}", outline(tensor))))
            }
            _ => self.0.push((format!("{indent}{name}"), format!("{alike_in_words}{}", group.total.times(alike).shown()))),
        }
        if depth > level + 1 {
            if let Some(tensor) = group.tensor.as_ref().filter(|_| !group.groups.is_empty()) {
                self.0.push((format!("{indent}  (itself)"), outline(tensor)));
            }
            self.of(group, level + 1, depth);
        }
    }

    fn aligned(self) -> Vec<String> {
        /// Widest first column; what is longer pushes the second aside.
        const WIDEST: usize = 48;
        let width = self.0.iter().map(|(name, _)| name.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0);
        self.0.into_iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect()
    }
}

fn follows(last: &Part, next: &Part) -> bool {
    matches!((last.number(), next.number()), (Some(last), Some(next)) if last.checked_add(1) == Some(next))
}

fn outline(tensor: &Outline) -> String {
    let size = tensor.bytes.map_or_else(|| "no fixed size".to_owned(), bytes);
    format!("{} {:?}  {size}", tensor.dtype, tensor.shape)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;
    use modelmark_formats::ByteRange;

    fn tree(tensors: &[(&str, u64)]) -> Tree {
        let mut tree = Tree::default();
        for (name, length) in tensors {
            tree.add(&Tensor::plain(*name, "F32", vec![*length], *length, ByteRange { offset: 0, len: 4 * length }));
        }
        tree
    }

    #[test]
    fn equal_layers_are_shown_once_and_numbers_are_in_their_order() {
        let names: Vec<String> = (0..12).flat_map(|layer| ["a.weight", "b"].map(|part| format!("model.layers.{layer}.{part}"))).collect();
        let mut tensors: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 256)).collect();
        tensors.extend([("model.layers.12.b", 512), ("head", 1)]);
        assert_eq!(
            tree(&tensors).lines(Depth::Of(3)),
            [
                "head          F32 [1]  4 B",
                "model.layers  25 tensors, 6656 parameters, 26.00 KiB",
                "  0-11        12 alike: 24 tensors, 6144 parameters, 24.00 KiB",
                "    a.weight  F32 [256]  1.00 KiB",
                "    b         F32 [256]  1.00 KiB",
                "  12.b        F32 [512]  2.00 KiB",
            ]
        );
        assert_eq!(
            tree(&tensors).lines(Depth::Of(1)),
            ["head          F32 [1]  4 B", "model.layers  25 tensors, 6656 parameters, 26.00 KiB"]
        );
    }

    #[test]
    fn a_tensor_may_be_a_group_too_and_slashes_divide() {
        assert_eq!(
            tree(&[("a/b", 1), ("a/b/c", 2)]).lines(Depth::Of(2)),
            ["a/b         2 tensors, 3 parameters, 12 B", "  (itself)  F32 [1]  4 B", "  c         F32 [2]  8 B"]
        );
    }

    #[test]
    fn a_page_is_enough_when_nothing_else_is_asked_for() {
        let names: Vec<String> = (0..100).map(|n| format!("part{n}.weight")).collect();
        let different: Vec<(&str, u64)> = names.iter().enumerate().map(|(n, name)| (name.as_str(), n as u64)).collect();
        let lines = tree(&different).lines(Depth::Fitting);
        assert_eq!((lines.len(), lines.last().unwrap().as_str()), (41, "and 60 more    see --depth and --tensors"));
        assert!(tree(&different).lines(Depth::Of(0)).is_empty());
    }

    #[test]
    fn hostile_names_do_no_harm() {
        let deep = ".".repeat(100_000);
        assert_eq!(tree(&[(&deep, 1), ("", 1), ("007", 1), ("18446744073709551615", 1)]).lines(Depth::Of(usize::MAX)).len(), 5);
    }
}
