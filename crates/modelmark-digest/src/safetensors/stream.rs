//! Tensor digests from the bytes of a file as they stream by.

use ring::digest::{Context, SHA256};

use super::Dtype;
use super::header::{Header, Tensor};
use crate::Sha256Digest;
use crate::tensor_root::{TensorFacts, leaf};

/// What remains of a tensor once its bytes went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TensorLeaf {
    pub(crate) name: Box<str>,
    pub(crate) dtype: Dtype,
    pub(crate) elements: u64,
    pub(crate) leaf: Sha256Digest,
}

/// Takes the bytes of one file, header first, in order.
pub(crate) struct TensorStream {
    // Tensors still to come, last first.
    ahead: Vec<Tensor>,
    // `None` while the header goes by.
    current: Option<Tensor>,
    // Bytes until the end of the header or the current tensor.
    left: u64,
    context: Context,
    header: Sha256Digest,
    header_agrees: bool,
    leaves: Vec<TensorLeaf>,
}

impl TensorStream {
    /// Expects a file with this header, whose own bytes (length prefix included) have the digest `header_digest`: the header is parsed before the
    /// file streams by, so both readings have to be held together.
    pub(crate) fn new(header: Header, header_digest: Sha256Digest) -> Self {
        let left = header.data_start();
        let mut ahead = header.into_tensors();
        ahead.reverse();
        let leaves = Vec::with_capacity(ahead.len());
        Self { ahead, current: None, left, context: Context::new(&SHA256), header: header_digest, header_agrees: false, leaves }
    }

    /// Takes the next bytes of the file.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let length = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
            let (now, later) = bytes.split_at(length);
            self.context.update(now);
            self.left -= length as u64;
            bytes = later;
            if self.left == 0 && !self.close() {
                return;
            }
        }
    }

    /// Returns the leaves in file order, or `None` when the bytes were not those of the header's file.
    pub(crate) fn finish(self) -> Option<Vec<TensorLeaf>> {
        (self.header_agrees && self.current.is_none() && self.ahead.is_empty()).then_some(self.leaves)
    }

    // Closes what has ended and opens the next tensor that has bytes; false when none is left.
    fn close(&mut self) -> bool {
        loop {
            let digest = Sha256Digest::from_ring(&std::mem::replace(&mut self.context, Context::new(&SHA256)).finish());
            match self.current.take() {
                None => self.header_agrees = digest == self.header,
                Some(tensor) => self.leaves.push(finished(tensor, digest)),
            }
            let Some(next) = self.ahead.pop() else { return false };
            self.left = next.range().end - next.range().start;
            self.current = Some(next);
            if self.left > 0 {
                return true;
            }
        }
    }
}

fn finished(tensor: Tensor, digest: Sha256Digest) -> TensorLeaf {
    let len = tensor.range().end - tensor.range().start;
    let facts = TensorFacts { dtype: tensor.dtype().token(), shape: tensor.shape(), len, digest };
    let leaf = leaf(tensor.name(), &facts);
    TensorLeaf { dtype: tensor.dtype(), elements: tensor.elements(), leaf, name: tensor.name }
}
