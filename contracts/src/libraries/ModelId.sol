// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, ModelData, ModelInput, Parent} from "../types/ModelTypes.sol";

/// @title Token ids computed from content
/// @dev No chain id, contract or counter goes in: a statement has one id everywhere. The licence goes in as the digest of its text,
/// since its number differs from book to book.
library ModelId {
    bytes32 internal constant TYPEHASH =
        keccak256("Model(bytes32 weightsDigest,bytes32 recordDigest,bytes32 parentsHash,bytes32 license,uint8 kind,address creator)");

    /// @dev Returns the token id of a statement whose parents hash to `parentsHash`.
    function tokenId(ModelInput calldata model, bytes32 parentsHash) internal pure returns (uint256 id) {
        return tokenId(model.weightsDigest, model.recordDigest, parentsHash, model.license, model.kind, model.creator);
    }

    /// @dev Returns the token id that a stored statement has if its licence and its parents hash to these: a witness that brings the
    /// right ones gets back the id that it started from.
    function tokenId(ModelData memory data, bytes32 license, bytes32 parentsHash) internal pure returns (uint256 id) {
        return tokenId(data.weightsDigest, data.recordDigest, parentsHash, license, data.kind, data.creator);
    }

    /// @dev Returns keccak256(abi.encode(TYPEHASH, weightsDigest, recordDigest, parentsHash, license, kind, creator)), written where the
    /// free memory begins and not kept: nothing of it is needed once it is hashed.
    function tokenId(bytes32 weightsDigest, bytes32 recordDigest, bytes32 parentsHash, bytes32 license, Kind kind, address creator)
        internal
        pure
        returns (uint256 id)
    {
        bytes32 typeHash = TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), weightsDigest)
            mstore(add(free, 0x40), recordDigest)
            mstore(add(free, 0x60), parentsHash)
            mstore(add(free, 0x80), license)
            mstore(add(free, 0xa0), and(kind, 0xff))
            mstore(add(free, 0xc0), shr(96, shl(96, creator)))
            id := keccak256(free, 0xe0)
        }
    }

    /// @dev Returns the hash of a parent list: zero when it is empty, else keccak256(abi.encode(parents)).
    ///
    /// A parent is six words, so that the list's encoding is its calldata behind a word 0x20 and its length. Copied as it is, it is
    /// not checked field by field: a caller that reads every field afterwards, as minting does, has that check from the compiler.
    function hashParents(Parent[] calldata parents) internal pure returns (bytes32 hash) {
        if (parents.length == 0) return 0;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := mul(parents.length, 0xc0)
            mstore(free, 0x20)
            mstore(add(free, 0x20), parents.length)
            calldatacopy(add(free, 0x40), parents.offset, size)
            hash := keccak256(free, add(size, 0x40))
        }
    }
}
