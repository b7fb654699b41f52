//! Where our contracts keep what they know, and how they pack it: for readers who are given slots with proofs instead of answers.
//!
//! The compiler's own layouts stand in `contracts/artifacts/*.layout.json`; a test holds these numbers against them.

use alloy::primitives::{Address, B256, U256, keccak256};

use crate::{BasisPoints, Judgement, Kind, Status, TokenId};

/// `ModelRegistry._owners`, of OpenZeppelin's ERC721.
const OWNERS: u64 = 2;
/// `ModelRegistry._records`: a mapping to three words.
const RECORDS: u64 = 12;
/// `ModelRegistry._descriptions`: a mapping to four words.
const DESCRIPTIONS: u64 = 13;
/// `StatusBoard._judgements`: by curator, registry and token, two words.
const JUDGEMENTS: u64 = 0;
/// `Priority._priorities`: by registry and token.
const PRIORITIES: u64 = 1;

/// The end of a judgement that has none.
const FOREVER: u64 = (1 << 40) - 1;

/// The slots of a token in its registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenSlots {
    pub(crate) owner: B256,
    pub(crate) weights: B256,
    pub(crate) record: B256,
    pub(crate) facts: B256,
    pub(crate) dataset: B256,
    pub(crate) architecture: B256,
    pub(crate) framework: B256,
    pub(crate) metrics: B256,
}

/// The packed word of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) creator: Address,
    /// Unix time in seconds; zero for a token that was minted into the log.
    pub(crate) minted_at: u64,
    pub(crate) kind: Kind,
    pub(crate) status: Status,
    pub(crate) royalty: BasisPoints,
}

/// The slots of what a curator says against a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JudgementSlots {
    pub(crate) evidence: B256,
    pub(crate) until: B256,
}

impl TokenSlots {
    /// How many there are.
    pub(crate) const COUNT: usize = 8;
    /// How many of a token whose statement is not stored tell anything: owner, and that there are no facts.
    pub(crate) const LOGGED: usize = 2;

    pub(crate) fn of(token: TokenId) -> Self {
        let key = B256::from(token.get());
        let (record, description) = (entry(key, number(RECORDS)), entry(key, number(DESCRIPTIONS)));
        Self {
            owner: entry(key, number(OWNERS)),
            weights: record,
            record: word(record, 1),
            facts: word(record, 2),
            dataset: description,
            architecture: word(description, 1),
            framework: word(description, 2),
            metrics: word(description, 3),
        }
    }

    /// Returns those of a token whose statement is not stored.
    pub(crate) const fn logged(&self) -> [B256; Self::LOGGED] {
        [self.owner, self.facts]
    }

    /// Returns all of them.
    pub(crate) const fn all(&self) -> [B256; Self::COUNT] {
        let Self { owner, weights, record, facts, dataset, architecture, framework, metrics } = *self;
        [owner, weights, record, facts, dataset, architecture, framework, metrics]
    }
}

impl Facts {
    /// Reads the word; `None` when it is zero, or no registry of ours could have written it.
    pub(crate) fn of(word: U256) -> Option<Self> {
        let bits = |shift: usize, count: usize| -> u64 { ((word >> shift) & ((U256::ONE << count) - U256::ONE)).to() };
        let byte = |shift| u8::try_from(bits(shift, 8)).ok();
        let creator = Address::from_word(B256::from(word & ((U256::ONE << 160) - U256::ONE)));
        if creator.is_zero() {
            return None;
        }
        Some(Self {
            creator,
            minted_at: bits(160, 40),
            // The licence's number in the licence book is at 200: its text is what the token's id binds.
            kind: byte(224)?.try_into().ok()?,
            status: byte(232)?.try_into().ok()?,
            royalty: u16::try_from(bits(240, 16)).ok()?.try_into().ok()?,
        })
    }
}

impl JudgementSlots {
    pub(crate) fn of(curator: Address, registry: Address, token: TokenId) -> Self {
        let by_registry = entry(curator.into_word(), number(JUDGEMENTS));
        let evidence = entry(token.get().into(), entry(registry.into_word(), by_registry));
        Self { evidence, until: word(evidence, 1) }
    }

    /// Reads what the two words say at a time, in Unix seconds.
    pub(crate) fn read(curator: Address, evidence: U256, until: U256, time: u64) -> Judgement {
        let until: u64 = (until & U256::from(FOREVER)).to();
        let status = match until {
            FOREVER => Status::Revoked,
            until if time <= until => Status::Disputed,
            _ => Status::Active,
        };
        Judgement { curator, status, until: (status == Status::Disputed).then_some(until), evidence: evidence.into() }
    }
}

/// Returns the slot of the time at which a token's creator is shown to have committed to its weights.
pub(crate) fn priority_slot(registry: Address, token: TokenId) -> B256 {
    entry(token.get().into(), entry(registry.into_word(), number(PRIORITIES)))
}

/// Returns the slot of a mapping's entry: keccak256 of the key and the mapping's own slot.
fn entry(key: B256, mapping: B256) -> B256 {
    keccak256([key.0, mapping.0].concat())
}

/// Returns the slot of a word of a struct.
fn word(first: B256, index: u64) -> B256 {
    U256::from_be_bytes(first.0).wrapping_add(U256::from(index)).into()
}

fn number(slot: u64) -> B256 {
    U256::from(slot).into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a layout that cannot be read is a failed test")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn place(layout: &str, label: &str) -> (u64, String) {
        let layout: Value = serde_json::from_str(layout).unwrap();
        let variables = layout["storage"].as_array().unwrap().clone();
        let variable = variables.iter().find(|variable| variable["label"] == label).unwrap();
        assert_eq!(variable["offset"], 0, "{label}");
        (variable["slot"].as_str().unwrap().parse().unwrap(), variable["type"].as_str().unwrap().to_owned())
    }

    #[test]
    fn slots_are_where_the_compiler_puts_them() {
        let registry = include_str!("../../../contracts/artifacts/ModelRegistry.layout.json");
        assert_eq!(place(registry, "_owners"), (OWNERS, "mapping(uint256 => address)".into()));
        assert_eq!(place(registry, "_records"), (RECORDS, "mapping(uint256 => struct ModelRecord)".into()));
        assert_eq!(place(registry, "_descriptions"), (DESCRIPTIONS, "mapping(uint256 => struct ModelDescription)".into()));
        let board = include_str!("../../../contracts/artifacts/StatusBoard.layout.json");
        let judgements = "mapping(address => mapping(contract IModelRegistry => mapping(uint256 => struct StatusBoard.Judgement)))";
        assert_eq!(place(board, "_judgements"), (JUDGEMENTS, judgements.into()));
        let priority = include_str!("../../../contracts/artifacts/Priority.layout.json");
        let priorities = "mapping(contract IModelRegistry => mapping(uint256 => uint40))";
        assert_eq!(place(priority, "_priorities"), (PRIORITIES, priorities.into()));
    }

    #[test]
    fn a_word_without_a_creator_is_no_statement() {
        assert_eq!(Facts::of(U256::ZERO), None);
        assert_eq!(Facts::of(U256::from(1) << 160), None);
        // A kind that no registry has.
        assert_eq!(Facts::of(U256::from(1) | U256::from(200) << 224), None);
    }

    #[test]
    fn a_dispute_ends_and_a_revocation_does_not() {
        let read = |until: u64, time| JudgementSlots::read(Address::ZERO, U256::ZERO, U256::from(until), time).status;
        assert_eq!(
            [read(0, 1), read(9, 9), read(9, 10), read(FOREVER, 10)],
            [Status::Active, Status::Disputed, Status::Active, Status::Revoked]
        );
    }

    proptest! {
        #[test]
        fn any_word_is_answered(word: [u8; 32]) {
            let _ = Facts::of(U256::from_be_bytes(word));
        }
    }
}
