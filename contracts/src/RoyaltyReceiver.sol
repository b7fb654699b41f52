// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NATIVE} from "./types/RoyaltyTypes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title Where a token's royalties arrive
/// @notice The code behind all royalty receivers. A receiver is a minimal proxy of it, one for each token, so that money tells what it is for.
/// It takes whatever comes and gives it to the vault only.
///
/// NOTE: a payment with the 2 300 gas of Solidity's `transfer` arrives as long as the receiver is not deployed, and fails afterwards.
contract RoyaltyReceiver {
    using SafeERC20 for IERC20;

    address private immutable _VAULT = msg.sender;

    /// @notice The caller is not the vault.
    error RoyaltyReceiverNotVault(address caller);

    receive() external payable {}

    /// @notice Sends all of a currency to the vault. Only the vault.
    function sweep(address currency) external {
        if (msg.sender != _VAULT) revert RoyaltyReceiverNotVault(msg.sender);
        if (currency == NATIVE) {
            Address.sendValue(payable(_VAULT), address(this).balance);
        } else {
            IERC20(currency).safeTransfer(_VAULT, IERC20(currency).balanceOf(address(this)));
        }
    }
}
