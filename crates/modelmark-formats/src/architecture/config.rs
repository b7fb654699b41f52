//! `config.json` of a model for transformers, and of those that imitate it. Families have different names for one thing.

use super::{Architecture, Quantization};
use crate::contents::short;
use crate::object::Object;

/// Longest configuration that is read, in bytes.
pub const MAX_CONFIG_BYTES: usize = 1 << 23;

/// A configuration, in so far as it is understood.
#[derive(Debug)]
pub struct Config(Object);

impl Config {
    /// Reads a configuration. Unknown keys are passed over, whatever they hold.
    ///
    /// # Errors
    /// When it is no JSON object, longer than [`MAX_CONFIG_BYTES`], a key that matters stands twice, or its text has
    /// a control character.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        if json.len() > MAX_CONFIG_BYTES {
            return Err(format!("longer than {MAX_CONFIG_BYTES} bytes"));
        }
        serde_json::from_slice(json).map(Self).map_err(|error| error.to_string())
    }

    /// Returns the family, `model_type`.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.text("model_type")
    }

    /// Returns the class that the model is loaded as, the first of `architectures`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("architectures").or_else(|| self.text("_class_name"))
    }

    /// Returns the element type that it is stated to have, `torch_dtype` or `dtype`.
    #[must_use]
    pub fn dtype(&self) -> Option<&str> {
        self.text("torch_dtype").or_else(|| self.text("dtype"))
    }

    /// Returns the version of transformers that wrote it.
    #[must_use]
    pub fn transformers_version(&self) -> Option<&str> {
        self.text("transformers_version")
    }

    /// Returns what the model was loaded from before it was written, `_name_or_path`.
    #[must_use]
    pub fn loaded_from(&self) -> Option<&str> {
        self.text("_name_or_path")
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.text(key).filter(|text| !text.is_empty())
    }

    /// Returns the summary; `None` when the configuration says nothing of an architecture.
    #[must_use]
    pub fn architecture(&self) -> Option<Architecture> {
        // Models of text and images keep the part about text one level down.
        let text = self.0.object("text_config").or_else(|| self.0.object("llm_config"));
        let mut architecture = sizes(&[Some(&self.0), text]);
        architecture.family = self.family().map(short);
        architecture.name = self.name().map(short);
        architecture.quantization = self.0.object("quantization_config").and_then(quantization);
        architecture.vision = self.0.object("vision_config").and_then(vision).map(Box::new);
        architecture.stated()
    }
}

fn vision(config: &Object) -> Option<Architecture> {
    let family = config.text("model_type").map(short);
    Architecture { family, ..sizes(&[Some(config)]) }.stated()
}

/// What is counted, from the first of several places that says it.
fn sizes(places: &[Option<&Object>]) -> Architecture {
    let number = |keys: &[&str]| places.iter().flatten().find_map(|place| place.number(keys));
    Architecture {
        layers: number(&["num_hidden_layers", "n_layer", "n_layers", "num_layers", "depth"]),
        hidden_size: number(&["hidden_size", "n_embd", "d_model", "dim"]),
        attention_heads: number(&["num_attention_heads", "n_head", "n_heads", "num_heads", "attention_heads"]),
        key_value_heads: number(&["num_key_value_heads", "n_kv_heads", "num_kv_heads"]),
        experts: number(&["num_local_experts", "num_experts", "n_routed_experts"]),
        vocabulary: number(&["vocab_size"]),
        context_length: number(&["max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_sequence_length", "seq_length"]),
        ..Architecture::default()
    }
}

/// GPTQ and AWQ state bits and groups, bitsandbytes a truth for each width, FP8 nothing but its name.
fn quantization(config: &Object) -> Option<Quantization> {
    let loaded = match (config.is_true("load_in_4bit"), config.is_true("load_in_8bit")) {
        (true, _) => Some(4),
        (_, true) => Some(8),
        _ => None,
    };
    let method = config.text("quant_method").map(short).or_else(|| loaded.map(|_| "bitsandbytes".to_owned()))?;
    let bits = config.number(&["bits", "w_bit"]).or(loaded).or_else(|| (method == "fp8").then_some(8));
    Some(Quantization { bits, group_size: config.number(&["group_size", "q_group_size"]), method })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn read(json: &serde_json::Value) -> Option<Architecture> {
        Config::parse(json.to_string().as_bytes()).unwrap().architecture()
    }

    #[test]
    fn families_name_one_thing_differently() {
        let gpt =
            read(&serde_json::json!({"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_positions": 1024, "n_head": 12})).unwrap();
        assert_eq!((gpt.layers, gpt.hidden_size, gpt.context_length, gpt.attention_heads), (Some(12), Some(768), Some(1024), Some(12)));
        let llama =
            read(&serde_json::json!({"architectures": ["LlamaForCausalLM", "Other"], "num_attention_heads": 32, "num_key_value_heads": 8}))
                .unwrap();
        assert_eq!((llama.name.as_deref(), llama.attention_heads, llama.key_value_heads), (Some("LlamaForCausalLM"), Some(32), Some(8)));
        let nested = serde_json::json!({"model_type": "gemma3", "text_config": {"num_hidden_layers": 34, "text_config": {}}, "vision_config": {"model_type": "siglip", "hidden_size": 1152}});
        let nested = read(&nested).unwrap();
        let vision = nested.vision.unwrap();
        assert_eq!((nested.layers, vision.family.as_deref(), vision.hidden_size), (Some(34), Some("siglip"), Some(1152)));
    }

    #[test]
    fn quantisations_are_told() {
        for (config, method, bits, group_size) in [
            (serde_json::json!({"quant_method": "gptq", "bits": 4, "group_size": 128}), "gptq", Some(4), Some(128)),
            (serde_json::json!({"quant_method": "awq", "w_bit": 4, "q_group_size": 64}), "awq", Some(4), Some(64)),
            (serde_json::json!({"load_in_4bit": true, "load_in_8bit": false}), "bitsandbytes", Some(4), None),
            (serde_json::json!({"quant_method": "fp8", "weight_block_size": [128, 128]}), "fp8", Some(8), None),
            (serde_json::json!({"quant_method": "compressed-tensors", "group_size": -1}), "compressed-tensors", None, None),
        ] {
            let quantization = read(&serde_json::json!({"quantization_config": config})).unwrap().quantization.unwrap();
            assert_eq!((quantization.method.as_str(), quantization.bits, quantization.group_size), (method, bits, group_size));
        }
    }

    #[test]
    fn a_configuration_that_says_nothing_is_none() {
        for config in [
            serde_json::json!({}),
            serde_json::json!({"hidden_size": "large", "model_type": 3, "text_config": [1], "vision_config": null}),
            serde_json::json!({"quantization_config": {"bits": 4}, "architectures": [], "vocab_size": -1, "n_layer": 1.5, "n_head": {"a": [1]}}),
        ] {
            assert_eq!(read(&config), None);
        }
    }

    #[test]
    fn hostile_configurations_are_refused() {
        for json in [
            "",
            "[]",
            "null",
            "{\"model_type\":",
            "{\"model_type\":\"a\",\"model_type\":\"b\"}",
            "{\"text_config\":{\"dim\":1,\"dim\":2}}",
            "{\"model_type\":\"a\",\"model_type\":null}",
        ] {
            assert!(Config::parse(json.as_bytes()).is_err(), "{json}");
        }
        assert!(Config::parse("{\"text_config\":".repeat(100_000).as_bytes()).unwrap_err().contains("recursion limit"));
        // What is passed over may nest: it takes no stack.
        assert!(Config::parse(format!("{{\"y\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes()).is_ok());
        assert!(Config::parse(&vec![b' '; MAX_CONFIG_BYTES + 1]).is_err());
    }
}
