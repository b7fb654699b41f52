//! ONNX models: no panic, accepted tensors lie inside the file or beside it on a plain path, and their bytes can be streamed or are refused.
#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use modelmark_formats::{Alone, plain_path, read, stream};

fuzz_target!(|file: &[u8]| {
    let Ok(Some(contents)) = read(&file, "model.onnx") else { return };
    for tensor in &contents.tensors {
        match &tensor.source.file {
            Some(beside) => assert_eq!(plain_path(beside), Ok(beside.as_str())),
            None => assert!(tensor.source.pieces.end() <= file.len() as u64, "{tensor:?}"),
        }
        let mut length = 0;
        let streamed = stream(tensor, &Alone(&file), &mut |bytes| {
            length += bytes.len() as u64;
            ControlFlow::Continue(())
        });
        assert!(streamed.is_err() || Some(length) == tensor.bytes(), "{tensor:?}");
    }
});
