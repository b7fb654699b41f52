// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IStatusBoard} from "./interfaces/IStatusBoard.sol";
import {Status} from "./types/ModelTypes.sol";

/// @title What curators say against tokens
contract StatusBoard is IStatusBoard {
    uint40 private constant _DISPUTE = 90 days;

    /// @dev A dispute has an end, a revocation has none. Zero is nothing, or withdrawn.
    uint40 private constant _FOREVER = type(uint40).max;

    struct Judgement {
        bytes32 evidence;
        uint40 until;
    }

    mapping(address curator => mapping(IModelRegistry registry => mapping(uint256 tokenId => Judgement))) private _judgements;

    /// @inheritdoc IStatusBoard
    function dispute(IModelRegistry registry, uint256 tokenId, bytes32 evidence) external {
        Status current = _statusOf(msg.sender, registry, tokenId);
        if (current != Status.Active) revert StatusBoardWrongStep(current);
        _judge(registry, tokenId, Status.Disputed, uint40(block.timestamp) + _DISPUTE, evidence);
    }

    /// @inheritdoc IStatusBoard
    function confirm(IModelRegistry registry, uint256 tokenId, bytes32 evidence) external {
        Status current = _statusOf(msg.sender, registry, tokenId);
        if (current != Status.Disputed) revert StatusBoardWrongStep(current);
        _judge(registry, tokenId, Status.Revoked, _FOREVER, evidence);
    }

    /// @inheritdoc IStatusBoard
    function withdraw(IModelRegistry registry, uint256 tokenId, bytes32 evidence) external {
        Status current = _statusOf(msg.sender, registry, tokenId);
        if (current == Status.Active) revert StatusBoardWrongStep(current);
        _judge(registry, tokenId, Status.Active, 0, evidence);
    }

    /// @inheritdoc IStatusBoard
    function judgementOf(address curator, IModelRegistry registry, uint256 tokenId)
        external
        view
        returns (Status status, uint40 until, bytes32 evidence)
    {
        Judgement memory judgement = _judgements[curator][registry][tokenId];
        return (_statusOf(curator, registry, tokenId), judgement.until, judgement.evidence);
    }

    /// @inheritdoc IStatusBoard
    function statusOf(address[] calldata curators, IModelRegistry registry, uint256 tokenId) external view returns (Status status) {
        status = registry.getModelData(tokenId).status;
        for (uint256 i = 0; i < curators.length; ++i) {
            Status judged = _statusOf(curators[i], registry, tokenId);
            // The order of the statuses is that of their weight.
            if (judged > status) status = judged;
        }
    }

    function _judge(IModelRegistry registry, uint256 tokenId, Status status, uint40 until, bytes32 evidence) private {
        if (evidence == 0) revert StatusBoardNoEvidence();
        _judgements[msg.sender][registry][tokenId] = Judgement(evidence, until);
        emit Judged(msg.sender, address(registry), tokenId, status, until, evidence);
    }

    function _statusOf(address curator, IModelRegistry registry, uint256 tokenId) private view returns (Status) {
        uint40 until = _judgements[curator][registry][tokenId].until;
        if (until == _FOREVER) return Status.Revoked;
        return block.timestamp <= until ? Status.Disputed : Status.Active;
    }
}
