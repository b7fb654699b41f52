//! One receipt of a block, proven against the block's hash: what a transaction logged, whether or not the state still tells of it.
//!
//! A header commits to the trie of its block's receipts, by their places. The proof is the header and the nodes on the way to one receipt, root
//! first; it has one form, since each node is named by the one before it.

mod fetch;
#[cfg(test)]
mod tests;

use alloy::consensus::ReceiptEnvelope;
use alloy::eips::eip2718::Decodable2718 as _;
use alloy::primitives::{B256, Bytes, Log};
use alloy_trie::Nibbles;
use serde::{Deserialize, Serialize};

use crate::state_proof::{base64, base64_list, read_header};
use crate::trie_proof::lookup;
use crate::{Block, ChainError, StateProofError};

pub(crate) use self::fetch::fetch;

/// Longest receipt, and with it the last node: one of a transaction that mints some thousand models.
const MAX_RECEIPT: usize = 1 << 20;
/// Longest node before it: a full branch has 532 bytes.
const MAX_NODE: usize = 1 << 10;
/// Most nodes on the way: the place of a transaction has at most nine bytes of RLP.
const MAX_DEPTH: usize = 19;

/// A receipt with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptProof {
    /// The block's header, RLP.
    #[serde(with = "base64")]
    header: Bytes,
    /// The transaction's place in its block.
    transaction: u64,
    /// Nodes of the receipts' trie from the root to the receipt, RLP.
    #[serde(with = "base64_list")]
    nodes: Vec<Bytes>,
}

/// What a receipt proof proved: true of the block with this hash, whoever brought the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenReceipt {
    block: Block,
    transaction: u64,
    receipt: ReceiptEnvelope,
}

/// A receipt proof does not hold, or cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptProofError {
    /// The endpoint cannot be asked or answers nonsense.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The header cannot be had or read.
    #[error(transparent)]
    Header(#[from] StateProofError),
    /// The block has a receipt whose encoding is the chain's own, so that the trie cannot be rebuilt.
    #[error("block {block} has a receipt of type {kind:#x}, whose encoding is that chain's own: receipts cannot be proven on this chain")]
    Kind {
        /// The transaction's type (EIP-2718).
        kind: u8,
        /// The block's number.
        block: u64,
    },
    /// The receipts that the endpoint tells are not those that the header commits to.
    #[error("the receipts of block {block} as {endpoint} tells them have the root {found}, its header says {stated}")]
    Root {
        /// The block's hash.
        block: B256,
        /// What the header says.
        stated: B256,
        /// What the receipts make.
        found: B256,
        /// Scheme and host of the endpoint.
        endpoint: String,
    },
    /// More of something than is ever needed.
    #[error("{what}: at most {most}, here {found}")]
    TooMuch {
        /// What.
        what: &'static str,
        /// The most that is read.
        most: usize,
        /// How much there is.
        found: usize,
    },
    /// The nodes do not lead from the header to a receipt at this place.
    #[error("the receipt of transaction {transaction} is not proven by the header of block {block}: {reason}")]
    NotProven {
        /// The transaction's place.
        transaction: u64,
        /// The block's hash.
        block: B256,
        /// Why not.
        reason: String,
    },
    /// What is proven is no receipt of Ethereum.
    #[error("what block {block} has as receipt of transaction {transaction} cannot be read: {reason}")]
    Unreadable {
        /// The transaction's place.
        transaction: u64,
        /// The block's hash.
        block: B256,
        /// Why not.
        reason: String,
    },
}

impl ReceiptProof {
    /// Checks everything that can be checked without knowing the block's hash, which is in the result: whether that is the hash of a block
    /// of the chain is for others to say.
    ///
    /// # Errors
    /// The receipt is not proven, or cannot be read.
    pub fn check(&self) -> Result<ProvenReceipt, ReceiptProofError> {
        self.check_bounds()?;
        let (block, header) = read_header(&self.header)?;
        let transaction = self.transaction;
        let not_proven =
            |reason: &dyn std::fmt::Display| ReceiptProofError::NotProven { transaction, block: block.hash, reason: reason.to_string() };
        let found = lookup(header.receipts_root, place(transaction), &self.nodes).map_err(|error| not_proven(&error))?;
        let receipt = found.ok_or_else(|| not_proven(&"the block has no such transaction"))?;
        let receipt = ReceiptEnvelope::decode_2718_exact(&receipt).map_err(|error| ReceiptProofError::Unreadable {
            transaction,
            block: block.hash,
            reason: error.to_string(),
        })?;
        Ok(ProvenReceipt { block, transaction, receipt })
    }

    /// Returns how many bytes of header and nodes there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.header.len() + self.nodes.iter().map(|node| node.len()).sum::<usize>()
    }

    fn check_bounds(&self) -> Result<(), ReceiptProofError> {
        let bound = |what, most, found| if found > most { Err(ReceiptProofError::TooMuch { what, most, found }) } else { Ok(()) };
        bound("nodes on the way to a receipt", MAX_DEPTH, self.nodes.len())?;
        for (place, node) in self.nodes.iter().enumerate() {
            let last = place + 1 == self.nodes.len();
            bound("bytes of a trie node", if last { MAX_RECEIPT } else { MAX_NODE }, node.len())?;
        }
        Ok(())
    }
}

impl ProvenReceipt {
    /// Returns the block that the receipt is of.
    #[must_use]
    pub const fn block(&self) -> Block {
        self.block
    }

    /// Returns the transaction's place in the block.
    #[must_use]
    pub const fn transaction(&self) -> u64 {
        self.transaction
    }

    /// Returns what the transaction logged; nothing when it failed.
    pub(crate) fn logs(&self) -> &[Log] {
        if self.receipt.status() { self.receipt.logs() } else { &[] }
    }
}

/// Returns the way to a transaction's receipt.
fn place(transaction: u64) -> Nibbles {
    Nibbles::unpack(alloy_rlp::encode(transaction))
}
