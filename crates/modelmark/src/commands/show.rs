//! `modelmark show`: everything about a token on one page.

use std::fmt::Write as _;

use clap::Args;
use modelmark_chain::{AddressBook, Authenticity, Model, Royalty, TokenRef};
use modelmark_digest::Sha256Digest;
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordId};
use modelmark_remote::Reader;
use modelmark_storage::{LocalStore, Store as _};
use serde::Serialize;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::digest::files;
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::{ChainArgs, SourceArgs};
use crate::output::{bytes, printable_lines};
use crate::places;
use crate::session::Session;

/// Show a token: chain data, record, lineage, licence, royalties, storage
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark show eip155:31337/erc721:0x…/123… --json")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    places: SourceArgs,
}

/// What is known about a token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    chain: Model,
    contract: Authenticity,
    record_id: String,
    record: Option<modelmark_record::Record>,
    storage: Stored,
}

/// Where the record and the model are, as far as this machine knows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    store: String,
    record: bool,
    signatures: usize,
    model: bool,
    problem: Option<String>,
    /// The place beyond this machine that the record was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_from: Option<String>,
}

pub(crate) fn run(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let shown = session.block_on(look(session, args, token))?;
    session.output.result(&shown, || text(&shown))
}

async fn look(session: &Session<'_>, args: &ShowArgs, token: TokenRef) -> Result<Shown> {
    let connected = chain_source::connect(session, &args.chain).await?;
    let chain = &connected.chain;
    check_chain(chain, &token)?;
    let book = AddressBook::built_in().or_usage()?;
    let contract = modelmark_chain::authenticity(chain, token.contract(), &book).await.map_err(explain)?;
    let model = registry_of(chain, &token).model(token.id()).await.map_err(explain)?;
    let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
    let remote = places::reader(session, &args.places.places)?;
    let (record, storage) = stored(session.store()?, remote.as_ref(), model.record).await;
    Ok(Shown { record_id: model.record.to_0x(), chain: model, contract, record: record.map(CanonicalRecord::into_record), storage })
}

async fn stored(store: &LocalStore, remote: Option<&Reader>, digest: Sha256Digest) -> (Option<CanonicalRecord>, Stored) {
    let cid = RecordId::from(digest).cid();
    let mut stored = Stored { store: store.name().to_owned(), record: false, signatures: 0, model: false, problem: None, read_from: None };
    let mut record = match store.get(&cid, MAX_RECORD_BYTES) {
        Ok(found) => found,
        Err(error) => {
            stored.problem = Some(error.to_string());
            None
        }
    };
    stored.record = record.is_some();
    if let (None, Some(remote)) = (&record, remote) {
        match remote.block_from(&cid).await {
            Ok((place, block)) => {
                record = Some(block.into_bytes());
                stored.read_from = Some(place);
            }
            Err(error) => stored.problem = Some(error.to_string()),
        }
    }
    stored.signatures = store.attached(&cid).map(|documents| documents.len()).unwrap_or_default();
    let record = record.and_then(|bytes| CanonicalRecord::parse(&bytes).map_err(|error| stored.problem = Some(error.to_string())).ok());
    stored.model = record.as_ref().is_some_and(|record| store.has(&record.record().provenance.model.cid).unwrap_or(false));
    (record, stored)
}

fn text(shown: &Shown) -> String {
    let model = &shown.chain;
    let mut rows: Vec<(&str, String)> = vec![
        ("token", model.token.to_string()),
        ("contract", contract(&shown.contract)),
        ("creator", model.creator.to_string()),
        ("owner", model.owner.to_string()),
        ("minted", format!("block {}, transaction {}", model.minted.block, model.minted.tx)),
        ("status", model.status.to_string()),
        ("licence", [model.license.spdx(), model.license.uri()].join("  ")),
        ("royalty", royalty(&model.royalty)),
        ("weights", model.weights.to_0x()),
        ("record", format!("{}  {}", shown.record_id, model.token_uri)),
    ];
    if let Some(version) = &model.version {
        rows.push(("version", format!("{} of series {}, after {}", version.version, version.series, version.previous)));
    }
    for parent in model.lineage.parents() {
        let (chain, contract) =
            parent.external.map_or((model.token.chain(), model.token.contract()), |place| (place.chain, place.contract));
        rows.push(("parent", format!("{} of {}", parent.relation, TokenRef::new(chain, contract, parent.token_id))));
    }
    if let Some(record) = &shown.record {
        rows.extend(record_rows(record));
    }
    rows.push(("storage", storage(&shown.storage)));
    let mut text = String::new();
    for (name, value) in rows {
        // The lines of a description stay in its column: none may look like a row of ours.
        let _ = writeln!(text, "{name:<12} {}", printable_lines(&value, 13));
    }
    text
}

fn record_rows(record: &modelmark_record::Record) -> Vec<(&'static str, String)> {
    let provenance = &record.provenance;
    let mut rows = vec![
        ("name", record.name.to_string()),
        ("description", record.description.to_string()),
        ("model", format!("{}, {}, {}", provenance.model.cid, files(provenance.model.files.len()), bytes(provenance.model.size.get()))),
    ];
    if let Some(tensors) = &provenance.weights.tensors {
        rows.push(("tensors", format!("{}, {} parameters, root {}", tensors.count, tensors.parameters, tensors.root.to_0x())));
        rows.push(("fingerprint", format!("content {}, value {}", tensors.content.to_0x(), tensors.value.to_0x())));
    }
    if let Some(architecture) = &provenance.architecture {
        rows.push(("architecture", architecture.family.to_string()));
    }
    for dataset in &provenance.datasets {
        let cid = dataset.cid.map(|cid| format!("  {cid}")).unwrap_or_default();
        rows.push(("dataset", format!("{}{cid}", dataset.name)));
    }
    for evaluation in &provenance.evaluations {
        rows.push(("metric", format!("{} {}", evaluation.metric, evaluation.value)));
    }
    rows
}

pub(crate) fn contract(authenticity: &Authenticity) -> String {
    match authenticity {
        Authenticity::Canonical => "the canonical modelmark registry".to_owned(),
        Authenticity::Collection { collection, .. } => format!("the modelmark collection {}", collection.name),
        Authenticity::FactoryCollection { terms } => format!("the modelmark collection {}", terms.name),
        Authenticity::Listed { name } => format!("{name}, from the address book"),
        Authenticity::Proxy { target } => format!("NOT OURS: a proxy to {target}"),
        _ => "NOT OURS".to_owned(),
    }
}

fn royalty(royalty: &Royalty) -> String {
    if royalty.share.get() == 0 { "none".to_owned() } else { format!("{} to {}", royalty.share, royalty.receiver) }
}

fn storage(stored: &Stored) -> String {
    let yes = |there: bool| if there { "yes" } else { "no" };
    let problem = stored.problem.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default();
    // Whether the model's bytes are still where the store says is `verify`'s question: they are not read for a page.
    let model = if stored.model { "referenced" } else { "no" };
    let read = stored.read_from.as_ref().map(|place| format!(" (read from {place}, held against its CID)")).unwrap_or_default();
    format!("{}: record {}{read}, signatures {}, model {model}{problem}", stored.store, yes(stored.record), stored.signatures)
}
