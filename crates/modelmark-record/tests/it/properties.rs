//! Properties that hold for every record and for every text.

use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{
    Architecture, Beside, Claims, Contributor, Dataset, DatasetRole, Decimal, Document, Edge, Evaluation, Framework, Label, Parent, Prose,
    Record, RecordError, Relation, Scalar, SignatureDocument, Spdx, Timestamp, TokenId, Uri, gather,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;

use crate::sample::{canonical, key, record};

fn label() -> impl Strategy<Value = Label> {
    "\\PC{1,30}|[\u{fb33}\u{1f600}\u{10ffff}\u{fffd}\u{e000}\"\\\\/<>&]{1,5}".prop_filter_map("no label", |text| text.parse().ok())
}

fn prose() -> impl Strategy<Value = Prose> {
    "(\\PC|[\n\t\u{2028}\u{7f}]){0,80}".prop_filter_map("no prose", |text| text.parse().ok())
}

fn decimal() -> impl Strategy<Value = Decimal> {
    "-?(0|[1-9][0-9]{0,9})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,4})?".prop_map(|text| text.parse().unwrap())
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        label().prop_map(Scalar::Text),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(|value| value.try_into().unwrap())
    ]
}

fn digest() -> impl Strategy<Value = Sha256Digest> {
    any::<[u8; 32]>().prop_map(Sha256Digest::from)
}

fn dataset() -> impl Strategy<Value = Dataset> {
    let role = prop::sample::select(vec![DatasetRole::Train, DatasetRole::Eval, DatasetRole::Test, DatasetRole::Other]);
    let size = (0..=9_007_199_254_740_991_u64).prop_map(|size| size.try_into().unwrap());
    (role, label(), option::of(digest()), option::of(digest()), option::of(size), option::of(label())).prop_map(
        |(role, name, cid, sha256, size, revision)| {
            let cid = cid.map(|digest| ContentId::from_digest(modelmark_digest::Codec::DagPb, digest));
            let license: Option<Spdx> = "CC0-1.0".parse().ok();
            Dataset { role, name, cid, root: sha256, sha256, size, files: None, license, revision, uri: "doi:10.1/1".parse::<Uri>().ok() }
        },
    )
}

fn edges() -> impl Strategy<Value = Vec<Edge>> {
    vec((option::of(0..300_u16), option::of(label()), any::<bool>()), 0..5).prop_map(|parents| {
        let edge = |(at, (share, name, adapter)): (usize, (Option<u16>, Option<Label>, bool))| Edge {
            relation: if adapter { Relation::Adapter } else { Relation::Distilled },
            share_bps: share.map(|share| share.try_into().unwrap()),
            parent: Parent { token_id: at.to_string().parse::<TokenId>().ok(), name, ..Parent::default() },
            evidence: if adapter { vec![Sha256Digest::of(b"report")] } else { vec![] },
        };
        parents.into_iter().enumerate().map(edge).collect()
    })
}

fn contributors() -> impl Strategy<Value = Vec<Contributor>> {
    option::of((0..=10_000_u16, label())).prop_map(|split| {
        let one =
            |index, share: u16, name| Contributor { account: key(index).address().into(), name, share_bps: share.try_into().unwrap() };
        split.map(|(share, name)| vec![one(0, share, Some(name)), one(1, 10_000 - share, None)]).unwrap_or_default()
    })
}

prop_compose! {
    fn records()(
        name in label(),
        description in prose(),
        training in btree_map(label(), scalar(), 0..6),
        tags in vec(label(), 0..4),
        datasets in vec(dataset(), 0..4),
        evaluations in vec((label(), decimal()), 0..4),
        lineage in edges(),
        contributors in contributors(),
        framework in option::of((label(), option::of(label()))),
        architecture in option::of((label(), option::of(digest()))),
        seconds in 0..60_u32,
    ) -> Record {
        let mut record = record();
        record.name = name;
        record.description = description;
        let provenance = &mut record.provenance;
        provenance.dataset_cid = datasets.iter().filter(|dataset| dataset.role == DatasetRole::Train).find_map(|dataset| dataset.cid);
        provenance.training_config = training;
        provenance.tags = tags;
        provenance.datasets = datasets;
        provenance.evaluations = evaluations.into_iter().map(|(metric, value)| Evaluation::new(metric, value)).collect();
        provenance.lineage = lineage;
        provenance.contributors = contributors;
        provenance.framework = framework.map(|(name, version)| Framework { name, version });
        provenance.model_architecture = architecture.as_ref().map(|(family, _)| family.clone());
        provenance.architecture = architecture.map(|(family, config_sha256)| Architecture { family, name: None, dtype: None, config_sha256 });
        provenance.created_at = format!("2026-11-23T10:00:{seconds:02}Z").parse::<Timestamp>().ok();
        record
    }
}

/// The same JSON value with the entries of every object in the opposite order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().rev().map(|(key, item)| format!("{}: {}", Value::from(key.as_str()), reversed(item))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(items) => format!("[ {} ]", items.iter().map(reversed).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_record_is_its_canonical_bytes(record in records()) {
        let canonical = match record.canonical() {
            // Random text may happen to look like a path.
            Err(RecordError::Private { .. }) => return Err(TestCaseError::reject("looks private")),
            other => other.unwrap(),
        };
        prop_assert_eq!(canonical.bytes(), serde_jcs::to_vec(&record).unwrap());
        prop_assert_eq!(&Record::parse(canonical.bytes()).unwrap(), &record);
        prop_assert!(canonical.cid().verify(canonical.bytes()));
        let value: Value = serde_json::from_slice(canonical.bytes()).unwrap();
        let shuffled = reversed(&value);
        prop_assert!(Record::parse(shuffled.as_bytes()).is_err());
        let again: Record = serde_json::from_str(&shuffled).unwrap();
        prop_assert_eq!(again.canonical().unwrap(), canonical);
    }
}

proptest! {
    #[test]
    fn garbage_never_panics(bytes in vec(any::<u8>(), 0..400), text in "\\PC{0,200}") {
        let _ = Record::parse(&bytes);
        let _ = Record::parse(text.as_bytes());
        let _ = SignatureDocument::parse(&bytes);
        let _ = text.parse::<Spdx>();
        let document = Some(Document { file: "x", bytes: text.as_bytes() });
        let raw = Some(Document { file: "x", bytes: &bytes });
        let _ = gather(Claims::default(), &Beside { project: document, card: document, config: document, name: Some(&text), ..Beside::default() });
        let _ = gather(Claims::default(), &Beside { project: raw, card: raw, config: raw, ..Beside::default() });
    }

    #[test]
    fn no_front_matter_panics(front in "([a-c&*!|>\"'#%@` \n:,?\\-\\[\\]{}]|base_model|license|model-index|results|metrics){0,60}") {
        let card = format!("---\n{front}\n---\n# x\n\ntext\n");
        let _ = gather(Claims::default(), &Beside { card: Some(Document { file: "README.md", bytes: card.as_bytes() }), ..Beside::default() });
    }

    #[test]
    fn an_altered_record_is_refused_or_another(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let original = canonical();
        let mut bytes = original.bytes().to_vec();
        let at = at.index(bytes.len());
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        if let Ok(read) = modelmark_record::CanonicalRecord::parse(&bytes) {
            prop_assert_eq!(read.bytes(), bytes.as_slice());
            prop_assert_eq!(read.id() == original.id(), bytes == original.bytes());
        }
    }
}
