//! Token ids and signing digests, computed here as the contract computes them: no node is asked, and none has to be believed.

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::sol;
use alloy::sol_types::{SolStruct, SolValue, eip712_domain};
use modelmark_digest::Sha256Digest;

use crate::bindings::ModelRegistry as abi;
use crate::model::word;
use crate::{ChainId, Kind, License, Lineage, ModelInput, TokenId, TypedHash};

sol! {
    /// The part of the statement that makes the id. Hashed as an EIP-712 struct, but never signed.
    struct Model {
        bytes32 weightsDigest;
        bytes32 recordDigest;
        bytes32 parentsHash;
        bytes32 license;
        uint8 kind;
        address creator;
    }

    /// What a creator signs to let somebody else submit a mint: all that the mint stores, to whom, and until when.
    struct MintAuth {
        address to;
        bytes32 weightsDigest;
        bytes32 recordDigest;
        bytes32 datasetDigest;
        bytes32 architectureDigest;
        bytes32 framework;
        bytes32 metrics;
        bytes32 license;
        uint8 kind;
        uint16 royaltyBps;
        address creator;
        bytes32 parentsHash;
        uint256 deadline;
    }
}

/// Returns the token id of a statement, minted or not. It is the same in every registry on every chain.
#[must_use]
pub fn token_id_of(model: &ModelInput) -> TokenId {
    token_id(&model.to_abi())
}

/// Returns what stands for the parents in token ids and mint authorisations: keccak256 of their ABI encoding, zero without parents.
#[must_use]
pub fn parents_hash(lineage: &Lineage) -> B256 {
    hash_of(&lineage.to_abi())
}

/// Returns the EIP-712 digest that the creator signs to let anyone mint `model` to `to` in this registry until `deadline`.
///
/// `deadline` is Unix time in seconds.
#[must_use]
pub fn mint_auth_hash(chain: ChainId, registry: Address, to: Address, model: &ModelInput, deadline: U256) -> B256 {
    typed_mint_auth(chain, registry, to, model, deadline).digest()
}

pub(crate) fn typed_mint_auth(chain: ChainId, registry: Address, to: Address, model: &ModelInput, deadline: U256) -> TypedHash {
    let domain = eip712_domain! { name: "modelmark", version: "1", chain_id: chain.get(), verifying_contract: registry, };
    TypedHash::of(&mint_auth(to, model.to_abi(), deadline), &domain)
}

/// Returns the token id of a statement as the contract takes it, acceptable or not.
pub(crate) fn token_id(input: &abi::ModelInput) -> TokenId {
    let model = Model {
        weightsDigest: input.weightsDigest,
        recordDigest: input.recordDigest,
        parentsHash: hash_of(&input.parents),
        license: input.license,
        kind: input.kind,
        creator: input.creator,
    };
    model.id()
}

impl Model {
    fn id(&self) -> TokenId {
        U256::from_be_bytes(self.eip712_hash_struct().0).into()
    }
}

/// What the id of a token binds, without what its creator may state differently.
pub(crate) struct Bound<'b> {
    pub(crate) weights: Sha256Digest,
    pub(crate) record: Sha256Digest,
    pub(crate) license: &'b License,
    pub(crate) kind: Kind,
    pub(crate) creator: Address,
    pub(crate) lineage: &'b Lineage,
}

impl Bound<'_> {
    pub(crate) fn id(&self) -> TokenId {
        let model = Model {
            weightsDigest: word(self.weights),
            recordDigest: word(self.record),
            parentsHash: hash_of(&self.lineage.to_abi()),
            license: self.license.digest(),
            kind: self.kind.number(),
            creator: self.creator,
        };
        model.id()
    }
}

pub(crate) fn mint_auth(to: Address, input: abi::ModelInput, deadline: U256) -> MintAuth {
    MintAuth {
        to,
        weightsDigest: input.weightsDigest,
        recordDigest: input.recordDigest,
        datasetDigest: input.datasetDigest,
        architectureDigest: input.architectureDigest,
        framework: input.framework,
        metrics: input.metrics,
        license: input.license,
        kind: input.kind,
        royaltyBps: input.royaltyBps,
        creator: input.creator,
        parentsHash: hash_of(&input.parents),
        deadline,
    }
}

fn hash_of(parents: &[abi::Parent]) -> B256 {
    if parents.is_empty() { B256::ZERO } else { keccak256(parents.abi_encode()) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a vector that cannot be read is a failed test")]
    use super::*;
    use serde_json::Value;

    /// Made by the contracts themselves; see `vectors/contracts/README.md`.
    const MODELS: &str = include_str!("../../../vectors/contracts/models.json");

    fn parse<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().unwrap()
    }

    fn input(model: &Value) -> abi::ModelInput {
        let parents = model["parents"].as_array().unwrap().iter().map(|parent| abi::Parent {
            chainId: parse(&parent["chainId"]),
            registry: parse(&parent["registry"]),
            tokenId: parse(&parent["tokenId"]),
            relation: parse(&parent["relation"]),
            shareBps: parse(&parent["shareBps"]),
            evidence: parse(&parent["evidence"]),
        });
        abi::ModelInput {
            weightsDigest: parse(&model["weightsDigest"]),
            recordDigest: parse(&model["recordDigest"]),
            datasetDigest: parse(&model["datasetDigest"]),
            architectureDigest: parse(&model["architectureDigest"]),
            framework: parse(&model["framework"]),
            metrics: parse(&model["metrics"]),
            license: parse(&model["license"]),
            kind: parse(&model["kind"]),
            royaltyBps: parse(&model["royaltyBps"]),
            creator: parse(&model["creator"]),
            parents: parents.collect(),
        }
    }

    #[test]
    fn ids_and_digests_are_those_of_the_contracts() {
        let vectors: Value = serde_json::from_str(MODELS).unwrap();
        let (chain_id, contract): (u64, Address) = (parse(&vectors["chainId"]), parse(&vectors["verifyingContract"]));
        let domain = eip712_domain! { name: "modelmark", version: "1", chain_id: chain_id, verifying_contract: contract, };
        let cases = vectors["cases"].as_array().unwrap();
        assert!(cases.len() >= 20);
        for case in cases {
            let input = input(&case["model"]);
            assert_eq!(hash_of(&input.parents), parse::<B256>(&case["parentsHash"]), "{}", case["name"]);
            assert_eq!(token_id(&input), parse(&case["tokenId"]), "{}", case["name"]);
            let digest = mint_auth(parse(&case["to"]), input, parse(&case["deadline"])).eip712_signing_hash(&domain);
            assert_eq!(digest, parse::<B256>(&case["mintAuthDigest"]), "{}", case["name"]);
        }
    }
}
