//! Commands to the Ethereum app and their answers, as its documentation has them (app-ethereum, `doc/ethapp.adoc`).

use alloy::primitives::{Address, B256};

use super::{HdPath, LedgerError};
use crate::TypedHash;

const CLASS: u8 = 0xe0;
/// The most data that one command carries.
const MAX_DATA: usize = 255;
/// P1 of a first block of data.
const FIRST: u8 = 0x00;
/// P1 of the blocks that follow it.
const LATER: u8 = 0x80;
const OK: u16 = 0x9000;

/// One command; its P2 is 0 in all that are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) instruction: u8,
    pub(super) p1: u8,
    pub(super) data: Vec<u8>,
}

impl Command {
    /// GET ETH PUBLIC ADDRESS, not shown on the device and without the chain code.
    pub(super) fn address(path: &HdPath) -> Self {
        Self { instruction: 0x02, p1: FIRST, data: path.encoded() }
    }

    /// SIGN ETH EIP 712 in the form that takes both hashes.
    pub(super) fn typed(path: &HdPath, hash: &TypedHash) -> Self {
        Self {
            instruction: 0x0c,
            p1: FIRST,
            data: [path.encoded().as_slice(), hash.domain().as_slice(), hash.message().as_slice()].concat(),
        }
    }

    /// SIGN ETH TRANSACTION in as many blocks as it needs.
    pub(super) fn transaction(path: &HdPath, encoded: &[u8], chain_id: Option<u64>) -> Vec<Self> {
        let data = [path.encoded().as_slice(), encoded].concat();
        let size = block_size(data.len(), chain_id);
        let block =
            |(index, data): (usize, &[u8])| Self { instruction: 0x04, p1: if index == 0 { FIRST } else { LATER }, data: data.to_vec() };
        data.chunks(size).enumerate().map(block).collect()
    }

    /// Returns the bytes on the wire. The length stands there when it is 0, too.
    pub(super) fn encoded(&self) -> Vec<u8> {
        // Never more than MAX_DATA: a path has at most 41 bytes.
        let length = u8::try_from(self.data.len()).unwrap_or(u8::MAX);
        [&[CLASS, self.instruction, self.p1, 0, length], self.data.as_slice()].concat()
    }
}

/// A transaction in the old form ends in chain id, 0, 0 (EIP-155). Where a block ends just before or inside of these the app takes what it has for a whole
/// transaction in the form before EIP-155, and signs that: so the last block has to hold more than them.
fn block_size(length: usize, chain_id: Option<u64>) -> usize {
    let Some(id) = chain_id else { return MAX_DATA };
    // RLP: one byte below 128, else as many as it has and one more.
    let bytes = (u64::BITS - id.leading_zeros()).div_ceil(8) as usize;
    let tail = if id < 128 { 1 } else { bytes + 1 } + 2;
    let fits = |size: &usize| length.is_multiple_of(*size) || length % size > tail;
    (1..=MAX_DATA).rev().find(fits).unwrap_or(MAX_DATA)
}

/// Takes the status word off an answer, and says what it means when it is not the good one.
pub(super) fn data(mut answer: Vec<u8>, what: &str) -> Result<Vec<u8>, LedgerError> {
    let what = || what.to_owned();
    let Some((_, status)) = answer.split_last_chunk() else {
        return Err(LedgerError::Answer { what: what(), reason: "it has no status word" });
    };
    let status = u16::from_be_bytes(*status);
    match status {
        OK => {
            answer.truncate(answer.len().saturating_sub(2));
            Ok(answer)
        }
        // The PIN is missing, in newer and older firmware.
        0x5515 | 0x6804 | 0x6b0c => Err(LedgerError::Locked),
        // No app, the dashboard, or one that does not know the class or the instruction.
        0x6511 | 0x6d00 | 0x6d02 | 0x6e00 | 0x6e01 => Err(LedgerError::App),
        // 0x6982 is what the app answers to a "no" in some versions.
        0x6985 | 0x6982 | 0x5501 => Err(LedgerError::Refused { what: what() }),
        0x6a80 => Err(LedgerError::Blind { what: what() }),
        status => Err(LedgerError::Status { what: what(), status }),
    }
}

/// Reads the account: length and public key, length and 40 hex digits.
pub(super) fn address(data: &[u8]) -> Result<Address, &'static str> {
    let (length, rest) = data.split_first().ok_or("it is empty")?;
    let (key, rest) = rest.split_at_checked(usize::from(*length)).ok_or("the public key is cut off")?;
    let (length, rest) = rest.split_first().ok_or("there is no account")?;
    let (text, _) = rest.split_at_checked(usize::from(*length)).ok_or("the account is cut off")?;
    let mut address = Address::ZERO;
    alloy::hex::decode_to_slice(text, address.as_mut_slice()).map_err(|_| "the account is not 40 hex digits")?;
    match key.split_first() {
        Some((4, point)) if point.len() == 64 && Address::from_raw_public_key(point) == address => Ok(address),
        _ => Err("the public key is not that of the account"),
    }
}

/// Reads r and s, which stand after v.
pub(super) fn signature(data: &[u8]) -> Result<(B256, B256), &'static str> {
    let bytes: &[u8; 65] = data.try_into().map_err(|_| "it is not v, r and s")?;
    let (_, rs) = bytes.split_at(1);
    let (r, s) = rs.split_at(32);
    Ok((B256::from_slice(r), B256::from_slice(s)))
}
