// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollectionFactory} from "./interfaces/ICollectionFactory.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @title Collections of one's own
contract CollectionFactory is ICollectionFactory {
    /// @dev All collections have the same salt: the terms behind the proxy's code tell them apart.
    bytes32 private constant _SALT = 0;

    uint256 private constant _MAX_NAME = 64;
    uint256 private constant _MAX_SYMBOL = 16;

    /// @dev A minimal proxy's code, and the longest terms: authority, two offsets, two lengths, three words of text.
    uint256 private constant _PROXY = 45;
    uint256 private constant _MAX_TERMS = 8 * 32;

    address private immutable _REGISTRY;

    constructor(address registry_) {
        if (registry_.code.length == 0) revert CollectionFactoryInvalidRegistry(registry_);
        _REGISTRY = registry_;
    }

    /// @inheritdoc ICollectionFactory
    function create(address authority, string calldata name, string calldata symbol) external returns (address collection) {
        collection = addressOf(authority, name, symbol);
        if (collection.code.length != 0) return collection;
        if (authority != address(0) && authority.code.length == 0) revert CollectionFactoryInvalidAuthority(authority);
        if (bytes(name).length > _MAX_NAME || bytes(symbol).length > _MAX_SYMBOL) revert CollectionFactoryTermsTooLong(name, symbol);
        Clones.cloneDeterministicWithImmutableArgs(_REGISTRY, abi.encode(authority, name, symbol), _SALT);
        emit CollectionCreated(collection, authority, msg.sender, name, symbol);
    }

    /// @inheritdoc ICollectionFactory
    function isCollection(address account) external view returns (bool) {
        if (account == _REGISTRY) return true;
        uint256 size = account.code.length;
        if (size <= _PROXY || size > _PROXY + _MAX_TERMS) return false;
        return _predict(Clones.fetchCloneArgs(account)) == account;
    }

    /// @inheritdoc ICollectionFactory
    function registry() external view returns (address) {
        return _REGISTRY;
    }

    /// @inheritdoc ICollectionFactory
    function addressOf(address authority, string calldata name, string calldata symbol) public view returns (address collection) {
        return _predict(abi.encode(authority, name, symbol));
    }

    function _predict(bytes memory terms) private view returns (address) {
        return Clones.predictDeterministicAddressWithImmutableArgs(_REGISTRY, terms, _SALT);
    }
}
