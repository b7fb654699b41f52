// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "../interfaces/ILineageVault.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ModelId} from "../libraries/ModelId.sol";
import {RoyaltyStack} from "../libraries/RoyaltyStack.sol";
import {ModelInput, Parent} from "../types/ModelTypes.sol";
import {Ancestor} from "../types/RoyaltyTypes.sol";
import {Payees} from "./Payees.sol";

/// @title Ancestors that get a fixed part of all that a token earns
/// @dev One slot commits to the stack, and one counter a currency says what was earned. Splitting adds to the counter, whatever the
/// number of ancestors; each takes its part of the counter, less what it took before. Rounded down each time from the whole, the parts
/// together never exceed what was set aside, and none is ever short by more than one unit.
abstract contract Stacks is Payees {
    using RoyaltyStack for bytes32;

    uint256 private constant _MAX_ANCESTORS = 64;
    uint256 private constant _MAX_STACK_BPS = 5000;

    mapping(bytes32 token => bytes32) private _stacks;
    mapping(bytes32 token => mapping(address currency => uint256)) private _revenues;
    mapping(bytes32 token => mapping(address currency => mapping(uint256 place => uint256))) private _inherited;

    /// @inheritdoc ILineageVault
    function declareStack(IModelRegistry registry, ModelInput calldata model, Ancestor[][] calldata inherited)
        external
        returns (Ancestor[] memory stack)
    {
        uint256 tokenId = ModelId.tokenId(model, ModelId.hashParents(model.parents));
        if (!registry.actsFor(msg.sender, model.creator)) revert LineageVaultNotCreator(msg.sender, tokenId);
        bytes32 token = tokenOf(address(registry), tokenId);
        if (_stacks[token] != 0) revert LineageVaultAlreadyDeclared(token);
        if (inherited.length != model.parents.length) revert LineageVaultWrongStack(token);
        for (uint256 i = 0; i < inherited.length; ++i) {
            stack = _extend(stack, address(registry), model.parents[i], inherited[i]);
        }
        (bytes32 commitment, uint256 bps) = RoyaltyStack.commit(stack);
        if (stack.length > _MAX_ANCESTORS || bps > _MAX_STACK_BPS) revert LineageVaultStackTooHigh(stack.length, bps);
        _stacks[token] = commitment;
        emit StackDeclared(address(registry), tokenId, stack);
    }

    /// @inheritdoc ILineageVault
    function distributeStack(address registry, uint256 tokenId, address currency, Ancestor[] calldata stack, uint256[] calldata which)
        external
        returns (uint256 amount)
    {
        bytes32 token = tokenOf(registry, tokenId);
        if (!_stacks[token].isCommitmentTo(stack)) revert LineageVaultWrongStack(token);
        uint256 revenue = _revenues[token][currency];
        mapping(uint256 place => uint256) storage paid = _inherited[token][currency];
        for (uint256 i = 0; i < which.length; ++i) {
            Ancestor calldata ancestor = stack[which[i]];
            uint256 due = revenue * ancestor.bps / _WHOLE_BPS;
            uint256 part = due - paid[which[i]];
            if (part == 0) continue;
            paid[which[i]] = due;
            amount += part;
            _inherit(ancestor.token, token, currency, part, ancestor.settled);
        }
    }

    /// @inheritdoc ILineageVault
    function stackOf(address registry, uint256 tokenId) external view returns (bytes32 commitment) {
        return _stacks[tokenOf(registry, tokenId)];
    }

    /// @inheritdoc ILineageVault
    function sharedRevenueOf(address registry, uint256 tokenId, address currency) external view returns (uint256 revenue) {
        return _revenues[tokenOf(registry, tokenId)][currency];
    }

    /// @inheritdoc ILineageVault
    function inheritedBy(address registry, uint256 tokenId, address currency, uint256 place) external view returns (uint256 amount) {
        return _inherited[tokenOf(registry, tokenId)][currency][place];
    }

    function _stackOf(bytes32 token) internal view returns (bytes32) {
        return _stacks[token];
    }

    /// @dev Sets the ancestors' parts of some revenue aside, and returns what they are in all.
    function _setAside(bytes32 token, bytes32 stack, address currency, uint256 amount) internal returns (uint256 shares) {
        uint256 before = _revenues[token][currency];
        uint256 bps = stack.totalOf();
        _revenues[token][currency] = before + amount;
        return (before + amount) * bps / _WHOLE_BPS - before * bps / _WHOLE_BPS;
    }

    /// @dev Returns the key of a parent, or zero for one on another chain.
    function _tokenOf(Parent calldata parent, address registry) internal view returns (bytes32) {
        if (parent.chainId == 0) return tokenOf(registry, parent.tokenId);
        return parent.chainId == block.chainid ? tokenOf(parent.registry, parent.tokenId) : bytes32(0);
    }

    /// @dev Returns the stack with a parent and the parent's stack in it. A parent without a stack shares with its own parents what it
    /// gets, so that nobody is passed over when only the child declares.
    function _extend(Ancestor[] memory stack, address registry, Parent calldata parent, Ancestor[] calldata inherited)
        private
        view
        returns (Ancestor[] memory)
    {
        bytes32 token = _tokenOf(parent, registry);
        bytes32 commitment = _stacks[token];
        if (commitment != 0) {
            if (!commitment.isCommitmentTo(inherited)) revert LineageVaultWrongStack(token);
            stack = RoyaltyStack.merge(stack, inherited);
        } else if (inherited.length != 0) {
            revert LineageVaultWrongStack(token);
        }
        if (token == 0 || parent.shareBps == 0) return stack;
        Ancestor[] memory edge = new Ancestor[](1);
        edge[0] = Ancestor(token, parent.shareBps, commitment != 0);
        return RoyaltyStack.merge(stack, edge);
    }
}
