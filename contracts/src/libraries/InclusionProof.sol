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
    function verify(bytes32 root, uint256 size, uint256 index, bytes32 leaf, bytes32[] calldata proof) internal view returns (bool) {
        if (index >= size) return false;
        uint256 last = size - 1;
        bytes32 hash = leaf;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (last == 0) return false;
            if (index & 1 == 1 || index == last) {
                hash = _node(proof[i], hash);
                // The last node of a level that has no sibling goes up as it is.
                while (index & 1 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                hash = _node(hash, proof[i]);
            }
            index >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }

    /// @dev Returns SHA-256(0x01 || left || right) through the precompile at 2, in the memory behind the free pointer: Solidity's own
    /// call would leave each pair behind and pay for ever more memory.
    function _node(bytes32 left, bytes32 right) private view returns (bytes32 hash) {
        bool done;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0x01)
            mstore(add(free, 0x01), left)
            mstore(add(free, 0x21), right)
            done := staticcall(gas(), 0x02, free, 0x41, 0x00, 0x20)
            hash := mload(0x00)
        }
        // The precompile fails without gas only, and then the result would be whatever was in memory.
        assert(done);
    }
}
