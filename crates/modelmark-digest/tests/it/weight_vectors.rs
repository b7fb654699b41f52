//! Equality with the slow twin `reference/weight_fingerprint.py`, and what the levels see and do not see.

use modelmark_digest::Sha256Digest;
use modelmark_digest::fingerprint::{Overlap, Roots, TensorDigest, TensorHasher};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::content::{bytes, list, number, text, vectors};

/// The bytes that a vector asks for.
pub(crate) fn data(tensor: &Value) -> Vec<u8> {
    let recipe = &tensor["data"];
    if recipe.is_string() {
        return bytes(tensor, "data");
    }
    if recipe["pattern"].is_u64() {
        let length = number(recipe, "pattern") as usize;
        let blocks = (0..length.div_ceil(32) as u64).flat_map(|block| *Sha256Digest::of(&block.to_le_bytes()).as_bytes());
        return blocks.take(length).collect();
    }
    bytes(recipe, "repeat").repeat(number(recipe, "times") as usize)
}

fn tensor(name: &str, dtype: &str, shape: &[u64], data: &[u8], cut: usize) -> TensorDigest {
    let mut hasher = TensorHasher::new(dtype);
    data.chunks(cut.max(1)).for_each(|bytes| hasher.update(bytes));
    hasher.finish(name, shape)
}

#[test]
fn digests_leaves_and_roots_agree_with_the_slow_twin() {
    for case in list(&vectors("weights/fingerprint.json"), "cases") {
        let title = text(case, "title");
        let mut tensors = Vec::new();
        for expected in list(case, "tensors") {
            let shape: Vec<u64> = list(expected, "shape").iter().map(|dim| dim.as_u64().unwrap()).collect();
            let data = data(expected);
            let tensor = tensor(text(expected, "name"), text(expected, "dtype"), &shape, &data, 100_003);
            assert_eq!((tensor.bytes, tensor.digest.to_string().as_str()), (data.len() as u64, text(expected, "digest")), "{title}");
            assert_eq!(tensor.exact_leaf().to_string(), text(expected, "exactLeaf"), "{title}");
            let hex = |leaf: Option<Sha256Digest>| leaf.map_or(Value::Null, |leaf| leaf.to_string().into());
            assert_eq!(
                (hex(tensor.content_leaf()), hex(tensor.value_leaf())),
                (expected["contentLeaf"].clone(), expected["valueLeaf"].clone()),
                "{title}"
            );
            if tensor.elements > 0 {
                let narrowed = tensor.narrowed.as_ref().map_or(Value::Null, |narrowed| serde_json::json!(narrowed));
                assert_eq!(narrowed, expected["narrowed"], "{title}");
            }
            tensors.push(tensor);
        }
        let roots = Roots::of(&tensors);
        let expected = ["exact", "content", "value"].map(|level| text(&case["roots"], level).to_owned());
        assert_eq!([roots.exact, roots.content, roots.value].map(|root| root.to_string()), expected, "{title}");
    }
}

fn roots(title: &str) -> Value {
    let vectors = vectors("weights/fingerprint.json");
    list(&vectors, "cases").iter().find(|case| text(case, "title") == title).unwrap()["roots"].clone()
}

#[test]
fn levels_two_and_three_do_not_see_a_swap() {
    let (straight, swapped) = (roots("two layers"), roots("the two layers swapped: only L1 differs"));
    assert_ne!(straight["exact"], swapped["exact"]);
    assert_eq!((&straight["content"], &straight["value"]), (&swapped["content"], &swapped["value"]));
    let same =
        ["the same as BF16", "the same as singles: all three are one value", "the same as doubles: all four are one value"].map(roots);
    assert!(same.iter().all(|roots| roots["value"] == same[0]["value"]));
    assert_ne!(same[0]["content"], same[1]["content"]);
    assert_ne!(roots("+0.0 is another value")["value"], same[0]["value"]);
}

#[test]
fn containment_counts_distinct_weights() {
    let of = |values: &[u8]| -> Vec<TensorDigest> {
        values.iter().enumerate().map(|(at, value)| tensor(&format!("{at}"), "F8_E4M3", &[2], &[*value, 1], 9)).collect()
    };
    let (a, b) = (of(&[1, 2, 3, 3]), of(&[3, 4, 1]));
    assert_eq!(Overlap::of_content(&a, &b), Overlap { shared: 2, of: 3 });
    assert_eq!(Overlap::of_values(&b, &a).share(), Some(2.0 / 3.0));
    assert_eq!(Overlap::of_content(&[], &b).share(), None);
}

/// A slow way to say which type a tensor of singles narrows to.
fn slow(data: &[f32]) -> Option<&'static str> {
    let half = |value: &f32| {
        let unit = f64::from(*value).abs() / 2_f64.powi(-24);
        value.is_infinite()
            || (unit <= 65504.0 * 2_f64.powi(24) && unit.fract() == 0.0 && (unit as u64) >> (unit as u64).trailing_zeros().min(63) < 2048)
    };
    match data {
        _ if data.iter().all(|value| value.to_bits() << 16 == 0) => Some("BF16"),
        _ if data.iter().all(half) => Some("F16"),
        _ => None,
    }
}

proptest! {
    #[test]
    fn fast_and_slow_narrowing_agree(upper in vec(any::<u16>(), 1..5), lower in prop_oneof![Just(0_u16), Just(0x2000), Just(0xe000), any::<u16>()], cut in 1..9_usize) {
        let values: Vec<f32> = upper.iter().map(|upper| f32::from_bits(u32::from(*upper) << 16 | u32::from(lower))).collect();
        prop_assume!(values.iter().all(|value| !value.is_nan()));
        let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let single = tensor("t", "F32", &[values.len() as u64], &data, cut);
        prop_assert_eq!(single.narrowed.as_ref().map(|narrowed| narrowed.dtype.as_str()), slow(&values));
        // The same as doubles is the same value.
        let wide: Vec<u8> = values.iter().flat_map(|value| f64::from(*value).to_le_bytes()).collect();
        let double = tensor("t", "F64", &[values.len() as u64], &wide, cut);
        prop_assert_eq!(double.value_leaf(), single.value_leaf());
        prop_assert_eq!(&double.narrowed.unwrap().dtype, single.narrowed.as_ref().map_or("F32", |narrowed| &narrowed.dtype));
    }
}
