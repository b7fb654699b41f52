// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreatorToken, ITransferValidator} from "../interfaces/ICreatorToken.sol";
import {IERC4907} from "../interfaces/IERC4907.sol";
import {IERC5192} from "../interfaces/IERC5192.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {CollectionTerms} from "./CollectionTerms.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title What an owner can do with a token beside selling it, and what may stand in the way of a sale
abstract contract Holding is CollectionTerms {
    uint256 private constant _LOCKED = 1 << 224;

    /// @dev From the low end: user 160 bits, end of the use 64, lock 1. One word, so that a transfer reads one slot for all of them.
    mapping(uint256 tokenId => uint256) private _holdings;

    address private _validator;

    /// @inheritdoc IERC4907
    function setUser(uint256 tokenId, address user, uint64 expires) external {
        _checkAuthorized(_ownerOf(tokenId), msg.sender, tokenId);
        if (user == address(0)) expires = 0;
        _holdings[tokenId] = (_holdings[tokenId] & _LOCKED) | uint256(expires) << 160 | uint160(user);
        emit UpdateUser(tokenId, user, expires);
    }

    /// @inheritdoc IERC4907
    function userOf(uint256 tokenId) external view returns (address user) {
        uint256 holding = _holdings[tokenId];
        return block.timestamp < uint64(holding >> 160) ? address(uint160(holding)) : address(0);
    }

    /// @inheritdoc IERC4907
    function userExpires(uint256 tokenId) external view returns (uint256 expires) {
        return uint64(_holdings[tokenId] >> 160);
    }

    /// @inheritdoc IModelRegistry
    function lock(uint256 tokenId) external {
        address owner = _requireOwned(tokenId);
        if (owner != msg.sender) revert ERC721IncorrectOwner(msg.sender, tokenId, owner);
        _holdings[tokenId] |= _LOCKED;
        emit Locked(tokenId);
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return _holdings[tokenId] & _LOCKED != 0;
    }

    /// @inheritdoc ICreatorToken
    function setTransferValidator(address validator) external {
        _checkAuthority(false);
        if (validator != address(0) && validator.code.length == 0) revert ModelRegistryInvalidTransferValidator(validator);
        emit TransferValidatorUpdated(_validator, validator);
        _validator = validator;
    }

    /// @inheritdoc ICreatorToken
    function getTransferValidator() external view returns (address validator) {
        return _validator;
    }

    /// @inheritdoc ICreatorToken
    function getTransferValidationFunction() external pure returns (bytes4 functionSignature, bool isViewFunction) {
        return (ITransferValidator.validateTransfer.selector, true);
    }

    /// @dev All transfers come through here, the safe ones too; a mint does not, and pays for none of this. Whether the caller may move
    /// the token is checked after, and undoes what was done here if not.
    /// @inheritdoc IERC721
    function transferFrom(address from, address to, uint256 tokenId) public override(ERC721, IERC721) {
        uint256 holding = _holdings[tokenId];
        if (holding & _LOCKED != 0) revert ModelRegistryLocked(tokenId);
        // Only an authority can set a validator: an open collection does not look.
        if (authority() != address(0)) _askValidator(from, to, tokenId);
        if (holding != 0) {
            delete _holdings[tokenId];
            emit UpdateUser(tokenId, address(0), 0);
        }
        super.transferFrom(from, to, tokenId);
    }

    /// @dev The validator may move tokens itself, by permits that it checks.
    function _askValidator(address from, address to, uint256 tokenId) private view {
        address validator = _validator;
        if (validator == address(0) || validator == msg.sender) return;
        ITransferValidator(validator).validateTransfer(msg.sender, from, to, tokenId);
    }
}
