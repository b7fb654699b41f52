//! Token ids and signing digests, computed here as the contract computes them: no node is asked, and none has to be believed.

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::sol;
use alloy::sol_types::{Eip712Domain, SolStruct, SolValue, eip712_domain};

use crate::model::word;
use crate::{ChainId, Kind, License, Lineage, ModelInput, TokenId};
use modelmark_digest::Sha256Digest;

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
    id_of(model.weights, model.record, &model.lineage, &model.license, model.kind, model.creator)
}

/// Returns the id that these parts of a statement make.
pub(crate) fn id_of(
    weights: Sha256Digest,
    record: Sha256Digest,
    lineage: &Lineage,
    license: &License,
    kind: Kind,
    creator: Address,
) -> TokenId {
    let model = Model {
        weightsDigest: word(weights),
        recordDigest: word(record),
        parentsHash: parents_hash(lineage),
        license: license.digest(),
        kind: kind.number(),
        creator,
    };
    U256::from_be_bytes(model.eip712_hash_struct().0).into()
}

/// Returns what stands for the parents in token ids and mint authorisations: keccak256 of their ABI encoding, zero without parents.
#[must_use]
pub fn parents_hash(lineage: &Lineage) -> B256 {
    if lineage.parents().is_empty() { B256::ZERO } else { keccak256(lineage.to_abi().abi_encode()) }
}

/// Returns the EIP-712 digest that the creator signs to let anyone mint `model` to `to` in this registry until `deadline`.
///
/// `deadline` is Unix time in seconds.
#[must_use]
pub fn mint_auth_hash(chain: ChainId, registry: Address, to: Address, model: &ModelInput, deadline: U256) -> B256 {
    let input = model.to_abi();
    let message = MintAuth {
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
        parentsHash: parents_hash(&model.lineage),
        deadline,
    };
    message.eip712_signing_hash(&domain(chain, registry))
}

fn domain(chain: ChainId, registry: Address) -> Eip712Domain {
    eip712_domain! { name: "modelmark", version: "1", chain_id: chain.get(), verifying_contract: registry, }
}
