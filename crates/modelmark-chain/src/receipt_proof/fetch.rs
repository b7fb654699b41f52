//! Asks an endpoint for all receipts of a block, and believes them when they make the root in the block's header.

use alloy::consensus::{ReceiptEnvelope, TxType};
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::network::AnyTransactionReceipt;
use alloy::primitives::{B256, Bytes};
use alloy_trie::HashBuilder;
use alloy_trie::proof::ProofRetainer;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::Deserialize;

use super::{MAX_RECEIPT, ReceiptProof, ReceiptProofError, place};
use crate::state_proof::{header, read_header};
use crate::{Block, Chain, ChainError};

/// Most transactions of a block whose receipts are asked for one by one: some twice as many as Ethereum's blocks have room for.
const MAX_RECEIPTS: usize = 4_096;
/// How many of them at once.
const AT_ONCE: usize = 8;
/// Most bytes of all receipts of a block.
const MAX_BYTES: usize = 64 << 20;

/// What is read of a block.
#[derive(Debug, Deserialize)]
struct Listed {
    transactions: Vec<B256>,
}

/// Fetches the proof of the receipt of a transaction of `block`, and checks it.
pub(crate) async fn fetch(chain: &Chain, block: &Block, transaction: B256) -> Result<ReceiptProof, ReceiptProofError> {
    let header = header(chain, block).await?;
    let stated = read_header(&header)?.1.receipts_root;
    let told = receipts(chain, block).await?;
    let place = told.iter().position(|receipt| receipt.transaction_hash == transaction);
    let place = place.ok_or_else(|| chain.nonsense("eth_getBlockReceipts", &format!("no receipt of {transaction}")))?;
    let receipts = told.into_iter().map(|receipt| encoded(receipt, block)).collect::<Result<Vec<_>, _>>()?;
    let bound = |what, most, found| if found > most { Err(ReceiptProofError::TooMuch { what, most, found }) } else { Ok(()) };
    bound("bytes of all receipts of a block", MAX_BYTES, receipts.iter().map(Vec::len).sum())?;
    bound("bytes of a receipt", MAX_RECEIPT, receipts.get(place).map_or(0, Vec::len))?;
    let (found, nodes) = proven(&receipts, place);
    if found != stated {
        return Err(ReceiptProofError::Root { block: block.hash, stated, found, endpoint: chain.endpoint().to_owned() });
    }
    let proof = ReceiptProof { header, transaction: u64::try_from(place).unwrap_or(u64::MAX), nodes };
    proof.check()?;
    Ok(proof)
}

/// Returns the root of the trie of receipts, and the nodes on the way to the one at `wanted`.
pub(super) fn proven(receipts: &[Vec<u8>], wanted: usize) -> (B256, Vec<Bytes>) {
    let key = |index: usize| place(u64::try_from(index).unwrap_or(u64::MAX));
    let mut leaves: Vec<_> = receipts.iter().enumerate().map(|(index, receipt)| (key(index), receipt)).collect();
    leaves.sort_by_key(|leaf| leaf.0);
    let mut trie = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![key(wanted)]));
    for (key, receipt) in leaves {
        trie.add_leaf(key, receipt);
    }
    let root = trie.root();
    (root, trie.take_proof_nodes().into_nodes_sorted().into_iter().map(|(_, node)| node).collect())
}

/// Asks for all receipts at once, and of nodes that do not answer that, or not for so many, one by one.
async fn receipts(chain: &Chain, block: &Block) -> Result<Vec<AnyTransactionReceipt>, ReceiptProofError> {
    match chain.ask("eth_getBlockReceipts", (block.hash,)).await {
        Ok(Some(receipts)) => return Ok(receipts),
        Ok(None) | Err(ChainError::Refused { .. } | ChainError::Nonsense { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let listed: Option<Listed> = chain.ask("eth_getBlockByHash", (block.hash, false)).await?;
    let listed = listed.ok_or_else(|| chain.nonsense("eth_getBlockByHash", &format!("no block {}", block.hash)))?.transactions;
    if listed.len() > MAX_RECEIPTS {
        return Err(ReceiptProofError::TooMuch { what: "receipts of a block", most: MAX_RECEIPTS, found: listed.len() });
    }
    let one = |transaction: B256| async move {
        let receipt: Option<AnyTransactionReceipt> = chain.ask("eth_getTransactionReceipt", (transaction,)).await?;
        receipt.ok_or_else(|| chain.nonsense("eth_getTransactionReceipt", &format!("no receipt of {transaction}")))
    };
    Ok(futures_util::stream::iter(listed).map(one).buffered(AT_ONCE).try_collect().await?)
}

/// Returns a receipt as the trie has it.
fn encoded(receipt: AnyTransactionReceipt, block: &Block) -> Result<Vec<u8>, ReceiptProofError> {
    let told = receipt.0.inner.inner;
    let kind = TxType::try_from(told.r#type).map_err(|_| ReceiptProofError::Kind { kind: told.r#type, block: block.number })?;
    let receipt = ReceiptEnvelope::from_typed(kind, told.inner.map_logs(|log| log.inner));
    Ok(receipt.encoded_2718())
}
