// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicenseBook} from "./interfaces/ILicenseBook.sol";
import {CommonLicenses} from "./libraries/CommonLicenses.sol";
import {LicenseText} from "./libraries/LicenseText.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title Append-only list of licences
contract LicenseBook is ILicenseBook {
    using Strings for string;

    /// @dev `uri` is kept for `LicenseRef-` texts only; every other address is derived when it is read.
    struct Entry {
        string spdx;
        string uri;
    }

    /// @dev The entry of id n is at n - 1.
    Entry[] private _entries;

    mapping(bytes32 license => uint24 id) private _ids;

    /// @dev The book begins with the common licences, by the numbers that registries know without asking.
    constructor() {
        string[8] memory texts = CommonLicenses.texts();
        for (uint24 i = 0; i < texts.length; ++i) {
            bytes32 license = keccak256(bytes(texts[i]));
            _ids[license] = i + 1;
            _entries.push().spdx = texts[i];
            emit LicenseRegistered(i + 1, license, texts[i], LicenseText.derivedUri(texts[i]));
        }
    }

    /// @inheritdoc ILicenseBook
    function register(string calldata spdx, string calldata uri) external returns (uint24 id) {
        bytes32 license = keccak256(bytes(spdx));
        id = _ids[license];
        if (id != 0) {
            if (bytes(uri).length != 0) _checkUri(spdx, _uriOf(_entries[id - 1]), uri);
            return id;
        }
        if (!LicenseText.isExpression(bytes(spdx))) revert LicenseBookInvalidExpression(spdx);
        if (!LicenseText.isUri(bytes(uri))) revert LicenseBookInvalidUri(uri);
        return _append(license, spdx, uri);
    }

    /// @inheritdoc ILicenseBook
    function idOf(bytes32 license) external view returns (uint24 id) {
        return _ids[license];
    }

    /// @inheritdoc ILicenseBook
    function get(uint24 id) external view returns (string memory spdx, string memory uri) {
        if (id == 0 || id > _entries.length) revert LicenseBookUnknownLicense(id);
        Entry storage entry = _entries[id - 1];
        return (entry.spdx, _uriOf(entry));
    }

    /// @inheritdoc ILicenseBook
    function count() external view returns (uint24 licenses) {
        // The length never exceeds the largest id, which {_append} keeps within 24 bits.
        return uint24(_entries.length);
    }

    function _append(bytes32 license, string calldata spdx, string calldata uri) private returns (uint24 id) {
        uint256 next = _entries.length + 1;
        if (next > type(uint24).max) revert LicenseBookFull();
        id = uint24(next);
        _ids[license] = id;
        Entry storage entry = _entries.push();
        entry.spdx = spdx;
        string memory shown = uri;
        if (LicenseText.isCustom(bytes(spdx))) {
            entry.uri = uri;
        } else {
            shown = LicenseText.derivedUri(spdx);
            if (bytes(uri).length != 0) _checkUri(spdx, shown, uri);
        }
        emit LicenseRegistered(id, license, spdx, shown);
    }

    function _uriOf(Entry storage entry) private view returns (string memory uri) {
        return LicenseText.isCustom(bytes(entry.spdx)) ? entry.uri : LicenseText.derivedUri(entry.spdx);
    }

    function _checkUri(string calldata spdx, string memory expected, string calldata given) private pure {
        if (!expected.equal(given)) revert LicenseBookUriMismatch(spdx, expected, given);
    }
}
