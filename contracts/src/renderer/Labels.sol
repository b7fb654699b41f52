// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelLabels} from "../interfaces/IModelLabels.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ModelId} from "../libraries/ModelId.sol";
import {ModelData, Parent} from "../types/ModelTypes.sol";

/// @title Names and depths of tokens
abstract contract Labels is IModelLabels {
    uint256 private constant _MAX_NAME = 64;
    uint256 private constant _MAX_FAMILY = 32;

    mapping(address registry => mapping(uint256 tokenId => Label)) private _labels;

    /// @dev One more than the depth: zero is not known.
    mapping(address registry => mapping(uint256 tokenId => uint16)) private _depths;

    /// @inheritdoc IModelLabels
    function setLabel(IModelRegistry registry, uint256 tokenId, Label calldata label) external {
        address creator = registry.creatorOf(tokenId);
        if (!registry.actsFor(msg.sender, creator)) revert ModelLabelsNotCreator(msg.sender, creator);
        if (bytes(_labels[address(registry)][tokenId].name).length != 0) revert ModelLabelsAlreadyLabelled(tokenId);
        (uint256 name, uint256 family) = (bytes(label.name).length, bytes(label.family).length);
        if (name == 0 || name > _MAX_NAME || family > _MAX_FAMILY) revert ModelLabelsInvalidLength(name, family);
        _labels[address(registry)][tokenId] = label;
        emit Labelled(address(registry), tokenId, label.name, label.family, label.parameters);
    }

    /// @inheritdoc IModelLabels
    function proveDepth(IModelRegistry registry, uint256 tokenId, bytes32 license, Parent[] calldata parents)
        external
        returns (uint16 depth)
    {
        ModelData memory data = registry.getModelData(tokenId);
        if (ModelId.tokenId(data, license, ModelId.hashParents(parents)) != tokenId) revert ModelLabelsNotTheStatement(tokenId);
        for (uint256 i = 0; i < parents.length; ++i) {
            if (parents[i].chainId != 0) continue;
            // What is stored is one more than the parent's depth, which is the least that its child can have.
            uint16 least = _depths[address(registry)][parents[i].tokenId];
            if (least == 0) revert ModelLabelsUnknownDepth(parents[i].tokenId);
            if (least > depth) depth = least;
        }
        if (_depths[address(registry)][tokenId] != 0) return depth;
        _depths[address(registry)][tokenId] = depth + 1;
        emit DepthProven(address(registry), tokenId, depth);
    }

    /// @inheritdoc IModelLabels
    function labelOf(address registry, uint256 tokenId) public view returns (Label memory label) {
        return _labels[registry][tokenId];
    }

    /// @inheritdoc IModelLabels
    function depthOf(address registry, uint256 tokenId) public view returns (bool known, uint16 depth) {
        uint16 stored = _depths[registry][tokenId];
        return stored == 0 ? (false, 0) : (true, stored - 1);
    }
}
