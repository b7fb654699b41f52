// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What draws a registry's tokens and writes their metadata on chain
/// @notice Cosmetic: it reads what the registry says and decides nothing. A registry's renderer is fixed when it is deployed.
interface IModelRenderer {
    /// @notice Returns the metadata of a token of `registry` as a data URI.
    function tokenURI(address registry, uint256 tokenId) external view returns (string memory uri);

    /// @notice Returns the metadata of the collection as a data URI (ERC-7572).
    function contractURI(address registry) external view returns (string memory uri);

    /// @notice Returns the body of a token's SVG picture (ERC-4883).
    function renderTokenById(address registry, uint256 tokenId) external view returns (string memory body);
}
