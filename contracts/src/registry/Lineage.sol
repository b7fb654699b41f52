// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {Parent, Relation} from "../types/ModelTypes.sol";
import {Presentation} from "./Presentation.sol";

/// @title Edges to parents, and series of versions
/// @dev A parent has to be there before its child, and the child's id commits to its parents: the graph has no cycle.
abstract contract Lineage is Presentation {
    uint256 private constant _MAX_PARENTS = 16;

    /// @dev Zero for the first token of a series.
    mapping(uint256 tokenId => bytes32) private _series;

    /// @dev The newest token of a series, and how many came after its first. Nothing for a series of one.
    mapping(bytes32 series => uint256) private _heads;
    mapping(bytes32 series => uint64) private _laterVersions;

    /// @inheritdoc IModelRegistry
    function seriesOf(uint256 tokenId) external view returns (bytes32 series) {
        _requireOwned(tokenId);
        return _seriesOf(tokenId);
    }

    /// @inheritdoc IModelRegistry
    function versionCount(bytes32 series) external view returns (uint64 versions) {
        return _isSeries(series) ? _laterVersions[series] + 1 : 0;
    }

    /// @inheritdoc IModelRegistry
    function headOf(bytes32 series) external view returns (uint256 tokenId) {
        if (!_isSeries(series)) return 0;
        tokenId = _heads[series];
        return tokenId == 0 ? uint256(series) : tokenId;
    }

    function _linkParents(uint256 tokenId, address creator, Parent[] calldata parents) internal {
        uint256 length = parents.length;
        if (length > _MAX_PARENTS) revert ModelRegistryTooManyParents(length, _MAX_PARENTS);
        uint256 shareBps = 0;
        uint256 lastPlace = 0;
        uint256 lastId = 0;
        for (uint256 i = 0; i < length; ++i) {
            Parent calldata parent = parents[i];
            uint256 place = uint256(parent.chainId) << 160 | uint160(parent.registry);
            uint256 parentId = parent.tokenId;
            if (place <= lastPlace && i != 0 && (place != lastPlace || parentId <= lastId)) revert ModelRegistryUnorderedParents(i);
            lastPlace = place;
            lastId = parentId;
            unchecked {
                // Sixteen shares of sixteen bits.
                shareBps += parent.shareBps;
            }
            if (place == 0) {
                _linkParent(tokenId, creator, parentId, parent);
            } else {
                if (!_isElsewhere(parent)) revert ModelRegistryMisplacedParent(i);
                _claimParent(tokenId, parent);
            }
        }
        if (shareBps > _WHOLE_BPS) revert ModelRegistrySharesTooHigh(shareBps);
    }

    /// @dev What the event says of the edge are the parent's last three words, of which the caller has read the share and this the relation.
    function _linkParent(uint256 tokenId, address creator, uint256 parentId, Parent calldata parent) private {
        Relation relation = parent.relation;
        address parentOwner = _ownerOf(parentId);
        if (parentOwner == address(0)) revert ModelRegistryUnknownParent(parentId);
        bytes32 topic = ModelFineTuned.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, add(parent, 0x60), 0x60)
            log3(free, 0x60, topic, tokenId, parentId)
        }
        if (relation == Relation.Version) _continueSeries(tokenId, creator, parentId, parentOwner);
    }

    function _claimParent(uint256 tokenId, Parent calldata parent) private {
        emit ExternalParentClaimed(
            tokenId, parent.chainId, parent.registry, parent.tokenId, parent.relation, parent.shareBps, parent.evidence
        );
    }

    /// @dev An external parent has a chain and a registry, and is not one of this registry under another name.
    function _isElsewhere(Parent calldata parent) private view returns (bool) {
        bool aliased = parent.chainId == block.chainid && parent.registry == address(this);
        return parent.chainId != 0 && parent.registry != address(0) && !aliased;
    }

    function _continueSeries(uint256 tokenId, address creator, uint256 previous, address previousOwner) private {
        if (creator != previousOwner && creator != _factsOf(previous).creatorOf()) revert ModelRegistryNotSeriesAuthor(creator, previous);
        if (_series[tokenId] != 0) revert ModelRegistrySeveralPreviousVersions(tokenId);
        bytes32 series = _seriesOf(previous);
        uint64 later = _laterVersions[series] + 1;
        _laterVersions[series] = later;
        _heads[series] = tokenId;
        _series[tokenId] = series;
        emit ModelVersionMinted(tokenId, series, later + 1, previous);
    }

    function _seriesOf(uint256 tokenId) private view returns (bytes32 series) {
        series = _series[tokenId];
        return series == 0 ? bytes32(tokenId) : series;
    }

    function _isSeries(bytes32 series) private view returns (bool) {
        return _ownerOf(uint256(series)) != address(0) && _series[uint256(series)] == 0;
    }
}
