//! Collects what goes into a bundle: proofs from the chain, record and signatures from the block store or the places.

use modelmark_chain::{
    Address, Chain, ChainError, ReadAt, ReceiptProofError, SightError, StateProofError, TokenProof, TokenProofError, TokenRef,
};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES, Record, RecordId};
use modelmark_remote::Reader;
use modelmark_storage::Store as _;
use modelmark_verify::{Bundle, TrustedBlock};

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::{LookArgs, SourceArgs};
use crate::places;
use crate::session::Session;

/// How many signature documents of one record are taken along.
const MAX_DOCUMENTS: usize = 64;

/// What a bundle is to hold.
#[derive(Clone, Copy)]
pub(crate) struct Wishes<'w> {
    /// The hash of the block to read at; the chain's choice without.
    pub(crate) at: Option<TrustedBlock>,
    /// The curators whose words are taken along.
    pub(crate) curators: &'w [Address],
    /// Whether the records of ancestors are.
    pub(crate) lineage: bool,
}

/// Makes the bundle of a token, all of it at one block.
pub(crate) async fn make(
    session: &Session<'_>,
    chain: &LookArgs,
    places: &SourceArgs,
    token: TokenRef,
    wishes: Wishes<'_>,
) -> Result<Bundle> {
    let chain = chain_source::connect_to_look(session, chain).await?.chain;
    check_chain(&chain, &token)?;
    let block = match wishes.at {
        Some(hash) => chain.block_by_hash(hash.into()).await.map_err(explain)?,
        // How old it may be counts here as everywhere.
        None => chain.sight().await.map_err(unseen)?.block,
    };
    let chain = chain.at(ReadAt::Block(block));
    let remote = places::reader(session, &places.places)?;
    let proof = match TokenProof::fetch(&chain, token, wishes.curators).await {
        Err(TokenProofError::NotStored(_)) => logged(session, &chain, remote.as_ref(), token, wishes.curators).await?,
        proof => proof.map_err(unproven)?,
    };
    let proven = proof.check().map_err(unproven)?;
    let own = proven.tokens.get(&token.id()).ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
    let claims = registry_of(&chain, &token).find_by_weights(own.weights).await.map_err(explain)?;
    let record = record(session, remote.as_ref(), own.record).await?;
    let mut signatures = Vec::new();
    for document in session.store()?.attached(&cid(own.record)).unwrap_or_default().iter().take(MAX_DOCUMENTS) {
        signatures.extend(find(session, remote.as_ref(), document, MAX_SIGNATURES_BYTES).await?);
    }
    let mut ancestors = Vec::new();
    for (id, ancestor) in proven.tokens.iter().filter(|(id, _)| wishes.lineage && **id != token.id()) {
        match find(session, remote.as_ref(), &cid(ancestor.record), MAX_RECORD_BYTES).await? {
            Some(record) => ancestors.push(record),
            None => session.output.note(format!("the record of ancestor {id} is not at hand and was left out")),
        }
    }
    Bundle::new(proof, record, signatures, &claims, ancestors).or_refused()
}

/// Proves a token of which nothing is stored: the log of its mint names the record, and the record the licence, which the token's id binds.
async fn logged(
    session: &Session<'_>,
    chain: &Chain,
    remote: Option<&Reader>,
    token: TokenRef,
    curators: &[Address],
) -> Result<TokenProof> {
    let logged = registry_of(chain, &token).logged(token.id()).await.map_err(explain)?;
    let logged = logged.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
    let record = Record::parse(&record(session, remote, logged.record).await?).or_refused()?;
    let proof = TokenProof::fetch_logged(chain, token, curators, record.provenance.license.spdx.as_str()).await.map_err(unproven)?;
    if !proof.proves_mint() {
        session.output.note("the receipts of this chain have encodings of their own: the mint's log is not proven, the token is");
    }
    Ok(proof)
}

/// Returns the bytes of a record that cannot be done without.
async fn record(session: &Session<'_>, remote: Option<&Reader>, digest: Sha256Digest) -> Result<Vec<u8>> {
    let found = find(session, remote, &cid(digest), MAX_RECORD_BYTES).await?;
    found.ok_or_else(|| {
        CommandError::unreachable(format!("record {} is not at hand", cid(digest))).hint("name a place that has it with `--place`")
    })
}

fn cid(record: Sha256Digest) -> ContentId {
    RecordId::from(record).cid()
}

/// Looks in the block store, then at the places.
async fn find(session: &Session<'_>, remote: Option<&Reader>, cid: &ContentId, most: usize) -> Result<Option<Vec<u8>>> {
    if let Some(bytes) = session.store()?.get(cid, most).or_unreachable()? {
        return Ok(Some(bytes));
    }
    let Some(remote) = remote else { return Ok(None) };
    Ok(remote.block_from(cid).await.ok().map(|(_, block)| block.into_bytes()))
}

/// Says why there is no block to read at.
fn unseen(error: SightError) -> CommandError {
    match error {
        SightError::Chain(error) => explain(error),
        error => CommandError::unreachable(error),
    }
}

/// Says why something is not proven: what the endpoint cannot do, or what it got wrong, is no answer about the token.
pub(crate) fn unproven(error: TokenProofError) -> CommandError {
    match error {
        TokenProofError::State(StateProofError::Chain(error @ ChainError::Refused { .. })) => {
            explain(error).hint("not every endpoint answers eth_getProof, and few for old blocks; name another with `--rpc-url`")
        }
        TokenProofError::State(StateProofError::Chain(error)) => explain(error),
        TokenProofError::Receipt(ReceiptProofError::Chain(error @ ChainError::Refused { .. })) => {
            explain(error).hint("not every endpoint has receipts of old blocks; name another with `--rpc-url`")
        }
        TokenProofError::Receipt(ReceiptProofError::Chain(error)) => explain(error),
        error @ (TokenProofError::State(_) | TokenProofError::Receipt(_)) => CommandError::unreachable(error),
        error => CommandError::refused(error),
    }
}
