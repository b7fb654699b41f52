// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {CreatorSignature} from "../libraries/CreatorSignature.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title Who may act as a creator
/// @dev Contracts that mint for creators (claims from an anchor, gates of derivatives) and accounts of creators who can only sign.
abstract contract Delegates is IModelRegistry, EIP712, Nonces {
    bytes32 private constant _DELEGATION_TYPEHASH =
        keccak256("Delegation(address creator,address delegate,bool allowed,uint256 nonce,uint256 deadline)");

    mapping(address creator => mapping(address delegate => bool)) private _delegates;

    /// @inheritdoc IModelRegistry
    function setDelegate(address delegate, bool allowed) external {
        _setDelegate(msg.sender, delegate, allowed);
    }

    /// @inheritdoc IModelRegistry
    function setDelegate(address creator, address delegate, bool allowed, uint256 deadline, bytes calldata signature) external {
        bytes32 typed = keccak256(abi.encode(_DELEGATION_TYPEHASH, creator, delegate, allowed, _useNonce(creator), deadline));
        _checkSignature(creator, _hashTypedDataV4(typed), deadline, signature);
        _setDelegate(creator, delegate, allowed);
    }

    /// @inheritdoc IModelRegistry
    function actsFor(address account, address creator) public view returns (bool) {
        return account == creator || _delegates[creator][account];
    }

    /// @inheritdoc IModelRegistry
    function creatorOfKey(bytes calldata key) external pure returns (address creator) {
        return CreatorSignature.addressOf(key);
    }

    function _checkSignature(address creator, bytes32 digest, uint256 deadline, bytes calldata signature) internal view {
        if (block.timestamp > deadline) revert ModelRegistryExpiredSignature(deadline);
        if (!CreatorSignature.isValid(creator, digest, signature)) revert ModelRegistryInvalidSignature(creator);
    }

    function _checkActsFor(address creator) internal view {
        if (!actsFor(msg.sender, creator)) revert ModelRegistryNotCreator(msg.sender, creator);
    }

    function _setDelegate(address creator, address delegate, bool allowed) private {
        _delegates[creator][delegate] = allowed;
        emit DelegateChanged(creator, delegate, allowed);
    }
}
