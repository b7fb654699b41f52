//! What kind of network a configuration describes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The architecture, as far as it is stated. Nothing here is checked against the tensors.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Architecture {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) layers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hidden_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vocabulary: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quantization: Option<String>,
}

impl Architecture {
    /// Reads a `config.json`; families of models have different names for one thing.
    pub(super) fn of_config(config: &Value) -> Option<Self> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let number = |names: &[&str]| {
            // Models of text and images keep the part about text one level down.
            let places = [Some(config), config.get("text_config")].into_iter().flatten();
            places.flat_map(|place| names.iter().filter_map(|name| place.get(*name)?.as_u64())).next()
        };
        let architecture = Self {
            family: text(config.get("model_type")),
            name: text(config.get("architectures").and_then(|names| names.get(0))),
            layers: number(&["num_hidden_layers", "n_layer", "n_layers", "num_layers"]),
            hidden_size: number(&["hidden_size", "n_embd", "d_model", "dim"]),
            context_length: number(&[
                "max_position_embeddings",
                "n_positions",
                "n_ctx",
                "max_seq_len",
                "max_sequence_length",
                "seq_length",
            ]),
            vocabulary: number(&["vocab_size"]),
            quantization: text(config.get("quantization_config").and_then(|config| config.get("quant_method"))),
        };
        (architecture != Self::default()).then_some(architecture)
    }

    /// Reads the metadata of a GGUF file, where the family's name is the prefix of its keys.
    pub(super) fn of_gguf(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let family = metadata.get("general.architecture")?;
        let number = |key: &str| metadata.get(&format!("{family}.{key}"))?.parse().ok();
        Some(Self {
            family: Some(family.clone()),
            name: None,
            layers: number("block_count"),
            hidden_size: number("embedding_length"),
            context_length: number("context_length"),
            vocabulary: number("vocab_size"),
            quantization: None,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn families_name_one_thing_differently() {
        let gpt =
            Architecture::of_config(&serde_json::json!({"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_positions": 1024})).unwrap();
        assert_eq!((gpt.layers, gpt.hidden_size, gpt.context_length), (Some(12), Some(768), Some(1024)));
        let nested = serde_json::json!({"model_type": "gemma3", "text_config": {"num_hidden_layers": 34}, "quantization_config": {"quant_method": "awq"}});
        let nested = Architecture::of_config(&nested).unwrap();
        assert_eq!((nested.layers, nested.quantization.as_deref()), (Some(34), Some("awq")));
    }

    #[test]
    fn a_configuration_that_says_nothing_is_none() {
        for config in [serde_json::json!({}), serde_json::json!([1]), serde_json::json!({"hidden_size": "large", "model_type": 3})] {
            assert_eq!(Architecture::of_config(&config), None);
        }
    }
}
