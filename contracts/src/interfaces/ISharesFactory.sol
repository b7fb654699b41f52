// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SharesTerms} from "../types/SharesTypes.sol";

/// @title Makes vaults that hold a token and divide it into shares
interface ISharesFactory {
    /// @notice Emitted when a token is divided.
    event SharesCreated(address indexed vault, address indexed registry, uint256 indexed tokenId, address by, uint256 supply);

    /// @notice Divides a token of the caller's, who gets all shares and has to have approved the factory for the token.
    /// @param manager Who may do with the token what does not take it away.
    /// @param reserve The lowest first bid in wei, or zero: not for sale until the holders decide.
    /// @return vault The shares, an ERC-20 token.
    function create(SharesTerms calldata terms, address manager, uint256 reserve) external returns (address vault);

    /// @notice Tells whether a vault was made here, and so has this code.
    function isVault(address vault) external view returns (bool);

    /// @notice Returns the code that vaults are proxies of.
    function implementation() external view returns (address);
}
