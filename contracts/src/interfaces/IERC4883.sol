// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-4883: pictures that other pictures can be made of
interface IERC4883 {
    /// @notice Returns the body of a token's SVG picture, without the `svg` element around it.
    function renderTokenById(uint256 tokenId) external view returns (string memory);
}
