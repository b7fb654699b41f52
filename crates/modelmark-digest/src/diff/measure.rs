//! How far two tensors of one shape are apart, element by element, while both stream by.

use serde::Serialize;

use super::element::Decoder;

/// How far two tensors of one shape are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Distance {
    /// Elements of each.
    pub elements: u64,
    /// Elements that differ: in their bytes when the types are equal, else in their values.
    pub changed: u64,
    /// Euclidean distance over all elements that are finite in both.
    pub l2: f64,
    /// The same, divided by the Euclidean norm of the first tensor; absent when that is zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_l2: Option<f64>,
    /// Largest absolute difference of two elements that are finite in both.
    pub max_abs: f64,
    /// Differing elements of which at least one is infinite or not a number.
    pub not_finite: u64,
}

impl Distance {
    /// Returns the share of elements that differ, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.elements == 0 { 0.0 } else { self.changed as f64 / self.elements as f64 }
    }
}

/// Takes the canonical bytes of two tensors and measures.
pub(super) struct Measure {
    first: Decoder,
    second: Decoder,
    same_type: bool,
    distance: Distance,
    squares: f64,
    norm: f64,
}

impl Measure {
    /// Returns `None` for types whose elements are no plain numbers.
    pub(super) fn of(first: &str, second: &str) -> Option<Self> {
        let same_type = first == second;
        let (first, second) = (Decoder::of(first)?, Decoder::of(second)?);
        Some(Self { first, second, same_type, distance: Distance::default(), squares: 0.0, norm: 0.0 })
    }

    /// Takes as many elements as both have whole; returns how many bytes of each were used.
    pub(super) fn update(&mut self, first: &[u8], second: &[u8]) -> (usize, usize) {
        let (mut squares, mut norm) = (0.0, 0.0);
        let mut count = 0;
        for (one, other) in first.chunks_exact(self.first.width).zip(second.chunks_exact(self.second.width)) {
            count += 1;
            if self.same_type && one == other {
                let value = self.first.value(one);
                norm += if value.is_finite() { value * value } else { 0.0 };
                continue;
            }
            let (a, b) = (self.first.value(one), self.second.value(other));
            norm += if a.is_finite() { a * a } else { 0.0 };
            let differs = self.same_type || !(a == b || (a.is_nan() && b.is_nan()));
            if !differs {
                continue;
            }
            self.distance.changed += 1;
            if a.is_finite() && b.is_finite() {
                let apart = a - b;
                squares += apart * apart;
                self.distance.max_abs = self.distance.max_abs.max(apart.abs());
            } else {
                self.distance.not_finite += 1;
            }
        }
        self.distance.elements += count as u64;
        // Block sums are added up, so that small differences are not lost in a large sum.
        self.squares += squares;
        self.norm += norm;
        (count * self.first.width, count * self.second.width)
    }

    /// Tells whether so many bytes of the second hold an element that still waits for the first.
    pub(super) const fn wants_more(&self, second: usize) -> bool {
        second >= self.second.width
    }

    pub(super) fn finish(self) -> Distance {
        let relative_l2 = (self.norm > 0.0).then(|| (self.squares / self.norm).sqrt());
        Distance { l2: self.squares.sqrt(), relative_l2, ..self.distance }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn a_few_elements_by_hand() {
        let mut measure = Measure::of("F32", "F32").unwrap();
        let used = measure.update(&floats(&[1.0, 2.0, 2.0]), &floats(&[1.0, 5.0, -2.0]));
        let distance = measure.finish();
        assert_eq!(used, (12, 12));
        assert_eq!((distance.elements, distance.changed, distance.l2, distance.max_abs), (3, 2, 5.0, 4.0));
        assert_eq!((distance.relative_l2, distance.not_finite), (Some(5.0 / 3.0), 0));
    }

    #[test]
    fn types_may_differ_and_odd_numbers_are_counted_apart() {
        let mut measure = Measure::of("F32", "BF16").unwrap();
        let wide = floats(&[1.5, f32::NAN, f32::INFINITY, -0.0]);
        let narrow: Vec<u8> = [0x3fc0_u16, 0x7fc0, 0x3f80, 0x0000].into_iter().flat_map(u16::to_le_bytes).collect();
        assert_eq!(measure.update(&wide, &narrow), (16, 8));
        let distance = measure.finish();
        assert_eq!((distance.changed, distance.not_finite, distance.l2), (1, 1, 0.0));
        let mut same = Measure::of("F32", "F32").unwrap();
        same.update(&floats(&[-0.0]), &floats(&[0.0]));
        assert_eq!(same.finish().changed, 1, "bytes count when the types are equal");
    }

    #[test]
    fn only_whole_elements_of_both_are_taken() {
        let mut measure = Measure::of("F32", "F64").unwrap();
        assert_eq!(measure.update(&[0; 11], &[0; 30]), (8, 16));
        assert!(Measure::of("F32", "GGML:Q4_K").is_none());
        assert_eq!(Distance::default().share(), 0.0);
    }
}
