// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, ModelInput, Parent} from "../types/ModelTypes.sol";

/// @title Token ids computed from content
/// @dev No chain id, contract or counter goes in: a statement has one id everywhere. The licence goes in as the digest of its text,
/// since its number differs from book to book.
library ModelId {
    bytes32 internal constant TYPEHASH =
        keccak256("Model(bytes32 weightsDigest,bytes32 recordDigest,bytes32 parentsHash,bytes32 license,uint8 kind,address creator)");

    /// @dev Returns the token id of a statement whose parents hash to `parentsHash`.
    function tokenId(ModelInput calldata model, bytes32 parentsHash) internal pure returns (uint256 id) {
        return uint256(
            keccak256(abi.encode(TYPEHASH, model.weightsDigest, model.recordDigest, parentsHash, model.license, model.kind, model.creator))
        );
    }

    /// @dev Returns the hash of a parent list: zero when it is empty.
    function hashParents(Parent[] calldata parents) internal pure returns (bytes32 hash) {
        return parents.length == 0 ? bytes32(0) : keccak256(abi.encode(parents));
    }
}
