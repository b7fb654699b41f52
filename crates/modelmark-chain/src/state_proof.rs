//! What accounts hold at one block, proven against the block's hash (EIP-1186): whoever knows the hash needs no endpoint to believe the rest.
//!
//! A proof stands by itself: header, trie nodes, and the accounts and slots that they prove. It has one form, so that no byte of it can be
//! changed without it being refused: each node stands once, in the order in which it is first used, and none is left over.

mod fetch;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use alloy::consensus::{EMPTY_ROOT_HASH, Header};
use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy_rlp::Decodable as _;
use alloy_trie::{Nibbles, TrieAccount};
use serde::{Deserialize, Serialize};

use crate::trie_proof::lookup;
use crate::{Block, ChainError};

pub(crate) use self::fetch::{Wanted, fetch, header};
pub(crate) use self::wire::{base64, base64_list};

/// Longest header: those of chains with signatures in them are longer than Ethereum's.
const MAX_HEADER: usize = 8 << 10;
/// Longest node: a full branch has 532 bytes, and what accounts and slots hold is shorter than a leaf of this.
const MAX_NODE: usize = 1 << 10;
/// Most nodes on the way to a value: a hash has 64 nibbles.
const MAX_DEPTH: usize = 65;
const MAX_NODES: usize = 16 << 10;
const MAX_ACCOUNTS: usize = 16;
/// Most slots of one account.
const MAX_SLOTS: usize = 16 << 10;
/// Longest code that comes along: EIP-170's limit.
const MAX_CODE: usize = 24 << 10;

/// Accounts and slots of one block, with proofs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StateProof {
    /// The block's header, RLP.
    #[serde(with = "wire::base64")]
    header: Bytes,
    /// Trie nodes, RLP.
    #[serde(with = "wire::base64_list")]
    nodes: Vec<Bytes>,
    accounts: Vec<AccountProof>,
}

/// One account. The numbers in `proof` are places in the list of nodes, root first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AccountProof {
    address: Address,
    nonce: u64,
    balance: U256,
    storage_hash: B256,
    code_hash: B256,
    proof: Vec<u32>,
    /// The code, where it is looked into.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "wire::base64_option")]
    code: Option<Bytes>,
    slots: Vec<SlotProof>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotProof {
    slot: B256,
    value: U256,
    proof: Vec<u32>,
}

/// What a state proof proved: true of the block with this hash, whoever brought the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenState {
    block: Block,
    /// Hash of the block before it.
    parent: B256,
    accounts: BTreeMap<Address, ProvenAccount>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ProvenAccount {
    code_hash: B256,
    code: Option<Bytes>,
    slots: BTreeMap<B256, U256>,
}

/// A state proof does not hold, or cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateProofError {
    /// The endpoint cannot be asked or answers nonsense.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The header's fields do not hash to the block's hash: a chain with fields of its own, or an endpoint that lies.
    #[error(
        "the header of block {block} cannot be rebuilt: its fields as {endpoint} tells them hash to {found}; chains whose headers have fields of their own cannot be proven"
    )]
    HeaderNotRebuilt {
        /// The block's hash.
        block: B256,
        /// What the fields hash to.
        found: B256,
        /// Scheme and host of the endpoint.
        endpoint: String,
    },
    /// The header is not the RLP of an Ethereum header.
    #[error("the header is not one of an Ethereum block: {0}")]
    Header(String),
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
    /// The nodes do not stand in their one order, or one is twice there, missing or left over.
    #[error("the trie nodes are not in their one form: {0}")]
    Form(&'static str),
    /// The account is not what the state root says.
    #[error("account {address} is not proven by the state root of block {block}: {reason}")]
    Account {
        /// The account.
        address: Address,
        /// The block's hash.
        block: B256,
        /// Why not.
        reason: String,
    },
    /// The slot is not what the account's storage root says.
    #[error("slot {slot} of {address} is not proven: {reason}")]
    Slot {
        /// The account.
        address: Address,
        /// The slot.
        slot: B256,
        /// Why not.
        reason: String,
    },
    /// The code is not that of the account.
    #[error("the code that comes along for {0} is not that of the account")]
    Code(Address),
    /// The proof does not speak of it.
    #[error("the proof does not say what slot {slot} of {address} holds")]
    NotProven {
        /// The account.
        address: Address,
        /// The slot.
        slot: B256,
    },
}

/// Reads a header in its one spelling, and names the block that it makes.
pub(crate) fn read_header(rlp: &[u8]) -> Result<(Block, Header), StateProofError> {
    if rlp.len() > MAX_HEADER {
        return Err(StateProofError::TooMuch { what: "bytes of the header", most: MAX_HEADER, found: rlp.len() });
    }
    let header = Header::decode(&mut &*rlp).map_err(|error| StateProofError::Header(error.to_string()))?;
    if alloy_rlp::encode(&header) != rlp {
        return Err(StateProofError::Header("it has another spelling".to_owned()));
    }
    Ok((Block { number: header.number, hash: keccak256(rlp), time: header.timestamp }, header))
}

impl StateProof {
    /// Checks everything that can be checked without knowing the block's hash, which is in the result: whether that is the hash of a block
    /// of the chain is for others to say.
    ///
    /// # Errors
    /// Something is not proven, or not in its one form.
    pub fn check(&self) -> Result<ProvenState, StateProofError> {
        self.check_bounds()?;
        self.check_form()?;
        let (block, header) = read_header(&self.header)?;
        let mut accounts = BTreeMap::new();
        for account in &self.accounts {
            let proven = self.account(account, header.state_root, &block)?;
            if accounts.insert(account.address, proven).is_some() {
                return Err(StateProofError::Form("an account is there twice"));
            }
        }
        Ok(ProvenState { block, parent: header.parent_hash, accounts })
    }

    /// Returns how many bytes of headers, nodes and code there are.
    #[must_use]
    pub fn size(&self) -> usize {
        let code = self.accounts.iter().filter_map(|account| account.code.as_ref());
        self.header.len() + self.nodes.iter().chain(code).map(|bytes| bytes.len()).sum::<usize>()
    }

    fn check_bounds(&self) -> Result<(), StateProofError> {
        let bound = |what, most, found| if found > most { Err(StateProofError::TooMuch { what, most, found }) } else { Ok(()) };
        bound("trie nodes", MAX_NODES, self.nodes.len())?;
        bound("accounts", MAX_ACCOUNTS, self.accounts.len())?;
        for node in &self.nodes {
            bound("bytes of a trie node", MAX_NODE, node.len())?;
        }
        for account in &self.accounts {
            bound("slots of an account", MAX_SLOTS, account.slots.len())?;
            bound("bytes of code", MAX_CODE, account.code.as_ref().map_or(0, |code| code.len()))?;
        }
        for proof in self.proofs() {
            bound("nodes on the way to a value", MAX_DEPTH, proof.len())?;
        }
        Ok(())
    }

    fn proofs(&self) -> impl Iterator<Item = &[u32]> {
        self.accounts
            .iter()
            .flat_map(|account| std::iter::once(account.proof.as_slice()).chain(account.slots.iter().map(|slot| slot.proof.as_slice())))
    }

    /// Holds the list of nodes against its one form.
    fn check_form(&self) -> Result<(), StateProofError> {
        let mut next = 0_usize;
        for place in self.proofs().flatten() {
            match usize::try_from(*place).unwrap_or(usize::MAX) {
                place if place == next => next += 1,
                place if place > next => return Err(StateProofError::Form("a node comes before its time")),
                _ => {}
            }
        }
        if next != self.nodes.len() {
            return Err(StateProofError::Form("a node is left over, or missing"));
        }
        let different: BTreeSet<&Bytes> = self.nodes.iter().collect();
        if different.len() != self.nodes.len() {
            return Err(StateProofError::Form("a node is there twice"));
        }
        Ok(())
    }

    fn path<'s>(&'s self, places: &'s [u32]) -> impl Iterator<Item = &'s Bytes> {
        // `check_form` has seen that there is a node at each place.
        places.iter().filter_map(|place| self.nodes.get(usize::try_from(*place).ok()?))
    }

    fn account(&self, account: &AccountProof, state_root: B256, block: &Block) -> Result<ProvenAccount, StateProofError> {
        let address = account.address;
        let stated = TrieAccount::new(account.nonce, account.balance, account.storage_hash, account.code_hash);
        let nothing = TrieAccount::new(0, U256::ZERO, EMPTY_ROOT_HASH, KECCAK256_EMPTY);
        // An account with nothing in it is not there (EIP-161).
        let value = (stated != nothing).then(|| alloy_rlp::encode(stated));
        let refused = |reason: String| StateProofError::Account { address, block: block.hash, reason };
        let found = lookup(state_root, Nibbles::unpack(keccak256(address)), self.path(&account.proof))
            .map_err(|error| refused(error.to_string()))?;
        if found != value {
            return Err(refused("the trie holds another account there, or none".to_owned()));
        }
        if account.code.as_ref().is_some_and(|code| keccak256(code) != account.code_hash) {
            return Err(StateProofError::Code(address));
        }
        let mut slots = BTreeMap::new();
        for slot in &account.slots {
            self.slot(account, slot)?;
            if slots.insert(slot.slot, slot.value).is_some() {
                return Err(StateProofError::Form("a slot is there twice"));
            }
        }
        Ok(ProvenAccount { code_hash: account.code_hash, code: account.code.clone(), slots })
    }

    fn slot(&self, account: &AccountProof, slot: &SlotProof) -> Result<(), StateProofError> {
        let value = (!slot.value.is_zero()).then(|| alloy_rlp::encode(slot.value));
        let refused = |reason: String| StateProofError::Slot { address: account.address, slot: slot.slot, reason };
        let found = lookup(account.storage_hash, Nibbles::unpack(keccak256(slot.slot)), self.path(&slot.proof));
        match found.map_err(|error| refused(error.to_string()))? {
            found if found == value => Ok(()),
            _ => Err(refused("the trie holds another value there, or none".to_owned())),
        }
    }
}

impl ProvenState {
    /// Returns the block that all of it is true of, if its hash is one of the chain's.
    #[must_use]
    pub const fn block(&self) -> Block {
        self.block
    }

    /// Returns the hash of the block before it.
    pub(crate) const fn parent(&self) -> B256 {
        self.parent
    }

    /// Returns how many accounts are proven.
    pub(crate) fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Returns the hash of an account's code; `None` when nothing is proven of it.
    pub(crate) fn code_hash(&self, address: Address) -> Option<B256> {
        self.accounts.get(&address).map(|account| account.code_hash)
    }

    /// Tells whether there is code at an address; `None` when nothing is proven of it.
    pub(crate) fn has_code(&self, address: Address) -> Option<bool> {
        self.accounts.get(&address).map(|account| account.code_hash != KECCAK256_EMPTY)
    }

    /// Returns the code of an account, if that came along.
    pub(crate) fn code(&self, address: Address) -> Option<&Bytes> {
        self.accounts.get(&address)?.code.as_ref()
    }

    /// Tells whether anything is said of a slot.
    pub(crate) fn knows(&self, address: Address, slot: B256) -> bool {
        self.accounts.get(&address).is_some_and(|account| account.slots.contains_key(&slot))
    }

    /// Returns what a slot holds.
    pub(crate) fn slot(&self, address: Address, slot: B256) -> Result<U256, StateProofError> {
        let value = self.accounts.get(&address).and_then(|account| account.slots.get(&slot));
        value.copied().ok_or(StateProofError::NotProven { address, slot })
    }

    /// Returns how many slots of an account are proven.
    pub(crate) fn slots(&self) -> usize {
        self.accounts.values().map(|account| account.slots.len()).sum()
    }
}
