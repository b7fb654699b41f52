// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title What makes a collection this one: its name, its symbol, and who rules it
/// @dev A collection is a contract of its own, or a minimal proxy (ERC-1167) of one with `abi.encode(authority, name, symbol)` behind
/// the proxy's code. Code cannot change, so a proxy needs no initialiser that somebody else could call first, and its address commits
/// to the terms.
abstract contract CollectionTerms is IModelRegistry, ERC721 {
    address private immutable _ORIGINAL = address(this);
    address private immutable _AUTHORITY;

    constructor(address authority_) {
        if (authority_ != address(0) && authority_.code.length == 0) revert ModelRegistryInvalidAuthority(authority_);
        _AUTHORITY = authority_;
    }

    /// @inheritdoc IModelRegistry
    function authority() public view returns (address ruler) {
        if (address(this) == _ORIGINAL) return _AUTHORITY;
        return abi.decode(Clones.fetchCloneArgs(address(this)), (address));
    }

    /// @inheritdoc IERC721Metadata
    function name() public view override(ERC721, IERC721Metadata) returns (string memory text) {
        if (address(this) == _ORIGINAL) return super.name();
        (, text,) = abi.decode(Clones.fetchCloneArgs(address(this)), (address, string, string));
    }

    /// @inheritdoc IERC721Metadata
    function symbol() public view override(ERC721, IERC721Metadata) returns (string memory text) {
        if (address(this) == _ORIGINAL) return super.symbol();
        (,, text) = abi.decode(Clones.fetchCloneArgs(address(this)), (address, string, string));
    }

    /// @dev Refuses callers whom the authority does not let call this function. Without an authority, `open` says whether everyone may.
    ///
    /// Roles with an execution delay go through `AccessManager.execute`, which this check sees as allowed.
    function _checkAuthority(bool open) internal view {
        address ruler = authority();
        if (ruler == address(0) && open) return;
        (bool allowed,) = AuthorityUtils.canCallWithDelay(ruler, msg.sender, address(this), msg.sig);
        if (!allowed) revert ModelRegistryUnauthorized(msg.sender);
    }
}
