//! Counting the operators of a network by kind, however many kinds a file makes up.

use std::collections::BTreeMap;

use crate::contents::short;

/// Most kinds that are told apart.
const MAX_KINDS: usize = 256;

/// What further kinds are counted as.
const OTHERS: &str = "others";

/// How many operators there are of each kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operators(BTreeMap<String, u64>);

impl Operators {
    /// Counts `count` operators of one kind.
    pub(crate) fn count(&mut self, kind: &str, count: u64) {
        let kind = short(kind);
        let kind = if self.0.len() < MAX_KINDS || self.0.contains_key(&kind) { kind } else { OTHERS.to_owned() };
        let sum = self.0.entry(kind).or_default();
        *sum = sum.saturating_add(count);
    }

    /// Counts operators whose kind was not looked at.
    pub(crate) fn others(&mut self, count: u64) {
        if count > 0 {
            self.count(OTHERS, count);
        }
    }

    /// Tells whether one of the kinds is such.
    pub(crate) fn any(&self, is: impl Fn(&str) -> bool) -> bool {
        self.0.keys().any(|kind| is(kind))
    }

    /// Returns the number of operators.
    pub(crate) fn total(&self) -> u64 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub(crate) fn into_counts(self) -> BTreeMap<String, u64> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_bounded_and_all_operators_counted() {
        let mut operators = Operators::default();
        (0..10_000).for_each(|n| operators.count(&format!("kind {n}"), 1));
        operators.count("kind 3", 4);
        operators.others(0);
        assert_eq!(operators.total(), 10_004);
        let counts = operators.into_counts();
        assert_eq!(
            (counts.len(), counts.get("kind 3"), counts.get("others")),
            (MAX_KINDS + 1, Some(&5), Some(&(10_000 - MAX_KINDS as u64)))
        );
    }
}
