//! The reader of TensorFlow Lite against models of its converter, damaged files and hostile ones.

use modelmark_formats::{Architecture, Quantization, read};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::reference::{accepted_cuts, assert_as_written, assert_refused, exercise, file, maximise};

#[test]
fn models_of_the_converter_are_read_as_written() {
    assert_as_written("tflite");
}

#[test]
fn attacks_are_refused() {
    assert_refused("tflite");
}

#[test]
fn a_model_says_what_it_is() {
    let read = read(&file("tflite", "quantised.tflite").as_slice(), "x").unwrap().unwrap();
    assert_eq!(read.format, "tflite");
    assert!(read.tensors.iter().any(|tensor| tensor.dtype == "I8"));
    assert_ne!(read.metadata["tflite.quantizedTensors"], "0");
    assert!(read.metadata.contains_key("tflite.metadata.min_runtime_version"));
}

#[test]
fn quantisation_is_told_by_what_is_quantised() {
    let quantization =
        |name| Architecture::of_contents(&read(&file("tflite", name).as_slice(), "x").unwrap().unwrap()).unwrap().quantization;
    let eight = |method: &str| Some(Quantization { method: method.to_owned(), bits: Some(8), group_size: None });
    assert_eq!(quantization("quantised.tflite"), eight("full-integer"));
    assert_eq!(quantization("weights.tflite"), eight("dynamic-range"));
    assert_eq!(quantization("floats.tflite"), None);
}

#[test]
fn a_cut_that_takes_bytes_of_weights_is_refused() {
    let whole = file("tflite", "behind.tflite");
    assert_eq!(accepted_cuts(&whole, "m.tflite"), [0; 0]);
}

#[test]
fn every_field_can_be_maximised_without_harm() {
    maximise(&file("tflite", "quantised.tflite"), "m.tflite");
}

proptest! {
    #[test]
    fn damage_is_never_harmful(edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut file = file("tflite", "types.tflite");
        for (at, byte) in &edits {
            let at = at.index(file.len());
            file[at] = *byte;
        }
        exercise(&file, "m.tflite");
    }
}
