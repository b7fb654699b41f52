// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "../interfaces/ILineageVault.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {Payee} from "../types/RoyaltyTypes.sol";
import {Revenue} from "./Revenue.sol";

/// @title Who made a model, and what part of its revenue is theirs
abstract contract Payees is Revenue {
    uint256 internal constant _WHOLE_BPS = 10_000;
    uint256 private constant _MAX_PAYEES = 32;

    mapping(bytes32 token => bytes32) private _payees;
    mapping(bytes32 token => bool) private _forGood;

    /// @inheritdoc ILineageVault
    function setPayees(IModelRegistry registry, uint256 tokenId, Payee[] calldata payees, bool forGood) external {
        if (!registry.actsFor(msg.sender, registry.creatorOf(tokenId))) revert LineageVaultNotCreator(msg.sender, tokenId);
        bytes32 token = tokenOf(address(registry), tokenId);
        if (_forGood[token]) revert LineageVaultPayeesFixed();
        if (payees.length != 0) _checkPayees(payees);
        _payees[token] = _hash(payees);
        if (forGood) _forGood[token] = true;
        emit PayeesSet(address(registry), tokenId, payees, forGood);
    }

    /// @inheritdoc ILineageVault
    function payeesOf(address registry, uint256 tokenId) external view returns (bytes32 payeesHash, bool forGood) {
        bytes32 token = tokenOf(registry, tokenId);
        return (_payees[token], _forGood[token]);
    }

    /// @dev Pays the payees, rounded down, the last of them what is left.
    function _earnPayees(bytes32 token, address creator, address currency, uint256 amount, Payee[] calldata payees) internal {
        if (_payees[token] != _hash(payees)) revert LineageVaultWrongPayees(token);
        uint256 left = amount;
        for (uint256 i = 0; i + 1 < payees.length; ++i) {
            uint256 part = amount * payees[i].bps / _WHOLE_BPS;
            left -= part;
            _earn(payees[i].account, token, currency, part);
        }
        _earn(payees.length == 0 ? creator : payees[payees.length - 1].account, token, currency, left);
    }

    /// @dev Zero for the creator alone.
    function _hash(Payee[] calldata payees) private pure returns (bytes32) {
        return payees.length == 0 ? bytes32(0) : keccak256(abi.encode(payees));
    }

    function _checkPayees(Payee[] calldata payees) private pure {
        uint256 bps = 0;
        for (uint256 i = 0; i < payees.length; ++i) {
            if (payees[i].account == address(0) || payees[i].bps == 0) revert LineageVaultInvalidPayees();
            bps += payees[i].bps;
        }
        if (bps != _WHOLE_BPS || payees.length > _MAX_PAYEES) revert LineageVaultInvalidPayees();
    }
}
