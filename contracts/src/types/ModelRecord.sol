// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, Status} from "./ModelTypes.sol";

/// @dev The three slots that every mint writes.
struct ModelRecord {
    bytes32 weightsDigest;
    bytes32 recordDigest;
    ModelFacts facts;
}

/// @dev The slots that a mint writes only where the creator gave a value: a zero is never stored.
struct ModelDescription {
    bytes32 datasetDigest;
    bytes32 architectureDigest;
    bytes32 framework;
    bytes32 metrics;
}

/// @dev A full slot. From the low end: creator 160 bits, mint time 40, licence id 24, kind 8, status 8, royalty 16.
///
/// Packed by hand, as the compiler would write a struct of these one field, and one storage access, at a time.
type ModelFacts is uint256;

using {creatorOf, mintedAtOf, licenseIdOf, kindOf, statusOf, royaltyBpsOf, withRoyalty, withStatus} for ModelFacts global;

uint256 constant MINTED_AT = 160;
uint256 constant LICENSE_ID = 200;
uint256 constant KIND = 224;
uint256 constant STATUS = 232;
uint256 constant ROYALTY_BPS = 240;

/// @dev Returns the facts of a token that is minted now.
function newFacts(address creator, uint256 mintedAt, uint24 licenseId, Kind kind, uint16 royaltyBps) pure returns (ModelFacts) {
    return ModelFacts.wrap(
        uint256(uint160(creator)) | uint256(uint40(mintedAt)) << MINTED_AT | uint256(licenseId) << LICENSE_ID | uint256(kind) << KIND
            | uint256(Status.Active) << STATUS | uint256(royaltyBps) << ROYALTY_BPS
    );
}

function creatorOf(ModelFacts facts) pure returns (address) {
    return address(uint160(ModelFacts.unwrap(facts)));
}

function mintedAtOf(ModelFacts facts) pure returns (uint40) {
    return uint40(ModelFacts.unwrap(facts) >> MINTED_AT);
}

function licenseIdOf(ModelFacts facts) pure returns (uint24) {
    return uint24(ModelFacts.unwrap(facts) >> LICENSE_ID);
}

function kindOf(ModelFacts facts) pure returns (Kind) {
    return Kind(uint8(ModelFacts.unwrap(facts) >> KIND));
}

function statusOf(ModelFacts facts) pure returns (Status) {
    return Status(uint8(ModelFacts.unwrap(facts) >> STATUS));
}

function royaltyBpsOf(ModelFacts facts) pure returns (uint16) {
    return uint16(ModelFacts.unwrap(facts) >> ROYALTY_BPS);
}

/// @dev Returns the facts with another royalty. The royalty is the topmost field: shifting it out and in leaves the rest alone.
function withRoyalty(ModelFacts facts, uint16 royaltyBps) pure returns (ModelFacts) {
    uint256 rest = ModelFacts.unwrap(facts) & ((1 << ROYALTY_BPS) - 1);
    return ModelFacts.wrap(rest | uint256(royaltyBps) << ROYALTY_BPS);
}

/// @dev Returns the facts with another status.
function withStatus(ModelFacts facts, Status status) pure returns (ModelFacts) {
    uint256 rest = ModelFacts.unwrap(facts) & ~(uint256(type(uint8).max) << STATUS);
    return ModelFacts.wrap(rest | uint256(status) << STATUS);
}
