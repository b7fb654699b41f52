// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "./IModelRegistry.sol";
import {IProofVerifier} from "./IProofVerifier.sol";

/// @title The verifier's half of ERC-7992 (draft of November 2025), word by word
/// @dev The registry's half does not compile as printed: an event and an error share the name `ModelDeprecated`.
interface IERC7992Verifier {
    /// @notice Emitted when a proof was checked.
    event InferenceVerified(uint256 indexed modelId, bytes32 indexed inputCommitment, bytes output, address indexed caller);

    /// @notice The proof does not hold.
    error InvalidProof();

    /// @notice The model's creator says not to rely on this key any more.
    // The name is the ERC's.
    error VerificationRefused_ModelDeprecated(uint256 modelId);

    /// @notice Checks that a model gave `output` for the committed input. Reverts unless it did.
    function verifyInference(uint256 modelId, bytes32 inputCommitment, bytes calldata output, bytes calldata proof) external;

    /// @notice Returns the first four bytes of the keccak256 of the proof system's name, such as "groth16-bn254-v1".
    function proofSystemOf(uint256 modelId) external view returns (bytes4);

    /// @notice Returns where models are looked up: here.
    function registry() external view returns (address registryAddress);
}

/// @title Keys that proofs about models are checked with
/// @notice A creator adds keys to a token; none is ever changed or removed. What ERC-7992 calls a model is a key here, and the models are
/// those of a {IModelRegistry}. A new circuit or verifying key is a new key with another id.
///
/// IMPORTANT: a key says that the creator vouches for circuit and verifier. Whether the circuit has the token's weights in it is for its
/// author to show.
interface IProofKeys is IERC7992Verifier {
    /// @notice What a key is. The fields that ERC-7992 has are named as there.
    /// @param modelHash The weights digest of the token: filled in by {register}, which takes it from the registry.
    /// @param circuitHash Digest of the circuit.
    /// @param vkHash Digest of the verifying key.
    /// @param proofSystemId First four bytes of the keccak256 of the proof system's name.
    /// @param uri Where circuit and key are, at most 255 bytes, or empty.
    struct ModelCommitment {
        bytes32 modelHash;
        bytes32 circuitHash;
        bytes32 vkHash;
        bytes4 proofSystemId;
        string uri;
    }

    /// @notice Emitted when a creator adds a key.
    event ModelRegistered(uint256 indexed modelId, address indexed owner, ModelCommitment commitment);

    /// @notice Emitted with {ModelRegistered}: which token the key is for, and who checks its proofs.
    event KeyAdded(uint256 indexed modelId, address indexed registry, uint256 indexed tokenId, address verifier);

    /// @notice Emitted when a creator says not to rely on a key any more.
    event ModelDeprecated(uint256 indexed modelId);

    /// @notice There is no such key.
    error ModelNotFound(uint256 modelId);

    /// @notice The caller is neither the token's creator nor a delegate of the creator.
    error NotModelOwner(uint256 modelId, address caller);

    /// @notice ERC-7992 calls it `ModelDeprecated`, as the event.
    error ModelIsDeprecated(uint256 modelId);

    /// @notice The token has this key.
    error ProofKeysAlreadyAdded(uint256 modelId);

    /// @notice A digest is zero, the address is too long, or the verifier has no code.
    error ProofKeysInvalid();

    /// @notice The caller has used this input before.
    error ProofKeysReplayed(uint256 modelId, bytes32 inputCommitment);

    /// @notice Adds a key to a token. Only the token's creator or a delegate.
    /// @return modelId keccak256(abi.encode(registry, tokenId, verifier, circuitHash, vkHash, proofSystemId)).
    function register(IModelRegistry tokens, uint256 tokenId, IProofVerifier verifier, ModelCommitment calldata commitment)
        external
        returns (uint256 modelId);

    /// @notice Says for good that nobody should rely on a key. Only the token's creator or a delegate.
    function deprecateModel(uint256 modelId) external;

    /// @notice As {verifyInference}, and takes each input commitment once from each caller: for contracts that act on a result. The
    /// commitment has to contain a nonce, if one input may come twice.
    function verifyInferenceOnce(uint256 modelId, bytes32 inputCommitment, bytes calldata output, bytes calldata proof) external;

    /// @notice Returns a key, whether its creator took it back, and who the creator is.
    function getModel(uint256 modelId) external view returns (ModelCommitment memory commitment, bool deprecated, address owner);

    /// @notice Returns which token a key is for, and who checks its proofs.
    function keyOf(uint256 modelId) external view returns (address tokens, uint256 tokenId, address verifier);

    /// @notice Tells whether a caller has used an input commitment in {verifyInferenceOnce}.
    function isUsed(address caller, uint256 modelId, bytes32 inputCommitment) external view returns (bool);
}
