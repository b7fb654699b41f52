//! SHA-256 of messages that come in pieces, many messages side by side.
//!
//! A file's SHA-256 is one chain from its first byte to its last, so that no file fills more than one lane. Many files do: their pieces are folded
//! in together, and each takes its own state along to its next piece.

use super::{Backend, arch};
use crate::Sha256Digest;

/// Initial chaining state (FIPS 180-4, section 5.3.3).
pub(super) const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A message of which some whole blocks are at hand.
pub(super) struct Unfinished<'m> {
    /// Which of the streams it is.
    pub(super) slot: usize,
    /// The chaining state before the blocks, afterwards behind those that were folded in.
    pub(super) state: [u32; 8],
    /// The blocks that are still to be folded in.
    pub(super) blocks: &'m [[u8; 64]],
}

/// A SHA-256 that is under way.
#[derive(Clone, Debug)]
pub struct Sha256Stream {
    state: [u32; 8],
    length: u64,
    /// The bytes behind the last whole block.
    rest: [u8; 64],
}

impl Default for Sha256Stream {
    fn default() -> Self {
        Self { state: INITIAL, length: 0, rest: [0; 64] }
    }
}

impl Sha256Stream {
    /// Takes the next bytes of the message.
    pub fn update(&mut self, bytes: &[u8]) {
        let (blocks, _) = self.whole_blocks(bytes).as_chunks();
        sha2::block_api::compress256(&mut self.state, blocks);
    }

    /// Returns the digest of all bytes that were taken.
    #[must_use]
    pub fn finish(mut self) -> Sha256Digest {
        let used = self.used();
        let mut tail = [0; 128];
        for (to, from) in tail.iter_mut().zip(self.rest.iter().take(used).chain(&[0x80])) {
            *to = *from;
        }
        // Padding adds at least nine bytes. FIPS 180-4 ends here at 2^64 bits, and no file system holds such a file.
        let end = if used < 56 { 64 } else { 128 };
        let bits = self.length.wrapping_mul(8).to_be_bytes();
        for (to, from) in tail.iter_mut().take(end).rev().zip(bits.iter().rev()) {
            *to = *from;
        }
        let (blocks, _) = tail.get(..end).unwrap_or_default().as_chunks();
        sha2::block_api::compress256(&mut self.state, blocks);
        digest_of(&self.state)
    }

    /// Folds in the block that `bytes` completes, notes what they leave over, and returns the whole blocks between.
    fn whole_blocks<'m>(&mut self, mut bytes: &'m [u8]) -> &'m [u8] {
        let used = self.used();
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if used > 0 {
            let (head, later) = bytes.split_at(bytes.len().min(64 - used));
            self.keep(used, head);
            bytes = later;
            if used + head.len() < 64 {
                return &[];
            }
            sha2::block_api::compress256(&mut self.state, &[self.rest]);
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % 64);
        self.keep(0, rest);
        whole
    }

    /// Number of bytes behind the last whole block.
    const fn used(&self) -> usize {
        (self.length % 64) as usize
    }

    fn keep(&mut self, at: usize, bytes: &[u8]) {
        for (to, from) in self.rest.iter_mut().skip(at).zip(bytes) {
            *to = *from;
        }
    }
}

/// Appends `pieces[i]` to `streams[i]`, with the backend that is [current](Backend::current).
///
/// Give as many pieces of similar length as the backend has lanes ([`Backend::lanes`]); few of them are hashed one after another.
///
/// ```
/// use modelmark_digest::Sha256Digest;
/// use modelmark_digest::lanes::{Sha256Stream, update_many};
///
/// let mut streams = [Sha256Stream::default(), Sha256Stream::default()];
/// let [one, two] = &mut streams;
/// update_many(&mut [(one, b"first "), (two, b"second ")]);
/// let [one, two] = &mut streams;
/// update_many(&mut [(one, b"message"), (two, b"message")]);
/// assert_eq!(streams.map(Sha256Stream::finish), [Sha256Digest::of(b"first message"), Sha256Digest::of(b"second message")]);
/// ```
pub fn update_many(pieces: &mut [(&mut Sha256Stream, &[u8])]) {
    update_many_with(Backend::current(), pieces);
}

/// Does the same with the backend given; one that this CPU lacks is replaced by the portable path.
pub fn update_many_with(backend: Backend, pieces: &mut [(&mut Sha256Stream, &[u8])]) {
    let mut unfinished = Vec::with_capacity(pieces.len());
    for (slot, (stream, bytes)) in pieces.iter_mut().enumerate() {
        let blocks = stream.whole_blocks(bytes).as_chunks().0;
        unfinished.push(Unfinished { slot, state: stream.state, blocks });
    }
    arch::resume(backend, &mut unfinished);
    for message in unfinished {
        if let Some((stream, _)) = pieces.get_mut(message.slot) {
            stream.state = message.state;
            sha2::block_api::compress256(&mut stream.state, message.blocks);
        }
    }
}

/// Returns the digest that a final chaining state stands for.
pub(super) fn digest_of(state: &[u32; 8]) -> Sha256Digest {
    let mut bytes = [0; 32];
    for (to, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    Sha256Digest::from(bytes)
}
