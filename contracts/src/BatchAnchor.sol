// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBatchAnchor} from "./interfaces/IBatchAnchor.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {InclusionProof} from "./libraries/InclusionProof.sol";
import {MintAuth} from "./libraries/MintAuth.sol";
import {ModelId} from "./libraries/ModelId.sol";
import {ModelInput} from "./types/ModelTypes.sol";

/// @title One transaction for any number of records
contract BatchAnchor is IBatchAnchor {
    /// @dev Keeps mints apart from every other kind of entry, so that no other document can be read as one.
    bytes10 private constant _MINT = "mmb1:mint\x00";

    struct Anchor {
        uint40 anchoredAt;
        uint64 size;
    }

    mapping(address by => mapping(bytes32 root => Anchor)) private _anchors;

    /// @inheritdoc IBatchAnchor
    function anchor(bytes32 root, uint64 size, bytes32 manifest) external {
        if (size == 0 || root == 0) revert BatchAnchorEmpty();
        if (_anchors[msg.sender][root].anchoredAt != 0) revert BatchAnchorAlreadyAnchored(msg.sender, root);
        _anchors[msg.sender][root] = Anchor(uint40(block.timestamp), size);
        emit BatchAnchored(msg.sender, root, size, manifest);
    }

    /// @dev The registry is the caller's choice and may be anything: nothing is written here, and a registry that lies gets an event that
    /// names it.
    /// @inheritdoc IBatchAnchor
    function claim(
        IModelRegistry registry,
        address to,
        ModelInput calldata model,
        uint256 deadline,
        bytes32 root,
        uint64 index,
        bytes32[] calldata proof
    ) external returns (uint256 tokenId) {
        if (block.timestamp > deadline) revert BatchAnchorExpired(deadline);
        bytes32 leaf = sha256(abi.encodePacked(bytes1(0), _MINT, _mintHash(to, model, deadline)));
        uint40 anchoredAt = _verify(model.creator, root, index, leaf, proof);
        tokenId = registry.mintProvenanceNFT(to, model);
        emit ClaimedFromAnchor(address(registry), tokenId, model.creator, root, index, anchoredAt);
    }

    /// @inheritdoc IBatchAnchor
    function verify(address by, bytes32 root, uint64 index, bytes calldata entry, bytes32[] calldata proof)
        external
        view
        returns (uint40 anchoredAt)
    {
        return _verify(by, root, index, InclusionProof.leafHash(entry), proof);
    }

    /// @inheritdoc IBatchAnchor
    function anchorOf(address by, bytes32 root) external view returns (uint40 anchoredAt, uint64 size) {
        Anchor memory found = _anchors[by][root];
        return (found.anchoredAt, found.size);
    }

    /// @inheritdoc IBatchAnchor
    function mintEntry(address to, ModelInput calldata model, uint256 deadline) external pure returns (bytes memory entry) {
        return abi.encodePacked(_MINT, _mintHash(to, model, deadline));
    }

    function _verify(address by, bytes32 root, uint64 index, bytes32 leaf, bytes32[] calldata proof)
        private
        view
        returns (uint40 anchoredAt)
    {
        Anchor memory found = _anchors[by][root];
        if (found.anchoredAt == 0) revert BatchAnchorUnknown(by, root);
        bool included = InclusionProof.verify(root, found.size, index, leaf, proof);
        if (!included) revert BatchAnchorNotIncluded(root, index);
        return found.anchoredAt;
    }

    function _mintHash(address to, ModelInput calldata model, uint256 deadline) private pure returns (bytes32) {
        return MintAuth.hash(to, model, ModelId.hashParents(model.parents), deadline);
    }
}
