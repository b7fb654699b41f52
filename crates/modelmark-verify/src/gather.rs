//! Looks: at the files, the chain and the store. Collects what is there and decides nothing.

mod ancestry;
mod candidates;
mod claims;
mod compared;
mod deadline;
mod early;
mod files;
mod folder;
mod foreign;
mod hints;
mod part;
mod pinned;
mod record;
mod signatures;
mod sizes;
mod stoppable;
mod summary;
mod together;
mod token;

pub(crate) use self::files::seen_in;
pub use self::folder::{Rooted, rooted};
pub use self::foreign::foreign_metadata;
pub use self::signatures::{ask_wallets, wallet_questions};
pub(crate) use self::sizes::Sizes;
pub use self::together::Together;
pub(crate) use self::token::IN_THE_LOG;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use modelmark_chain::{AddressBook, Registry, TokenRef};
use modelmark_digest::cache::DigestCache;
use modelmark_digest::outboard::Outboard;
use modelmark_digest::{CidProfile, ContentId, Manifest, Observer, Request};
use modelmark_record::Record;
use modelmark_remote::http::Web;
use modelmark_remote::{Reader, TokenIndex};
use modelmark_storage::Store;

use self::deadline::{Deadline, broken};
use self::files::Files;
use self::part::Seen;
use self::pinned::Pinned;
use self::token::Looked;
use crate::assurance::ChainView;
use crate::evidence::{Evidence, Look, RecordBytes, SignatureFile, Surveyed, TokenEvidence};
use crate::foreign::{FoundSignature, OmsEvidence};
use crate::judge::RecordFacts;
use crate::{Code, Policy, Report, Scope, Status, Verdict, judge};

/// How long the network may take for one model, unless the caller says otherwise.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How often everything is looked at when the chain removes the block that was read.
const MAX_LOOKS: usize = 2;

/// Where to look.
#[derive(Clone)]
pub struct Sources<'a> {
    /// The local files.
    pub path: Option<&'a Path>,
    /// How much of them is looked at.
    pub scope: Scope,
    /// The leaf digests that a part is held against; without them, the store's trees are. Of a whole model they tell which bytes differ. Whoever brings
    /// them need not be trusted.
    pub outboard: Option<Outboard>,
    /// What to compute of them. A record that names another profile has its CIDs made by that one.
    pub request: Request,
    /// Who watches the files being read.
    pub observer: Arc<dyn Observer + Send + Sync>,
    /// Digests from earlier runs to take instead of reading files again; see [`modelmark_digest::cache`] for what that trusts. A gate has none.
    pub cache: Option<Arc<dyn DigestCache>>,
    /// The registry to ask, or why it cannot be asked.
    pub registry: Result<&'a Registry, String>,
    /// What the chain says about many tokens, seen before for all of them; of the same registry's chain, and whoever brings it sees at the end whether its block
    /// still stands.
    pub together: Option<&'a Together>,
    /// Registries that are trusted although their address does not follow from our code.
    pub address_book: &'a AddressBook,
    /// The token, when the caller knows it; else it is looked for by the weights.
    pub token: Option<TokenRef>,
    /// The CID of the weights to look for a token by, when there are no files and no token is named.
    pub weights: Option<ContentId>,
    /// The CID of the model, when it is known without files: only tokens whose record speaks of it are looked at.
    pub model: Option<ContentId>,
    /// An index that may know tokens of the weights beside those of the registry, when no token is named. It is believed in nothing.
    pub index: Option<&'a TokenIndex>,
    /// The store to look for the record in.
    pub store: &'a dyn Store,
    /// Places beyond this machine to look for what the store does not have. Without, nothing is asked of anybody but the chain.
    pub remote: Option<&'a Reader>,
    /// What fetches metadata from the web servers that tokens of others name, if the policy accepts what may be another thing tomorrow.
    pub web: Option<&'a Web>,
    /// A record that the caller brings along.
    pub record: Option<RecordBytes>,
    /// Signature documents that the caller brings along.
    pub signatures: Vec<SignatureFile>,
    /// Metadata that the caller brings along, for a token of a contract that is none of our registries.
    pub metadata: Option<RecordBytes>,
    /// What the caller found out about a signature of OpenSSF model signing. Whoever asked for one does not need a token.
    pub oms: Look<OmsEvidence>,
    /// Signatures of OpenSSF model signing that the caller found because the policy names who has to have signed the files.
    pub signed: Look<Vec<FoundSignature>>,
    /// Whether to stop at what fails first, and to read the bytes of the files last: after the token, if it is named, the record, its signatures, the policy, and
    /// names and sizes.
    pub fail_fast: bool,
    /// How long chain and places may take together. What was not seen by then could not be looked at.
    pub deadline: Duration,
}

impl<'a> Sources<'a> {
    /// Returns sources that name nothing to look at yet.
    #[must_use]
    pub fn new(registry: Result<&'a Registry, String>, address_book: &'a AddressBook, store: &'a dyn Store) -> Self {
        Self {
            path: None,
            scope: Scope::Whole,
            outboard: None,
            request: Request::cids(),
            observer: Arc::new(()),
            cache: None,
            registry,
            together: None,
            address_book,
            token: None,
            weights: None,
            model: None,
            index: None,
            store,
            remote: None,
            web: None,
            record: None,
            signatures: Vec::new(),
            metadata: None,
            oms: Look::NotAsked,
            signed: Look::NotAsked,
            fail_fast: false,
            deadline: DEADLINE,
        }
    }
}

/// A report, and the evidence that it follows from.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The report.
    pub report: Report,
    /// The evidence. Judged again by the same policy it gives the same checks.
    pub evidence: Evidence,
}

impl Gathered {
    fn of(evidence: Evidence, policy: &Policy) -> Self {
        Self { report: judge(&evidence, policy), evidence }
    }
}

/// What was asked for is nowhere; everything else is evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// There is nothing at the path.
    #[error("there is nothing at {0}")]
    Nothing(PathBuf),
    /// A range was asked for that neither the record nor the local files have.
    #[error("neither the record nor the files have the bytes from {start} up to {} of {path:?}", if *end == u64::MAX { "the end".to_owned() } else { end.to_string() })]
    NoRange {
        /// The file.
        path: String,
        /// First byte.
        start: u64,
        /// Byte after the last; the largest stands for the end of the file.
        end: u64,
    },
}

/// Gathers evidence and judges it: the files are read on a thread of their own while chain and places are asked. When several tokens claim the weights,
/// a bounded number is judged, and the report is that of the first one that verifies, else of the one that tells most; the others are mentioned in the notes.
///
/// It ends: what chain and places have not said by the deadline, and what a fault of this program kept from being seen, could not be looked at. Whoever
/// drops the future before does not stop the reading of the files.
///
/// # Errors
/// When there is nothing at the path, or nowhere such a range.
pub async fn verify(sources: Sources<'_>, policy: &Policy) -> Result<Report, GatherError> {
    Ok(gather(sources, policy).await?.report)
}

/// Does the same, and returns the evidence too that the report follows from.
///
/// # Errors
/// As [`verify`].
pub async fn gather(sources: Sources<'_>, policy: &Policy) -> Result<Gathered, GatherError> {
    let begun = begin(&sources);
    gather_begun(sources, begun, policy).await
}

/// Files that are being read already.
pub struct Begun(CidProfile, Files);

/// Begins to read the files of these sources; nobody is asked yet, so the registry may still be unknown. Whoever does not go on with [`gather_begun`] does not
/// stop the reading.
#[must_use]
pub fn begin(sources: &Sources<'_>) -> Begun {
    let profile = first_profile(sources);
    Begun(profile, Files::start(sources, profile))
}

/// As [`gather`], with files of the same sources that are being read since before there was a registry to ask.
///
/// # Errors
/// As [`verify`].
pub async fn gather_begun(sources: Sources<'_>, begun: Begun, policy: &Policy) -> Result<Gathered, GatherError> {
    let mut begun = Some(begun);
    for _ in 0..MAX_LOOKS {
        let files = begun.take().unwrap_or_else(|| begin(&sources));
        match look(sources.clone(), files, policy).await? {
            // The chain removed what was read.
            (_, Some(pinned)) if !pinned.stands().await => {}
            (gathered, _) => return Ok(gathered),
        }
    }
    let why =
        "the chain removed the block that was read, and then the next one too; look again, or read at a block that is final".to_owned();
    let sources = Sources { registry: Err(why), ..sources };
    let begun = begin(&sources);
    Ok(look(sources, begun, policy).await?.0)
}

/// The same, once; and the block that it was at.
async fn look(sources: Sources<'_>, Begun(profile, mut files): Begun, policy: &Policy) -> Result<(Gathered, Option<Pinned>), GatherError> {
    let deadline = Deadline::new(sources.deadline);
    if sources.token.is_none() {
        // The chain is asked about the files, and then as it is when they are read.
        files.of(profile).await?;
    }
    let known = sources.together.map(|together| &together.pinned);
    let fresh = match (known, &sources.registry) {
        (Some(_), _) => None,
        (None, Ok(registry)) => Some(deadline.within(pinned::pin(registry)).await.flatten()),
        (None, Err(why)) => Some(Err(why.clone())),
    };
    let pinned = fresh.as_ref().map_or(known.ok_or_else(String::new), |fresh| fresh.as_ref().map_err(Clone::clone));
    let view = pinned.as_ref().ok().map(|pinned| pinned.view);
    let sources = Sources { registry: pinned.map(|pinned| &pinned.registry), ..sources };
    let gathered = Gathering { sources: &sources, policy, deadline, files, seen: Seen::default() }.run(view).await?;
    drop(sources);
    Ok((gathered, fresh.and_then(Result::ok)))
}

/// By which profile the files are looked at first.
fn first_profile(sources: &Sources<'_>) -> CidProfile {
    let outboard = || sources.outboard.as_ref().map(Outboard::profile);
    sources.record.as_ref().and_then(profile).or_else(outboard).unwrap_or(sources.request.profile)
}

/// One verification on its way.
struct Gathering<'s> {
    sources: &'s Sources<'s>,
    policy: &'s Policy,
    deadline: Deadline,
    files: Files,
    seen: Seen,
}

impl Gathering<'_> {
    async fn run(mut self, view: Option<ChainView>) -> Result<Gathered, GatherError> {
        let sources = self.sources;
        let mut base = Evidence { seen: view, ..base(sources) };
        let candidates = match self.candidates(&mut base).await? {
            Ok(candidates) => candidates,
            Err(look) => {
                base.token = without_token(sources, look, &mut base.notes);
                return self.finish(base).await;
            }
        };
        base.claims = candidates.claims;
        let count = candidates.tokens.len();
        let mut best: Option<Gathered> = None;
        for token in candidates.tokens {
            let looked = self.deadline.within(token::look(sources, token, self.policy)).await;
            let mut notes = base.notes.clone();
            let looked = match looked.unwrap_or_else(|why| Looked::Registry(Box::new(Look::Unreachable(why)))) {
                Looked::Registry(looked) => *looked,
                Looked::Logged(looked) => {
                    notes.extend(looked.found().map(|_| IN_THE_LOG.to_owned()));
                    *looked
                }
                Looked::Foreign(token) => return self.finish_foreign(*token, base).await,
            };
            if let Look::Found(found) = &looked
                && self.is_of_another_model(found).await
            {
                continue;
            }
            let claims = match (&base.claims, &looked) {
                (Look::NotAsked, Look::Found(found)) => self.rivals_of(token, found.weights).await,
                (claims, _) => claims.clone(),
            };
            let gathered = self.finish(Evidence { token: looked, claims, notes, ..base.clone() }).await?;
            if telling(&gathered.report) == BEST {
                return Ok(gathered);
            }
            if best.as_ref().is_none_or(|best| telling(&gathered.report) > telling(&best.report)) {
                best = Some(gathered);
            }
        }
        match (best, sources.model) {
            (Some(best), _) => Ok(best),
            (None, Some(model)) => {
                let weights = sources.weights.map(|weights| weights.to_string()).unwrap_or_default();
                base.token = Look::Absent(format!(
                    "{count} tokens name the weights {weights} of the folder {model}, and none of their records that folder"
                ));
                self.finish(base).await
            }
            (None, None) => Ok(Gathered::of(base, self.policy)),
        }
    }

    /// Tells whether the record of a token speaks of another model than the one that the caller means. One that is not at hand may speak of it.
    async fn is_of_another_model(&self, token: &TokenEvidence) -> bool {
        let Some(model) = self.sources.model else { return false };
        let record = self.deadline.within(record::look(self.sources, token.record)).await;
        let record = record.ok().and_then(|record| Record::parse(&record.found()?.bytes).ok());
        record.is_some_and(|record| record.provenance.model.cid != model)
    }

    async fn finish(&mut self, mut evidence: Evidence) -> Result<Gathered, GatherError> {
        let sources = self.sources;
        let named = evidence.token.found().map(|token| token.record);
        evidence.record = match (&sources.record, named) {
            (Some(record), _) => Look::Found(record.clone()),
            (None, Some(digest)) => self.deadline.within(record::look(sources, digest)).await.unwrap_or_else(Look::Unreachable),
            (None, None) => Look::NotAsked,
        };
        self.files.hold(Sizes::known(sources, evidence.record.found())).await?;
        self.part(&mut evidence)?;
        evidence.receipts = record::receipts(sources, evidence.record.found());
        evidence.wallets = self.signatures(&mut evidence).await;
        if let Some(decided) = self.decided(&evidence) {
            return Ok(decided);
        }
        let recorded = evidence.record.found().and_then(profile);
        let looked = evidence.model.found().map(|manifest| manifest.profile);
        let profile = recorded.or(looked).unwrap_or(sources.request.profile);
        evidence.model = self.files.of(profile).await?;
        evidence.unread = self.files.unread(profile);
        if sources.scope == Scope::Whole {
            self.compared(profile, &mut evidence);
        }
        (evidence.code, evidence.surveyed) = self.code();
        let left_out = evidence.model.found().map(left_out).unwrap_or_default();
        evidence.notes.splice(..0, left_out);
        let facts = RecordFacts::of(&evidence);
        let report = facts.judge(&evidence, self.policy);
        // What does not verify anyway, or nobody can look at, is not worth a walk whose length a stranger chose.
        let hopeless = matches!(report.verdict, Verdict::DoesNotVerify | Verdict::CouldNotLook);
        let (Some(token), Ok(registry), false) = (evidence.token.found(), &sources.registry, hopeless) else {
            return Ok(Gathered { report, evidence });
        };
        let ancestry = ancestry::ancestry(sources, registry.chain(), token, &self.policy.curators(), &self.deadline).await;
        evidence.ancestry = Look::Found(ancestry);
        Ok(Gathered { report: facts.judge(&evidence, self.policy), evidence })
    }

    /// What in the files runs code. Whoever takes another's word for their bytes has them looked over all the same.
    fn code(&self) -> (Look<Vec<String>>, Look<Surveyed>) {
        match (&self.sources.scope, self.sources.path) {
            (Scope::Summary(_), Some(path)) => files::code_at(path),
            _ => self.files.code(),
        }
    }

    /// Looks at a part of the files, if that was asked for.
    fn part(&mut self, evidence: &mut Evidence) -> Result<(), GatherError> {
        let record = evidence.record.found().map(|record| record.bytes.as_slice());
        let look = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.seen.look(self.sources, record)));
        evidence.part = look.unwrap_or_else(|panic| Ok(Look::Unreachable(broken(panic.as_ref()))))?;
        Ok(())
    }
}

/// What is known before anything is looked at.
fn base(sources: &Sources<'_>) -> Evidence {
    Evidence {
        path: sources.path.map(|path| path.display().to_string()),
        looked_at: SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs()),
        scope: sources.scope.clone(),
        sha256: sources.request.sha256,
        tensors: sources.request.tensors,
        named: sources.token,
        oms: sources.oms.clone(),
        signed: sources.signed.clone(),
        notes: sources.oms.found().into_iter().flat_map(|oms| oms.notes.clone()).collect(),
        ..Evidence::default()
    }
}

/// Whoever names a key of OpenSSF model signing, and neither token nor record, does not miss a token that is not there.
fn without_token(sources: &Sources<'_>, look: Look<TokenEvidence>, notes: &mut Vec<String>) -> Look<TokenEvidence> {
    match look {
        Look::Absent(why) if sources.oms != Look::NotAsked && sources.record.is_none() => {
            notes.push(why);
            Look::NotAsked
        }
        other => other,
    }
}

/// The rank of a report in which nothing is wrong.
const BEST: u8 = 4;

/// Ranks reports of rival claims by how much they tell: a stranger's claim whose record nobody has must not hide what is wrong with these files.
fn telling(report: &Report) -> u8 {
    let compared = report.check(Code::RecordValid).is_some_and(|check| check.status == Status::Pass);
    match (report.verdict, compared) {
        (
            Verdict::Verified
            | Verdict::VerifiedWithoutRecord
            | Verdict::RecordVerified
            | Verdict::PartVerified
            | Verdict::Sampled
            | Verdict::VerifiedBySummary,
            _,
        ) => BEST,
        (Verdict::PolicyRefused, _) => 3,
        (Verdict::DoesNotVerify, true) => 2,
        (Verdict::CouldNotLook, _) => 1,
        (Verdict::DoesNotVerify, false) => 0,
    }
}

/// Returns how the CIDs of a record were made, if it is one.
fn profile(record: &RecordBytes) -> Option<CidProfile> {
    Record::parse(&record.bytes).ok().map(|record| record.provenance.model.profile)
}

fn left_out(manifest: &Manifest) -> Vec<String> {
    let ignored = manifest.ignored.iter().map(|name| format!("{name} is not part of a model and was not verified"));
    let origin = manifest.origin.iter().map(|origin| format!("the cache says that these files are {origin}, which nobody checked"));
    ignored.chain(origin).collect()
}

/// Says where something came from that was held against its CID.
fn from_place(place: &str) -> String {
    format!("{place}, held against its CID")
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
