//! `training_args.bin`: the arguments that a trainer of Hugging Face was started with. The pickle in it is looked at and never executed.

use modelmark_formats::pickle::{Pickle, Value};

use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, FindingCode, settings};

/// Arguments that a record names; there are some two hundred, of which most say where and how and not what.
const KEYS: [&str; 29] = [
    "adam_beta1",
    "adam_beta2",
    "adam_epsilon",
    "bf16",
    "data_seed",
    "fp16",
    "gradient_accumulation_steps",
    "gradient_checkpointing",
    "group_by_length",
    "label_smoothing_factor",
    "learning_rate",
    "lr_scheduler_type",
    "max_grad_norm",
    "max_length",
    "max_seq_length",
    "max_steps",
    "neftune_noise_alpha",
    "num_train_epochs",
    "optim",
    "packing",
    "per_device_eval_batch_size",
    "per_device_train_batch_size",
    "seed",
    "tf32",
    "warmup_ratio",
    "warmup_steps",
    "weight_decay",
    "loss_type",
    "beta",
];

/// Returns the arguments that are settings of the training.
pub(super) fn read(bytes: &[u8], intake: &mut Intake<'_>) -> Claims {
    let pickle = match modelmark_formats::pytorch::settings(&bytes) {
        Ok(pickle) => pickle,
        Err(error) => {
            intake.report(FindingCode::Unreadable, "trainingConfig", error);
            return Claims::default();
        }
    };
    let Value::Dict(arguments) = pickle.value(pickle.root()) else { return Claims::default() };
    let named = arguments.entries().iter().filter_map(|(key, value)| Some((pickle.text(*key)?, *value)));
    let known = named.filter(|(key, value)| KEYS.contains(key) && !is_unset(key, pickle.value(*value)));
    let nodes: Vec<(String, Node)> = known.map(|(key, value)| (key.to_owned(), node(&pickle, pickle.value(value)))).collect();
    Claims { training: settings::take(nodes.iter().map(|(key, node)| (key.clone(), node)), intake), ..Claims::default() }
}

/// Tells whether a trainer means by this value that nobody set it.
fn is_unset(key: &str, value: &Value) -> bool {
    key == "max_steps" && matches!(value, Value::Int(steps) if *steps < 0)
}

/// A plain value as text; of a member of an enumeration the value that it was made of.
fn node(pickle: &Pickle, value: &Value) -> Node {
    match value {
        Value::Bool(value) => Node::Text(value.to_string()),
        Value::Int(value) => Node::Text(value.to_string()),
        // A double has no spelling of its own; this is the shortest that reads back as the same number.
        Value::Float(value) => Node::Text(serde_json::Number::from_f64(*value).map(|number| number.to_string()).unwrap_or_default()),
        Value::Str(text) => Node::Text(text.to_string()),
        Value::Tuple(items) => match &**items {
            [only] if matches!(pickle.value(*only), Value::Str(_)) => node(pickle, pickle.value(*only)),
            _ => Node::Null,
        },
        _ => Node::Null,
    }
}
