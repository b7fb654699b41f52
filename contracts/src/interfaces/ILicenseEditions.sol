// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";

/// @title Copies of licences that can be sold
/// @notice Whoever holds a copy can turn it into a grant, which is theirs and cannot be sold any more. The copies of an offer are alike;
/// the id is the offer's.
interface ILicenseEditions is IERC1155MetadataURI {
    /// @notice The caller is not the contract that sells licences.
    error LicenseEditionsNotLicensing(address caller);

    /// @notice Makes a copy. Only the contract that sells licences.
    /// @param terms SHA-256 of the terms, which are also the copies' metadata.
    function mint(address to, uint256 offerId, bytes32 terms) external;

    /// @notice Uses a copy up. Only the contract that sells licences.
    function burn(address from, uint256 offerId) external;

    /// @notice Returns the address of the terms, on IPFS: `ipfs://` with the content id of a raw block.
    function uri(uint256 offerId) external view returns (string memory);
}
