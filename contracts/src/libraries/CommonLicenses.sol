// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The licences that most models on public hubs carry, and their numbers
/// @dev They are the first entries of every licence book, so that a registry need not ask the book for them: a call to another contract
/// and a cold slot less for each mint. The order is part of the code of both and never changes.
library CommonLicenses {
    /// @dev Returns the number of a licence, or zero for one that is not common: the book knows about those.
    function idOf(bytes32 license) internal pure returns (uint24 id) {
        if (license == keccak256("Apache-2.0")) return 1;
        if (license == keccak256("MIT")) return 2;
        if (license == keccak256("CC-BY-4.0")) return 3;
        if (license == keccak256("CC-BY-NC-4.0")) return 4;
        if (license == keccak256("CC-BY-SA-4.0")) return 5;
        if (license == keccak256("CC-BY-NC-SA-4.0")) return 6;
        if (license == keccak256("BSD-3-Clause")) return 7;
        if (license == keccak256("CC0-1.0")) return 8;
        return 0;
    }

    /// @dev Returns the SPDX identifiers in the order of their numbers.
    function texts() internal pure returns (string[8] memory) {
        return ["Apache-2.0", "MIT", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", "BSD-3-Clause", "CC0-1.0"];
    }
}
