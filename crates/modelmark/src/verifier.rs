//! What every verb that verifies works with: the chain, the store, the places and the policy, opened once for any number of models.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use modelmark_chain::{AddressBook, Registry, TokenRef};
use modelmark_digest::cache::DigestCache;
use modelmark_digest::outboard::Outboard;
use modelmark_digest::{ContentId, Request};
use modelmark_record::{MAX_RECORD_BYTES, Record};
use modelmark_remote::http::{Rules, Web};
use modelmark_remote::{Reader, TokenIndex};
use modelmark_storage::{MemoryStore, Store};
use modelmark_verify::{
    Begun, FoundSignature, Gathered, Look, OmsEvidence, Policy, RecordBytes, Report, Rooted, Scope, SignatureFile, Sources, Together,
    Verdict, begin, gather_begun, rooted,
};

use crate::chain_source;
use crate::error::{OrKind as _, Result};
use crate::files_signed;
use crate::options::{LookArgs, SourceArgs};
use crate::places;
use crate::progress::{Followed, Progress, Reading};
use crate::session::Session;

/// Where to look, and what is demanded.
pub(crate) struct Verifier<'s> {
    session: &'s Session<'s>,
    /// The registry, or why it cannot be asked, once that was tried.
    registry: OnceLock<std::result::Result<Registry, String>>,
    address_book: AddressBook,
    empty: MemoryStore,
    remote: Option<Reader>,
    web: Option<Web>,
    index: Option<Arc<TokenIndex>>,
    policy: RwLock<Arc<Policy>>,
    /// How long chain and places may take for one model, and to be reached.
    deadline: Duration,
}

/// What is to be verified: local files, and what the caller knows of them.
pub(crate) struct Subject<'p> {
    /// The files; without, the token, the record and its signatures are looked at alone.
    pub(crate) path: Option<&'p Path>,
    pub(crate) scope: Scope,
    /// Whether everything that the record states is computed.
    pub(crate) full: bool,
    /// Whether the digests of files that did not change come from the cache.
    pub(crate) cached: bool,
    pub(crate) outboard: Option<Outboard>,
    pub(crate) token: Option<TokenRef>,
    pub(crate) record: Option<RecordBytes>,
    pub(crate) signatures: Vec<SignatureFile>,
    pub(crate) metadata: Option<RecordBytes>,
    pub(crate) oms: Look<OmsEvidence>,
    /// Signatures of OpenSSF model signing that may be by those whom the policy file names, besides those in the model's folder.
    pub(crate) oms_signatures: Vec<PathBuf>,
    /// Whether to stop at what fails first.
    pub(crate) fail_fast: bool,
}

impl<'s> Verifier<'s> {
    /// Connects to the chain and opens the places. One that is out of reach is a finding of each report, so that everything else is still looked at. The
    /// network has so much time to be reached, and then for each model.
    pub(crate) async fn open(
        session: &'s Session<'s>,
        chain: &LookArgs,
        places: &SourceArgs,
        policy: Policy,
        deadline: Duration,
    ) -> Result<Self> {
        let verifier = Self::unconnected(session, places, policy, deadline)?;
        verifier.connect(chain).await?;
        Ok(verifier)
    }

    /// Opens everything but the chain, for [`Self::connect_and_gather`].
    pub(crate) fn unconnected(session: &'s Session<'s>, places: &SourceArgs, policy: Policy, deadline: Duration) -> Result<Self> {
        Ok(Self {
            session,
            registry: OnceLock::new(),
            address_book: AddressBook::built_in().or_usage()?,
            empty: MemoryStore::new(),
            remote: places::reader(session, &places.places)?,
            web: policy.accept_mutable.then(|| Web::new(Rules::default())),
            index: None,
            policy: RwLock::new(Arc::new(policy)),
            deadline,
        })
    }

    async fn connect(&self, chain: &LookArgs) -> Result<()> {
        let connected = tokio::time::timeout(self.deadline, chain_source::connect_to_look(self.session, chain)).await;
        let registry = match connected {
            Ok(Ok(connected)) => Ok(connected.registry),
            Ok(Err(error)) if error.exit_code() == modelmark_verify::exit_codes::USAGE => return Err(error),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("the chain did not answer within {} seconds", self.deadline.as_secs_f32())),
        };
        self.registry.get_or_init(|| registry);
        Ok(())
    }

    fn registry(&self) -> std::result::Result<&Registry, String> {
        let tried = self.registry.get().map(|registry| registry.as_ref().map_err(Clone::clone));
        tried.unwrap_or_else(|| Err("the chain was not asked yet".to_owned()))
    }

    fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Demands something else of what is verified from now on. Where metadata may come from stays as it was opened.
    pub(crate) fn demand(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Has an index asked too.
    pub(crate) fn with_index(self, index: Option<Arc<TokenIndex>>) -> Self {
        Self { index, ..self }
    }

    /// Tells whether the policy's file names who has to have signed the files.
    pub(crate) fn names_signers_of_files(&self) -> bool {
        self.policy().names_signers_of_files()
    }

    /// Says why the chain cannot be asked, if it cannot.
    pub(crate) fn blindness(&self) -> Option<&str> {
        self.registry.get()?.as_ref().err().map(String::as_str)
    }

    /// Verifies one model.
    pub(crate) async fn verify(&self, subject: Subject<'_>) -> Result<Report> {
        Ok(self.look(subject, None).await?.report)
    }

    /// Connects to the chain while the files are read already, and verifies one model; with the evidence that the report follows from.
    pub(crate) async fn connect_and_gather(&self, chain: &LookArgs, subject: Subject<'_>) -> Result<Gathered> {
        self.look(subject, Some(chain)).await
    }

    async fn look(&self, subject: Subject<'_>, unconnected: Option<&LookArgs>) -> Result<Gathered> {
        let session = self.session;
        let reading = Arc::new(Reading::default());
        let (signed, speaking) = self.signed(&subject)?;
        let sources = Sources {
            path: subject.path,
            scope: subject.scope,
            outboard: subject.outboard,
            request: Request { sha256: subject.full, tensors: subject.full, ..Request::cids() },
            observer: Arc::new(Followed { bar: Progress::new(session.output, "verify"), reading: Arc::clone(&reading) }),
            cache: if subject.cached { session.shared_cache().map(|cache| cache as Arc<dyn DigestCache>) } else { None },
            token: subject.token,
            index: self.index.as_deref(),
            remote: self.remote.as_ref(),
            web: self.web.as_ref(),
            record: subject.record,
            signatures: subject.signatures,
            metadata: subject.metadata,
            oms: if subject.oms == Look::NotAsked { speaking } else { subject.oms },
            signed,
            fail_fast: subject.fail_fast,
            deadline: self.deadline,
            ..Sources::new(self.registry(), &self.address_book, &self.empty)
        };
        // Store and chain are opened while the files are being read.
        let begun = begin(&sources);
        let store = self.store();
        if let Some(chain) = unconnected {
            self.connect(chain).await?;
        }
        let mut gathered = self.gathered(Sources { registry: self.registry(), store, ..sources }, begun).await?;
        gathered.report.notes.extend(reading.remark());
        Ok(gathered)
    }

    /// Looks for signatures over the files by those whom the policy file names; and whether one of them speaks for a model that nothing else speaks for.
    fn signed(&self, subject: &Subject<'_>) -> Result<(Look<Vec<FoundSignature>>, Look<OmsEvidence>)> {
        let policy = self.policy();
        let rules = policy.file.as_deref().filter(|_| policy.names_signers_of_files());
        let (Some(rules), Some(path), Scope::Whole) = (rules, subject.path, &subject.scope) else {
            return Ok((Look::NotAsked, Look::NotAsked));
        };
        let signed = files_signed::look(self.session, path, &subject.oms_signatures, rules)?;
        let speaking = files_signed::speaking(&signed, rules);
        Ok((signed, speaking))
    }

    /// Verifies tokens without files: what each says, its record and who signed that, how it and what it comes from stand. Of several, the chain is asked about
    /// all at once; when the block that it was read at is gone at the end, each is looked at by itself.
    pub(crate) async fn verify_tokens(&self, tokens: &[TokenRef], signatures: &[SignatureFile]) -> Result<Vec<Report>> {
        let mut together = None;
        if let (Ok(registry), [_, _, ..]) = (self.registry(), tokens) {
            together = Together::look(registry, &self.address_book, tokens, &self.policy(), self.deadline).await;
        }
        let mut reports = self.each(tokens, signatures, together.as_ref()).await?;
        if let Some(seen) = &together
            && !seen.stands().await
        {
            reports = self.each(tokens, signatures, None).await?;
        }
        Ok(reports)
    }

    async fn each(&self, tokens: &[TokenRef], signatures: &[SignatureFile], together: Option<&Together>) -> Result<Vec<Report>> {
        let mut reports = Vec::with_capacity(tokens.len());
        for token in tokens {
            let sources = Sources { token: Some(*token), signatures: signatures.to_vec(), together, ..self.no_files() };
            reports.push(self.report(sources).await?);
        }
        Ok(reports)
    }

    /// Verifies a record without files, and a token of it, which is looked for.
    pub(crate) async fn verify_record(&self, record: RecordBytes, signatures: Vec<SignatureFile>) -> Result<Report> {
        let weights = Record::parse(&record.bytes).ok().map(|record| record.provenance.weights.cid);
        self.report(Sources { record: Some(record), weights, signatures, ..self.no_files() }).await
    }

    /// Verifies the record with this CID, if the block store or a place has one; else a token of the model's folder with this CID, if its blocks can be had; else
    /// one of the weights with this CID. And the token's record.
    pub(crate) async fn verify_cid(&self, cid: ContentId, signatures: Vec<SignatureFile>) -> Result<Report> {
        let here = self.store().get(&cid, MAX_RECORD_BYTES).ok().flatten().map(|bytes| (bytes, "the block store".to_owned()));
        let found = match (here, &self.remote) {
            (None, Some(remote)) => {
                let asked = tokio::time::timeout(self.deadline, remote.block_from(&cid)).await;
                asked.ok().and_then(std::result::Result::ok).map(|(place, block)| (block.into_bytes(), place))
            }
            (here, _) => here,
        };
        match found.filter(|(bytes, _)| Record::parse(bytes).is_ok()) {
            Some((bytes, source)) => self.verify_record(RecordBytes { bytes, source }, signatures).await,
            None => self.verify_rooted(cid, signatures).await,
        }
    }

    /// Verifies a token of a model, or of weights, of which nothing but the CID is known.
    async fn verify_rooted(&self, cid: ContentId, signatures: Vec<SignatureFile>) -> Result<Report> {
        let asked = tokio::time::timeout(self.deadline, rooted(self.store(), self.remote.as_ref(), cid)).await;
        let asked = asked.unwrap_or_else(|_| Err(format!("no place answered within {} seconds", self.deadline.as_secs_f32())));
        let of_weights = |weights| Sources { weights: Some(weights), signatures: signatures.clone(), ..self.no_files() };
        let unclear = match asked {
            Ok(Rooted::Folder(candidates)) => {
                let mut last = None;
                for weights in candidates {
                    let mut report = self.report(Sources { model: Some(cid), ..of_weights(weights) }).await?;
                    report.notes.push(format!("{cid} is a model's folder, with the weights {weights}"));
                    if report.verdict != Verdict::DoesNotVerify {
                        return Ok(report);
                    }
                    last = Some(report);
                }
                match last {
                    Some(report) => return Ok(report),
                    None => format!("{cid} is a folder without weights"),
                }
            }
            Ok(Rooted::File) => return self.report(of_weights(cid)).await,
            Ok(Rooted::Unclear(why)) => format!("{cid} is a folder, and what of it are the weights cannot be told: {why}"),
            Err(why) => {
                format!("whether {cid} is a record, a model's folder or weights could not be seen, and it was taken for weights: {why}")
            }
        };
        let mut report = self.report(of_weights(cid)).await?;
        report.notes.push(unclear);
        Ok(report)
    }

    fn no_files(&self) -> Sources<'_> {
        Sources {
            index: self.index.as_deref(),
            remote: self.remote.as_ref(),
            web: self.web.as_ref(),
            deadline: self.deadline,
            ..Sources::new(self.registry(), &self.address_book, self.store())
        }
    }

    fn store(&self) -> &dyn Store {
        match self.session.store() {
            Ok(store) => store,
            Err(error) => {
                self.session.output.note(error.to_string());
                &self.empty
            }
        }
    }

    async fn report(&self, sources: Sources<'_>) -> Result<Report> {
        let begun = begin(&sources);
        Ok(self.gathered(sources, begun).await?.report)
    }

    async fn gathered(&self, sources: Sources<'_>, begun: Begun) -> Result<Gathered> {
        let policy = self.policy();
        let mut gathered = gather_begun(sources, begun, &policy).await.or_usage()?;
        let report = &mut gathered.report;
        report.notes.extend(self.registry().map(|registry| registry.chain().dissent()).unwrap_or_default());
        report.notes.extend(self.remote.as_ref().map(places::dismissed).unwrap_or_default());
        Ok(gathered)
    }
}
