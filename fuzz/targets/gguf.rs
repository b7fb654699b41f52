//! GGUF files, and through the common seam the other formats: no panic, and accepted tensors lie inside the file one after the other.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_formats::{Pieces, read};

fuzz_target!(|file: &[u8]| {
    for name in ["model.gguf", "model.npz", "model.safetensors"] {
        let Ok(Some(contents)) = read(&file, name) else { continue };
        // Has a target of its own.
        if contents.format == "onnx" {
            continue;
        }
        let mut end = 0;
        for tensor in &contents.tensors {
            let (Pieces::Range(place) | Pieces::Deflated { place, .. } | Pieces::Strided { place, .. }) = tensor.source.pieces else {
                panic!("pieces of another format: {tensor:?}")
            };
            assert!(place.offset >= end, "{tensor:?}");
            end = place.end().expect("past 64 bits");
        }
        assert!(end <= file.len() as u64, "past the end of the file");
    }
});
