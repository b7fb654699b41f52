//! The Merkle tree of the house: RFC 9162 section 2.1 (the same as RFC 6962) with SHA-256.
//!
//! ```text
//! leaf hash = SHA-256(0x00 ‖ entry)
//! node hash = SHA-256(0x01 ‖ left ‖ right)
//! root      = the leaf hash of one entry; of more, the node hash of two roots: of the largest power of two of entries that is less than
//!             all of them, and of the rest. No entry: SHA-256("")
//! ```
//!
//! Everything that commits to a list commits with this tree: tensors, chunks of tensors, files and rows of a dataset, batches of records.
//! What an entry is, and how a kind of entry is kept apart from every other kind, is for the list's own specification to say.
//!
//! [`TreeBuilder`] takes leaf hashes as they come and needs memory for a thousand of them, whatever their number; it can note the inclusion
//! proofs of chosen leaves on the way, so that a second pass over a list of any length proves them. A caller who keeps the inner nodes, or a
//! part of them, gets any proof from [`InclusionProof::from_nodes`] and [`ConsistencyProof::from_nodes`] without a pass.
//!
//! ```
//! use modelmark_digest::merkle::{InclusionProof, leaf_hash, root};
//!
//! let leaves = ["a", "b", "c"].map(|entry| leaf_hash(entry.as_bytes()));
//! let proof = InclusionProof::of(&leaves, 1)?;
//! assert!(proof.verify(&leaf_hash(b"b"), &root(&leaves)));
//! assert!(!proof.verify(&leaf_hash(b"x"), &root(&leaves)));
//! # Ok::<(), modelmark_digest::merkle::ProofError>(())
//! ```

mod builder;
mod consistency;
mod inclusion;
mod node;
mod proof;

pub use self::builder::TreeBuilder;
pub use self::consistency::ConsistencyProof;
pub use self::inclusion::InclusionProof;
pub use self::node::{Node, empty_root, leaf_hash, leaf_hash_of, leaf_hashes, node_hash};
pub use self::proof::{MAX_LEAVES, MAX_PROOF_HASHES, ProofError};

use crate::Sha256Digest;

/// Returns the root over these leaf hashes; of none, SHA-256 of nothing.
#[must_use]
pub fn root(leaves: &[Sha256Digest]) -> Sha256Digest {
    let mut builder = TreeBuilder::default();
    builder.extend(leaves.iter().copied());
    builder.root()
}
