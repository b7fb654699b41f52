//! Looking a key up, and proving what was found.

use alloy::primitives::{B256, Bytes};
use alloy::trie::nodes::RlpNode;
use alloy::trie::{EMPTY_ROOT_HASH, Nibbles};
use alloy_rlp::EMPTY_STRING_CODE;

use super::node::{Child, Node, load, resolve};
use super::{NodeSource, Proof};
use crate::DevnetError;

/// Returns the value of a key in the trie with this root.
pub(crate) fn get(source: &impl NodeSource, root: B256, key: B256) -> Result<Option<Vec<u8>>, DevnetError> {
    walk(source, root, key, |_| ())
}

/// Returns the nodes that prove what the trie with this root holds for a key, be it nothing.
pub(crate) fn prove(source: &impl NodeSource, root: B256, key: B256) -> Result<Proof, DevnetError> {
    if root == EMPTY_ROOT_HASH {
        return Ok(vec![Bytes::from_static(&[EMPTY_STRING_CODE])]);
    }
    let mut proof = Vec::new();
    walk(source, root, key, |rlp| proof.push(Bytes::copy_from_slice(rlp)))?;
    Ok(proof)
}

/// Follows the path of a key and shows every node that is referred to by hash; embedded nodes are part of their parent.
fn walk(source: &impl NodeSource, root: B256, key: B256, mut seen: impl FnMut(&[u8])) -> Result<Option<Vec<u8>>, DevnetError> {
    if root == EMPTY_ROOT_HASH {
        return Ok(None);
    }
    let mut rest = Nibbles::unpack(key);
    let mut rlp = load(root, source)?;
    seen(&rlp);
    loop {
        let Some(next) = step(Node::decode(&rlp)?, &mut rest) else { return Ok(None) };
        let reference = match next {
            Step::Found(value) => return Ok(Some(value)),
            Step::Down(reference) => reference,
        };
        rlp = resolve(&reference, source)?;
        if reference.is_hash() {
            seen(&rlp);
        }
    }
}

enum Step {
    Found(Vec<u8>),
    Down(RlpNode),
}

/// Takes one step down and shortens the path by it; `None` when the path ends here.
fn step(node: Node, rest: &mut Nibbles) -> Option<Step> {
    let child = match node {
        Node::Leaf(path, value) => return (path == *rest).then_some(Step::Found(value)),
        Node::Extension(path, child) => {
            if !rest.starts_with(&path) {
                return None;
            }
            *rest = rest.slice(path.len()..);
            child
        }
        Node::Branch(mut children) => {
            let nibble = rest.first()?;
            *rest = rest.slice(1..);
            children.get_mut(usize::from(nibble))?.take()?
        }
    };
    match child {
        Child::Closed(reference) => Some(Step::Down(reference)),
        // A decoded node never has open children.
        Child::Open(_) => None,
    }
}
