//! The local files, looked at on a thread of their own while the network is asked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use modelmark_digest::cache::DigestCache;
use modelmark_digest::outboard::{Comparison, LeafLists};
use modelmark_digest::{CidProfile, ContentId, DigestError, Manifest, ModelPath, Observer, Request, Survey, WeightsFile, unixfs};
use tokio::sync::oneshot;

use super::deadline::broken;
use super::sizes::Sizes;
use super::stoppable::Stoppable;
use super::{GatherError, Sources, compared, with_causes};
use crate::Scope;
use crate::evidence::{Look, Noticed, SeenWeights, Surveyed, Unread};

/// The local files as each profile names them, looked at when they are first needed, or a bit earlier.
pub(super) struct Files {
    /// What to compute; a token of others may want more.
    pub(super) request: Request,
    looker: Option<Arc<Looker>>,
    /// What a record says about the sizes of the files, once it is known.
    sizes: Option<Sizes>,
    /// The look that is going on, and what ends it before its time.
    ahead: Option<(Wanted, Pending, Arc<AtomicBool>)>,
    known: Vec<(Wanted, Known)>,
}

/// The local files as one profile names them, and which bytes of them are not those of the outboard.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) model: Look<Manifest>,
    pub(super) differing: BTreeMap<ModelPath, Vec<Range<u64>>>,
    /// What was not read of them.
    pub(super) unread: Option<Unread>,
    /// Whether this says nothing about the files: they were not read for want of a record that says how long they are, or not to their end because there is one.
    void: bool,
}

impl Known {
    fn without(model: Look<Manifest>) -> Self {
        Self { model, differing: BTreeMap::new(), unread: None, void: false }
    }

    /// Makes a look at all files one that left out what cannot be the record's.
    fn reduce(&mut self, sizes: &Sizes) {
        if let Look::Found(manifest) = &mut self.model {
            self.unread = sizes.reduce(manifest);
        }
    }
}

type Pending = oneshot::Receiver<Result<Known, DigestError>>;

/// The digests asked for, which tell two looks apart.
type Wanted = (CidProfile, [bool; 4]);

fn wanted(request: &Request) -> Wanted {
    (request.profile, [request.sha256, request.keccak256, request.blake3, request.tensors])
}

impl Files {
    /// Starts to look at the files, if there are any and all of them are asked for.
    pub(super) fn start(sources: &Sources<'_>, profile: CidProfile) -> Self {
        let path = sources.path.filter(|_| sources.scope == Scope::Whole);
        let looker = path.map(|path| {
            Arc::new(Looker {
                path: path.to_owned(),
                observer: Arc::clone(&sources.observer),
                cache: sources.cache.clone(),
                leaves: compared::leaves(sources).map(|leaves| (profile_of(sources, profile), leaves)),
                survey: Mutex::default(),
            })
        });
        let sizes = Sizes::known(sources, sources.record.as_ref());
        let mut files = Self { request: sources.request.clone(), looker, sizes, ahead: None, known: Vec::new() };
        // What is named is looked at first then.
        if !(sources.fail_fast && sources.token.is_some()) {
            files.ahead = files.begin(profile);
        }
        files
    }

    fn begin(&self, profile: CidProfile) -> Option<(Wanted, Pending, Arc<AtomicBool>)> {
        let looker = Arc::clone(self.looker.as_ref()?);
        let request = Request { profile, ..self.request.clone() };
        let (sizes, stop) = (self.sizes.clone(), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        Some((wanted(&request), on_thread(move || looker.look(&request, sizes.as_ref(), &stopped)), stop))
    }

    /// Learns what the record says about the sizes. Files that it speaks of otherwise, or not at all, are not read then, or not to their end; those that are
    /// read are told of as they would be without the others.
    pub(super) async fn hold(&mut self, sizes: Option<Sizes>) -> Result<(), GatherError> {
        let (Some(sizes), None, Some(looker)) = (sizes, &self.sizes, &self.looker) else { return Ok(()) };
        if sizes.have_strangers(&looker.path) {
            if let Some((ahead, pending, stop)) = self.ahead.take() {
                stop.store(true, Ordering::Relaxed);
                self.take(ahead, pending).await?;
            }
            self.known.iter_mut().for_each(|(_, known)| known.reduce(&sizes));
        }
        self.sizes = Some(sizes);
        Ok(())
    }

    /// Returns the files as this profile names them.
    pub(super) async fn of(&mut self, profile: CidProfile) -> Result<Look<Manifest>, GatherError> {
        let wanted = wanted(&Request { profile, ..self.request.clone() });
        if let Some((ahead, pending, _)) = self.ahead.take() {
            self.take(ahead, pending).await?;
        }
        if self.sizes.is_some() {
            self.known.retain(|(_, known)| !known.void);
        }
        if self.known(profile).is_none()
            && let Some((_, pending, _)) = self.begin(profile)
        {
            self.take(wanted, pending).await?;
        }
        Ok(self.known(profile).map_or(Look::NotAsked, |known| known.model.clone()))
    }

    async fn take(&mut self, wanted: Wanted, pending: Pending) -> Result<(), GatherError> {
        let known = match pending.await {
            Ok(Ok(known)) => known,
            Ok(Err(DigestError::Missing(path))) => return Err(GatherError::Nothing(path)),
            Ok(Err(error)) => Known { void: was_stopped(&error), ..Known::without(nothing_to_compare(&error)) },
            Err(_) => Known::without(Look::Unreachable("the files could not be looked at: a fault of this program ended it".to_owned())),
        };
        self.known.push((wanted, known));
        Ok(())
    }

    /// Returns what was looked at already.
    pub(super) fn known(&self, profile: CidProfile) -> Option<&Known> {
        let wanted = wanted(&Request { profile, ..self.request.clone() });
        self.known.iter().find(|(known, _)| *known == wanted).map(|(_, known)| known)
    }

    /// Returns what was not read of the files, by a look that was taken already.
    pub(super) fn unread(&self, profile: CidProfile) -> Option<Unread> {
        self.known(profile).and_then(|known| known.unread.clone())
    }

    /// Returns the leaves that the outboard told of.
    pub(super) fn leaves(&self) -> Option<&LeafLists> {
        self.looker.as_ref()?.leaves.as_ref().map(|(_, leaves)| leaves.as_ref())
    }

    /// What runs code, and what else a look over the files shows, when they could be fingerprinted; of others, the check of the files says what is wrong.
    pub(super) fn code(&self) -> (Look<Vec<String>>, Look<Surveyed>) {
        let fingerprinted = self.known.iter().any(|(_, known)| known.model.found().is_some());
        let survey = self.looker.as_ref().and_then(|looker| looker.seen()).filter(|_| fingerprinted);
        survey.map_or((Look::NotAsked, Look::NotAsked), |survey| seen_in(&survey))
    }

    /// Reads the one weights file once more for the CID that `ipfs add` gives it without options. A file that changed since has none of the CIDs.
    pub(super) async fn version_0(&self, manifest: &Manifest) -> Option<ContentId> {
        let [weights] = manifest.weights.files.as_slice() else { return None };
        let path = &self.looker.as_ref()?.path;
        let file = if path.is_dir() { path.join(weights.as_str()) } else { path.clone() };
        let read = on_thread(move || unixfs::cid_of_version_0(std::io::BufReader::new(std::fs::File::open(file).ok()?)).ok());
        read.await.ok().flatten()
    }
}

/// What in the files at `path` runs code when it is loaded.
pub(super) fn code_at(path: &Path) -> (Look<Vec<String>>, Look<Surveyed>) {
    let looked = std::panic::catch_unwind(|| modelmark_digest::survey(path));
    match looked {
        Ok(Ok(survey)) => seen_in(&survey),
        Ok(Err(_)) => (Look::NotAsked, Look::NotAsked),
        Err(panic) => {
            let why = broken(panic.as_ref());
            (Look::Unreachable(why.clone()), Look::Unreachable(why))
        }
    }
}

pub(crate) fn seen_in(survey: &Survey) -> (Look<Vec<String>>, Look<Surveyed>) {
    (Look::Found(code_in(survey)), Look::Found(surveyed(survey)))
}

/// What was noticed about the files, and of which formats the weights are.
fn surveyed(survey: &Survey) -> Surveyed {
    let findings = survey.findings.iter().map(|(file, finding)| {
        let file = file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
        Noticed { code: finding.code, line: format!("{file}{}", finding.message) }
    });
    let files: Vec<&WeightsFile> = survey.sets.iter().flat_map(|set| &set.files).collect();
    let own = |file: &WeightsFile| file.contents.as_ref().ok().and_then(Option::as_ref).map(|contents| contents.format.to_owned());
    // What holds nothing but the bytes of tensors is of the format of the file that describes them.
    let holder = |file: &WeightsFile| files.iter().find(|other| Some(&other.path) == file.holder.as_ref()).and_then(|holder| own(holder));
    let weights = files.iter().map(|file| SeenWeights { path: file.path.to_string(), format: own(file).or_else(|| holder(file)) });
    Surveyed { findings: findings.collect(), weights: weights.collect() }
}

fn code_in(survey: &Survey) -> Vec<String> {
    let code = survey.findings.iter().filter(|(_, finding)| finding.code.runs_code());
    code.map(|(file, finding)| {
        let file = file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
        format!("{file}{} ({})", finding.message, finding.code.as_str())
    })
    .collect()
}

/// The outboard's own profile: only a look by that one can be held against it.
fn profile_of(sources: &Sources<'_>, default: CidProfile) -> CidProfile {
    sources.outboard.as_ref().map_or(default, modelmark_digest::outboard::Outboard::profile)
}

/// Works on another thread. When it panics, or there is no thread to be had, the receiver learns that nothing will come.
fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
    let (send, receive) = oneshot::channel();
    let spawned = std::thread::Builder::new().name("files".to_owned()).spawn(move || {
        // Whoever asked may be gone.
        drop(send.send(work()));
    });
    // The work was dropped with its sender then.
    drop(spawned);
    receive
}

/// Files that were looked over and fingerprinted.
struct Looked {
    survey: Arc<Survey>,
    unread: Option<Unread>,
    manifest: Result<Manifest, DigestError>,
}

/// Who looks at the files, on whatever thread.
struct Looker {
    path: PathBuf,
    observer: Arc<dyn Observer + Send + Sync>,
    cache: Option<Arc<dyn DigestCache>>,
    /// What the outboard says, by its own word, and by which profile.
    leaves: Option<(CidProfile, Arc<LeafLists>)>,
    /// The look at their headers, and for code: of the files as they were found, and so were hashed. A look that leaves files out is another one.
    survey: Mutex<Option<(bool, Arc<Survey>)>>,
}

impl Looker {
    /// Looks at the files, and holds each leaf against the outboard while they are read.
    fn look(&self, request: &Request, sizes: Option<&Sizes>, stop: &AtomicBool) -> Result<Known, DigestError> {
        let caught = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let leaves = self.leaves.as_ref().filter(|(profile, _)| *profile == request.profile);
            let comparison = leaves.map(|(_, leaves)| Comparison::new(leaves, self.observer.as_ref()));
            let observer: &dyn Observer = comparison.as_ref().map_or(self.observer.as_ref(), |comparison| comparison);
            // Of holes only what somebody else says to be that long is read.
            let request = Request { holes: sizes.is_some(), ..request.clone() };
            let Looked { survey, unread, manifest } = self.survey(&request, sizes, &Stoppable::new(observer, stop))?;
            if let Some((path, size, stored)) = survey.hollow().filter(|_| sizes.is_none()) {
                return Ok(Known { void: true, ..Known::without(Look::Unreachable(hollow(path, size, stored))) });
            }
            let differing = comparison.map(|comparison| comparison.differing()).unwrap_or_default();
            Ok(Known { differing, unread, ..Known::without(Look::Found(manifest?)) })
        }));
        caught.unwrap_or_else(|panic| Ok(Known::without(Look::Unreachable(broken(panic.as_ref())))))
    }

    /// Looks the files over, once for all looks at the same ones of them, and fingerprints them.
    fn survey(&self, request: &Request, sizes: Option<&Sizes>, observer: &dyn Observer) -> Result<Looked, DigestError> {
        let mut place = self.survey.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = self.cache.as_deref();
        let (survey, unread, manifest) = match (&*place, sizes) {
            (_, Some(sizes)) => {
                let mut survey = modelmark_digest::survey(&self.path)?;
                let unread = sizes.leave_out(&mut survey);
                let manifest = survey.digest(request, observer, cache);
                (Arc::new(survey), unread, manifest)
            }
            (Some((false, survey)), None) => (Arc::clone(survey), None, survey.digest(request, observer, cache)),
            (_, None) => {
                let (survey, manifest) = modelmark_digest::survey_and_digest(&self.path, request, observer, cache)?;
                (Arc::new(survey), None, manifest)
            }
        };
        *place = Some((unread.is_some(), Arc::clone(&survey)));
        Ok(Looked { survey, unread, manifest })
    }

    /// Returns what was looked over last.
    fn seen(&self) -> Option<Arc<Survey>> {
        self.survey.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, survey)| Arc::clone(survey))
    }
}

/// Says that a file is not read because nobody says that it is that long.
fn hollow(path: &ModelPath, size: u64, stored: u64) -> String {
    format!(
        "{path} is {size} bytes long, of which {stored} are stored and the rest are holes: it was not read. Name the token or bring the record, which say how \
         long the file is"
    )
}

fn was_stopped(error: &DigestError) -> bool {
    matches!(error, DigestError::Read { source, .. } if source.kind() == std::io::ErrorKind::Interrupted)
}

/// Says what it means that the local files could not be fingerprinted.
fn nothing_to_compare(error: &DigestError) -> Look<Manifest> {
    match error {
        // A file that cannot be read, or not twice alike, says nothing about the model.
        DigestError::Read { .. } | DigestError::Changed(_) | DigestError::Hollow { .. } => Look::Unreachable(with_causes(error)),
        // Everything else is something that no record can list: it was put there after the model was published.
        _ => Look::Absent(with_causes(error)),
    }
}
