// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "../interfaces/ILineageVault.sol";
import {CreatorSignature} from "../libraries/CreatorSignature.sol";
import {NATIVE} from "../types/RoyaltyTypes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title What accounts are owed, and the ways to take it out
abstract contract Accounts is ILineageVault, EIP712, Nonces, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    bytes32 private constant _WITHDRAWAL_TYPEHASH =
        keccak256("Withdrawal(address account,address currency,address to,uint256 nonce,uint256 deadline)");

    mapping(address account => mapping(address currency => uint256)) private _balances;

    /// @inheritdoc ILineageVault
    function withdraw(address currency, address to) external returns (uint256 amount) {
        return _withdraw(msg.sender, currency, to);
    }

    /// @inheritdoc ILineageVault
    function withdraw(address account, address currency, address to, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 amount)
    {
        if (block.timestamp > deadline) revert LineageVaultExpiredSignature(deadline);
        bytes32 typed = keccak256(abi.encode(_WITHDRAWAL_TYPEHASH, account, currency, to, _useNonce(account), deadline));
        if (!CreatorSignature.isValid(account, _hashTypedDataV4(typed), signature)) revert LineageVaultInvalidSignature(account);
        return _withdraw(account, currency, to);
    }

    /// @inheritdoc ILineageVault
    function withdrawFor(address account, address currency) external returns (uint256 amount) {
        if (account.code.length == 0) revert LineageVaultNoCode(account);
        return _withdraw(account, currency, account);
    }

    /// @inheritdoc ILineageVault
    function balanceOf(address account, address currency) external view returns (uint256 amount) {
        return _balances[account][currency];
    }

    /// @dev Owes an account a part of what a token earned.
    function _earn(address account, bytes32 token, address currency, uint256 amount) internal {
        if (amount == 0) return;
        _balances[account][currency] += amount;
        emit Earned(account, token, currency, amount);
    }

    function _withdraw(address account, address currency, address to) private nonReentrant returns (uint256 amount) {
        // What is sent here belongs to nobody afterwards.
        if (to == address(0) || to == address(this)) revert LineageVaultInvalidRecipient(to);
        amount = _balances[account][currency];
        if (amount == 0) revert LineageVaultNothing();
        delete _balances[account][currency];
        emit Withdrawn(account, currency, to, amount);
        if (currency == NATIVE) {
            Address.sendValue(payable(to), amount);
        } else {
            IERC20(currency).safeTransfer(to, amount);
        }
    }
}
