//! `model_index.json`, the index of a pipeline of diffusers: its class, and for each part the library and class that load it.

use serde_json::{Map, Value};

use super::{Architecture, MAX_CONFIG_BYTES};
use crate::contents::short;

/// Most parts that are kept.
const MAX_PARTS: usize = 64;

pub(super) fn read(json: &[u8]) -> Option<Architecture> {
    // A pipeline has a few dozen lines; a tree of a large configuration would take many times its length.
    if json.len() > MAX_CONFIG_BYTES / 8 {
        return None;
    }
    let index: Map<String, Value> = serde_json::from_slice(json).ok()?;
    let class = index.get("_class_name")?.as_str()?;
    let parts = index.iter().filter(|(name, _)| !name.starts_with('_'));
    let parts = parts.filter_map(|(name, loader)| Some((short(name), short(loader.get(1)?.as_str()?))));
    Some(Architecture {
        family: Some("diffusers".to_owned()),
        name: Some(short(class)),
        components: parts.take(MAX_PARTS).collect(),
        ..Architecture::default()
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn parts_of_a_pipeline_are_listed() {
        let json = br#"{"_class_name":"StableDiffusionPipeline","_diffusers_version":"0.30","unet":["diffusers","UNet2DConditionModel"],
            "safety_checker":[null,null],"requires_safety_checker":true,"vae":["diffusers","AutoencoderKL"]}"#;
        let read = read(json).unwrap();
        assert_eq!(read.name.as_deref(), Some("StableDiffusionPipeline"));
        assert_eq!(read.components.keys().collect::<Vec<_>>(), ["unet", "vae"]);
    }

    #[test]
    fn what_is_no_pipeline_is_none() {
        for json in [&b"{}"[..], b"[]", b"", br#"{"_class_name":3}"#, &[b'['; 100_000]] {
            assert_eq!(read(json), None);
        }
    }
}
