//! What kind of network a model is, from what its files say of it: one summary for all formats. Nothing here is checked against the tensors, apart from
//! what is counted in them.

mod config;
mod gguf;
mod operators;
mod pipeline;
mod port;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Contents;
pub use config::{Config, MAX_CONFIG_BYTES};
pub(crate) use operators::Operators;
pub(crate) use port::MAX_PORTS;
pub use port::{Dimension, Port};

/// What kind of network a model is. What is not stated is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Architecture {
    /// The family, such as `llama` or `diffusers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// The class that the model is loaded as, such as `LlamaForCausalLM`, or the name of its graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number of layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<u64>,
    /// Width of the representation between layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_size: Option<u64>,
    /// Attention heads of a layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention_heads: Option<u64>,
    /// Heads that keys and values have, where they are fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_value_heads: Option<u64>,
    /// Experts of a layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experts: Option<u64>,
    /// Number of tokens that it knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<u64>,
    /// Most tokens that it was made to read at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_length: Option<u64>,
    /// Number of elements of all tensors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<u64>,
    /// Number of elements by element type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dtypes: BTreeMap<String, u64>,
    /// How the weights were made smaller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantization: Option<Quantization>,
    /// Number of operators by kind, of a model that is a graph; of layers by class, of one of Keras. What stands in subgraphs and in models inside the
    /// model counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub operators: BTreeMap<String, u64>,
    /// What goes in, of a model that is a graph.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Port>,
    /// What comes out, of a model that is a graph.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Port>,
    /// What turns text into numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<Tokenizer>,
    /// The part that sees, of a model for text and images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vision: Option<Box<Architecture>>,
    /// The parts of a pipeline and the class of each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<String, String>,
}

/// How weights were made smaller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quantization {
    /// The method, such as `gptq`, `awq`, `bitsandbytes`, `fp8`, `Q4_K_M` or `dynamic-range`.
    pub method: String,
    /// Bits of a weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<u64>,
    /// Weights that share a scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_size: Option<u64>,
}

/// What turns text into numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokenizer {
    /// The kind, as its files or metadata say it, such as `tokenizers` or `sentencepiece`.
    pub kind: String,
    /// SHA-256, in hex, of the list of its files; see `docs/spec/tokenizer-digest.md`. Absent when it stands inside the weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Architecture {
    /// Returns what a weights file itself says of the network; `None` when it says nothing.
    #[must_use]
    pub fn of_contents(contents: &Contents) -> Option<Self> {
        match contents.format {
            "gguf" => gguf::read(contents),
            _ => contents.architecture.as_deref().cloned(),
        }
    }

    /// Reads the index of a pipeline of diffusers, `model_index.json`; `None` when it is none.
    #[must_use]
    pub fn of_pipeline(json: &[u8]) -> Option<Self> {
        pipeline::read(json)
    }

    /// Adds what was counted in the files of one set of weights.
    #[must_use]
    pub fn with_weights<'c>(mut self, files: impl IntoIterator<Item = &'c Contents>) -> Self {
        for contents in files {
            self.parameters = Some(self.parameters.unwrap_or(0).saturating_add(contents.parameters()));
            for (dtype, elements) in contents.dtypes() {
                let sum = self.dtypes.entry(dtype.to_owned()).or_default();
                *sum = sum.saturating_add(elements);
            }
        }
        self
    }

    /// Returns the summary, unless it says nothing.
    #[must_use]
    pub fn stated(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}
