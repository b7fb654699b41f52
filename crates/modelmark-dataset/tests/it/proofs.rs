//! Every member can be proven and no other file; absence can be proven of every other file and no member; and every change to a proof breaks it.

use std::collections::BTreeSet;

use modelmark_dataset::{Claim, DataPath, DatasetError, Fault, FileEntry, FileSet, Proof, SaltKey};
use modelmark_digest::Sha256Digest;
use proptest::prelude::*;
use serde_json::Value;

fn path(text: &str) -> DataPath {
    DataPath::normalised(text).unwrap()
}

fn entry(name: &str, content: u8) -> FileEntry {
    FileEntry { path: path(name), sha256: Sha256Digest::of(&[content]), size: 1 }
}

fn set(names: &BTreeSet<String>, key: Option<SaltKey>) -> FileSet {
    let content = |name: &str| name.bytes().fold(0_u8, u8::wrapping_add) % 16;
    FileSet::new(names.iter().map(|name| entry(name, content(name))).collect(), key).unwrap()
}

fn key() -> SaltKey {
    "11".repeat(32).parse().unwrap()
}

/// Goes through the document and back, as a proof in the wild does.
fn carried(proof: &Proof) -> Proof {
    let read = Proof::parse(&proof.to_bytes().unwrap()).unwrap();
    assert_eq!(read, *proof);
    read
}

fn names() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[a-e]{1,3}", 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn exactly_the_members_are_members(names in names(), other in "[a-e]{1,3}") {
        for key in [None, Some(key())] {
            let set = set(&names, key);
            let root = set.commitment().root();
            for name in &names {
                let proof = carried(&set.prove_member(&path(name)).unwrap());
                prop_assert_eq!(proof.fault(&root), None);
                prop_assert_eq!(proof.fault(&Sha256Digest::of(b"other")), Some(Fault::OtherDataset));
            }
            prop_assert_eq!(set.prove_member(&path(&other)).is_ok(), names.contains(&other));
        }
    }

    #[test]
    fn exactly_the_others_are_absent(names in names(), other in "[a-e]{1,3}", content in 0..32_u8) {
        let set = set(&names, None);
        let root = set.commitment().root();
        match set.prove_absent_path(&path(&other)) {
            Ok(proof) => prop_assert!(!names.contains(&other) && carried(&proof).fault(&root).is_none()),
            Err(error) => prop_assert!(names.contains(&other) && matches!(error, DatasetError::PathPresent(_))),
        }
        let digest = Sha256Digest::of(&[content]);
        let there = set.entries().iter().any(|entry| entry.sha256 == digest);
        match set.prove_absent_content(digest) {
            Ok(proof) => prop_assert!(!there && carried(&proof).fault(&root).is_none()),
            Err(error) => prop_assert!(there && matches!(error, DatasetError::ContentPresent { .. }), "{}", error),
        }
    }

    #[test]
    fn what_is_there_is_never_shown_absent(names in names(), pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        prop_assume!(!names.is_empty());
        let set = set(&names, None);
        let root = set.commitment().root();
        let member = &set.entries()[pick.index(names.len())];
        // Every pair of honest neighbours, offered for something that is there.
        let around = ["", "0", "bbb0", "zzz", names.iter().nth(at.index(names.len())).unwrap()].map(|name| format!("{name}+"));
        for name in around {
            let mut proof = set.prove_absent_path(&path(&name)).unwrap();
            let Claim::AbsentPath { path, .. } = &mut proof.claim else { unreachable!() };
            *path = member.path.clone();
            prop_assert_eq!(proof.fault(&root), Some(Fault::NotBetween));
        }
        for content in 0..32 {
            let Ok(mut proof) = set.prove_absent_content(Sha256Digest::of(&[content, 1])) else { continue };
            let Claim::AbsentContent { sha256, .. } = &mut proof.claim else { unreachable!() };
            *sha256 = member.sha256;
            prop_assert_eq!(proof.fault(&root), Some(Fault::NotBetween));
        }
    }

    #[test]
    fn no_pair_but_neighbours_encloses(names in names(), first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>()) {
        prop_assume!(names.len() > 2);
        let set = set(&names, None);
        let root = set.commitment().root();
        let members = set.entries();
        let (first, second) = (first.index(names.len()), second.index(names.len()));
        prop_assume!(first.abs_diff(second) > 1);
        let (first, second) = (first.min(second), first.max(second));
        // The path between them is there; each of the two proofs is honest by itself.
        let gap = |index: usize| set.prove_absent_path(&path(&format!("{}+", members[index].path))).unwrap();
        let (Claim::AbsentPath { before, .. }, Claim::AbsentPath { before: other, .. }) = (gap(first).claim, gap(second).claim) else { unreachable!() };
        let mut proof = gap(first);
        proof.claim = Claim::AbsentPath { path: members[first + 1].path.clone(), before: before.clone(), after: other.clone() };
        prop_assert_eq!(proof.fault(&root), Some(Fault::NotNeighbours));
        proof.claim = Claim::AbsentPath { path: members[second].path.clone(), before, after: None };
        prop_assert_eq!(proof.fault(&root), Some(Fault::NotNeighbours));
        proof.claim = Claim::AbsentPath { path: members[first].path.clone(), before: None, after: other };
        prop_assert_eq!(proof.fault(&root), Some(Fault::NotNeighbours));
        proof.claim = Claim::AbsentPath { path: members[first].path.clone(), before: None, after: None };
        prop_assert_eq!(proof.fault(&root), Some(Fault::NotNeighbours));
    }

    #[test]
    fn every_change_to_a_document_is_noticed(names in names(), salted in any::<bool>(), pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), change in 0..5_u8) {
        prop_assume!(!names.is_empty());
        let set = set(&names, salted.then(key));
        let root = set.commitment().root();
        let name = names.iter().nth(pick.index(names.len())).unwrap();
        let proof = if salted || change % 2 == 0 { set.prove_member(&path(name)) } else { set.prove_absent_path(&path(&format!("{name}+"))) }.unwrap();
        let honest: Value = serde_json::from_slice(&proof.to_bytes().unwrap()).unwrap();
        let mut places = Vec::new();
        walk(&honest, String::new(), &mut places);
        let mut changed = honest.clone();
        let place = &places[at.index(places.len())];
        alter(changed.pointer_mut(place).unwrap(), change);
        // The path that is said to be absent is the claim itself: another one between the same neighbours is as true.
        if changed != honest && place != "/claim/absentPath/path" {
            let read = Proof::parse(&serde_json::to_vec(&changed).unwrap());
            prop_assert!(read.is_err() || read.unwrap().fault(&root).is_some(), "{} in {}", place, changed);
        }
    }
}

fn walk(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| walk(value, format!("{place}/{key}"), places)),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| walk(value, format!("{place}/{index}"), places)),
        _ => places.push(place),
    }
}

fn alter(value: &mut Value, change: u8) {
    *value = match &*value {
        Value::Number(number) => (number.as_u64().unwrap() ^ (1 << change)).into(),
        Value::String(text) if text.len() == 64 => {
            let digit = if &text[..1] == "0" { "1" } else { "0" };
            format!("{digit}{}", &text[1..]).into()
        }
        Value::String(text) => format!("{text}x").into(),
        _ => Value::Null,
    };
}

#[test]
fn the_empty_set_has_nothing() {
    let set = FileSet::new(Vec::new(), None).unwrap();
    let root = set.commitment().root();
    let proof = carried(&set.prove_absent_content(Sha256Digest::of(b"x")).unwrap());
    assert_eq!(proof.fault(&root), None);
    assert_eq!(carried(&set.prove_absent_path(&path("x")).unwrap()).fault(&root), None);
}

#[test]
fn a_salted_set_shows_members_only_and_hides_what_it_does_not_show() {
    let salted = FileSet::new(vec![entry("a", 1), entry("b", 2)], Some(key())).unwrap();
    assert!(matches!(salted.prove_absent_path(&path("c")), Err(DatasetError::SaltedAbsence)));
    assert!(matches!(salted.prove_absent_content(Sha256Digest::of(b"")), Err(DatasetError::SaltedAbsence)));
    let root = salted.commitment().root();
    let proof = salted.prove_member(&path("a")).unwrap();
    let Claim::Member(member) = &proof.claim else { unreachable!() };
    // Who guesses the other file right cannot tell from the proof: its leaf depends on a salt that is not there.
    assert_ne!(member.proof.hashes()[0], entry("b", 2).leaf(None));
    assert_ne!(member.proof.hashes()[0], entry("b", 2).leaf(member.salt.as_ref()));
    let mut without = proof.clone();
    let Claim::Member(member) = &mut without.claim else { unreachable!() };
    member.salt = None;
    assert_eq!(without.fault(&root), Some(Fault::Salt));
    // An open set's proof does not become one of a salted set, nor the other way round.
    let open = FileSet::new(vec![entry("a", 1), entry("b", 2)], None).unwrap();
    let mut disguised = open.prove_absent_path(&path("c")).unwrap();
    disguised.dataset = salted.commitment();
    assert_eq!(disguised.fault(&root), Some(Fault::SaltedAbsence));
}

#[test]
fn documents_that_are_no_proofs_are_refused() {
    let set = FileSet::new(vec![entry("a", 1)], None).unwrap();
    let good = String::from_utf8(set.prove_member(&path("a")).unwrap().to_bytes().unwrap()).unwrap();
    Proof::parse(good.as_bytes()).unwrap();
    for bad in [
        String::new(),
        "null".to_owned(),
        good.replace("-v1", "-v2"),
        good.replace("member", "unknown"),
        good.replacen('{', r#"{"more":1,"#, 1),
        good.replace(r#""size":1"#, r#""size":18446744073709551615"#),
        good.replace(r#""index":0"#, r#""index":1"#),
        // An honest length for a tree whose size a double cannot hold.
        good.replace(
            r#""hashes":[],"index":0,"size":1"#,
            &format!(r#""hashes":[{}],"index":0,"size":{}"#, vec![format!("\"{}\"", "0".repeat(64)); 60].join(","), 1_u64 << 60),
        ),
        good.replace(r#""a""#, r#""/a""#),
        format!("{good}{}", " ".repeat(1 << 18)),
        "[".repeat(100_000),
    ] {
        assert!(matches!(Proof::parse(bad.as_bytes()), Err(DatasetError::NotAProof(_))), "{bad:.200}");
    }
}
