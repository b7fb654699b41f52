// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelInput} from "../types/ModelTypes.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title One transaction for any number of records
/// @notice Keeps when an account committed to a list of entries, by the root of their Merkle tree (RFC 9162, SHA-256). Whoever has an
/// entry and its proof can show that it was in the list at that time. An entry that is a mint authorisation can become a token.
///
/// IMPORTANT: the list itself is not here. `manifest` says what to look for; keep it in more than one store. Whoever loses the entries
/// loses the proofs, not the root.
interface IBatchAnchor {
    /// @notice Emitted once for each account and root.
    /// @param manifest SHA-256 of the document that says what the entries are and where they lie.
    event BatchAnchored(address indexed by, bytes32 indexed root, uint64 size, bytes32 manifest);

    /// @notice Emitted when an entry becomes a token: the creator's claim is as old as the anchor.
    event ClaimedFromAnchor(
        address indexed registry, uint256 indexed tokenId, address indexed creator, bytes32 root, uint64 index, uint40 anchoredAt
    );

    /// @notice A list has at least one entry, and its root is not zero.
    error BatchAnchorEmpty();

    /// @notice This account anchored this root before. The first time counts.
    error BatchAnchorAlreadyAnchored(address by, bytes32 root);

    /// @notice This account never anchored this root.
    error BatchAnchorUnknown(address by, bytes32 root);

    /// @notice The proof does not lead from this entry at this place to the root.
    error BatchAnchorNotIncluded(bytes32 root, uint64 index);

    /// @notice The authorisation was meant to be used until `deadline`.
    error BatchAnchorExpired(uint256 deadline);

    /// @notice Commits the caller to a list of `size` entries.
    ///
    /// NOTE: nobody checks that the list has this size. A false one makes the caller's own proofs fail.
    function anchor(bytes32 root, uint64 size, bytes32 manifest) external;

    /// @notice Mints a token from a creator's own list. Anyone may call; nothing is left to the caller.
    ///
    /// The creator has to have anchored the list from `model.creator`, and to have made this contract a delegate in the registry
    /// (`setDelegate`).
    /// @param to Who gets the token, as the entry says.
    /// @param deadline Last second, in Unix time, at which the entry can become a token, as the entry says.
    /// @return tokenId The token.
    function claim(
        IModelRegistry registry,
        address to,
        ModelInput calldata model,
        uint256 deadline,
        bytes32 root,
        uint64 index,
        bytes32[] calldata proof
    ) external returns (uint256 tokenId);

    /// @notice Returns since when `by` is committed to an entry, in Unix time. Reverts when the proof does not show it.
    /// @param entry The entry's bytes, not their hash.
    /// @param index The entry's place in the list, from 0.
    /// @param proof The siblings from the leaf to the root.
    function verify(address by, bytes32 root, uint64 index, bytes calldata entry, bytes32[] calldata proof)
        external
        view
        returns (uint40 anchoredAt);

    /// @notice Returns when `by` anchored a root and how many entries it said there are: zeros when it did not.
    function anchorOf(address by, bytes32 root) external view returns (uint40 anchoredAt, uint64 size);

    /// @notice Returns the entry that stands for a mint: `mmb1:mint` and a zero byte, then the EIP-712 struct hash of `MintAuth`, which binds
    /// everything that the mint stores, the recipient and the deadline, and no chain.
    function mintEntry(address to, ModelInput calldata model, uint256 deadline) external pure returns (bytes memory entry);
}
