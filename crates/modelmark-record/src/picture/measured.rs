//! Which measurements a picture shows, and how.

use crate::Evaluation;

use super::text::{clipped, visible};

/// Words in the names of measurements of which less is better.
const LESS_IS_BETTER: [&str; 12] = ["loss", "perplexity", "ppl", "error", "wer", "cer", "ter", "mae", "mse", "rmse", "mape", "fid"];

/// Longest value that is shown as it is written.
const MAX_VERBATIM: usize = 8;

/// Returns name and best value of each measurement, in the order of the record.
pub(super) fn best(evaluations: &[Evaluation]) -> Vec<(String, String)> {
    let mut best: Vec<&Evaluation> = Vec::new();
    for evaluation in evaluations {
        match best.iter_mut().find(|known| known.metric == evaluation.metric) {
            Some(known) if is_better(evaluation, known) => *known = evaluation,
            Some(_) => {}
            None => best.push(evaluation),
        }
    }
    let shown = |evaluation: &Evaluation| (visible(evaluation.metric.as_str()), value(evaluation.value.as_str()));
    best.into_iter().map(shown).filter(|(name, _)| !name.is_empty()).collect()
}

fn is_better(new: &Evaluation, known: &Evaluation) -> bool {
    let (new_value, known_value) = (number(new.value.as_str()), number(known.value.as_str()));
    if less_is_better(new.metric.as_str()) { new_value < known_value } else { new_value > known_value }
}

fn less_is_better(metric: &str) -> bool {
    let mut words = metric.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    words.any(|word| LESS_IS_BETTER.contains(&word.as_str()))
}

/// Parsing a decimal is exact to the last bit by IEEE 754, so that every machine agrees.
fn number(decimal: &str) -> Option<f64> {
    decimal.parse().ok()
}

/// Four places behind the point, or three digits and an exponent, for a value that is too long to be shown as it is written.
fn value(decimal: &str) -> String {
    if decimal.len() <= MAX_VERBATIM {
        return decimal.to_owned();
    }
    match number(decimal) {
        Some(number) if (1e-3..1e5).contains(&number.abs()) => {
            let text = format!("{number:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Some(number) if number.is_normal() => format!("{number:.2e}"),
        _ => clipped(decimal, 600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(measured: &[(&str, &str)]) -> Vec<(String, String)> {
        let parsed = |(metric, value): &(&str, &str)| Some(Evaluation::new(metric.parse().ok()?, value.parse().ok()?));
        best(&measured.iter().filter_map(parsed).collect::<Vec<_>>())
    }

    fn pairs(shown: &[(&str, &str)]) -> Vec<(String, String)> {
        shown.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_best_of_each_is_shown() {
        let measured = [("accuracy", "0.5"), ("eval_loss", "0.3"), ("accuracy", "0.92"), ("eval_loss", "1e-2"), ("accuracy", "0.9")];
        assert_eq!(of(&measured), pairs(&[("accuracy", "0.92"), ("eval_loss", "1e-2")]));
        assert_eq!(of(&[("WER", "7"), ("WER", "5"), ("answer", "5"), ("answer", "7")]), pairs(&[("WER", "5"), ("answer", "7")]));
    }

    #[test]
    fn long_values_are_rounded_and_extreme_ones_kept_short() {
        for (written, shown) in [
            ("0.9731", "0.9731"),
            ("0.973100000001", "0.9731"),
            ("99.00000000001", "99"),
            ("123456789.25", "1.23e8"),
            ("0.0000123456", "1.23e-5"),
            ("-0.123456789", "-0.1235"),
            ("1e-9999", "1e-9999"),
            ("1.000001e+9999", "1.00000…"),
            ("0.000000000", "0.00000…"),
        ] {
            assert_eq!(of(&[("m", written)]), pairs(&[("m", shown)]), "{written}");
        }
    }
}
