//! `modelmark inspect`: say what a file or directory is.

mod claims;
mod page;
mod tree;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_digest::hub::HubOrigin;
use modelmark_digest::{Comparison, ManifestKind, ModelPath, Request, Survey, WeightsFile, survey};
use modelmark_formats::{Adapter, Architecture, Config, MAX_CONFIG_BYTES, Severity, Tensor};
use modelmark_record::{Beside, Capture, Claims, Document, MAX_SOURCE_BYTES, NamedParent};
use modelmark_verify::exit_codes;
use serde::Serialize;

use crate::commands::digest::{explain, with_cache};
use crate::error::Result;
use crate::facts;
use crate::hub;
use crate::options::CacheArgs;
use crate::output::{bytes, printable};
use crate::progress::Progress;
use crate::session::Session;
use tree::{Depth, Tree};
use warnings::FindingLine;
pub(crate) use warnings::warnings;

/// Say what a model file or directory is
///
/// Shows formats, tensors, parameters, metadata, architecture and licence, and what to beware of: code beside the weights, pickles, several sets of
/// weights and whether they are the same, files that were not downloaded, malformed headers. Nothing is loaded, unpickled or run; but for the comparison
/// of several sets of weights, headers only are read.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 1 when a weights file cannot be read for what it is.\n\nExample:\n  modelmark inspect ./my-model --tensors"
)]
pub(crate) struct InspectArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    path: PathBuf,
    /// List every tensor, in JSON with where it lies in its file
    #[arg(long)]
    tensors: bool,
    /// Show the tensors as a tree of so many levels, 0 for none [default: up to 4, as many as fit into 40 lines; none with --tensors]
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// Compare sets of weights that by their names are one model, however much has to be read for it [default: in models of up to 1 GiB]
    #[arg(long)]
    compare: bool,
}

/// Size of a model up to which its sets of weights are compared unasked, in bytes: what takes about a second to read.
const COMPARED_UNASKED: u64 = 1 << 30;

/// What was seen.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspected {
    kind: ManifestKind,
    files: u64,
    size: u64,
    /// Where the model says that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<HubOrigin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    architecture: Option<Architecture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<Adapter>,
    weights: Vec<WeightsPage>,
    /// How sets of weights that by their names are one model stand to each other, when they were compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    comparisons: Vec<Comparison>,
    findings: Vec<FindingLine>,
    /// The files that the model's parameters are counted in.
    #[serde(skip)]
    primary: BTreeSet<ModelPath>,
    /// The tensors of each set of weights, by the name of the set.
    #[serde(skip)]
    trees: BTreeMap<String, Tree>,
}

/// What was seen of one weights file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WeightsPage {
    path: ModelPath,
    size: u64,
    /// Whether it is what its format asks for; also true of formats that are not read.
    readable: bool,
    /// The file that describes the tensors in this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<ModelPath>,
    /// Absent when the format is not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    contents: Option<Inside>,
}

/// What stands in a weights file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inside {
    format: &'static str,
    tensors: u64,
    parameters: u64,
    dtypes: BTreeMap<String, u64>,
    metadata: BTreeMap<String, String>,
    /// Only when they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tensor_list: Option<Vec<Tensor>>,
}

pub(crate) fn run(session: &Session<'_>, args: &InspectArgs) -> Result<u8> {
    let path = hub::locate(session, &args.path)?;
    let mut survey = survey(&path).map_err(explain)?;
    let unreadable = survey.sets.iter().flat_map(|set| &set.files).any(|file| file.contents.is_err());
    let comparisons = compare(session, &mut survey, args.compare);
    let inspected = Inspected { comparisons, ..inspect(&mut survey, &path, args.tensors)? };
    let depth = match (args.depth, args.tensors) {
        (Some(depth), _) => Depth::Of(depth),
        (None, true) => Depth::Of(0),
        (None, false) => Depth::Fitting,
    };
    session.output.result(&inspected, || page::text(&inspected, depth))?;
    Ok(if unreadable { exit_codes::DOES_NOT_VERIFY } else { exit_codes::VERIFIED })
}

fn inspect(survey: &mut Survey, path: &Path, tensors: bool) -> Result<Inspected> {
    let architecture = architecture(survey)?;
    let trees = trees(survey);
    let primary = survey.primary_files().into_iter().map(|file| file.path.clone()).collect();
    let sets = std::mem::take(&mut survey.sets);
    let weights: Vec<WeightsPage> = sets.into_iter().flat_map(|set| set.files).map(|file| weights_page(file, tensors)).collect();
    let documents = Documents::read(survey)?;
    let mut findings = warnings::all(survey);
    let adapter = survey.adapter.take();
    let metadata =
        weights.iter().find_map(|page| page.contents.as_ref().filter(|inside| inside.format == "gguf").map(|inside| &inside.metadata));
    let parents = claims::parents(adapter.as_ref(), &weights);
    let said = documents.facts(path, &parents, &mut findings);
    let claims = &said.facts.claims;
    findings.extend(claims::license_conflicts(survey, &weights, claims.license.as_ref().map(|license| &license.spdx))?);
    let stated = |key: &str| metadata.and_then(|metadata| metadata.get(key).cloned());
    Ok(Inspected {
        kind: survey.kind(),
        files: survey.files().count() as u64,
        size: size(survey),
        origin: survey.origin().cloned(),
        name: claims.name.as_ref().map(ToString::to_string).or_else(|| stated("general.name")),
        license: claims.license.as_ref().map(|license| license.spdx.to_string()).or_else(|| stated("general.license")),
        architecture,
        adapter,
        weights,
        comparisons: Vec::new(),
        findings,
        primary,
        trees,
    })
}

/// Compares the sets of weights, if there are several and it is worth the while. That it cannot be done is no reason to say nothing of the model.
fn compare(session: &Session<'_>, survey: &mut Survey, however_large: bool) -> Vec<Comparison> {
    let size = size(survey);
    if !survey.has_variants() {
        return Vec::new();
    }
    if size > COMPARED_UNASKED && !however_large {
        session.output.note(format!("sets of weights are not compared: `--compare` reads the {} of the model for it", bytes(size)));
        return Vec::new();
    }
    let progress = Progress::new(session.output, "compare");
    let compared = with_cache(session, CacheArgs::default(), |cache| survey.digest_comparing(&Request::cids(), &progress, cache));
    compared.map(|(_, comparisons)| comparisons).unwrap_or_else(|error| {
        session.output.note(format!("sets of weights are not compared: {}", printable(&error.to_string())));
        Vec::new()
    })
}

/// Puts the tensors of all shards of a set under each other.
fn trees(survey: &Survey) -> BTreeMap<String, Tree> {
    let mut trees: BTreeMap<String, Tree> = BTreeMap::new();
    for file in survey.sets.iter().flat_map(|set| &set.files) {
        let Ok(Some(contents)) = &file.contents else { continue };
        let tree = trees.entry(survey.name_of_set(file)).or_default();
        contents.tensors.iter().for_each(|tensor| tree.add(tensor));
    }
    trees
}

fn size(survey: &Survey) -> u64 {
    survey.files().fold(0, |sum, (_, size)| sum.saturating_add(size))
}

/// Puts together what the model's configuration, its weights and its tokenizer say.
fn architecture(survey: &Survey) -> Result<Option<Architecture>> {
    let read = |name: &str| match survey.kind() {
        ManifestKind::Directory => survey.start_of(name, MAX_CONFIG_BYTES as u64 + 1).map_err(explain),
        ManifestKind::File => Ok(None),
    };
    let files = survey.primary_files();
    let first = || files.iter().filter_map(|file| file.contents.as_ref().ok()?.as_ref());
    let configured = read("config.json")?.and_then(|json| Config::parse(&json).ok()?.architecture());
    let configured = match configured {
        None => read("model_index.json")?.and_then(|json| Architecture::of_pipeline(&json)),
        some => some,
    };
    let mut architecture = configured.or_else(|| first().find_map(Architecture::of_contents)).unwrap_or_default().with_weights(first());
    if survey.kind() == ManifestKind::Directory
        && let Some(tokenizer) = survey.tokenizer().map_err(explain)?
    {
        architecture.tokenizer = Some(tokenizer);
    }
    Ok(architecture.stated())
}

fn weights_page(file: WeightsFile, list: bool) -> WeightsPage {
    let readable = file.contents.is_ok();
    let contents = file.contents.ok().flatten().map(|contents| Inside {
        format: contents.format,
        tensors: contents.tensors.len() as u64,
        parameters: contents.parameters(),
        dtypes: contents.dtypes().into_iter().map(|(dtype, elements)| (dtype.to_owned(), elements)).collect(),
        metadata: contents.metadata,
        tensor_list: list.then_some(contents.tensors),
    });
    WeightsPage { path: file.path, size: file.size, readable, holder: file.holder, contents }
}

/// The files beside the weights that speak of the model.
struct Documents {
    card: Option<Vec<u8>>,
    config: Option<Vec<u8>>,
    project: Option<Vec<u8>>,
}

impl Documents {
    /// Reads them from the model itself; what lies beside a single file may speak of others.
    fn read(survey: &Survey) -> Result<Self> {
        // One byte more than is read at all, so that the reader sees that a file is too long and says so.
        let read = |name: &str| match survey.kind() {
            ManifestKind::Directory => survey.start_of(name, MAX_SOURCE_BYTES as u64 + 1).map_err(explain),
            ManifestKind::File => Ok(None),
        };
        Ok(Self { card: read("README.md")?, config: read("config.json")?, project: read("modelmark.toml")? })
    }

    /// Gathers what they say as a record would have it; what was noticed on the way joins the findings.
    fn facts(&self, path: &Path, parents: &[(String, String)], findings: &mut Vec<FindingLine>) -> Capture {
        let name = facts::own_name(path);
        let parents: Vec<NamedParent<'_>> = parents.iter().map(|(file, name)| NamedParent { file, name }).collect();
        let beside = Beside {
            parents: &parents,
            project: document("modelmark.toml", &self.project),
            card: document("README.md", &self.card),
            config: document("config.json", &self.config),
            name: name.as_deref().filter(|_| self.card.is_some() || self.config.is_some() || self.project.is_some()),
            ..Beside::default()
        };
        match modelmark_record::gather(Claims::default(), &beside) {
            Ok(capture) => {
                let noticed = capture.findings.iter();
                findings.extend(noticed.map(|finding| FindingLine {
                    code: finding.code.as_str(),
                    severity: Severity::Info,
                    file: None,
                    message: finding.message.clone(),
                }));
                capture
            }
            Err(error) => {
                let code = modelmark_record::FindingCode::Unreadable.as_str();
                findings.push(FindingLine {
                    code,
                    severity: Severity::Info,
                    file: Some("modelmark.toml".to_owned()),
                    message: error.to_string(),
                });
                Capture::default()
            }
        }
    }
}

fn document<'a>(file: &'a str, bytes: &'a Option<Vec<u8>>) -> Option<Document<'a>> {
    bytes.as_deref().map(|bytes| Document { file, bytes })
}
