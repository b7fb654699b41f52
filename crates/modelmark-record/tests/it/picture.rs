//! The picture of a record: what it shows, that no text breaks out of it, that it is the contracts' pattern, and that it is what it always was.

use std::path::PathBuf;

use data_encoding::BASE64;
use modelmark_digest::{Codec, ContentId, Sha256Digest};
use modelmark_record::{Architecture, Claims, Evaluation, Facts, License, Parent, ParentClaim, Picture, Record, Relation};
use proptest::prelude::*;
use roxmltree::{Document, Node};
use serde_json::Value;

use crate::sample::{claims, manifest};

/// Ends elements, attributes and sections of XML, opens a script, and names files elsewhere.
const HOSTILE: &str = "]]></text></svg><script>alert(1)</script><image href='https://e.org/x'/>\"'&#0;&lt;<!--🦊e\u{301}\u{301}\u{301}\u{301}\u{200f}\u{200b}\u{e0041}";

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn record_of(claims: Claims, digest: Sha256Digest, parameters: u64) -> Record {
    let mut manifest = manifest();
    manifest.weights.cid = ContentId::from_digest(Codec::Raw, digest);
    for entry in &mut manifest.files {
        if entry.path.as_str() == "model.safetensors" {
            (entry.cid, entry.sha256) = (manifest.weights.cid, Some(digest));
        }
    }
    manifest.weights.sha256 = Some(digest);
    if let Some(tensors) = &mut manifest.weights.tensors {
        tensors.parameters = parameters;
        tensors.dtypes = [("BF16".to_owned(), parameters)].into();
    }
    Record::compose(&manifest, Facts { claims, sources: vec![] }).unwrap()
}

fn measured(metric: &str, value: &str) -> Evaluation {
    Evaluation::new(metric.parse().unwrap(), value.parse().unwrap())
}

fn derived(relation: Relation) -> ParentClaim {
    let parent = Parent { weights_hash: Some(Sha256Digest::of(b"base")), ..Parent::default() };
    ParentClaim { relation: Some(relation), share_bps: None, parent, evidence: vec![] }
}

/// Claims whose every shown text is `text`.
fn everywhere(text: &str) -> Claims {
    let label = || Some(text.parse().unwrap());
    Claims {
        name: label(),
        version: label(),
        task: label(),
        architecture: Some(Architecture { family: text.parse().unwrap(), name: None, dtype: None, config_sha256: None }),
        evaluations: vec![measured(text, "1e-5"), measured("loss", "0.12345678901")],
        creator_name: label(),
        ..claims()
    }
}

/// The records whose pictures are kept: those of everybody's first, of a large model, of hostile and of long texts, and of other scripts.
fn cases() -> Vec<(&'static str, Record)> {
    let usual = Claims {
        name: Some("Aurora 7B Instruct".parse().unwrap()),
        version: Some("v1.2".parse().unwrap()),
        task: Some("text-generation".parse().unwrap()),
        architecture: Some(Architecture { family: "llama".parse().unwrap(), name: None, dtype: None, config_sha256: None }),
        evaluations: vec![
            measured("mmlu", "0.689"),
            measured("gsm8k", "0.7412"),
            measured("mmlu", "0.702"),
            measured("perplexity", "5.81"),
        ],
        license: Some(License { spdx: "apache-2.0".parse().unwrap(), uri: None }),
        parents: vec![derived(Relation::Finetune)],
        ..claims()
    };
    let hub = Claims {
        name: Some("an-organisation/Aurora-3.1-70B-Instruct-GGUF-Q4_K_M".parse().unwrap()),
        parents: vec![derived(Relation::Quantized)],
        license: Some(License { spdx: "LicenseRef-aurora-community-license-3.1".parse().unwrap(), uri: None }),
        ..usual.clone()
    };
    let scripts =
        Claims {
            name: Some("Модель Ωμέγα 模型 نموذج".parse().unwrap()), task: Some("vị trí từ loại".parse().unwrap()), ..usual.clone()
        };
    let digest = |name: &str| Sha256Digest::of(name.as_bytes());
    vec![
        ("least", record_of(claims(), digest("least"), 4_810)),
        ("usual", record_of(usual, digest("usual"), 7_241_732_096)),
        ("hub", record_of(hub, digest("hub"), 70_553_706_496)),
        ("hostile", record_of(everywhere(HOSTILE), digest("hostile"), 1)),
        ("long", record_of(everywhere(&"W".repeat(200)), digest("long"), 999_999_999_999_999)),
        ("scripts", record_of(scripts, digest("scripts"), 0)),
    ]
}

/// Reads the picture as XML and holds every element and attribute against the few that a picture has.
#[track_caller]
fn parse(svg: &str) -> Document<'_> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let elements = ["svg", "title", "defs", "linearGradient", "stop", "rect", "g", "circle", "text"];
    let attributes = [
        "viewBox",
        "width",
        "height",
        "x",
        "y",
        "cx",
        "cy",
        "r",
        "rx",
        "x1",
        "x2",
        "y1",
        "y2",
        "id",
        "offset",
        "fill",
        "fill-opacity",
        "stop-color",
        "gradientUnits",
        "font-family",
        "font-size",
        "font-weight",
        "letter-spacing",
        "text-anchor",
    ];
    for node in document.descendants().filter(Node::is_element) {
        assert!(elements.contains(&node.tag_name().name()), "{node:?}");
        for attribute in node.attributes() {
            assert!(attributes.contains(&attribute.name()), "{attribute:?}");
            let value = attribute.value();
            assert!(!value.contains("url(") || value.starts_with("url(#"), "{value}");
        }
    }
    assert!(document.descendants().all(|node| !node.is_pi() && !node.is_comment()));
    document
}

fn texts(document: &Document<'_>) -> Vec<String> {
    document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .filter_map(|node| node.text())
        .map(str::to_owned)
        .collect()
}

/// Returns what shows the digest: the circles and the colours.
fn pattern(svg: &str) -> (Vec<String>, Vec<String>) {
    let document = Document::parse(svg).unwrap();
    let circle = |node: Node<'_, '_>| ["cx", "cy", "r"].map(|name| node.attribute(name).unwrap_or_default().to_owned()).join(" ");
    let named = |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
    (named("circle").map(circle).collect(), named("stop").filter_map(|stop| stop.attribute("stop-color")).map(str::to_owned).collect())
}

#[test]
fn a_picture_shows_what_is_known() {
    let cases = cases();
    let shown = |name: &str| {
        let (_, record) = cases.iter().find(|(case, _)| *case == name).unwrap();
        texts(&parse(record.picture().svg()))
    };
    assert_eq!(
        shown("usual"),
        [
            "modelmark",
            "FINE-TUNE",
            "v1.2",
            "Aurora 7B Instruct",
            "llama · 7.2B parameters · text-generation",
            "Apache-2.0",
            "mmlu 0.702",
            "gsm8k 0.7412",
            "perplexity 5.81",
            "sha256 bde2cf..b14cf0",
            "by f39fd6..b92266"
        ]
        .map(|text| if text.starts_with("sha256") { abbreviated("usual") } else { text.to_owned() })
    );
    let least = shown("least");
    assert_eq!(least.get(1..5).unwrap(), ["MODEL", "sample", "4.8K parameters", "MIT"]);
    let hub = shown("hub");
    assert_eq!(hub.get(3..5).unwrap(), ["an-organisation/Aurora-3.1-70B-", "Instruct-GGUF-Q4_K_M"]);
    assert!(hub.contains(&"LicenseRef-aurora-commu…".to_owned()), "{hub:?}");
    assert!(shown("long").iter().all(|text| text.chars().count() < 40), "{:?}", shown("long"));
}

fn abbreviated(name: &str) -> String {
    let digest = Sha256Digest::of(name.as_bytes()).to_string();
    format!("sha256 {}..{}", digest.get(..6).unwrap(), digest.get(58..).unwrap())
}

#[test]
fn hostile_text_stays_text() {
    let record = record_of(everywhere(HOSTILE), Sha256Digest::of(b"x"), 1);
    let picture = record.picture();
    let document = parse(picture.svg());
    let title = document.descendants().find(|node| node.tag_name().name() == "title").and_then(|node| node.text()).unwrap();
    assert!(title.starts_with("]]></text></svg><script>alert(1)</script>"), "{title}");
    for hidden in ['\u{200f}', '\u{200b}', '\u{e0041}'] {
        assert!(!picture.svg().contains(hidden), "{hidden:?}");
    }
    assert!(!picture.svg().contains("\u{301}\u{301}\u{301}"), "marks do not pile up");
    let invisible = record_of(everywhere("\u{200b}\u{3164}\u{2800}"), Sha256Digest::of(b"x"), 1).picture();
    assert!(texts(&parse(invisible.svg())).contains(&"unnamed".to_owned()));
}

/// One picture of the same model on chain and in its record: dots and colours are those that the contracts drew.
#[test]
fn the_pattern_is_that_of_the_contracts() {
    let text = std::fs::read_to_string(vectors().join("contracts/pictures.json")).unwrap();
    let decoded = |uri: &str| String::from_utf8(BASE64.decode(uri.split_once(";base64,").unwrap().1.as_bytes()).unwrap()).unwrap();
    let mut compared = 0;
    for case in serde_json::from_str::<Value>(&text).unwrap().pointer("/cases").and_then(Value::as_array).unwrap() {
        let metadata: Value = serde_json::from_str(&decoded(case.get("tokenURI").and_then(Value::as_str).unwrap())).unwrap();
        let traits = metadata.get("attributes").and_then(Value::as_array).into_iter().flatten();
        let weights = traits
            .filter(|shown| shown.get("trait_type").is_some_and(|name| name == "Weights SHA-256"))
            .find_map(|shown| shown.get("value")?.as_str());
        let Some(weights) = weights else { continue };
        let picture = record_of(claims(), weights.parse().unwrap(), 1).picture();
        assert_eq!(pattern(picture.svg()), pattern(&decoded(metadata.get("image").and_then(Value::as_str).unwrap())), "{case}");
        compared += 1;
    }
    assert_eq!(compared, 3);
}

#[test]
fn every_digit_of_the_digest_is_seen() {
    let before = Sha256Digest::of(b"weights");
    let (dots, _) = pattern(record_of(claims(), before, 1).picture().svg());
    assert_eq!(dots.len(), 64);
    for at in 0..32 {
        let mut bytes = *before.as_bytes();
        *bytes.get_mut(at).unwrap() ^= 0x10;
        let (other, _) = pattern(record_of(claims(), bytes.into(), 1).picture().svg());
        assert_eq!(dots.iter().zip(&other).filter(|(a, b)| a != b).count(), 1);
    }
}

/// Part of the format: a record composed tomorrow has the id of one composed today. Another drawing is another version of the record, and these files stay.
#[test]
fn pictures_are_what_they_always_were() {
    for (name, record) in cases() {
        let path = vectors().join("picture").join(format!("{name}.json"));
        let bytes = record.canonical().unwrap().bytes().to_vec();
        if std::env::var_os("MODELMARK_BLESS").is_some() {
            std::fs::create_dir_all(vectors().join("picture")).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        let kept = Record::parse(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(kept.image.as_str(), uri(&record.picture()), "{name}");
        assert_eq!(kept.image.as_str(), uri(&kept.picture()), "{name}: drawn again from what the record says");
        assert_eq!(kept, record, "{name}");
    }
}

fn uri(picture: &Picture) -> String {
    format!("data:image/svg+xml;base64,{}", BASE64.encode(picture.svg().as_bytes()))
}

#[test]
fn a_picture_that_was_brought_is_kept() {
    let image = "ipfs://bafkreidonxx663uygpdvwzzpcwrnfbomagcuhvbwdlhznmczzs4wy2sryu/logo.png";
    let brought = record_of(Claims { image: Some(image.parse().unwrap()), ..claims() }, Sha256Digest::of(b"x"), 1);
    assert_eq!(brought.image.as_str(), image);
    assert_eq!(brought.picture(), record_of(claims(), Sha256Digest::of(b"x"), 1).picture());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_drawn_within_bounds(
        text in prop_oneof!["\\PC{1,200}", "[<>&\"'\\]/!-]{1,200}", "[\u{300}-\u{36f}a]{1,200}", "[\u{590}-\u{6ff} ]{2,200}", "[\u{1f300}-\u{1f6ff}\u{200d}\u{fe0f}]{1,200}"],
        value in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,15})?(e[+-]?[0-9]{1,4})?",
    ) {
        prop_assume!(text.parse::<modelmark_record::Label>().is_ok());
        let claims = Claims { evaluations: vec![measured(&text, &value), measured("b", &value)], ..everywhere(&text) };
        let picture = record_of(claims, Sha256Digest::of(text.as_bytes()), 1).picture();
        prop_assert!(picture.svg().len() < 16_384, "{}", picture.svg().len());
        parse(picture.svg());
    }
}
