// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, Status} from "./ModelTypes.sol";

/// @dev The three slots that every mint writes. The third is full: 160 + 40 + 24 + 8 + 8 + 16 bits.
struct ModelRecord {
    bytes32 weightsDigest;
    bytes32 recordDigest;
    address creator;
    uint40 mintedAt;
    uint24 licenseId;
    Kind kind;
    Status status;
    uint16 royaltyBps;
}

/// @dev The slots that a mint writes only where the creator gave a value: a zero is never stored.
struct ModelDescription {
    bytes32 datasetDigest;
    bytes32 architectureDigest;
    bytes32 framework;
    bytes32 metrics;
}
