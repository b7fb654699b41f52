// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What shares are of and how they are governed. Behind the vault's code: it cannot change.
/// @param registry The token's registry.
/// @param tokenId The token that the vault holds.
/// @param supply How many shares there are, in units of 1/10^18 of a share. There are never more.
/// @param name The shares' name, and `symbol` their symbol (ERC-20).
/// @param currencies The ERC-20 tokens, at most three, in which revenue can be divided; ETH always can.
struct SharesTerms {
    address registry;
    uint256 tokenId;
    uint256 supply;
    string name;
    string symbol;
    address[] currencies;
}

/// @notice What holders of shares vote on.
enum Matter {
    Reserve,
    Manager
}

/// @notice Where a vault stands: waiting for its token, holding it, or without it again, sold or redeemed.
enum Phase {
    Empty,
    Holding,
    Sold,
    Redeemed
}
