//! One message on its way through a lane: what is left of it, its padding, and where its digest goes.

use std::cmp::Reverse;

use super::constants::Block;

/// A message that is being hashed. Its chaining state is in its lane.
pub(super) struct Job<'m> {
    /// Index of the message, and of its digest in the output.
    pub(super) slot: usize,
    /// Whole blocks still to be read in place.
    body: &'m [Block],
    /// The last bytes and the padding: one or two blocks, at the end of the buffer.
    tail: [u8; 128],
    tail_blocks: usize,
}

/// Returns the messages as jobs, the longest first: the short ones then fill the lanes that end early, and all lanes end at about the same time.
///
/// The sort is stable and takes one look at messages of equal length, so leaves of a file stay in the order in which they lie in memory.
pub(super) fn in_order<'m>(messages: &[&'m [u8]]) -> impl Iterator<Item = Job<'m>> {
    let mut order: Vec<(usize, &'m [u8])> = messages.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, message)| Reverse(blocks_of(message.len())));
    order.into_iter().map(|(slot, message)| Job::new(slot, message))
}

/// Returns the number of blocks that SHA-256 processes for a message of `len` bytes: padding adds at least nine.
const fn blocks_of(len: usize) -> usize {
    len / 64 + if len % 64 < 56 { 1 } else { 2 }
}

impl<'m> Job<'m> {
    fn new(slot: usize, message: &'m [u8]) -> Self {
        let (body, rest) = message.as_chunks::<64>();
        let tail_blocks = blocks_of(message.len()) - body.len();
        let mut tail = [0; 128];
        let padded = tail.iter_mut().skip(128 - 64 * tail_blocks);
        for (to, from) in padded.zip(rest.iter().chain(&[0x80])) {
            *to = *from;
        }
        // FIPS 180-4 ends here at 2^64 bits; no slice in memory is that long.
        let bits = (message.len() as u64) << 3;
        if let Some(end) = tail.last_chunk_mut() {
            *end = bits.to_be_bytes();
        }
        Self { slot, body, tail, tail_blocks }
    }

    /// Returns the blocks that can be hashed without a stop: the body, and after it the tail. Empty when the job is done.
    pub(super) fn ready(&self) -> &[Block] {
        if self.body.is_empty() {
            let (blocks, _) = self.tail.as_chunks();
            blocks.get(2 - self.tail_blocks..).unwrap_or_default()
        } else {
            self.body
        }
    }

    /// Takes `blocks` blocks, at most as many as are ready, off the front; returns whether the job is done.
    pub(super) fn advance(&mut self, blocks: usize) -> bool {
        if self.body.is_empty() {
            self.tail_blocks = self.tail_blocks.saturating_sub(blocks);
        } else {
            self.body = self.body.get(blocks..).unwrap_or_default();
        }
        self.tail_blocks == 0
    }
}
