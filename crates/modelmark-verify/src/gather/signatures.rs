//! Looks for signature documents, those that the caller brought and those that the store has beside the record, and asks the contract wallets in them.

use modelmark_chain::{Block, Chain, ChainError, ReadAt, wallet_accepts};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{CanonicalRecord, MAX_SIGNATURES, MAX_SIGNATURES_BYTES, Proof, RecordId, SignatureDocument, WalletQuestion};

use super::{Sources, from_place, with_causes};
use crate::evidence::{Evidence, Look, RecordBytes, SignatureFile, WalletAnswer, WalletWord};

/// How many signature documents of one record are looked at.
const MAX_DOCUMENTS: usize = 64;

/// Returns the documents, those of the caller first.
pub(super) async fn look(sources: &Sources<'_>, record: Option<&RecordBytes>) -> Vec<SignatureFile> {
    let mut found = sources.signatures.clone();
    if let Some(record) = record {
        // A store that lost its signatures leaves the judge without them, which is what the report then says.
        let documents = sources.store.attached(&RecordId::from(Sha256Digest::of(&record.bytes)).cid()).unwrap_or_default();
        for id in documents.iter().take(MAX_DOCUMENTS) {
            found.extend(document(sources, id).await);
        }
    }
    found
}

/// Reads a document that the store knows of: from there, else from a place beyond this machine.
async fn document(sources: &Sources<'_>, id: &ContentId) -> Option<SignatureFile> {
    let file = |bytes, source| Some(SignatureFile { bytes, source, brought: false });
    if let Ok(Some(bytes)) = sources.store.get(id, MAX_SIGNATURES_BYTES) {
        return file(bytes, sources.store.name().to_owned());
    }
    let (place, block) = sources.remote?.block_from(id).await.ok()?;
    file(block.into_bytes(), from_place(&place))
}

/// Asks the contract wallets whose signatures came with a record, at the block of its token.
pub(super) async fn wallets(sources: &Sources<'_>, evidence: &Evidence) -> Vec<WalletAnswer> {
    let Some(Ok(record)) = evidence.record.found().map(|record| CanonicalRecord::parse(&record.bytes)) else { return Vec::new() };
    let chain = sources.registry.as_ref().map(|registry| registry.chain());
    ask_wallets(chain, evidence.token.found().map(|token| token.block), wallet_questions(&record, &evidence.signatures)).await
}

/// Returns what has to be asked of contract wallets about the signatures in these documents, each question once and no more than a document may have.
#[must_use]
pub fn wallet_questions(record: &CanonicalRecord, files: &[SignatureFile]) -> Vec<WalletQuestion> {
    let documents =
        files.iter().filter_map(|file| SignatureDocument::parse(&file.bytes).ok()).filter(|document| document.record == record.id());
    let mut questions: Vec<WalletQuestion> = Vec::new();
    for signature in documents.flat_map(|document| document.signatures) {
        if let Ok(Proof::Asks(question)) = signature.check(record)
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
