//! Keys that proofs about models are checked with: a creator adds them to a token, and none is ever changed or removed (ERC-7992's shape).

use alloy::primitives::{Address, B256, Bytes, FixedBytes, U256, keccak256};
use alloy::sol_types::{SolEvent as _, SolValue as _};
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::bindings::{IProofKeys, ProofKeys as abi};
use crate::history::LogQuery;
use crate::model::word;
use crate::{Block, Call, Chain, ChainError, Contract, TokenId, TokenRef};

/// More keys of one token than are shown.
const MAX_KEYS: usize = 1_000;

/// A key as a creator adds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProofKey {
    /// The model.
    pub token: TokenRef,
    /// The contract that checks proofs.
    pub verifier: Address,
    /// Digest of the circuit.
    pub circuit: Sha256Digest,
    /// Digest of the verifying key.
    pub verifying_key: Sha256Digest,
    /// Name of the proof system, such as `groth16-bn254-v1`.
    pub system: String,
    /// Where circuit and key are, at most 255 bytes, or empty.
    pub uri: String,
}

/// A key that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProofKey {
    /// Its id, which ERC-7992 calls the model's.
    pub id: TokenId,
    /// The model.
    pub token: TokenRef,
    /// The contract that checks proofs.
    pub verifier: Address,
    /// Digest of the circuit.
    pub circuit: Sha256Digest,
    /// Digest of the verifying key.
    pub verifying_key: Sha256Digest,
    /// First four bytes of the keccak256 of the proof system's name.
    pub system: FixedBytes<4>,
    /// Where circuit and key are.
    pub uri: String,
    /// Whether the creator says not to rely on it any more.
    pub deprecated: bool,
}

impl NewProofKey {
    /// Returns the id that the key has.
    #[must_use]
    pub fn id(&self) -> TokenId {
        let (circuit, key) = (word(self.circuit), word(self.verifying_key));
        let fields = (self.token.contract(), self.token.id().get(), self.verifier, circuit, key, proof_system_id(&self.system));
        U256::from_be_bytes(keccak256(fields.abi_encode_params()).0).into()
    }

    /// Returns the call by which the token's creator adds the key.
    #[must_use]
    pub fn add(&self) -> Call {
        let commitment = IProofKeys::ModelCommitment {
            // The contract takes the weights from the registry.
            modelHash: B256::ZERO,
            circuitHash: word(self.circuit),
            vkHash: word(self.verifying_key),
            proofSystemId: proof_system_id(&self.system),
            uri: self.uri.clone(),
        };
        let (tokens, token_id) = (self.token.contract(), self.token.id().get());
        keys("add the key", &abi::registerCall { tokens, tokenId: token_id, verifier: self.verifier, commitment })
    }
}

/// Returns what stands for a proof system in keys.
#[must_use]
pub fn proof_system_id(name: &str) -> FixedBytes<4> {
    FixedBytes::from_slice(keccak256(name.as_bytes()).get(..4).unwrap_or(&[0; 4]))
}

/// Returns the call by which a token's creator says for good that nobody should rely on a key.
#[must_use]
pub fn deprecate_proof_key(id: TokenId) -> Call {
    keys("take the key out of use", &abi::deprecateModelCall { modelId: id.get() })
}

/// Returns the keys of a token, oldest first.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn proof_keys(chain: &Chain, token: &TokenRef) -> Result<Vec<ProofKey>, ChainError> {
    let block = chain.block().await?;
    let topics = [vec![abi::KeyAdded::SIGNATURE_HASH], Vec::new(), vec![token.contract().into_word()], vec![B256::from(token.id().get())]];
    let query = LogQuery { contract: Contract::ProofKeys.address(), topics };
    let mut found = Vec::new();
    for placed in chain.logs(&query, 0, block.number, MAX_KEYS).await? {
        let event = abi::KeyAdded::decode_log_validate(&placed.log).map_err(|error| chain.nonsense("KeyAdded", &error.to_string()))?;
        found.push(key(chain, event.data.modelId.into(), &block).await?);
    }
    Ok(found)
}

/// Returns a key by its id.
///
/// # Errors
/// As [`proof_keys`]; there is no such key.
pub async fn proof_key(chain: &Chain, id: TokenId) -> Result<ProofKey, ChainError> {
    key(chain, id, &chain.block().await?).await
}

/// Asks whether a proof shows that a key's model gives `output` for the committed input. Nothing is sent.
///
/// # Errors
/// As [`proof_key`]; the contract's refusal `InvalidProof` when the proof does not hold.
pub async fn check_proof(chain: &Chain, id: TokenId, input: B256, output: Bytes, proof: Bytes) -> Result<(), ChainError> {
    let block = chain.block().await?;
    key(chain, id, &block).await?;
    let call = abi::verifyInferenceCall { modelId: id.get(), inputCommitment: input, output, proof };
    // The function answers nothing: it refuses or it does not.
    chain.view(Contract::ProofKeys.address(), call, &block).await.map(|_| ())
}

async fn key(chain: &Chain, id: TokenId, block: &Block) -> Result<ProofKey, ChainError> {
    let told = chain.view_of(Contract::ProofKeys, abi::getModelCall { modelId: id.get() }, block).await?;
    let place = chain.view_of(Contract::ProofKeys, abi::keyOfCall { modelId: id.get() }, block).await?;
    Ok(ProofKey {
        id,
        token: TokenRef::new(chain.id(), place.tokens, place.tokenId.into()),
        verifier: place.verifier,
        circuit: Sha256Digest::from(told.commitment.circuitHash.0),
        verifying_key: Sha256Digest::from(told.commitment.vkHash.0),
        system: told.commitment.proofSystemId,
        uri: told.commitment.uri,
        deprecated: told.deprecated,
    })
}

fn keys(what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
    Call::new(what, Contract::ProofKeys.interface(), Contract::ProofKeys.address(), call)
}
