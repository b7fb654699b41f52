//! The reader of PyTorch's files: no panic, and whatever it finds lies inside the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_formats::ByteRange;
use modelmark_formats::pytorch::read;

fuzz_target!(|file: &[u8]| {
    let Ok(checkpoint) = read(&file) else { return };
    let inside = |place: ByteRange| place.offset.checked_add(place.len).is_some_and(|end| end <= file.len() as u64);
    for storage in &checkpoint.storages {
        assert!(inside(storage.place));
    }
    for tensor in &checkpoint.tensors {
        assert!(inside(tensor.place));
    }
    assert!(checkpoint.code_bearing.is_none() || checkpoint.tensors.is_empty());
});
