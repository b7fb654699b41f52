//! Files beside a model: no panic, and whatever was captured makes a record or a refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_record::{AssetId, Beside, Claims, DataDocument, Document, ImportedToken, Label, gather, project_text};

/// Longest `modelmark.toml` that is read.
const MAX_PROJECT_BYTES: usize = 1 << 18;
/// A token of others.
const TOKEN: &str = "eip155:1/erc721:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266/7";
/// One file of each kind that training tools write.
const RUN_FILES: [&str; 14] = [
    ".eval_results/x.yaml",
    "adapter_config.json",
    "all_results.json",
    "config.yaml",
    "croissant.json",
    "hparams.yaml",
    "meta.yaml",
    "mergekit_config.yml",
    "metrics.csv",
    "metrics/val_loss",
    "params/lr",
    "trainer_state.json",
    "training_args.bin",
    "wandb-metadata.json",
];

fuzz_target!(|bytes: &[u8]| {
    let document = Some(Document { file: "x", bytes });
    let named = RUN_FILES.map(|file| [Document { file, bytes }]);
    let Ok(dataset) = "data".parse::<Label>() else { return };
    let data = ["../data/README.md", "../data/croissant.json"].map(|file| DataDocument { dataset: &dataset, document: Document { file, bytes } });
    let Ok(token) = TOKEN.parse::<AssetId>() else { return };
    let metadata = Document { file: "../token-metadata.json", bytes };
    let imported = Some(ImportedToken { metadata, token: &token, uri: None });
    let runs = named.iter().map(|documents| Beside { documents, ..Beside::default() });
    let beside = [
        Beside { project: document, ..Beside::default() },
        Beside { card: document, ..Beside::default() },
        Beside { config: document, ..Beside::default() },
        Beside { data: &data, ..Beside::default() },
        Beside { imported, ..Beside::default() },
    ];
    for beside in beside.into_iter().chain(runs) {
        if let Ok(capture) = gather(Claims::default(), &beside) {
            // What was captured can be edited, and then says the same.
            let text = project_text(&capture.facts.claims);
            let project = Some(Document { file: "x", bytes: text.as_bytes() });
            let again = gather(Claims::default(), &Beside { project, ..Beside::default() });
            assert!(again.is_ok() || text.len() > MAX_PROJECT_BYTES, "{again:?}");
            assert!(capture.facts.claims.parents.iter().all(|claim| {
                let parent = &claim.parent;
                parent.token.is_some() || parent.token_id.is_some() || parent.cid.is_some() || parent.weights_hash.is_some()
            }));
        }
    }
});
