//! The strict pickle reader: no panic, and what is accepted ends where it says and is read again alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_formats::pickle::{Pickle, Value, parse, parse_prefix};

fuzz_target!(|bytes: &[u8]| {
    let Ok((pickle, length)) = parse_prefix(bytes) else { return };
    assert_eq!(bytes[length - 1], b'.');
    let again = parse(&bytes[..length]).expect("refused without what follows it");
    // Not compared as a whole: NaN differs from itself.
    assert_eq!(again.root(), pickle.root());
    tensors_lie_inside(&pickle);
});

fn tensors_lie_inside(pickle: &Pickle) {
    for (_, tensor) in pickle.tensors() {
        let Value::Storage(storage) = pickle.value(tensor.storage) else { panic!("no storage") };
        assert_eq!(tensor.shape.len(), tensor.strides.len());
        let size = tensor.dtype.bits() / 8;
        let mut last = tensor.offset;
        if !tensor.shape.contains(&0) {
            last += 1 + tensor.shape.iter().zip(&tensor.strides).map(|(dim, stride)| (dim - 1) * stride).sum::<u64>();
        }
        assert!(last * size <= storage.bytes);
    }
}
