//! Random leaves, and what looking at some of them proves.

use std::collections::BTreeSet;

use ring::rand::{SecureRandom, SystemRandom};

/// Chooses `count` of the numbers below `total`, each set of them equally likely, by the operating system's randomness; all when there are not more.
///
/// Whoever altered a model must not be able to guess what is looked at, so there is no seed.
///
/// # Errors
/// When the system gives no randomness.
pub fn sample(total: u64, count: u64) -> std::io::Result<BTreeSet<u64>> {
    let random = SystemRandom::new();
    let count = count.min(total);
    let mut chosen = BTreeSet::new();
    // Floyd's algorithm: as many draws as numbers.
    for last in total - count..total {
        let drawn = below(&random, last + 1)?;
        if !chosen.insert(drawn) {
            chosen.insert(last);
        }
    }
    Ok(chosen)
}

/// Returns a number below `bound`, all equally likely. `bound` is not 0.
fn below(random: &SystemRandom, bound: u64) -> std::io::Result<u64> {
    // The numbers from here on would make small remainders likelier.
    let end = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0; 8];
        random.fill(&mut bytes).map_err(|_| std::io::Error::other("the system gives no randomness"))?;
        let drawn = u64::from_le_bytes(bytes);
        if drawn < end {
            return Ok(drawn % bound);
        }
    }
}

/// Returns the probability that none of `changed` leaves out of `total` is among `sampled` that were chosen at random (hypergeometric).
#[must_use]
pub fn chance_of_missing(total: u64, sampled: u64, changed: u64) -> f64 {
    if sampled.saturating_add(changed) > total {
        return if sampled == 0 || changed == 0 { 1.0 } else { 0.0 };
    }
    let (few, many) = (sampled.min(changed), sampled.max(changed));
    // C(total - changed, sampled) / C(total, sampled), as a product of the shorter kind, in logarithms so that it does not underflow.
    let logarithm: f64 = (0..few).map(|i| (-(many as f64) / (total - i) as f64).ln_1p()).sum();
    logarithm.exp()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]
    use super::*;

    #[test]
    fn chances_are_those_of_the_textbook() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(chance_of_missing(10, 1, 1), 0.9);
        near(chance_of_missing(10, 5, 1), 0.5);
        // C(6, 3) / C(10, 3) = 20 / 120.
        near(chance_of_missing(10, 3, 4), 20.0 / 120.0);
        near(chance_of_missing(10, 4, 3), 20.0 / 120.0);
        // C(48, 5) / C(52, 5): no ace in five cards.
        near(chance_of_missing(52, 5, 4), 1_712_304.0 / 2_598_960.0);
        near(chance_of_missing(10, 0, 3), 1.0);
        near(chance_of_missing(10, 3, 0), 1.0);
        near(chance_of_missing(0, 0, 0), 1.0);
        near(chance_of_missing(10, 10, 1), 0.0);
        near(chance_of_missing(10, 8, 3), 0.0);
        assert!(chance_of_missing(2_000_000, 1_000, 20_000) > 0.0);
    }

    #[test]
    fn a_sample_has_distinct_members_and_every_number_gets_its_turn() {
        assert!(sample(0, 5).unwrap().is_empty());
        assert_eq!(sample(5, 9).unwrap().len(), 5);
        let mut counts = [0_u32; 10];
        for _ in 0..2_000 {
            let chosen = sample(10, 3).unwrap();
            assert_eq!(chosen.len(), 3);
            chosen.iter().for_each(|n| counts[*n as usize] += 1);
        }
        // Each is expected 600 times, with a deviation of 20.
        assert!(counts.iter().all(|count| (450..750).contains(count)), "{counts:?}");
    }
}
