//! Digests that run through a whole file: they take its blocks in order, whichever worker is free.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest::Context;
use sha3::{Digest as _, Keccak256};

use super::job::Block;
use crate::lanes::{Sha256Stream, update_many};
use crate::tensor_stream::{Streamed, TensorStream};
use crate::{Blake3Digest, Keccak256Digest, Sha256Digest};

/// What a lane computes.
pub(super) enum Digester {
    /// SHA-256 of the file.
    Whole(Box<Context>),
    /// SHA-256 of the file, side by side with that of other files.
    Stream(Box<Sha256Stream>),
    /// Keccak-256 of the file.
    Keccak256(Box<Keccak256>),
    /// BLAKE3 of the file.
    Blake3(Box<blake3::Hasher>),
    /// The digests of tensors.
    Tensors(Box<TensorStream>),
}

/// What a lane computed.
pub(super) enum Outcome {
    Whole(Sha256Digest),
    Keccak256(Keccak256Digest),
    Blake3(Blake3Digest),
    /// Absent when the bytes were not those of the header that was read.
    Tensors(Option<Streamed>),
}

impl Digester {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Whole(context) => context.update(bytes),
            Self::Stream(stream) => stream.update(bytes),
            Self::Keccak256(hasher) => hasher.update(bytes),
            // On this thread alone, with its widest vector kernel: the engine has other work for the other cores.
            Self::Blake3(hasher) => {
                hasher.update(bytes);
            }
            Self::Tensors(stream) => stream.update(bytes),
        }
    }

    fn finish(self) -> Outcome {
        match self {
            Self::Whole(context) => Outcome::Whole(Sha256Digest::from_ring(&context.finish())),
            Self::Stream(stream) => Outcome::Whole(stream.finish()),
            Self::Keccak256(hasher) => Outcome::Keccak256(Keccak256Digest::finish(*hasher)),
            Self::Blake3(hasher) => Outcome::Blake3(Blake3Digest::from(*hasher.finalize().as_bytes())),
            Self::Tensors(stream) => Outcome::Tensors(stream.finish()),
        }
    }
}

/// One digester and the blocks that wait for it.
pub(super) struct Lane {
    /// Whether it takes its blocks side by side with lanes of other files.
    pub(super) streams: bool,
    digester: Mutex<Option<Digester>>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    blocks: BTreeMap<u64, Arc<Block>>,
    taken: bool,
}

impl Lane {
    pub(super) fn new(digester: Digester) -> Self {
        let streams = matches!(digester, Digester::Stream(_));
        Self { streams, digester: Mutex::new(Some(digester)), waiting: Mutex::default() }
    }

    /// Takes the next bytes of the file. The caller sees to the order.
    pub(super) fn update(&self, bytes: &[u8]) {
        if let Some(digester) = self.digester.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            digester.update(bytes);
        }
    }

    /// Takes a block in each lane, side by side. The lanes differ, and nobody else runs them.
    pub(super) fn update_together(lanes: &[(&Self, &[u8])]) {
        let mut digesters: Vec<_> = lanes.iter().map(|(lane, _)| lane.digester.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        let streams = digesters.iter_mut().zip(lanes).filter_map(|(digester, (_, bytes))| match digester.as_mut() {
            Some(Digester::Stream(stream)) => Some((&mut **stream, *bytes)),
            _ => None,
        });
        update_many(&mut streams.collect::<Vec<_>>());
    }

    /// Closes the digest; nothing comes out a second time.
    pub(super) fn close(&self) -> Option<Outcome> {
        self.digester.lock().unwrap_or_else(PoisonError::into_inner).take().map(Digester::finish)
    }

    /// Hands over a block; true when the caller has to see to it that a worker runs the lane.
    pub(super) fn offer(&self, block: Arc<Block>) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.blocks.insert(block.index, block);
        let next = waiting.next;
        waiting.blocks.contains_key(&next) && !std::mem::replace(&mut waiting.taken, true)
    }

    /// Tells whether the next block is there; if not, the lane is released.
    pub(super) fn goes_on(&self) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let next = waiting.next;
        waiting.taken = waiting.blocks.contains_key(&next);
        waiting.taken
    }

    /// Returns the next block in order, or releases the lane when that block is not there yet.
    pub(super) fn next(&self) -> Option<Arc<Block>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let next = waiting.next;
        let block = waiting.blocks.remove(&next);
        match block {
            Some(_) => waiting.next += 1,
            None => waiting.taken = false,
        }
        block
    }
}
