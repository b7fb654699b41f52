// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Inclusion in a Merkle tree of RFC 9162 with SHA-256
/// @dev The tree of Certificate Transparency and of everything else in this repository. Leaves and inner nodes are hashed with different
/// prefixes, so that neither can pass for the other; an entry is therefore always hashed here, never by the caller.
library InclusionProof {
    /// @dev Returns SHA-256(0x00 || entry).
    function leafHash(bytes memory entry) internal pure returns (bytes32) {
        return sha256(bytes.concat(hex"00", entry));
    }

    /// @dev Says whether a proof leads from the leaf at `index` of a tree of `size` leaves to its root (RFC 9162, section 2.1.3.2). A proof
    /// that is too long or too short does not.
    ///
    /// A node and its sibling lie side by side in the memory behind the free pointer, after the prefix 0x01. The precompile at 2 writes
    /// each hash where the next pair wants it: on the right for an odd index and for the last node of a level, else on the left.
    function verify(bytes32 root, uint256 size, uint256 index, bytes32 leaf, bytes32[] calldata proof) internal view returns (bool) {
        if (index >= size) return false;
        bool done = true;
        bytes32 hash;
        uint256 last = size - 1;
        assembly ("memory-safe") {
            let pair := add(mload(0x40), 0x20)
            let prefixed := sub(pair, 0x01)
            mstore8(prefixed, 0x01)
            let side := shl(5, or(and(index, 1), eq(index, last)))
            mstore(add(pair, side), leaf)
            let at := proof.offset
            let end := add(at, shl(5, proof.length))
            for {} lt(at, end) { at := add(at, 0x20) } {
                // Longer than the tree is high: no hash is the root's any more.
                if iszero(last) {
                    last := 1
                    break
                }
                mstore(add(pair, xor(side, 0x20)), calldataload(at))
                // The last node of a level that has no sibling goes up as it is.
                if side {
                    for {} iszero(or(and(index, 1), iszero(index))) {} {
                        index := shr(1, index)
                        last := shr(1, last)
                    }
                }
                index := shr(1, index)
                last := shr(1, last)
                side := shl(5, or(and(index, 1), eq(index, last)))
                done := and(done, staticcall(gas(), 0x02, prefixed, 0x41, add(pair, side), 0x20))
            }
            hash := mload(add(pair, side))
        }
        // The precompile fails without gas only, and then the result would be whatever was in memory.
        assert(done);
        return last == 0 && hash == root;
    }
}
