// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Collections of one's own
/// @notice Creates minimal proxies (ERC-1167) of one registry, each with its own name, symbol and authority behind the proxy's code.
/// A collection's address commits to the registry's code and to these three, so that the factory keeps no list: {isCollection} can tell
/// by the address alone.
///
/// IMPORTANT: anybody can create a collection of any name. Its code is ours; who stands behind its authority is for the reader to know.
interface ICollectionFactory {
    /// @notice Emitted when a collection is created.
    event CollectionCreated(address indexed collection, address indexed authority, address indexed by, string name, string symbol);

    /// @notice The authority is neither zero nor a contract.
    error CollectionFactoryInvalidAuthority(address authority);

    /// @notice The name is over 64 bytes or the symbol over 16: every call of a proxy pays for the length of its terms.
    error CollectionFactoryTermsTooLong(string name, string symbol);

    /// @notice There is no contract to make proxies of.
    error CollectionFactoryInvalidRegistry(address registry);

    /// @notice Creates a collection, or returns the one that these terms already have. Anyone may call.
    /// @param authority AccessManager that decides who may submit mints, or zero for an open collection.
    /// @param name ERC-721 name, at most 64 bytes.
    /// @param symbol ERC-721 symbol, at most 16 bytes.
    function create(address authority, string calldata name, string calldata symbol) external returns (address collection);

    /// @notice Returns the address that a collection with these terms has, created or not.
    function addressOf(address authority, string calldata name, string calldata symbol) external view returns (address collection);

    /// @notice Tells whether the contract at `account` is the registry itself or a collection that this factory created.
    function isCollection(address account) external view returns (bool);

    /// @notice Returns the registry that collections are proxies of.
    function registry() external view returns (address);
}
