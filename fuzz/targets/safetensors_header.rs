//! The safetensors header: no panic, and what is accepted the reference implementation reads alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_formats::safetensors::read_header;
use safetensors::SafeTensors;

fuzz_target!(|file: &[u8]| {
    let Ok(header) = read_header(&mut &*file, file.len() as u64) else { return };
    let theirs = SafeTensors::deserialize(file).expect("accepted here, refused there");
    assert_eq!(header.tensors().len(), theirs.len());
    for tensor in header.tensors() {
        let view = theirs.tensor(tensor.name()).expect("missing there");
        assert_eq!(view.data().len() as u64, tensor.range().end - tensor.range().start);
        assert_eq!(view.dtype().to_string(), tensor.dtype().token());
    }
});
