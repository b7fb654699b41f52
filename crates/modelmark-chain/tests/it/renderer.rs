//! Metadata and pictures made on chain: a second implementation of the contract `ModelRenderer`, held against what the contract answers for hostile names.

use alloy::hex;
use alloy::primitives::{Address, B256, U256};
use modelmark_chain::{CallPlan, Chain, Contract, Label, ModelInput, Registry, TokenRef, depth_of, prove_depth, set_label};
use modelmark_digest::{Codec, ContentId, Sha256Digest};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use self::abi::ModelRenderer;
use crate::chains::on_both_chains;
use crate::differential::{ModelRegistry, ask};
use crate::samples::{mint, registry, statement, wallet};

mod abi {
    alloy::sol!(ModelRenderer, "../../contracts/artifacts/ModelRenderer.json");
}

on_both_chains! {
    async fn pictures_are_drawn_as_said(chain: Chain) {
        let registry = registry(&chain).await;
        let any_label = ("\\PC{1,16}|[ -~]{1,64}|[<>&\"'\\\\\\]\u{1}\n\u{202e}\u{fe0f}]{1,16}", "\\PC{0,8}|[ -~]{0,32}", any::<u64>());
        let mut runner = TestRunner::deterministic();
        compare(&chain, &registry, "unnamed", None).await;
        for (at, (name, family, parameters)) in [
            ("</text><script>alert(1)</script>\"'&amp;\\u0022]]>", "<![CDATA[\"\u{1}☃", 0),
            ("a name of forty characters, no more no l", "", 999),
            ("a name that is longer than forty characters", "x", 1_000),
            ("🦊🦊", "\\", 99_999),
        ].into_iter().enumerate() {
            let label = Label { name: name.to_owned(), family: family.to_owned(), parameters };
            compare(&chain, &registry, &format!("chosen {at}"), Some(label)).await;
        }
        for at in 0..8 {
            let (name, family, parameters) = any_label.new_tree(&mut runner).unwrap().current();
            compare(&chain, &registry, &format!("random {at}"), Some(Label { name, family, parameters: parameters >> (at * 4) })).await;
        }
    }
}

/// Mints a statement, names it, and compares what the contract answers with what is said here.
async fn compare(chain: &Chain, registry: &Registry, name: &str, label: Option<Label>) {
    let creator = wallet(0);
    let framework = FRAMEWORKS[name.len() % FRAMEWORKS.len()];
    let input = ModelInput { framework: framework.parse().ok(), ..statement(name, &creator) };
    let token = TokenRef::new(chain.id(), registry.address(), mint(registry, &creator, &input).await);
    if let Some(label) = &label {
        CallPlan::new(chain, &creator, vec![set_label(&token, label)]).await.unwrap().execute(&creator).await.unwrap();
    }
    if name.ends_with('3') {
        let model = registry.model(token.id()).await.unwrap().unwrap();
        CallPlan::new(chain, &creator, vec![prove_depth(&model)]).await.unwrap().execute(&creator).await.unwrap();
    }
    let data = ask(chain, registry.address(), ModelRegistry::getModelDataCall { tokenId: token.id().get() }).await;
    let said = Said {
        id: token.id().get(),
        weights: data.weightsDigest,
        record: data.recordDigest,
        dataset: data.datasetDigest,
        metrics: data.metrics,
        framework: framework.to_owned(),
        creator: data.creator,
        minted_at: data.mintedAt.to_string(),
        label: label.unwrap_or_default(),
        depth: depth_of(chain, &token).await.unwrap(),
    };
    let renderer = Contract::ModelRenderer.address();
    let uri = ask(chain, renderer, ModelRenderer::tokenURICall { registry: registry.address(), tokenId: token.id().get() }).await;
    let body = ask(chain, renderer, ModelRenderer::renderTokenByIdCall { registry: registry.address(), tokenId: token.id().get() }).await;
    assert_eq!(body, said.body());
    assert_eq!(uri, said.token_uri());
    let json = base64_decoded(uri.strip_prefix("data:application/json;base64,").unwrap());
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["attributes"][0]["value"], "Model");
}

const FRAMEWORKS: [&str; 4] = ["pytorch 2.8.0", "<&\"'\\", "a framework of thirty-one chars", ""];

/// What the chain says about a token.
struct Said {
    id: U256,
    weights: B256,
    record: B256,
    dataset: B256,
    metrics: B256,
    framework: String,
    creator: Address,
    minted_at: String,
    label: Label,
    depth: Option<u16>,
}

impl Said {
    fn title(&self) -> String {
        if self.label.name.is_empty() { format!("Model {}", abbreviated(self.id.to_be_bytes::<32>())) } else { clip(&self.label.name, 40) }
    }

    fn token_uri(&self) -> String {
        let description = format!(
            "What {} states about a model under ISC. The record is at ipfs://{}. A token proves who stated this, not that it is true.",
            self.creator,
            ContentId::from_digest(Codec::Raw, Sha256Digest::from(self.record.0)),
        );
        let svg =
            format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 640\" width=\"640\" height=\"640\">{}</svg>", self.body());
        let json = format!(
            "{{\"name\":{},\"description\":{},\"image\":\"data:image/svg+xml;base64,{}\",\"attributes\":[{}]}}",
            quote(&self.title()),
            quote(&description),
            base64(svg.as_bytes()),
            self.attributes().join(","),
        );
        format!("data:application/json;base64,{}", base64(json.as_bytes()))
    }

    fn attributes(&self) -> Vec<String> {
        let text = |name: &str, value: &str| format!("{{\"trait_type\":\"{name}\",\"value\":{}}}", quote(value));
        let number = |name: &str, kind: &str, value: &dyn std::fmt::Display| {
            format!("{{\"trait_type\":\"{name}\",\"display_type\":\"{kind}\",\"value\":{value}}}")
        };
        let mut all = vec![
            text("Kind", "Model"),
            text("Status", "Active"),
            text("License", "ISC"),
            number("Royalty in basis points", "number", &500),
            text("Weights SHA-256", &self.weights.to_string()),
            text("Record SHA-256", &self.record.to_string()),
        ];
        all.extend((!self.label.family.is_empty()).then(|| text("Family", &clip(&self.label.family, 32))));
        all.extend((self.label.parameters != 0).then(|| number("Parameters", "number", &self.label.parameters)));
        all.extend(self.depth.map(|depth| number("Lineage depth", "number", &depth)));
        all.push(number("Minted", "date", &self.minted_at));
        all.extend((!self.framework.is_empty()).then(|| text("Framework", &clip(&self.framework, 32))));
        all.push(text("Dataset SHA-256", &self.dataset.to_string()));
        all.push(text("Metrics", &self.metrics.to_string()));
        all
    }

    fn body(&self) -> String {
        let mark = format!("0x{}", hex::encode(&self.id.to_be_bytes::<32>()[..4]));
        let weights = U256::from_be_bytes(self.weights.0);
        let one = weights % U256::from(360);
        let other = (one + U256::from(50) + (weights >> 16_usize) % U256::from(60)) % U256::from(360);
        let ground = format!(
            "<defs><linearGradient id=\"ground{mark}\" x1=\"0\" y1=\"0\" x2=\"1\" y2=\"1\"><stop offset=\"0\" stop-color=\"hsl({one},45%,18%)\"/>\
             <stop offset=\"1\" stop-color=\"hsl({other},55%,6%)\"/></linearGradient><linearGradient id=\"dots{mark}\" \
             gradientUnits=\"userSpaceOnUse\" x1=\"160\" y1=\"102\" x2=\"480\" y2=\"422\"><stop offset=\"0\" stop-color=\"hsl({one},90%,72%)\"/>\
             <stop offset=\"1\" stop-color=\"hsl({other},85%,60%)\"/></linearGradient></defs>\
             <rect width=\"640\" height=\"640\" fill=\"url(#ground{mark})\"/>"
        );
        format!("{ground}<g fill=\"url(#dots{mark})\">{}</g>{}{}{}", self.dots(), self.texts(), self.notes(), self.footer())
    }

    fn dots(&self) -> String {
        let digits = hex::encode(self.weights);
        let circle = |(at, digit): (usize, char)| {
            format!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"/>", 180 + 40 * (at % 8), 122 + 40 * (at / 8), 3 + digit.to_digit(16).unwrap())
        };
        digits.chars().enumerate().map(circle).collect()
    }

    fn texts(&self) -> String {
        let title = self.title();
        let size = match title.len() {
            0..=20 => "44",
            21..=30 => "31",
            _ => "23",
        };
        let family = clip(&self.label.family, 32);
        let parameters = format!("{} parameters", magnitude(self.label.parameters));
        let subtitle = match (family.is_empty(), self.label.parameters) {
            (_, 0) => family,
            (true, _) => parameters,
            (false, _) => format!("{family}, {parameters}"),
        };
        format!(
            "<g fill=\"#fff\"{SANS}><text x=\"40\" y=\"54\" font-size=\"20\" font-weight=\"600\">modelmark</text>\
             <text x=\"40\" y=\"76\" font-size=\"13\" letter-spacing=\"3\" fill-opacity=\".6\">MODEL</text>\
             <text x=\"40\" y=\"490\" font-weight=\"700\" font-size=\"{size}\">{}</text>\
             <text x=\"40\" y=\"522\" font-size=\"20\" fill-opacity=\".75\">{}</text></g>",
            escaped(&title),
            escaped(&subtitle)
        )
    }

    fn notes(&self) -> String {
        let framework = clip(&self.framework, 22);
        let notes =
            [Some("ISC".to_owned()), (!framework.is_empty()).then_some(framework), self.depth.map(|depth| format!("depth {depth}"))];
        let mut x = 40;
        let mut frames = String::new();
        for note in notes.into_iter().flatten() {
            let width = 24 + 9 * note.len();
            frames += &format!(
                "<rect x=\"{x}\" y=\"542\" width=\"{width}\" height=\"32\" rx=\"16\" fill-opacity=\".12\"/>\
                 <text x=\"{}\" y=\"563\" text-anchor=\"middle\">{}</text>",
                x + width / 2,
                escaped(&note)
            );
            x += width + 10;
        }
        format!("<g fill=\"#fff\" font-size=\"15\"{MONO}>{frames}</g>")
    }

    fn footer(&self) -> String {
        format!(
            "<g fill=\"#fff\" fill-opacity=\".6\" font-size=\"14\"{MONO}><text x=\"40\" y=\"610\">sha256 {}</text>\
             <text x=\"600\" y=\"610\" text-anchor=\"end\">by {}</text></g>",
            abbreviated(self.weights),
            abbreviated(self.creator)
        )
    }
}

const SANS: &str = " font-family=\"Inter,Helvetica,Arial,DejaVu Sans,sans-serif\"";
const MONO: &str = " font-family=\"Menlo,Consolas,DejaVu Sans Mono,monospace\"";

/// At most `limit` characters of visible ASCII; three dots at the end of what was longer.
fn clip(text: &str, limit: usize) -> String {
    let shown: String = text.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect();
    if shown.len() <= limit { shown } else { format!("{}...", &shown[..limit - 3]) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// As JSON has it: the texts have no control characters any more.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn magnitude(number: u64) -> String {
    let Some((scale, unit)) =
        [(10_u64.pow(12), "T"), (10_u64.pow(9), "B"), (10_u64.pow(6), "M"), (1_000, "K")].into_iter().find(|(scale, _)| number >= *scale)
    else {
        return number.to_string();
    };
    let (whole, tenth) = (number / scale, number % scale / (scale / 10));
    if whole < 100 && tenth != 0 { format!("{whole}.{tenth}{unit}") } else { format!("{whole}{unit}") }
}

fn abbreviated(bytes: impl AsRef<[u8]>) -> String {
    let digits = hex::encode(bytes);
    format!("{}..{}", &digits[..6], &digits[digits.len() - 6..])
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            text.push(if at <= group.len() { char::from(ALPHABET[(word >> (18 - 6 * at) & 63) as usize]) } else { '=' });
        }
    }
    text
}

fn base64_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let word = group.iter().fold(0_u32, |word, c| word << 6 | ALPHABET.iter().position(|known| known == c).unwrap() as u32)
            << (6 * (4 - group.len()));
        bytes.extend_from_slice(&word.to_be_bytes()[1..group.len()]);
    }
    bytes
}
