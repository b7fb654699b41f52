// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Status} from "../types/ModelTypes.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title What curators say against tokens
/// @notice Every account has a list of its own and is a curator to whoever believes it: a Safe, a court's key, a collection's board.
/// Nobody can write into another's list, and no list stands above the others. A token and its record stay as they are.
///
/// A dispute counts for 90 days. Within that time its curator confirms it, and the token is revoked for those who follow the curator;
/// or withdraws it; or lets it lapse. Every step says why.
interface IStatusBoard {
    /// @notice Emitted when a curator disputes, confirms or withdraws.
    /// @param status `Disputed`, `Revoked`, or `Active` when the curator has nothing against the token any more.
    /// @param until Last second, in Unix time, at which it counts: the largest number for a revocation, zero for a withdrawal.
    /// @param evidence Digest of the document that gives the reasons.
    event Judged(address indexed curator, address indexed registry, uint256 indexed tokenId, Status status, uint40 until, bytes32 evidence);

    /// @notice A judgement needs evidence.
    error StatusBoardNoEvidence();

    /// @notice The curator's judgement does not allow this step: only what is not disputed or revoked can be disputed, only what is disputed can
    /// be confirmed, only what is disputed or revoked can be withdrawn.
    error StatusBoardWrongStep(Status current);

    /// @notice Disputes a token, for 90 days. It need not be minted yet: its id says what it is.
    function dispute(IModelRegistry registry, uint256 tokenId, bytes32 evidence) external;

    /// @notice Turns the caller's dispute, which must not have lapsed, into a revocation.
    function confirm(IModelRegistry registry, uint256 tokenId, bytes32 evidence) external;

    /// @notice Takes the caller's dispute or revocation back.
    function withdraw(IModelRegistry registry, uint256 tokenId, bytes32 evidence) external;

    /// @notice Returns what a curator says against a token, with the evidence: `Active` when nothing, or when a dispute lapsed.
    function judgementOf(address curator, IModelRegistry registry, uint256 tokenId)
        external
        view
        returns (Status status, uint40 until, bytes32 evidence);

    /// @notice Returns the worst that the token's creator and some curators say of it.
    ///
    /// Reverts for an unknown token, and for one whose statement is not in storage.
    function statusOf(address[] calldata curators, IModelRegistry registry, uint256 tokenId) external view returns (Status status);
}
