//! The strict pickle reader against hostile pickles, bombs, cuts and garbage.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use modelmark_formats::pickle::{Fault, MAX_PICKLE_BYTES, MAX_STEPS, Pickle, PickleError, Value, parse, parse_prefix};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::content::repository;

/// What `{"a": tensor}` looks like from torch 2.8, with `_metadata` and every kind of scalar beside.
const STATE: &[&[u8]] = &[
    b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\x00\x00\x00storageq\x03ctorch\nFloatStorage\nq\x04",
    b"X\x01\x00\x00\x000q\x05X\x03\x00\x00\x00cpuq\x06K\x06tq\x07QK\x00K\x02K\x03\x86q\x08K\x03K\x01\x86q\x09\x89ccollections\nOrderedDict\nq\x0a",
    b")Rq\x0btq\x0cRq\x0dX\x01\x00\x00\x00bh\x0a)R}X\x09\x00\x00\x00_metadata}sbX\x01\x00\x00\x00c](NK\x01M\x00\x01J\xff\xff\xff\xff\x8a\x02\x00\xff",
    b"G\x3f\xf8\x00\x00\x00\x00\x00\x00\x88\x89C\x01xU\x01y)\x8f(K\x01\x90eu.",
];

fn value(pickle: &Pickle) -> &Value {
    pickle.value(pickle.root())
}

fn fault(bytes: &[u8]) -> Fault {
    match parse(bytes) {
        Err(PickleError::Malformed { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

fn within(limit: Duration, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
}

#[test]
fn attacks_are_refused() {
    let folder = repository().join("attacks/pickle");
    let faults: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(folder.join("faults.json")).unwrap()).unwrap();
    let files = std::fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "pkl"));
    assert_eq!(files.count(), faults.len());
    let mut missed = Vec::new();
    for (name, fault) in faults {
        let outcome = parse(&std::fs::read(folder.join(format!("{name}.pkl"))).unwrap());
        match outcome {
            Err(error) if error.to_string().contains(&fault) => {}
            other => {
                missed.push(format!("{name}: {fault:?} expected, {}", other.map_or_else(|error| error.to_string(), |_| "read".to_owned())))
            }
        }
    }
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn data_is_read_as_written() {
    let state = STATE.concat();
    let pickle = parse(&state).unwrap();
    let Value::Dict(dict) = value(&pickle) else { panic!() };
    assert_eq!(dict.entries().iter().map(|(key, _)| pickle.text(*key).unwrap()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let Value::Tensor(tensor) = pickle.value(dict.entries()[0].1) else { panic!() };
    assert_eq!((tensor.dtype.token(), &*tensor.shape, &*tensor.strides, tensor.offset), ("F32", &[2, 3][..], &[3, 1][..], 0));
    let Value::Storage(storage) = pickle.value(tensor.storage) else { panic!() };
    assert_eq!((pickle.text(storage.key), storage.bytes), (Some("0"), 24));
    assert_eq!(pickle.storages().count(), 1);
    let Value::Dict(inner) = pickle.value(dict.entries()[1].1) else { panic!() };
    assert!(matches!(pickle.value(inner.metadata().unwrap()), Value::Dict(_)));
    let Value::List(items) = pickle.value(dict.entries()[2].1) else { panic!() };
    let items: Vec<String> = items.iter().map(|item| format!("{:?}", pickle.value(*item))).collect();
    let start = [
        "None",
        "Int(1)",
        "Int(256)",
        "Int(-1)",
        "Int(-256)",
        "Float(1.5)",
        "Bool(true)",
        "Bool(false)",
        "Bytes([120])",
        "Str(\"y\")",
        "Tuple([])",
    ];
    assert_eq!(items[..11], start);
    assert!(items[11].starts_with("Set([Id("));
}

#[test]
fn a_prefix_is_read_to_its_stop() {
    let (pickle, length) = parse_prefix(b"\x80\x02K\x07.rest").unwrap();
    assert_eq!((value(&pickle), length), (&Value::Int(7), 5));
    let (pickle, _) = parse_prefix(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.").unwrap();
    assert_eq!(value(&pickle), &Value::Int(0x1950_a86a_20f9_469c_fc6c));
}

#[test]
fn every_cut_is_refused_as_a_cut() {
    let state = STATE.concat();
    for length in 0..state.len() {
        assert_eq!(fault(&state[..length]), Fault::Truncated, "{length}");
    }
}

#[test]
fn lists_that_double_stay_small() {
    // `a = []; b = [a, a]; c = [b, b]; ...`: 2^80 items when unfolded.
    let mut bomb = b"\x80\x04]\x94".to_vec();
    for level in 0..80_u8 {
        bomb.extend([b'h', level, b'h', level, 0x86, 0x94]);
    }
    // What is left on the stack goes into one tuple.
    bomb.insert(2, b'(');
    bomb.extend(b"t.");
    within(Duration::from_secs(5), || assert!(parse(&bomb).is_ok()));
}

#[test]
fn a_long_key_that_many_dicts_share_is_hashed_once() {
    let mut bomb = b"\x80\x02(X\x00\x00\x80\x00".to_vec();
    bomb.resize(bomb.len() + (8 << 20), b'k');
    bomb.extend(b"q\x00");
    (0..100_000).for_each(|_| bomb.extend(b"}h\x00Ns"));
    bomb.extend(b"t.");
    within(Duration::from_secs(60), || assert!(parse(&bomb).is_ok()));
}

#[test]
fn copies_are_counted_as_steps() {
    // One list of 60,000 items, copied into a new set by every five bytes.
    let mut bomb = b"\x80\x02(](".to_vec();
    bomb.resize(bomb.len() + 60_000, b'N');
    bomb.extend(b"eq\x00c__builtin__\nset\nq\x01");
    (0..1000).for_each(|_| bomb.extend(b"h\x01h\x00\x85R"));
    bomb.extend(b"t.");
    within(Duration::from_secs(60), || assert!(matches!(fault(&bomb), Fault::Limit(_))));
}

#[test]
fn steps_stack_and_length_are_bounded() {
    let long = |opcodes: &[u8], count: usize| [b"\x80\x02", &*opcodes.repeat(count), b"."].concat();
    within(Duration::from_secs(120), || {
        assert_eq!(fault(&long(b"N", 1 << 21)), Fault::Limit("more than a million values on the stack"));
        assert_eq!(fault(&long(b"(", 1 << 21)), Fault::Limit("more than a million values on the stack"));
        assert!(matches!(fault(&[&b"\x80\x02]"[..], &b"Na".repeat(MAX_STEPS as usize)].concat()), Fault::Limit(_)));
        let mut huge = b"\x80\x02B\xff\xff\xff\x7f".to_vec();
        huge.resize(MAX_PICKLE_BYTES as usize + 100, 0);
        assert_eq!(fault(&huge), Fault::Limit("pickle longer than 64 MiB"));
    });
}

proptest! {
    #[test]
    fn garbage_never_panics(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = parse(&[b"\x80\x02", &*bytes].concat());
    }

    #[test]
    fn opcodes_in_any_order_never_panic(
        opcodes in vec(prop::sample::select(&b"(N\x88K]})\x85\x86tae\x8fsuRQb\x94h.\x90\x91X"[..]), 0..60)
    ) {
        let _ = parse(&[b"\x80\x04(ccollections\nOrderedDict\n\x94", &*opcodes].concat());
        let _ = parse(&[b"\x80\x04", &*opcodes].concat());
    }

    #[test]
    fn changed_bytes_never_panic(edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut state = STATE.concat();
        for (at, byte) in edits {
            let at = at.index(state.len());
            state[at] = byte;
        }
        let _ = parse(&state);
    }
}
