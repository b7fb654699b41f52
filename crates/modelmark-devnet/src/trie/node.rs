//! A trie node opened for reading or changing, and how it is closed into its RLP again.

use alloy::primitives::B256;
use alloy::trie::nodes::{BranchNode, ExtensionNode, LeafNode, RlpNode, TrieNode};
use alloy::trie::{Nibbles, TrieMask};
use alloy_rlp::Decodable;

use super::{NodeSource, Nodes};
use crate::DevnetError;

/// An opened node.
pub(super) enum Node {
    Leaf(Nibbles, Vec<u8>),
    Extension(Nibbles, Child),
    Branch(Box<Children>),
}

/// What hangs below a node: closed, as it was read, or opened.
pub(super) enum Child {
    Closed(RlpNode),
    Open(Box<Node>),
}

/// The sixteen places of a branch.
pub(super) type Children = [Option<Child>; 16];

impl From<Node> for Child {
    fn from(node: Node) -> Self {
        Self::Open(Box::new(node))
    }
}

impl Child {
    /// Opens the child, reading it from the source when it is referred to by hash.
    pub(super) fn open(self, source: &impl NodeSource) -> Result<Node, DevnetError> {
        match self {
            Self::Open(node) => Ok(*node),
            Self::Closed(reference) => Node::decode(&resolve(&reference, source)?),
        }
    }

    /// Closes the child into its reference and collects the nodes that are new.
    fn close(self, fresh: &mut Nodes) -> RlpNode {
        match self {
            Self::Closed(reference) => reference,
            Self::Open(node) => {
                let rlp = node.encode(fresh);
                let reference = RlpNode::from_rlp(&rlp);
                if let Some(hash) = reference.as_hash() {
                    fresh.insert(hash, rlp);
                }
                reference
            }
        }
    }
}

impl Node {
    /// Reads a node; its children stay closed.
    pub(super) fn decode(rlp: &[u8]) -> Result<Self, DevnetError> {
        let node = TrieNode::decode(&mut &*rlp).map_err(|error| DevnetError::damaged("trie node", error))?;
        match node {
            TrieNode::Leaf(leaf) => Ok(Self::Leaf(leaf.key, leaf.value)),
            TrieNode::Extension(extension) => Ok(Self::Extension(extension.key, Child::Closed(extension.child))),
            TrieNode::Branch(branch) => {
                let mut stack = branch.stack.into_iter();
                let mask = branch.state_mask;
                Ok(Self::Branch(Box::new(std::array::from_fn(|nibble| {
                    let present = u8::try_from(nibble).is_ok_and(|nibble| mask.is_bit_set(nibble));
                    present.then(|| stack.next().map(Child::Closed)).flatten()
                }))))
            }
            TrieNode::EmptyRoot => Err(DevnetError::damaged("trie node", "empty")),
        }
    }

    /// Returns the RLP of the node; new nodes below it are collected, the node itself is not.
    pub(super) fn encode(self, fresh: &mut Nodes) -> Vec<u8> {
        let node = match self {
            Self::Leaf(path, value) => TrieNode::Leaf(LeafNode::new(path, value)),
            Self::Extension(path, child) => TrieNode::Extension(ExtensionNode::new(path, child.close(fresh))),
            Self::Branch(children) => {
                let mut mask = TrieMask::default();
                let mut stack = Vec::new();
                for (nibble, child) in (0..).zip(*children) {
                    if let Some(child) = child {
                        mask.set_bit(nibble);
                        stack.push(child.close(fresh));
                    }
                }
                TrieNode::Branch(BranchNode::new(stack, mask))
            }
        };
        alloy_rlp::encode(node)
    }
}

/// Returns the RLP that a reference stands for: the reference itself when the node is shorter than a hash.
pub(super) fn resolve(reference: &RlpNode, source: &impl NodeSource) -> Result<Vec<u8>, DevnetError> {
    reference.as_hash().map_or_else(|| Ok(reference.to_vec()), |hash| load(hash, source))
}

/// Returns the RLP stored under a hash.
pub(super) fn load(hash: B256, source: &impl NodeSource) -> Result<Vec<u8>, DevnetError> {
    source.node(hash)?.ok_or(DevnetError::MissingNode(hash))
}
