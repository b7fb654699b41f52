//! From what a person states and what lies beside a model to a record.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use modelmark_dataset::FileSet;
use modelmark_digest::{Manifest, ManifestKind, Request};
use modelmark_record::{
    Account, AssetId, Beside, Capture, Claims, DataDocument, Dataset, DatasetRole, Document, Evaluation, ImportedToken, License, Parent,
    ParentClaim, Record, RecordError, Relation, RoyaltyBps, Spdx, Uri,
};

use crate::commands::{dataset, digest};
use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::options::{CacheArgs, ChainArgs, PlaceArgs};
use crate::output::printable;
use crate::places;
use crate::session::Session;
use crate::sources::{Found, Sources, beside};
use crate::{git, hub};

const RELATIONS: &str = "the relations are version, finetune, adapter, merge, quantized, pruned, distilled and converted";
/// What a model's owner writes down beside it once.
pub(crate) const PROJECT_FILE: &str = "modelmark.toml";
/// What a record calls the metadata of a token that was taken over, wherever it was read.
const IMPORTED_FILE: &str = "../token-metadata.json";
/// What describes data beside it: its card, and its description in the vocabulary of Croissant.
const DATA_FILES: [&str; 2] = ["README.md", "croissant.json"];

/// Facts for the record; each wins over `modelmark.toml`, the model card and `config.json`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Facts for the record (they win over modelmark.toml, the model card and config.json)")]
pub(crate) struct FactsArgs {
    /// Name of the model [default: from the model's own files, else the directory's name]
    #[arg(long)]
    name: Option<String>,
    /// Description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Version of the model, such as 1.2.0
    #[arg(long = "model-version", value_name = "VERSION")]
    version: Option<String>,
    /// Licence as an SPDX expression
    #[arg(long, value_name = "SPDX")]
    license: Option<String>,
    /// Royalty on resale, at most 10%
    #[arg(long, value_name = "PERCENT")]
    royalty: Option<String>,
    /// Training data, which is fingerprinted: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` of a dataset in the Hugging Face cache; repeatable
    #[arg(long, value_name = "PATH")]
    dataset: Vec<PathBuf>,
    /// Parent, by a CAIP-19 token id, with its share of the revenue if it has one; relations: version, finetune, adapter, merge, quantized, pruned, distilled,
    /// converted; repeatable
    #[arg(long, value_name = "RELATION=TOKEN[,SHARE]")]
    parent: Vec<String>,
    /// Evaluation result; the value is kept as written; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    metric: Vec<String>,
    /// Folder of the training run, when it lies outside the model: of Trainer, Lightning, Weights & Biases or MLflow; or MLflow's database; repeatable
    #[arg(long, value_name = "PATH")]
    run: Vec<PathBuf>,
    /// Run of MLflow that made the model, where `mlflow.db` or `mlruns/` holds several
    #[arg(long, value_name = "ID")]
    mlflow_run: Option<String>,
    /// State the commit of the git repository that the model lies in as that of the code which trained it, and whether files differ from it
    #[arg(long)]
    git: bool,
    /// Name of the creator
    #[arg(long, value_name = "NAME")]
    creator_name: Option<String>,
    /// Time to state in the record, RFC 3339 in UTC [default: none, so that the same inputs give the same record]
    #[arg(long, value_name = "TIME")]
    created_at: Option<String>,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    /// A token that others minted for the model.
    #[arg(skip)]
    pub(crate) imported: Option<Imported>,
}

/// A token that others minted, and its metadata, which speaks of the local files.
#[derive(Clone, Debug)]
pub(crate) struct Imported {
    pub(crate) token: AssetId,
    pub(crate) uri: Option<Uri>,
    pub(crate) metadata: Vec<u8>,
}

impl FactsArgs {
    /// Adds parents, spelled as `--parent` takes them.
    pub(crate) fn add_parents(&mut self, parents: Vec<String>) {
        self.parent.extend(parents);
    }

    /// Returns what the person stated, checked.
    fn claims(&self, creator: Option<Account>) -> Result<Claims> {
        let license: Option<Spdx> = parsed("--license", self.license.as_ref())?;
        Ok(Claims {
            name: parsed("--name", self.name.as_ref())?,
            description: parsed("--description", self.description.as_ref())?,
            version: parsed("--model-version", self.version.as_ref())?,
            license: license.map(|spdx| License { spdx, uri: None }),
            royalty: parsed::<RoyaltyBps>("--royalty", self.royalty.as_ref())?,
            creator,
            creator_name: parsed("--creator-name", self.creator_name.as_ref())?,
            evaluations: self.metric.iter().map(|text| metric(text)).collect::<Result<_>>()?,
            parents: self.parent.iter().map(|text| parent(text)).collect::<Result<_>>()?,
            created_at: parsed("--created-at", self.created_at.as_ref())?,
            ..Claims::default()
        })
    }

    /// Fingerprints the training data and reads what lies beside it. Data may be large: a slip in another option is told before.
    fn data(&self, session: &Session<'_>) -> Result<Vec<Data>> {
        self.dataset.iter().map(|path| training_data(session, path, self.cache)).collect()
    }
}

/// Gathers the facts about the model at `path`: what was stated, then what its own files say.
pub(crate) fn gather(session: &Session<'_>, path: &Path, args: &FactsArgs, creator: Option<Account>) -> Result<Capture> {
    gather_with(session, path, args, creator, None)
}

/// As [`gather`], with another text in place of the `modelmark.toml` that lies beside the model.
pub(crate) fn gather_with(
    session: &Session<'_>,
    path: &Path,
    args: &FactsArgs,
    creator: Option<Account>,
    project: Option<&[u8]>,
) -> Result<Capture> {
    let mut claims = args.claims(creator)?;
    if let Some(origin) = modelmark_digest::hub::origin(path) {
        session.output.note(format!("the cache says that this is {origin}; nobody checked that, and it does not enter the record"));
    }
    let folder = folder_of(path);
    // The files beside a single-file model may speak of other models too; only `modelmark.toml` is surely about this one.
    let whole = path.is_dir();
    let found = beside(folder, PROJECT_FILE)?;
    let card = if whole { beside(folder, "README.md")? } else { None };
    let config = if whole { beside(folder, "config.json")? } else { None };
    let tokenizer = if whole { modelmark_digest::tokenizer_files(folder).map_err(digest::explain)? } else { None };
    let mut sources = Sources::new(args.mlflow_run.as_deref());
    if whole {
        sources.read_model(folder)?;
    }
    args.run.iter().try_for_each(|run| sources.read_run(session, run))?;
    sources.check_chosen()?;
    let data = args.data(session)?;
    claims.datasets.extend(data.iter().map(|data| data.dataset.clone()));
    let documents: Vec<_> = sources.files.iter().map(|(file, bytes)| Document { file, bytes }).collect();
    let data: Vec<_> = data.iter().flat_map(Data::documents).collect();
    let code = if args.git { git::code(session, folder) } else { None };
    let own_name = own_name(path);
    let beside = Beside {
        parents: &[],
        project: project.or(found.as_deref()).map(|bytes| Document { file: PROJECT_FILE, bytes }),
        imported: args.imported.as_ref().map(|imported| ImportedToken {
            metadata: Document { file: IMPORTED_FILE, bytes: &imported.metadata },
            token: &imported.token,
            uri: imported.uri.as_ref(),
        }),
        card: card.as_deref().map(|bytes| Document { file: "README.md", bytes }),
        config: config.as_deref().map(|bytes| Document { file: "config.json", bytes }),
        tokenizer: tokenizer.as_ref(),
        data: &data,
        documents: &documents,
        runs: &sources.runs,
        code: code.as_ref(),
        name: own_name.as_deref(),
    };
    let mut capture = modelmark_record::gather(claims, &beside).or_usage()?;
    capture.findings.append(&mut sources.findings);
    Ok(capture)
}

/// Returns what the model is called where it lies: in the cache of the hub like its repository, elsewhere like its file or folder.
pub(crate) fn own_name(path: &Path) -> Option<String> {
    cached_name(path).or_else(|| std::fs::canonicalize(path).ok()?.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
}

/// Returns the name of the repository when this is one of its snapshots in the cache of the hub, whose own name is a commit.
fn cached_name(path: &Path) -> Option<String> {
    let origin = modelmark_digest::hub::origin(path).filter(|origin| origin.path.is_none())?;
    origin.repository.rsplit('/').next().map(str::to_owned)
}

/// Completes the chain options from the `[chain]` table of the model's `modelmark.toml`. Only for commands that its owner runs: a verifier must not ask
/// the chain that the files under suspicion name.
pub(crate) fn chain_options(path: &Path, given: &ChainArgs) -> Result<ChainArgs> {
    let mut options = given.clone();
    let Some(capture) = project(path)? else { return Ok(options) };
    for (key, value) in capture.chain {
        let text = value.as_str().ok_or_else(|| CommandError::usage(format!("{PROJECT_FILE}: `{key}` in [chain] is not a text")));
        let option = match key.as_str() {
            "rpc-url" => {
                let url = text?.to_owned();
                if options.rpc_url.is_empty() {
                    options.rpc_url.push(url);
                }
                continue;
            }
            "chain" => &mut options.chain,
            "registry" => &mut options.registry,
            _ => {
                return Err(CommandError::usage(format!("{PROJECT_FILE}: unknown key `{key}` in [chain]"))
                    .hint("the keys are rpc-url, chain and registry"));
            }
        };
        let text = text?;
        option.get_or_insert_with(|| text.to_owned());
    }
    Ok(options)
}

/// Completes the places from the `[storage]` table of the model's `modelmark.toml`, when none are named otherwise and the user agrees. Only for commands
/// that its owner runs: what a place is sent is sent with the user's credentials.
pub(crate) fn place_options(session: &Session<'_>, path: &Path, given: &PlaceArgs, yes: bool) -> Result<PlaceArgs> {
    let mut options = given.clone();
    let Some(capture) = project(path)? else { return Ok(options) };
    let wrong = |key: &str, what: &str| CommandError::usage(format!("{PROJECT_FILE}: `{key}` in [storage] is {what}"));
    for (key, value) in &capture.storage {
        match key.as_str() {
            "places" => {
                let texts: Option<Vec<&str>> = value.as_array().and_then(|list| list.iter().map(|place| place.as_str()).collect());
                let texts = texts.ok_or_else(|| wrong(key, "not a list of texts"))?;
                let places = texts.into_iter().map(str::parse).collect::<std::result::Result<Vec<_>, String>>();
                let places = places.map_err(|reason| wrong(key, &format!("wrong: {reason}")))?;
                if options.places.is_empty() && !places.is_empty() {
                    options.places = places;
                    places::agree_to_named(session, &options, yes)?;
                }
            }
            "keep" => {
                let text = value.as_str().ok_or_else(|| wrong(key, "not a text"))?;
                let policy = text.parse().map_err(|reason: String| wrong(key, &format!("wrong: {reason}")))?;
                options.keep.get_or_insert(policy);
            }
            _ => {
                return Err(
                    CommandError::usage(format!("{PROJECT_FILE}: unknown key `{key}` in [storage]")).hint("the keys are places and keep")
                );
            }
        }
    }
    Ok(options)
}

/// Reads the `modelmark.toml` beside a model.
fn project(path: &Path) -> Result<Option<Capture>> {
    let Some(bytes) = beside(folder_of(path), PROJECT_FILE)? else { return Ok(None) };
    let project = Some(Document { file: PROJECT_FILE, bytes: &bytes });
    modelmark_record::gather(Claims::default(), &Beside { project, ..Beside::default() }).map(Some).or_usage()
}

/// The folder in which the files about the model lie.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if path.is_dir() { path } else { parent.unwrap_or(Path::new(".")) }
}

/// Tells what a record cannot be without, as composing it would, but before a large model is read.
pub(crate) fn check_complete(capture: &Capture) -> Result<()> {
    let claims = &capture.facts.claims;
    let missing = match (&claims.name, &claims.license) {
        (None, _) => RecordError::Missing { field: "a name", hint: "give --name, or name in modelmark.toml" },
        (_, None) => RecordError::Missing {
            field: "a licence",
            hint: "give --license with an SPDX expression, or license in modelmark.toml or in the model card",
        },
        _ => return Ok(()),
    };
    Err(CommandError::new(Kind::Usage, missing))
}

/// Holds the files that the facts were read from against the fingerprints: facts about other bytes would contradict the record that states them.
fn check_same_files(manifest: &Manifest, capture: &Capture) -> Result<()> {
    // What lies beside a single file is no part of the model.
    if manifest.kind == ManifestKind::File {
        return Ok(());
    }
    // What lies outside the model is no part of it either.
    for source in capture.facts.sources.iter().filter(|source| !source.file.as_str().starts_with("../")) {
        let entry = manifest.files.iter().find(|entry| entry.path.as_str() == source.file.as_str());
        let fault = match entry.map(|entry| entry.sha256) {
            None => format!("facts were read from `{}`, which is not among the fingerprinted files", source.file),
            Some(Some(sha256)) if sha256 != source.sha256 => {
                format!("`{}` is not the file that was fingerprinted: SHA-256 {} instead of {sha256}", source.file, source.sha256)
            }
            Some(_) => continue,
        };
        return Err(CommandError::refused(fault)
            .hint("the files changed since, or the fingerprints are of another model; digest again and repeat this"));
    }
    Ok(())
}

/// Refuses a parent with the model's own weights: nothing is made from itself. Only a version may change no more than what stands beside them.
fn check_parents(manifest: &Manifest, capture: &Capture) -> Result<()> {
    let own = |claim: &&ParentClaim| {
        let parent = &claim.parent;
        parent.weights_hash.is_some() && parent.weights_hash == manifest.weights.sha256 || parent.cid == Some(manifest.weights.cid)
    };
    match capture.facts.claims.parents.iter().filter(|claim| claim.relation != Some(Relation::Version)).find(own) {
        Some(_) => Err(CommandError::refused("a parent has this model's own weights: nothing is made from itself")
            .hint("name the digest of the other model; what has the same weights can only be another version of it")),
        None => Ok(()),
    }
}

/// Composes the record, and tells what was noticed and left out on the way.
pub(crate) fn compose(session: &Session<'_>, manifest: &Manifest, capture: Capture) -> Result<modelmark_record::CanonicalRecord> {
    check_same_files(manifest, &capture)?;
    check_parents(manifest, &capture)?;
    for finding in &capture.findings {
        session.output.note(format!("{}: {}", finding.code, printable(&finding.message)));
    }
    for left_out in &capture.left_out {
        session.output.note(format!(
            "left out of the record: {} in {} holds {}",
            printable(&left_out.field),
            printable(&left_out.file),
            left_out.reason
        ));
    }
    let composed = Record::compose(manifest, capture.facts).and_then(|record| record.canonical());
    composed.map_err(|error| {
        let kind = if matches!(error, RecordError::Missing { .. }) { Kind::Usage } else { Kind::Refused };
        CommandError::new(kind, error)
    })
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(option: &str, text: Option<&String>) -> Result<Option<T>> {
    text.map(|text| text.parse().map_err(|error| CommandError::usage(format!("{option}: {error}")))).transpose()
}

/// Training data, and the files beside it that describe it.
struct Data {
    dataset: Dataset,
    files: Vec<Found>,
}

impl Data {
    fn documents(&self) -> impl Iterator<Item = DataDocument<'_>> {
        self.files.iter().map(|(file, bytes)| DataDocument { dataset: &self.dataset.name, document: Document { file, bytes } })
    }
}

fn training_data(session: &Session<'_>, path: &Path, cache: CacheArgs) -> Result<Data> {
    let path = &hub::locate_dataset(session, path)?;
    let manifest =
        digest::manifest(session, path, &Request { tensors: false, holes: cache.holes.read_holes, ..Request::default() }, cache)?;
    let root = FileSet::of(&manifest, None).map_err(dataset::explain)?.commitment().root();
    let name = cached_name(path).or_else(|| Some(std::fs::canonicalize(path).ok()?.file_name()?.to_string_lossy().into_owned()));
    let name = name.unwrap_or_else(|| "data".to_owned());
    let mut files = Vec::new();
    // What lies beside a single file may speak of other data.
    for file in DATA_FILES.into_iter().filter(|_| manifest.kind == ManifestKind::Directory) {
        files.extend(beside(path, file)?.map(|bytes| (format!("../{name}/{file}"), bytes)));
    }
    let single = (manifest.kind == ManifestKind::File).then(|| manifest.files.first().and_then(|file| file.sha256)).flatten();
    let dataset = Dataset {
        role: DatasetRole::Train,
        name: name.parse().map_err(|error| CommandError::usage(format!("--dataset {}: {error}", path.display())))?,
        cid: Some(manifest.cid),
        root: Some(root),
        sha256: single,
        size: manifest.size.try_into().ok(),
        files: (manifest.files.len() as u64).try_into().ok(),
        license: None,
        revision: None,
        uri: None,
    };
    Ok(Data { dataset, files })
}

fn metric(text: &str) -> Result<Evaluation> {
    let (metric, value) =
        text.split_once('=').ok_or_else(|| CommandError::usage(format!("--metric {text}: write NAME=VALUE, such as accuracy=0.93")))?;
    // What is wrong names the part that it is wrong with.
    let wrong = |part: &str, error: modelmark_record::ValueError| CommandError::usage(format!("--metric: {part} the `=`: {error}"));
    Ok(Evaluation::new(metric.parse().map_err(|error| wrong("before", error))?, value.parse().map_err(|error| wrong("behind", error))?))
}

fn parent(text: &str) -> Result<ParentClaim> {
    // What is wrong names the part that it is wrong with.
    let wrong = |error: &dyn std::fmt::Display| CommandError::usage(format!("--parent: {error}"));
    let form = || wrong(&format!("`{text}` is no RELATION=TOKEN, such as finetune=eip155:31337/erc721:0x…/123"));
    let (relation, token) = text.split_once('=').ok_or_else(form)?;
    let relation = relation_named(relation).ok_or_else(|| wrong(&format!("unknown relation `{relation}`")).hint(RELATIONS))?;
    let (token, share) = token.split_once(',').map_or((token, None), |(token, share)| (token, Some(share)));
    let share_bps = share.map(str::parse).transpose().map_err(|error| wrong(&error))?;
    // The record keeps one spelling of a token; here any letter case of the address is welcome.
    let token: modelmark_chain::TokenRef = token.parse().map_err(|error| wrong(&error))?;
    let token = token.to_string().parse().map_err(|error| wrong(&error))?;
    let parent = Parent { token: Some(token), ..Parent::default() };
    Ok(ParentClaim { relation: Some(relation), share_bps, parent, ..ParentClaim::default() })
}

fn relation_named(word: &str) -> Option<Relation> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
