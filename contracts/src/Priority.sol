// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBatchAnchor} from "./interfaces/IBatchAnchor.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IPriority} from "./interfaces/IPriority.sol";
import {ModelData} from "./types/ModelTypes.sol";

/// @title Who said it first
contract Priority is IPriority {
    bytes private constant _COMMIT = "mmb1:commit\x00";

    IBatchAnchor private immutable _ANCHORS;

    mapping(bytes32 commitment => uint40) private _commitments;
    mapping(IModelRegistry registry => mapping(uint256 tokenId => uint40)) private _priorities;

    constructor(IBatchAnchor anchors) {
        _ANCHORS = anchors;
    }

    /// @inheritdoc IPriority
    function commit(bytes32 commitment) external {
        if (_commitments[commitment] != 0) revert PriorityAlreadyCommitted(commitment);
        _commitments[commitment] = uint40(block.timestamp);
        emit Committed(commitment);
    }

    /// @inheritdoc IPriority
    function reveal(IModelRegistry registry, uint256 tokenId, bytes32 salt) external {
        (bytes32 commitment, uint40 mintedAt) = _committed(registry, tokenId, salt);
        uint40 time = _commitments[commitment];
        if (time == 0) revert PriorityNotCommitted(commitment);
        _prove(registry, tokenId, mintedAt, time);
    }

    /// @inheritdoc IPriority
    function revealAnchored(
        IModelRegistry registry,
        uint256 tokenId,
        bytes32 salt,
        address by,
        bytes32 root,
        uint64 index,
        bytes32[] calldata proof
    ) external {
        (bytes32 commitment, uint40 mintedAt) = _committed(registry, tokenId, salt);
        uint40 time = _ANCHORS.verify(by, root, index, commitEntry(commitment), proof);
        _prove(registry, tokenId, mintedAt, time);
    }

    /// @inheritdoc IPriority
    function priorityOf(IModelRegistry registry, uint256 tokenId) external view returns (uint40 time) {
        return _priorities[registry][tokenId];
    }

    /// @inheritdoc IPriority
    function committedAt(bytes32 commitment) external view returns (uint40 time) {
        return _commitments[commitment];
    }

    /// @inheritdoc IPriority
    function commitmentOf(address creator, bytes32 weightsDigest, bytes32 salt) public pure returns (bytes32 commitment) {
        return keccak256(abi.encode(creator, weightsDigest, salt));
    }

    /// @inheritdoc IPriority
    function commitEntry(bytes32 commitment) public pure returns (bytes memory entry) {
        return bytes.concat(_COMMIT, commitment);
    }

    function _committed(IModelRegistry registry, uint256 tokenId, bytes32 salt) private view returns (bytes32 commitment, uint40 mintedAt) {
        ModelData memory data = registry.getModelData(tokenId);
        return (commitmentOf(data.creator, data.weightsDigest, salt), data.mintedAt);
    }

    /// @dev A token that was minted into the log does not know its time: for it any proof is news.
    function _prove(IModelRegistry registry, uint256 tokenId, uint40 mintedAt, uint40 time) private {
        uint40 known = _priorities[registry][tokenId];
        if (known == 0) known = mintedAt;
        if (known != 0 && time >= known) revert PriorityNotEarlier(known, time);
        _priorities[registry][tokenId] = time;
        emit PriorityProven(address(registry), tokenId, time);
    }
}
