//! Looks for signature documents, those that the caller brought and those that the store has beside the record, and asks the contract wallets in them.

use futures_util::stream::{self, StreamExt as _};
use modelmark_chain::{Block, Chain, ChainError, ReadAt, wallet_accepts};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{CanonicalRecord, MAX_SIGNATURES, MAX_SIGNATURES_BYTES, RecordId, SignatureDocument, WalletQuestion};

use super::{Gathering, Sources, from_place, with_causes};
use crate::evidence::{Evidence, Look, SignatureFile, WalletAnswer, WalletWord};

/// How many signature documents of one record are looked at.
const MAX_DOCUMENTS: usize = 64;

/// How many documents are asked for at once.
const AT_ONCE: usize = 8;

impl Gathering<'_> {
    /// Notes the documents, those of the caller first, and returns what the contract wallets among the signers say.
    pub(super) async fn signatures(&self, evidence: &mut Evidence) -> Vec<WalletAnswer> {
        let mut found = self.sources.signatures.clone();
        let Some(record) = evidence.record.found() else {
            evidence.signatures = found;
            return Vec::new();
        };
        let id = RecordId::from(Sha256Digest::of(&record.bytes)).cid();
        let (attached, lost) = match self.sources.store.attached(&id) {
            Ok(attached) => (attached, None),
            Err(error) => (Vec::new(), Some(with_causes(&error))),
        };
        let documents = stream::iter(attached.into_iter().take(MAX_DOCUMENTS)).map(|id| document(self.sources, id)).buffered(AT_ONCE);
        let missing = match self.deadline.within(documents.collect::<Vec<_>>()).await {
            Ok(documents) => {
                let (here, missing): (Vec<_>, Vec<_>) = documents.into_iter().partition(Result::is_ok);
                found.extend(here.into_iter().flatten());
                missing.into_iter().find_map(Result::err).or(lost)
            }
            Err(why) => Some(why),
        };
        let questions = CanonicalRecord::parse(&record.bytes).map(|record| wallet_questions(&record, &found)).unwrap_or_default();
        let note = |why: &String| format!("not every signature document that the store knows of could be read: {why}");
        evidence.notes.extend(missing.as_ref().map(note));
        (evidence.signatures, evidence.unread_signatures) = (found, missing);
        self.wallets(questions).await
    }

    /// Asks the contract wallets whose signatures came with a record, at the block that everything is read at.
    async fn wallets(&self, questions: Vec<WalletQuestion>) -> Vec<WalletAnswer> {
        if questions.is_empty() {
            return Vec::new();
        }
        let chain = self.sources.registry.as_ref().map(|registry| registry.chain());
        match self.deadline.within(ask_wallets(chain, None, questions.clone())).await {
            Ok(answers) => answers,
            Err(why) => questions.into_iter().map(|question| WalletAnswer { question, word: Look::Unreachable(why.clone()) }).collect(),
        }
    }
}

/// Reads a document that the store knows of: from there, else from a place beyond this machine.
async fn document(sources: &Sources<'_>, id: ContentId) -> Result<SignatureFile, String> {
    let file = |bytes, source| Ok(SignatureFile { bytes, source, brought: false });
    if let Ok(Some(bytes)) = sources.store.get(&id, MAX_SIGNATURES_BYTES) {
        return file(bytes, sources.store.name().to_owned());
    }
    let Some(remote) = sources.remote else { return Err(format!("{id} is not in {}", sources.store.name())) };
    let (place, block) = remote.block_from(&id).await.map_err(|error| with_causes(&error))?;
    file(block.into_bytes(), from_place(&place))
}

/// Returns what has to be asked of contract wallets about the signatures in these documents, each question once and no more than a document may have.
#[must_use]
pub fn wallet_questions(record: &CanonicalRecord, files: &[SignatureFile]) -> Vec<WalletQuestion> {
    let documents =
        files.iter().filter_map(|file| SignatureDocument::parse(&file.bytes).ok()).filter(|document| document.record == record.id());
    let mut questions: Vec<WalletQuestion> = Vec::new();
    for signature in documents.flat_map(|document| document.signatures) {
        if let Some(question) = signature.question(record)
            && !questions.contains(&question)
            && questions.len() < MAX_SIGNATURES
        {
            questions.push(question);
        }
    }
    questions
}

/// Asks contract wallets, all of them at one block: the one with the number `at`, or the newest. Only wallets of this chain can be asked.
pub async fn ask_wallets(chain: Result<&Chain, &String>, at: Option<u64>, questions: Vec<WalletQuestion>) -> Vec<WalletAnswer> {
    let mut answers = Vec::with_capacity(questions.len());
    let block = match chain {
        Ok(chain) if !questions.is_empty() => Some(block(chain, at).await),
        _ => None,
    };
    for question in questions {
        let word = match (chain, &block) {
            (Err(why), _) => Look::Unreachable(why.clone()),
            (Ok(chain), _) if chain.id().get() != question.wallet.chain() => {
                Look::Unreachable(format!("the wallet is on eip155:{}, the endpoint serves {}", question.wallet.chain(), chain.id()))
            }
            (Ok(chain), Some(Ok(block))) => ask(chain, block, &question).await,
            (Ok(_), Some(Err(error))) => Look::Unreachable(with_causes(error)),
            (Ok(_), None) => Look::NotAsked,
        };
        answers.push(WalletAnswer { question, word });
    }
    answers
}

async fn block(chain: &Chain, at: Option<u64>) -> Result<Block, ChainError> {
    match at {
        Some(number) => chain.clone().at(ReadAt::Number(number)).block().await,
        None => chain.block().await,
    }
}

async fn ask(chain: &Chain, block: &Block, question: &WalletQuestion) -> Look<WalletWord> {
    match wallet_accepts(chain, question.wallet.address(), question.digest, question.signature.as_bytes(), block).await {
        Ok(accepts) => Look::Found(WalletWord { accepts, block: block.number }),
        Err(error) => Look::Unreachable(with_causes(&error)),
    }
}
