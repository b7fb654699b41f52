// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, ModelInput} from "../types/ModelTypes.sol";

/// @title What a creator signs to let somebody else submit a mint
/// @dev Everything that the mint stores is in it, and so are the recipient and the deadline: the relayer chooses nothing.
library MintAuth {
    bytes32 internal constant TYPEHASH = keccak256(
        "MintAuth(address to,bytes32 weightsDigest,bytes32 recordDigest,bytes32 datasetDigest,bytes32 architectureDigest,bytes32 framework,bytes32 metrics,bytes32 license,uint8 kind,uint16 royaltyBps,address creator,bytes32 parentsHash,uint256 deadline)"
    );

    /// @dev The message in the order of its type; a struct because thirteen values do not fit on the stack.
    struct Message {
        bytes32 typeHash;
        address to;
        bytes32 weightsDigest;
        bytes32 recordDigest;
        bytes32 datasetDigest;
        bytes32 architectureDigest;
        bytes32 framework;
        bytes32 metrics;
        bytes32 license;
        Kind kind;
        uint16 royaltyBps;
        address creator;
        bytes32 parentsHash;
        uint256 deadline;
    }

    /// @dev Returns the EIP-712 struct hash of a mint.
    function hash(address to, ModelInput calldata model, bytes32 parentsHash, uint256 deadline) internal pure returns (bytes32) {
        Message memory message;
        message.typeHash = TYPEHASH;
        message.to = to;
        message.weightsDigest = model.weightsDigest;
        message.recordDigest = model.recordDigest;
        message.datasetDigest = model.datasetDigest;
        message.architectureDigest = model.architectureDigest;
        message.framework = model.framework;
        message.metrics = model.metrics;
        message.license = model.license;
        message.kind = model.kind;
        message.royaltyBps = model.royaltyBps;
        message.creator = model.creator;
        message.parentsHash = parentsHash;
        message.deadline = deadline;
        return keccak256(abi.encode(message));
    }
}
