// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SharesVault} from "./SharesVault.sol";
import {ISharesFactory} from "./interfaces/ISharesFactory.sol";
import {ISharesVault} from "./interfaces/ISharesVault.sol";
import {SharesTerms} from "./types/SharesTypes.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @title Makes vaults that hold a token and divide it into shares
contract SharesFactory is ISharesFactory {
    address private immutable _IMPLEMENTATION = address(new SharesVault());

    mapping(address vault => bool) private _vaults;

    /// @dev A registry may run code of its own while the token moves: the vault is known only when it is open.
    /// @inheritdoc ISharesFactory
    function create(SharesTerms calldata terms, address manager, uint256 reserve) external returns (address vault) {
        vault = Clones.cloneWithImmutableArgs(_IMPLEMENTATION, abi.encode(terms));
        IERC721(terms.registry).transferFrom(msg.sender, vault, terms.tokenId);
        ISharesVault(vault).open(msg.sender, manager, reserve);
        _vaults[vault] = true;
        emit SharesCreated(vault, terms.registry, terms.tokenId, msg.sender, terms.supply);
    }

    /// @inheritdoc ISharesFactory
    function isVault(address vault) external view returns (bool) {
        return _vaults[vault];
    }

    /// @inheritdoc ISharesFactory
    function implementation() external view returns (address) {
        return _IMPLEMENTATION;
    }
}
