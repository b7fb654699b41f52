// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, ModelInput} from "../types/ModelTypes.sol";

/// @title What a creator signs to let somebody else submit a mint
/// @dev Everything that the mint stores is in it, and so are the recipient and the deadline: the relayer chooses nothing.
library MintAuth {
    bytes32 internal constant TYPEHASH = keccak256(
        "MintAuth(address to,bytes32 weightsDigest,bytes32 recordDigest,bytes32 datasetDigest,bytes32 architectureDigest,bytes32 framework,bytes32 metrics,bytes32 license,uint8 kind,uint16 royaltyBps,address creator,bytes32 parentsHash,uint256 deadline)"
    );

    /// @dev Returns the EIP-712 struct hash of a mint: keccak256(abi.encode(TYPEHASH, to, weightsDigest, ..., creator, parentsHash, deadline)).
    ///
    /// The statement's fields from the weights' digest to the creator are those of the message, in its order: seven full words are copied
    /// as they lie, and the three fields that are shorter are read by the compiler, which refuses bits above their types.
    function hash(address to, ModelInput calldata model, bytes32 parentsHash, uint256 deadline) internal pure returns (bytes32 digest) {
        bytes32 typeHash = TYPEHASH;
        Kind kind = model.kind;
        uint16 royaltyBps = model.royaltyBps;
        address creator = model.creator;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), shr(96, shl(96, to)))
            calldatacopy(add(free, 0x40), model, 0xe0)
            mstore(add(free, 0x120), kind)
            mstore(add(free, 0x140), royaltyBps)
            mstore(add(free, 0x160), creator)
            mstore(add(free, 0x180), parentsHash)
            mstore(add(free, 0x1a0), deadline)
            digest := keccak256(free, 0x1c0)
        }
    }
}
