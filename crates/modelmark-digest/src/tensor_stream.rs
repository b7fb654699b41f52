//! Tensor digests from the bytes of a file as they stream by.

use ring::digest::{Context, SHA256};

use crate::Sha256Digest;
use crate::tensor_root::{TensorFacts, leaf};
use modelmark_formats::safetensors::{Dtype, Header, Tensor};

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
    TensorLeaf { dtype: tensor.dtype(), elements: tensor.elements(), leaf, name: tensor.name().into() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]
    use super::*;
    use modelmark_formats::safetensors::read_header;

    const HEADER: &[u8] = br#"{"b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"z":{"dtype":"F32","shape":[0],"data_offsets":[3,3]},"a":{"dtype":"U16","shape":[1],"data_offsets":[3,5]}}"#;

    fn file() -> Vec<u8> {
        [&(HEADER.len() as u64).to_le_bytes(), HEADER, &[1, 2, 3, 4, 5]].concat()
    }

    fn stream(file: &[u8]) -> TensorStream {
        let header = read_header(&mut &*file, file.len() as u64).unwrap();
        let digest = Sha256Digest::of(&file[..header.data_start() as usize]);
        TensorStream::new(header, digest)
    }

    fn leaves(file: &[u8], piece: usize) -> Option<Vec<TensorLeaf>> {
        let mut stream = stream(file);
        file.chunks(piece).for_each(|bytes| stream.update(bytes));
        stream.finish()
    }

    #[test]
    fn the_cuts_of_the_stream_do_not_matter() {
        let file = file();
        let whole = leaves(&file, file.len()).unwrap();
        assert_eq!(whole.iter().map(|leaf| (&*leaf.name, leaf.elements)).collect::<Vec<_>>(), [("b", 3), ("z", 0), ("a", 1)]);
        for piece in 1..file.len() {
            assert_eq!(leaves(&file, piece).as_ref(), Some(&whole), "{piece}");
        }
    }

    #[test]
    fn other_bytes_than_those_of_the_header_that_was_read_are_noticed() {
        let file = file();
        for at in 0..file.len() - 5 {
            let mut other = file.clone();
            other[at] ^= 1;
            let mut stream = stream(&file);
            stream.update(&other);
            assert_eq!(stream.finish(), None, "{at}");
        }
        let mut cut = stream(&file);
        cut.update(&file[..file.len() - 1]);
        assert_eq!(cut.finish(), None);
    }
}
