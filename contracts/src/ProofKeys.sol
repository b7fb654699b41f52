// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IERC7992Verifier, IProofKeys} from "./interfaces/IProofKeys.sol";
import {IProofVerifier} from "./interfaces/IProofVerifier.sol";
import {ERC165, IERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";

/// @title Keys that proofs about models are checked with
contract ProofKeys is IProofKeys, ERC165 {
    uint256 private constant _MAX_URI = 255;

    /// @dev What a verifier may burn: a pairing check takes less than a tenth.
    uint256 private constant _VERIFIER_GAS = 5_000_000;

    struct Key {
        IModelRegistry registry;
        bytes4 proofSystemId;
        bool deprecated;
        IProofVerifier verifier;
        uint256 tokenId;
        bytes32 modelHash;
        bytes32 circuitHash;
        bytes32 vkHash;
        string uri;
    }

    mapping(uint256 modelId => Key) private _keys;
    mapping(address caller => mapping(uint256 modelId => mapping(bytes32 inputCommitment => bool))) private _used;

    /// @inheritdoc IProofKeys
    function register(IModelRegistry tokens, uint256 tokenId, IProofVerifier verifier, ModelCommitment calldata commitment)
        external
        returns (uint256 modelId)
    {
        (bytes32 circuitHash, bytes32 vkHash, bytes4 proofSystemId) = (commitment.circuitHash, commitment.vkHash, commitment.proofSystemId);
        modelId = uint256(keccak256(abi.encode(tokens, tokenId, verifier, circuitHash, vkHash, proofSystemId)));
        address creator = tokens.creatorOf(tokenId);
        if (!tokens.actsFor(msg.sender, creator)) revert NotModelOwner(modelId, msg.sender);
        Key storage key = _keys[modelId];
        if (address(key.registry) != address(0)) revert ProofKeysAlreadyAdded(modelId);
        if (circuitHash == 0 || vkHash == 0 || bytes(commitment.uri).length > _MAX_URI || address(verifier).code.length == 0) {
            revert ProofKeysInvalid();
        }
        (key.registry, key.proofSystemId, key.verifier, key.tokenId) = (tokens, proofSystemId, verifier, tokenId);
        (key.modelHash, key.circuitHash, key.vkHash) = (tokens.getModelData(tokenId).weightsDigest, circuitHash, vkHash);
        key.uri = commitment.uri;
        emit ModelRegistered(modelId, creator, _commitmentOf(key));
        emit KeyAdded(modelId, address(tokens), tokenId, address(verifier));
    }

    /// @inheritdoc IProofKeys
    function deprecateModel(uint256 modelId) external {
        Key storage key = _found(modelId);
        if (!key.registry.actsFor(msg.sender, _ownerOf(key))) revert NotModelOwner(modelId, msg.sender);
        if (key.deprecated) revert ModelIsDeprecated(modelId);
        key.deprecated = true;
        emit ModelDeprecated(modelId);
    }

    /// @inheritdoc IERC7992Verifier
    function verifyInference(uint256 modelId, bytes32 inputCommitment, bytes calldata output, bytes calldata proof) external {
        _verify(modelId, inputCommitment, output, proof);
    }

    /// @inheritdoc IProofKeys
    function verifyInferenceOnce(uint256 modelId, bytes32 inputCommitment, bytes calldata output, bytes calldata proof) external {
        if (_used[msg.sender][modelId][inputCommitment]) revert ProofKeysReplayed(modelId, inputCommitment);
        _used[msg.sender][modelId][inputCommitment] = true;
        _verify(modelId, inputCommitment, output, proof);
    }

    /// @inheritdoc IProofKeys
    function getModel(uint256 modelId) external view returns (ModelCommitment memory commitment, bool deprecated, address owner) {
        Key storage key = _found(modelId);
        return (_commitmentOf(key), key.deprecated, _ownerOf(key));
    }

    /// @inheritdoc IProofKeys
    function keyOf(uint256 modelId) external view returns (address tokens, uint256 tokenId, address verifier) {
        Key storage key = _found(modelId);
        return (address(key.registry), key.tokenId, address(key.verifier));
    }

    /// @inheritdoc IProofKeys
    function isUsed(address caller, uint256 modelId, bytes32 inputCommitment) external view returns (bool) {
        return _used[caller][modelId][inputCommitment];
    }

    /// @inheritdoc IERC7992Verifier
    function proofSystemOf(uint256 modelId) external view returns (bytes4) {
        return _found(modelId).proofSystemId;
    }

    /// @inheritdoc IERC7992Verifier
    function registry() external view returns (address registryAddress) {
        return address(this);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC7992Verifier).interfaceId || super.supportsInterface(interfaceId);
    }

    function _verify(uint256 modelId, bytes32 inputCommitment, bytes calldata output, bytes calldata proof) private {
        Key storage key = _found(modelId);
        if (key.deprecated) revert VerificationRefused_ModelDeprecated(modelId);
        bytes memory call_ = abi.encodeCall(IProofVerifier.verifyProof, (key.circuitHash, key.vkHash, inputCommitment, output, proof));
        if (!_accepts(key.verifier, call_)) revert InvalidProof();
        emit InferenceVerified(modelId, inputCommitment, output, msg.sender);
    }

    /// @dev Asks a verifier, which can only look, and of whose answer one word is read. Anything but its selector is a no: an account
    /// without code, or one that answers every call with `true`, accepts nothing.
    function _accepts(IProofVerifier verifier, bytes memory call_) private view returns (bool accepted) {
        bytes32 expected = bytes32(IProofVerifier.verifyProof.selector);
        assembly ("memory-safe") {
            let done := staticcall(_VERIFIER_GAS, verifier, add(call_, 0x20), mload(call_), 0x00, 0x20)
            accepted := and(and(done, gt(returndatasize(), 0x1f)), eq(mload(0x00), expected))
        }
    }

    function _found(uint256 modelId) private view returns (Key storage key) {
        key = _keys[modelId];
        if (address(key.registry) == address(0)) revert ModelNotFound(modelId);
    }

    /// @dev A creator never changes: nobody has to store who it was.
    function _ownerOf(Key storage key) private view returns (address) {
        return key.registry.creatorOf(key.tokenId);
    }

    function _commitmentOf(Key storage key) private view returns (ModelCommitment memory) {
        return ModelCommitment(key.modelHash, key.circuitHash, key.vkHash, key.proofSystemId, key.uri);
    }
}
