//! Models of TensorFlow Lite: no panic, no runaway, and whatever is accepted can be streamed or is refused there.
#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use modelmark_formats::{Alone, read, stream};

fuzz_target!(|file: &[u8]| {
    for name in ["model.tflite"] {
        let Ok(Some(contents)) = read(&file, name) else { continue };
        for tensor in contents.tensors.iter().filter(|tensor| tensor.bytes().is_some_and(|bytes| bytes <= 1 << 20)).take(64) {
            let _ = stream(tensor, &Alone(&file), &mut |_| ControlFlow::Continue(()));
        }
    }
});
