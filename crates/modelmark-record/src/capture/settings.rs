//! Settings and measurements of training runs. Settings are taken by name from a list: a tool dumps everything it was started with, secrets too, and
//! whatever enters a record is public for good.

use std::collections::BTreeMap;

use crate::Evaluation;
use crate::value::{Decimal, Label, Scalar};

use super::FindingCode;
use super::intake::Intake;
use super::yaml::Node;

/// Most settings that are taken from one file.
const MAX_SETTINGS: usize = 128;
/// Most measurements that are taken from one file.
const MAX_MEASUREMENTS: usize = 100;
/// Most names that a remark lists.
const SHOWN: usize = 12;

/// Names of settings that are taken, in lower case with `_`; of a nested name the last part counts.
const NAMES: &[&str] = &[
    // Steps, batches and lengths.
    "accumulate_grad_batches",
    "batch_size",
    "block_size",
    "context_length",
    "effective_batch_size",
    "epoch",
    "epochs",
    "eval_batch_size",
    "global_batch_size",
    "global_step",
    "gradient_accumulation_steps",
    "group_by_length",
    "max_epochs",
    "max_length",
    "max_seq_len",
    "max_seq_length",
    "max_steps",
    "micro_batch_size",
    "n_epochs",
    "num_epochs",
    "num_input_tokens_seen",
    "num_steps",
    "num_train_epochs",
    "packing",
    "per_device_eval_batch_size",
    "per_device_train_batch_size",
    "resolution",
    "seq_len",
    "sequence_len",
    "steps",
    "total_batch_size",
    "total_flos",
    "total_steps",
    "train_batch_size",
    // Optimiser and schedule.
    "adam_beta1",
    "adam_beta2",
    "adam_epsilon",
    "beta1",
    "beta2",
    "betas",
    "eps",
    "grad_clip",
    "gradient_clip_val",
    "gradient_clipping",
    "learning_rate",
    "lr",
    "lr_scheduler",
    "lr_scheduler_type",
    "lr_warmup_steps",
    "max_grad_norm",
    "max_lr",
    "min_lr",
    "momentum",
    "num_warmup_steps",
    "optim",
    "optimizer",
    "scheduler",
    "warmup_ratio",
    "warmup_steps",
    "weight_decay",
    // Numbers and chance.
    "bf16",
    "data_seed",
    "dtype",
    "fp16",
    "gradient_checkpointing",
    "mixed_precision",
    "precision",
    "random_seed",
    "random_state",
    "seed",
    "tf32",
    "torch_dtype",
    // The model and its losses.
    "beta",
    "criterion",
    "d_model",
    "dropout",
    "hidden_dim",
    "hidden_size",
    "image_size",
    "label_smoothing",
    "label_smoothing_factor",
    "loss",
    "loss_type",
    "n_embd",
    "n_head",
    "n_layer",
    "n_layers",
    "neftune_noise_alpha",
    "num_classes",
    "num_heads",
    "num_layers",
    "temperature",
    "vocab_size",
    // Adapters, merges and quantisation.
    "bias",
    "load_in_4bit",
    "load_in_8bit",
    "lora_alpha",
    "lora_dropout",
    "lora_r",
    "merge_method",
    "peft_type",
    "r",
    "target_modules",
    "task_type",
    "use_dora",
    "use_rslora",
    // Classical learners.
    "alpha",
    "booster",
    "c",
    "colsample_bytree",
    "early_stopping_patience",
    "gamma",
    "kernel",
    "max_depth",
    "max_iter",
    "min_child_weight",
    "n_estimators",
    "num_leaves",
    "objective",
    "penalty",
    "reg_alpha",
    "reg_lambda",
    "subsample",
    "tol",
];

/// Takes the settings of a mapping whose names are on the list, inside other mappings too, and says which are not.
pub(super) fn take<'n>(entries: impl IntoIterator<Item = (String, &'n Node)>, intake: &mut Intake<'_>) -> BTreeMap<Label, Scalar> {
    let mut taken = Taken::default();
    for (name, node) in entries {
        take_one(&name, node, intake, &mut taken);
    }
    report(&taken.others, intake);
    if taken.full {
        let message = format_args!("has more than {MAX_SETTINGS} settings; the first are taken");
        intake.report(FindingCode::TooMany, "trainingConfig", message);
    }
    taken.settings
}

/// What was taken of one file, and what was not.
#[derive(Default)]
struct Taken {
    settings: BTreeMap<Label, Scalar>,
    others: Vec<String>,
    full: bool,
}

/// Takes one setting, however it is nested.
fn take_one(name: &str, node: &Node, intake: &mut Intake<'_>, taken: &mut Taken) {
    if let Node::Map(entries) = node {
        return entries.iter().for_each(|(key, node)| take_one(&format!("{name}/{key}"), node, intake, taken));
    }
    if !is_known(name) {
        return taken.others.push(name.to_owned());
    }
    let Some(text) = text_of(node) else { return };
    let field = format!("trainingConfig.{}", name.chars().take(80).collect::<String>());
    let (Some(label), Some(value)) = (intake.value::<Label>("trainingConfig", name), scalar(&field, &text, intake)) else { return };
    if taken.settings.len() < MAX_SETTINGS {
        taken.settings.insert(label, value);
    } else {
        taken.full = true;
    }
}

fn is_known(name: &str) -> bool {
    let last = name.rsplit(['/', '.']).next().unwrap_or(name);
    let plain: String = last.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect();
    NAMES.contains(&plain.as_str())
}

/// The text of a scalar or of a list of scalars; nothing for what is empty.
fn text_of(node: &Node) -> Option<String> {
    let text = match node {
        Node::Text(text) => text.clone(),
        Node::List(items) if items.len() <= 32 => items.iter().map(Node::text).collect::<Option<Vec<_>>>()?.join(","),
        _ => return None,
    };
    (!text.is_empty() && text != "None").then_some(text)
}

fn scalar(field: &str, text: &str, intake: &mut Intake<'_>) -> Option<Scalar> {
    // Only the one spelling of an integer is a number: `007` and `1_000` stay text.
    let integer = text.parse::<i64>().ok().filter(|integer| integer.to_string() == text);
    match integer.and_then(|integer| Scalar::try_from(integer).ok()) {
        Some(integer) => Some(integer),
        None => intake.value(field, text).map(Scalar::Text),
    }
}

fn report(others: &[String], intake: &mut Intake<'_>) {
    if others.is_empty() {
        return;
    }
    let shown: Vec<&str> = others.iter().take(SHOWN).map(String::as_str).collect();
    let more = if others.len() > SHOWN { format!(" and {} more", others.len() - SHOWN) } else { String::new() };
    let shown: String = shown.join(", ").chars().take(400).collect();
    let message = format!("{shown}{more}: settings that are taken only when modelmark.toml states them in [training]");
    intake.report(FindingCode::Untaken, "trainingConfig", message);
}

/// Takes what is a measurement among named numbers.
pub(super) fn measurements<'n>(entries: impl IntoIterator<Item = (&'n str, &'n str)>, intake: &mut Intake<'_>) -> Vec<Evaluation> {
    let mut taken = Vec::new();
    for (at, (name, value)) in entries.into_iter().filter(|(name, _)| is_measurement(name)).enumerate() {
        if at == MAX_MEASUREMENTS {
            let message = format_args!("has more than {MAX_MEASUREMENTS} measurements; the first are taken");
            intake.report(FindingCode::TooMany, "evaluations", message);
            break;
        }
        if let (Some(metric), Some(value)) = (intake.value::<Label>("evaluations", name), intake.value::<Decimal>("evaluations", value)) {
            taken.push(Evaluation::new(metric, value));
        }
    }
    taken
}

/// Tells whether a name that a tool writes means a result, and not how long it took to get it.
fn is_measurement(name: &str) -> bool {
    const OF: [&str; 8] = ["eval", "val", "valid", "validation", "test", "predict", "train", "best"];
    const ABOUT: [&str; 12] =
        ["runtime", "samples", "steps", "second", "epoch", "step", "time", "delta", "flos", "batches", "norm", "rate"];
    let plain = name.to_ascii_lowercase();
    let mut words = plain.split(['_', '/', '.', '-', ' ']);
    let first = words.next().unwrap_or_default();
    let last = plain.rsplit(['_', '/', '.', '-', ' ']).next().unwrap_or_default();
    (OF.contains(&first) && first.len() < plain.len() && !ABOUT.contains(&last)) || plain == "perplexity"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_results_from_what_they_cost() {
        for good in ["eval_accuracy", "val/loss", "test.f1", "train_loss", "perplexity", "best_score"] {
            assert!(is_measurement(good), "{good}");
        }
        for bad in
            ["eval_runtime", "eval_samples_per_second", "epoch", "learning_rate", "eval", "train/grad_norm", "train/epoch", "password"]
        {
            assert!(!is_measurement(bad), "{bad}");
        }
        assert!(is_known("optimizer/Learning-Rate") && !is_known("hub_token") && !is_known("output_dir"));
    }
}
