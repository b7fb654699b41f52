//! The metadata of a GGUF file, where the family's name is the prefix of its keys.

use super::{Architecture, Quantization, Tokenizer};
use crate::Contents;

/// `general.file_type`, the `llama_ftype` of llama.cpp: what most of the tensors were made. Full precision is left out: nothing was made smaller.
const FILE_TYPES: [(u64, &str); 32] = [
    (2, "Q4_0"),
    (3, "Q4_1"),
    (7, "Q8_0"),
    (8, "Q5_0"),
    (9, "Q5_1"),
    (10, "Q2_K"),
    (11, "Q3_K_S"),
    (12, "Q3_K_M"),
    (13, "Q3_K_L"),
    (14, "Q4_K_S"),
    (15, "Q4_K_M"),
    (16, "Q5_K_S"),
    (17, "Q5_K_M"),
    (18, "Q6_K"),
    (19, "IQ2_XXS"),
    (20, "IQ2_XS"),
    (21, "Q2_K_S"),
    (22, "IQ3_XS"),
    (23, "IQ3_XXS"),
    (24, "IQ1_S"),
    (25, "IQ4_NL"),
    (26, "IQ3_S"),
    (27, "IQ3_M"),
    (28, "IQ2_S"),
    (29, "IQ2_M"),
    (30, "IQ4_XS"),
    (31, "IQ1_M"),
    (36, "TQ1_0"),
    (37, "TQ2_0"),
    (38, "MXFP4_MOE"),
    (39, "NVFP4"),
    (40, "Q1_0"),
];

pub(super) fn read(contents: &Contents) -> Option<Architecture> {
    let metadata = &contents.metadata;
    let family = metadata.get("general.architecture")?;
    let number = |key: &str| metadata.get(&format!("{family}.{key}"))?.parse().ok();
    let embedding = contents.tensors.iter().find(|tensor| tensor.name == "token_embd.weight");
    let file_type = metadata.get("general.file_type").and_then(|number| number.parse::<u64>().ok());
    let method = FILE_TYPES.iter().find(|(number, _)| Some(*number) == file_type);
    let tokenizer = metadata.get("tokenizer.ggml.model");
    Some(Architecture {
        family: Some(family.clone()),
        layers: number("block_count"),
        hidden_size: number("embedding_length"),
        attention_heads: number("attention.head_count"),
        key_value_heads: number("attention.head_count_kv"),
        experts: number("expert_count"),
        context_length: number("context_length"),
        vocabulary: number("vocab_size").or_else(|| embedding.and_then(|tensor| tensor.shape.first().copied())),
        quantization: method.map(|(_, method)| Quantization { method: (*method).to_owned(), ..Quantization::default() }),
        tokenizer: tokenizer.map(|kind| Tokenizer { kind: kind.clone(), sha256: None }),
        ..Architecture::default()
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;
    use crate::{ByteRange, Tensor};

    #[test]
    fn keys_carry_the_name_of_the_family() {
        let mut contents = Contents::of("gguf");
        for (key, value) in [
            ("general.architecture", "llama"),
            ("general.file_type", "15"),
            ("llama.block_count", "32"),
            ("llama.attention.head_count", "32"),
            ("llama.attention.head_count_kv", "8"),
            ("llama.context_length", "many"),
            ("tokenizer.ggml.model", "gpt2"),
        ] {
            contents.describe(key, value);
        }
        let place = ByteRange { offset: 0, len: 0 };
        contents.tensors.push(Tensor::plain("token_embd.weight", "F32", vec![32_000, 0], 0, place));
        let read = Architecture::of_contents(&contents).unwrap();
        assert_eq!((read.layers, read.attention_heads, read.key_value_heads, read.vocabulary), (Some(32), Some(32), Some(8), Some(32_000)));
        assert_eq!(
            (read.context_length, read.quantization.unwrap().method.as_str(), read.tokenizer.unwrap().kind.as_str()),
            (None, "Q4_K_M", "gpt2")
        );
        assert_eq!(Architecture::of_contents(&Contents::of("gguf")), None);
    }
}
