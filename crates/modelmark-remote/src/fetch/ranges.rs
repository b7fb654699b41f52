//! Which bytes of a file are there.

use std::ops::Range;

/// Ranges of bytes, sorted and as long as they can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// Adds a range; what is there already changes nothing.
    pub(super) fn add(&mut self, mut range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let first = self.0.partition_point(|other| other.end < range.start);
        let last = self.0.partition_point(|other| other.start <= range.end);
        if let Some(touched) = self.0.get(first..last) {
            for other in touched {
                range = range.start.min(other.start)..range.end.max(other.end);
            }
        }
        self.0.splice(first..last.max(first), [range]);
    }

    /// Returns how many bytes there are.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Tells whether all of a range is there.
    pub(super) fn holds(&self, range: &Range<u64>) -> bool {
        let place = self.0.partition_point(|other| other.end < range.end);
        range.is_empty() || self.0.get(place).is_some_and(|other| other.start <= range.start)
    }

    /// Returns the ranges.
    pub(super) fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.0.iter().cloned()
    }

    /// Returns what is missing below `size`.
    pub(super) fn missing(&self, size: u64) -> Vec<Range<u64>> {
        let mut missing = Vec::new();
        let mut at = 0;
        for range in &self.0 {
            if at < range.start.min(size) {
                missing.push(at..range.start.min(size));
            }
            at = at.max(range.end);
        }
        if at < size {
            missing.push(at..size);
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_a_set_of_bytes(added in proptest::collection::vec((0_u64..60, 0_u64..12), 0..20)) {
            let (mut ranges, mut bytes) = (Ranges::default(), vec![false; 80]);
            for (start, length) in added {
                ranges.add(start..start + length);
                bytes.iter_mut().skip(start as usize).take(length as usize).for_each(|byte| *byte = true);
            }
            prop_assert_eq!(ranges.bytes(), bytes.iter().filter(|byte| **byte).count() as u64);
            let missing: Vec<u64> = ranges.missing(80).into_iter().flatten().collect();
            let expected: Vec<u64> = (0..80).filter(|at| !bytes.get(*at as usize).copied().unwrap_or_default()).collect();
            prop_assert_eq!(missing, expected);
            for start in 0..79 {
                let all = bytes.get(start..start + 2).is_some_and(|bytes| bytes.iter().all(|byte| *byte));
                prop_assert_eq!(ranges.holds(&(start as u64..start as u64 + 2)), all);
            }
            prop_assert!(ranges.0.is_sorted_by(|a, b| a.end < b.start));
        }
    }
}
