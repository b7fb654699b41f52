// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "./IModelRegistry.sol";

/// @title Who said it first
/// @notice A creator who does not want to show a model yet commits to it, mints later, and then proves the earlier time. The commitment
/// hides the weights digest behind a salt, so that nobody can mint before on what it shows.
///
/// IMPORTANT: an earlier time is an earlier claim and nothing more. Anybody can commit to the digest of a public file.
interface IPriority {
    /// @notice Emitted when a commitment is made for the first time.
    event Committed(bytes32 indexed commitment);

    /// @notice Emitted when a token's creator is shown to have committed to its weights before.
    event PriorityProven(address indexed registry, uint256 indexed tokenId, uint40 time);

    /// @notice This commitment was made before. The first time counts.
    error PriorityAlreadyCommitted(bytes32 commitment);

    /// @notice Nobody made this commitment.
    error PriorityNotCommitted(bytes32 commitment);

    /// @notice The time is not earlier than the one that is known: of the mint, or of an earlier proof.
    error PriorityNotEarlier(uint40 known, uint40 given);

    /// @notice Makes a commitment. Anyone may call: the creator is inside it.
    function commit(bytes32 commitment) external;

    /// @notice Proves that the creator of a token committed to its weights here.
    function reveal(IModelRegistry registry, uint256 tokenId, bytes32 salt) external;

    /// @notice Proves that the creator of a token committed to its weights by an entry of an anchored list, which costs nothing more than the
    /// anchor. Whoever anchored the list.
    /// @param by Who anchored the list.
    function revealAnchored(
        IModelRegistry registry,
        uint256 tokenId,
        bytes32 salt,
        address by,
        bytes32 root,
        uint64 index,
        bytes32[] calldata proof
    ) external;

    /// @notice Returns the earliest proven time of a token, in Unix time: zero when none was proven.
    function priorityOf(IModelRegistry registry, uint256 tokenId) external view returns (uint40 time);

    /// @notice Returns when a commitment was made, in Unix time: zero when it was not.
    function committedAt(bytes32 commitment) external view returns (uint40 time);

    /// @notice Returns a commitment: keccak256(abi.encode(creator, weightsDigest, salt)).
    function commitmentOf(address creator, bytes32 weightsDigest, bytes32 salt) external pure returns (bytes32 commitment);

    /// @notice Returns the entry of a list that stands for a commitment: `mmb1:commit` and a zero byte, then the commitment.
    function commitEntry(bytes32 commitment) external pure returns (bytes memory entry);
}
