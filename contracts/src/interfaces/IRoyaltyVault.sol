// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a registry has to know of the contract that splits its royalties
/// @notice Every token has a receiver of its own, so that a payment tells which token it is for. A receiver is a minimal proxy
/// (ERC-1167) of `receiverImplementation()`, created by the vault with CREATE2 and the salt keccak256(abi.encode(registry, tokenId)):
/// its address is known before it exists, and it can be paid before it exists.
interface IRoyaltyVault {
    /// @notice Returns the code that receivers are proxies of. It never changes.
    function receiverImplementation() external view returns (address implementation);
}
