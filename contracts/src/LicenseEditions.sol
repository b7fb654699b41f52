// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicenseEditions} from "./interfaces/ILicenseEditions.sol";
import {ContentURI} from "./libraries/ContentURI.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// @title Copies of licences that can be sold
contract LicenseEditions is ILicenseEditions, ERC1155("") {
    address private immutable _LICENSING = msg.sender;

    mapping(uint256 offerId => bytes32) private _terms;

    modifier onlyLicensing() {
        if (msg.sender != _LICENSING) revert LicenseEditionsNotLicensing(msg.sender);
        _;
    }

    /// @inheritdoc ILicenseEditions
    function mint(address to, uint256 offerId, bytes32 terms) external onlyLicensing {
        if (_terms[offerId] == 0) {
            _terms[offerId] = terms;
            emit URI(uri(offerId), offerId);
        }
        _mint(to, offerId, 1, "");
    }

    /// @inheritdoc ILicenseEditions
    function burn(address from, uint256 offerId) external onlyLicensing {
        _burn(from, offerId, 1);
    }

    /// @inheritdoc ILicenseEditions
    function uri(uint256 offerId) public view override(ERC1155, ILicenseEditions) returns (string memory) {
        bytes32 terms = _terms[offerId];
        return terms == 0 ? "" : ContentURI.ipfs(terms);
    }
}
