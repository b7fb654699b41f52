//! What a model is, from the names of its files and the headers of its weights: nothing is hashed, nothing is run.

mod code;
mod configuration;
mod shards;
mod tokenizer;

pub use tokenizer::{TokenizerFiles, tokenizer_files};

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::path::Path;

use crate::cache::{DigestCache, Memo};
use crate::digest::digest_tree;
use crate::hub::HubOrigin;
use crate::walk::{FoundFile, Tree};
use crate::{DigestError, Manifest, ManifestKind, ModelPath, Observer, Request, external, weights};
use modelmark_formats::{ADAPTER_CONFIG, Adapter, Contents, Finding, FindingCode, FormatError, MAX_ADAPTER_CONFIG_BYTES, Tokenizer, read};

/// What was noticed, with the file concerned.
type Findings = Vec<(Option<ModelPath>, Finding)>;

/// A model looked over.
#[derive(Debug)]
pub struct Survey {
    pub(crate) tree: Tree,
    /// The index that lists each shard, or the other parts of its set.
    pub(crate) indexes: HashMap<String, ModelPath>,
    /// The weights, the set that a fingerprint would take first.
    pub sets: Vec<WeightSet>,
    /// What it says of itself when it is an adapter of PEFT.
    pub adapter: Option<Adapter>,
    /// What a person should know, with the file concerned.
    pub findings: Vec<(Option<ModelPath>, Finding)>,
}

/// The weights files of one extension.
#[derive(Debug)]
pub struct WeightSet {
    /// The extension, lower case, without the dot.
    pub extension: &'static str,
    /// The files in path order.
    pub files: Vec<WeightsFile>,
}

/// One weights file.
#[derive(Debug)]
pub struct WeightsFile {
    /// Path inside the model.
    pub path: ModelPath,
    /// Length in bytes.
    pub size: u64,
    /// What stands in it; nothing when its format is none that is read.
    pub contents: Result<Option<Contents>, FormatError>,
    /// The weights file that describes the tensors in this one, which holds nothing but their bytes.
    pub holder: Option<ModelPath>,
}

/// Looks over the model at `path`, a file or a directory, without reading more than headers.
///
/// What cannot be fingerprinted cannot be looked over either: the same links and special files are refused.
///
/// # Errors
/// When the path or a directory below it cannot be read or holds what is refused. A malformed weights file is no error, it is a finding.
pub fn survey(path: &Path) -> Result<Survey, DigestError> {
    let tree = Tree::find(path)?;
    let seen = Seen::of(&tree)?;
    Ok(seen.in_tree(tree))
}

/// Looks over the model at `path` while its very files are being fingerprinted, as [`survey`] and then [`Survey::digest`] do one after the other: each file is
/// held against what it was when it was found, by both.
///
/// # Errors
/// As [`survey`]; why there are no fingerprints stands beside the survey.
pub fn survey_and_digest(
    path: &Path,
    request: &Request,
    observer: &dyn Observer,
    cache: Option<&dyn DigestCache>,
) -> Result<(Survey, Result<Manifest, DigestError>), DigestError> {
    let tree = Tree::find(path)?;
    let (seen, manifest) = std::thread::scope(|scope| {
        let looking = std::thread::Builder::new().name("survey".to_owned()).spawn_scoped(scope, || Seen::of(&tree));
        let manifest = fingerprint(&tree, request, observer, cache);
        let seen = match looking {
            Ok(looking) => looking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // There was no further thread to be had.
            Err(_) => Seen::of(&tree),
        };
        (seen, manifest)
    });
    Ok((seen?.in_tree(tree), manifest))
}

fn fingerprint(tree: &Tree, request: &Request, observer: &dyn Observer, cache: Option<&dyn DigestCache>) -> Result<Manifest, DigestError> {
    let memo = cache.map(|cache| Memo::new(cache, request));
    digest_tree(tree, &[], request, observer, memo).map(|digested| digested.manifest)
}

/// What was seen of the files of a tree.
struct Seen {
    indexes: HashMap<String, ModelPath>,
    sets: Vec<WeightSet>,
    adapter: Option<Adapter>,
    findings: Findings,
}

impl Seen {
    fn of(tree: &Tree) -> Result<Self, DigestError> {
        let mut findings = Vec::new();
        let sets = sets(tree, &mut findings)?;
        let graphs = graphs(tree, &sets, &mut findings)?;
        code::notice(tree, &sets, &graphs, &mut findings)?;
        let indexes = shards::check(tree, &sets, &mut findings)?;
        let adapter = adapter(tree, &mut findings)?;
        Ok(Self { indexes, sets, adapter, findings })
    }

    fn in_tree(self, tree: Tree) -> Survey {
        let Self { indexes, sets, adapter, findings } = self;
        let mut survey = Survey { tree, indexes, sets, adapter, findings };
        survey.notice_several();
        survey
    }
}

impl Survey {
    /// Returns whether the model is a file or a directory.
    #[must_use]
    pub const fn kind(&self) -> ManifestKind {
        self.tree.kind
    }

    /// Returns where the model says that it comes from, when it lies in a snapshot of the Hugging Face cache.
    #[must_use]
    pub fn origin(&self) -> Option<&HubOrigin> {
        self.tree.origin()
    }

    /// Fingerprints the very files that were looked over, as [`digest`](crate::digest()) does: what was noticed of them and their digests are of the same
    /// bytes, whatever is written meanwhile.
    ///
    /// # Errors
    /// As [`digest`](crate::digest()); also when a file is not what it was when it was looked at.
    pub fn digest(&self, request: &Request, observer: &dyn Observer, cache: Option<&dyn DigestCache>) -> Result<Manifest, DigestError> {
        fingerprint(&self.tree, request, observer, cache)
    }

    /// Leaves these files out of what [`Survey::digest`] reads, so that the manifest is that of the others. Returns whether any of them belongs to the weights.
    pub fn leave_out(&mut self, paths: &BTreeSet<ModelPath>) -> bool {
        let of_weights = match self.sets.first() {
            Some(set) => set.files.iter().any(|file| paths.contains(&file.path)),
            None => self.tree.files.iter().any(|file| paths.contains(&file.path)),
        };
        self.tree.files.retain(|file| !paths.contains(&file.path));
        self.tree.size = self.tree.files.iter().map(|file| file.size).sum();
        of_weights
    }

    /// Returns a file that is hardly more than holes, with its length and how many bytes of it are kept: to read it takes as long as its length says, which
    /// whoever made it got for nothing.
    #[must_use]
    pub fn hollow(&self) -> Option<(&ModelPath, u64, u64)> {
        self.tree.hollow().map(|file| (&file.path, file.size, file.stored))
    }

    /// Returns the tokenizer of the model, whose files are hashed for it.
    ///
    /// # Errors
    /// When they cannot be read or are not what they were any more.
    pub fn tokenizer(&self) -> Result<Option<Tokenizer>, DigestError> {
        Ok(tokenizer::find(&self.tree)?.map(Tokenizer::from))
    }

    /// Returns the files with their lengths, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&ModelPath, u64)> {
        self.tree.files.iter().map(|file| (&file.path, file.size))
    }

    /// Returns the first `limit` bytes of the file at `path` inside the model, if there is one.
    ///
    /// # Errors
    /// When it cannot be read or is not what it was any more.
    pub fn start_of(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, DigestError> {
        let Some(found) = self.tree.files.iter().find(|file| file.path.as_str() == path) else { return Ok(None) };
        self.tree.start_of(found, limit).map(Some)
    }
}

impl Tree {
    /// Returns the first `limit` bytes of a file.
    fn start_of(&self, found: &FoundFile, limit: u64) -> Result<Vec<u8>, DigestError> {
        let (mut bytes, file) = (Vec::new(), self.open(found)?);
        (&file).take(limit).read_to_end(&mut bytes).map_err(|source| self.failed(&found.path, source))?;
        self.check(found, file.as_fd())?;
        Ok(bytes)
    }
}

/// Reads all weights files, set by set.
fn sets(tree: &Tree, findings: &mut Findings) -> Result<Vec<WeightSet>, DigestError> {
    let all: Vec<&ModelPath> = tree.files.iter().map(|file| &file.path).collect();
    let mut left: Vec<&FoundFile> = tree.files.iter().collect();
    let mut sets = Vec::new();
    while let Some((extension, chosen)) = weights::select(&left.iter().map(|file| &file.path).collect::<Vec<_>>(), &all) {
        let (chosen, mut holders) = external::join(tree, &left, chosen)?;
        let mut files = Vec::new();
        let mut others = Vec::new();
        let mut chosen = chosen.into_iter().peekable();
        for (index, found) in left.into_iter().enumerate() {
            if chosen.next_if_eq(&index).is_some() {
                files.push(match holders.remove(&index) {
                    Some(holder) => WeightsFile { path: found.path.clone(), size: found.size, contents: Ok(None), holder: Some(holder) },
                    None => weights_file(tree, found, findings)?,
                });
            } else {
                others.push(found);
            }
        }
        left = others;
        sets.push(WeightSet { extension, files });
    }
    // A file named by the user is taken for weights whatever its name.
    if let (true, ManifestKind::File, [only]) = (sets.is_empty(), tree.kind, tree.files.as_slice()) {
        let file = weights_file(tree, only, findings)?;
        if !matches!(file.contents, Ok(None)) {
            sets.push(WeightSet { extension: "", files: vec![file] });
        }
    }
    Ok(sets)
}

fn weights_file(tree: &Tree, found: &FoundFile, findings: &mut Findings) -> Result<WeightsFile, DigestError> {
    let handle = tree.open(found)?;
    let contents = match read(&handle, found.path.file_name()) {
        Err(FormatError::Read(source)) => return Err(tree.failed(&found.path, source)),
        other => other,
    };
    tree.check(found, handle.as_fd())?;
    match &contents {
        Ok(contents) => {
            let noticed = contents.iter().flat_map(|contents| contents.findings.iter().cloned());
            findings.extend(noticed.map(|finding| (Some(found.path.clone()), finding)));
            if let Some(contents) = contents {
                findings
                    .extend(external::check(tree, &found.path, contents)?.into_iter().map(|finding| (Some(found.path.clone()), finding)));
            }
        }
        Err(error) => {
            let code = if matches!(error, FormatError::Pointer) { FindingCode::Pointer } else { FindingCode::Malformed };
            findings.push((Some(found.path.clone()), Finding { code, message: error.to_string() }));
        }
    }
    Ok(WeightsFile { path: found.path.clone(), size: found.size, contents, holder: None })
}

/// Reads the configuration of an adapter, if there is one in the model's own folder.
fn adapter(tree: &Tree, findings: &mut Vec<(Option<ModelPath>, Finding)>) -> Result<Option<Adapter>, DigestError> {
    let found = tree.files.iter().find(|found| tree.kind == ManifestKind::Directory && found.path.as_str() == ADAPTER_CONFIG);
    let Some(found) = found else { return Ok(None) };
    let (adapter, noticed) = match Adapter::parse(&tree.start_of(found, MAX_ADAPTER_CONFIG_BYTES + 1)?) {
        Ok(adapter) => {
            let noticed = adapter.findings();
            (Some(adapter), noticed)
        }
        Err(fault) => (None, vec![Finding { code: FindingCode::Malformed, message: format!("no configuration of an adapter: {fault}") }]),
    };
    findings.extend(noticed.into_iter().map(|finding| (Some(found.path.clone()), finding)));
    Ok(adapter)
}

/// Reads the graphs of TensorFlow that the weights beside them belong to: what they do counts, whatever set they are not of.
fn graphs(tree: &Tree, sets: &[WeightSet], findings: &mut Findings) -> Result<Vec<WeightsFile>, DigestError> {
    let listed: HashSet<&ModelPath> = sets.iter().flat_map(|set| &set.files).map(|file| &file.path).collect();
    let graphs = tree.files.iter().filter(|found| found.path.file_name() == "saved_model.pb" && !listed.contains(&found.path));
    graphs.map(|found| weights_file(tree, found, findings)).collect()
}
