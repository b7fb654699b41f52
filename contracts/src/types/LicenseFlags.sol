// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What a licence says, one bit a thing. New things are added at the end only.
type LicenseFlags is uint16;

using {has} for LicenseFlags global;

// What it permits.
LicenseFlags constant COMMERCIAL = LicenseFlags.wrap(1 << 0);
LicenseFlags constant DERIVATIVES = LicenseFlags.wrap(1 << 1);
LicenseFlags constant REDISTRIBUTION = LicenseFlags.wrap(1 << 2);

// What it demands.
LicenseFlags constant ATTRIBUTION = LicenseFlags.wrap(1 << 3);
LicenseFlags constant SHARE_ALIKE = LicenseFlags.wrap(1 << 4);
LicenseFlags constant USE_RESTRICTED = LicenseFlags.wrap(1 << 5);

// What its giver keeps.
LicenseFlags constant REVOCABLE = LicenseFlags.wrap(1 << 6);

/// @dev All of the above.
uint16 constant EVERY_FLAG = (1 << 7) - 1;

/// @notice Why a child may not have its licence beside its parent's.
enum Conflict {
    None,
    UnknownParent,
    UnknownChild,
    NoDerivatives,
    NotAlike,
    MorePermitted,
    LessDemanded
}

/// @dev Says whether all of `wanted` is there.
function has(LicenseFlags flags, LicenseFlags wanted) pure returns (bool) {
    return LicenseFlags.unwrap(flags) & LicenseFlags.unwrap(wanted) == LicenseFlags.unwrap(wanted);
}
