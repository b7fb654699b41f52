// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicenseTerms} from "./interfaces/ILicenseTerms.sol";
import {
    ATTRIBUTION,
    COMMERCIAL,
    Conflict,
    DERIVATIVES,
    EVERY_FLAG,
    LicenseFlags,
    REDISTRIBUTION,
    SHARE_ALIKE,
    USE_RESTRICTED
} from "./types/LicenseFlags.sol";

/// @title What licences permit and demand, in the reading of whoever read them
contract LicenseTerms is ILicenseTerms {
    /// @dev Tells a licence that permits and demands nothing from one that was not read.
    uint16 private constant _KNOWN = 1 << 15;

    mapping(address reader => mapping(bytes32 license => uint16)) private _readings;

    /// @inheritdoc ILicenseTerms
    function read(bytes32[] calldata licenses, LicenseFlags[] calldata flags) external {
        if (licenses.length != flags.length) revert LicenseTermsLengths(licenses.length, flags.length);
        for (uint256 i = 0; i < licenses.length; ++i) {
            _read(licenses[i], flags[i]);
        }
    }

    /// @inheritdoc ILicenseTerms
    function conflictOf(address reader, bytes32 parent, bytes32 child) external view returns (Conflict conflict) {
        (bool parentKnown, LicenseFlags given) = readingOf(reader, parent);
        if (!parentKnown) return Conflict.UnknownParent;
        (bool childKnown, LicenseFlags taken) = readingOf(reader, child);
        if (!childKnown) return Conflict.UnknownChild;
        if (!given.has(DERIVATIVES)) return Conflict.NoDerivatives;
        if (parent == child) return Conflict.None;
        if (given.has(SHARE_ALIKE)) return Conflict.NotAlike;
        if (_adds(given, taken, COMMERCIAL) || _adds(given, taken, REDISTRIBUTION)) return Conflict.MorePermitted;
        if (_adds(taken, given, ATTRIBUTION) || _adds(taken, given, USE_RESTRICTED)) return Conflict.LessDemanded;
        return Conflict.None;
    }

    /// @inheritdoc ILicenseTerms
    function readingOf(address reader, bytes32 license) public view returns (bool known, LicenseFlags flags) {
        uint16 reading = _readings[reader][license];
        return (reading & _KNOWN != 0, LicenseFlags.wrap(reading & ~_KNOWN));
    }

    function _read(bytes32 license, LicenseFlags flags) private {
        if (LicenseFlags.unwrap(flags) > EVERY_FLAG) revert LicenseTermsUnknownFlags(flags);
        if (_readings[msg.sender][license] != 0) revert LicenseTermsAlreadyRead(msg.sender, license);
        _readings[msg.sender][license] = LicenseFlags.unwrap(flags) | _KNOWN;
        emit LicenseRead(msg.sender, license, flags);
    }

    /// @dev Says whether the second has what the first has not.
    function _adds(LicenseFlags first, LicenseFlags second, LicenseFlags flag) private pure returns (bool) {
        return second.has(flag) && !first.has(flag);
    }
}
