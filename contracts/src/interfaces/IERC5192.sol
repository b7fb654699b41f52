// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-5192: tokens that do not move
interface IERC5192 {
    /// @notice Emitted when a token is bound to its owner for good.
    event Locked(uint256 tokenId);

    /// @notice Emitted when a token becomes transferable. Never in our contracts: a lock is final.
    event Unlocked(uint256 tokenId);

    /// @notice Tells whether a token is bound to its owner. Reverts for an unknown token.
    function locked(uint256 tokenId) external view returns (bool);
}
