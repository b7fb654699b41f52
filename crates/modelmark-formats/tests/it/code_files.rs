//! Code in files that are not weights: what is found, what is not, and that no file does harm.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use modelmark_formats::{Carried, carried};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::content::repository;

fn found(bytes: &[u8], name: &str) -> Carried {
    carried(&bytes, name).unwrap()
}

/// The code of a finding and a part of its message.
type Expected = (String, String);

/// Files by name, with what is expected of them.
type Corpus = BTreeMap<String, (Vec<u8>, Vec<Expected>)>;

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    let folder = repository().join("attacks/code");
    let findings: BTreeMap<String, Vec<Expected>> = serde_json::from_slice(&std::fs::read(folder.join("findings.json")).unwrap()).unwrap();
    findings.into_iter().map(|(name, findings)| (name.clone(), (std::fs::read(folder.join(&name)).unwrap(), findings))).collect()
});

#[test]
fn what_carries_code_is_found_and_nothing_else() {
    for (name, (bytes, expected)) in &*CORPUS {
        let findings = found(bytes, name).findings;
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, expected.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), "{name}: {findings:?}");
        for (finding, (_, part)) in findings.iter().zip(expected) {
            assert!(finding.message.contains(part.as_str()), "{name}: {findings:?}");
        }
    }
}

#[test]
fn pickles_are_told_by_content() {
    let is_pickle = |name: &str| found(&CORPUS[name].0, "anything").pickle;
    assert!(["data.pkl", "call.pkl", "call-protocol-0.txt"].iter().all(|name| is_pickle(name)));
    assert!(["words.txt", "script", "numbers.npy"].iter().all(|name| !is_pickle(name)));
}

#[test]
fn what_begins_like_a_pickle_by_chance_is_none() {
    // Weights that lie beside their description, as ONNX keeps them, may begin in any way. All kinds of next two bytes, and then bytes without a pattern.
    let rest: Vec<u8> = (0..2000_u32).map(|n| (n.wrapping_mul(0x9e37_79b1) >> 24) as u8).collect();
    for name in ["weights.bin", "model.onnx_data"] {
        let (mut suspected, mut all) = (0, 0);
        for next in (0..=u16::MAX).step_by(13) {
            let bytes = [&[0x80, 2][..], &next.to_be_bytes(), &rest].concat();
            suspected += u32::from(!found(&bytes, name).findings.is_empty());
            all += 1;
        }
        assert!(suspected < all / 8, "{name}: {suspected} of {all}");
    }
    let large = [&[0x80, 2, 0xc8][..], &[0; 70 << 20]].concat();
    assert_eq!(found(&large, "weights.bin"), Carried::default());
}

#[test]
fn cuts_do_no_harm() {
    for (name, (bytes, _)) in &*CORPUS {
        for end in 0..bytes.len().min(2000) {
            found(&bytes[..end], name);
        }
    }
}

#[test]
fn no_value_of_any_byte_of_a_small_file_does_harm() {
    for (name, (bytes, _)) in CORPUS.iter().filter(|(_, (bytes, _))| bytes.len() <= 300) {
        let mut bytes = bytes.clone();
        for at in 0..bytes.len() {
            let kept = bytes[at];
            for value in 0..=u8::MAX {
                bytes[at] = value;
                found(&bytes, name);
            }
            bytes[at] = kept;
        }
    }
}

#[test]
fn archives_of_many_members_and_bombs_are_bounded() {
    // A tar of empty members costs one block each; this is more of them than are looked at.
    let mut block = [0_u8; 512];
    block[0] = b'x';
    block[257..262].copy_from_slice(b"ustar");
    block[124..135].copy_from_slice(b"00000000000");
    let tar = block.repeat(100_001);
    let findings = found(&tar, "many.tar").findings;
    assert!(findings.last().unwrap().message.contains("more members than are looked at"));
    // The largest length that a header can say.
    block[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert!(found(&block, "long.tar").findings[0].message.contains("not well-formed"));
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in vec(any::<u8>(), 0..2000), start in 0_usize..6, name in "[a-z]{1,4}\\.(pkl|tar|zip|bin|joblib|py)") {
        let starts: [&[u8]; 6] = [b"", b"\x80\x04", b"PK\x03\x04", b"cposix\nsystem\n", b"\x93NUMPY", b"BZh"];
        found(&[starts[start], &bytes].concat(), &name);
    }

    #[test]
    fn no_change_of_a_byte_does_harm(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let corpus: Vec<_> = CORPUS.iter().filter(|(_, (bytes, _))| !bytes.is_empty()).collect();
        let (name, (bytes, _)) = corpus[pick.index(corpus.len())];
        let mut bytes = bytes.clone();
        let at = at.index(bytes.len());
        bytes[at] = value;
        found(&bytes, name);
    }
}
