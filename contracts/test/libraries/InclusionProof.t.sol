// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InclusionProof} from "../../src/libraries/InclusionProof.sol";
import {Base} from "../Base.sol";
import {MerkleTree} from "../MerkleTree.sol";

contract InclusionProofTest is Base {
    function verify(bytes32 root, uint256 size, uint256 index, bytes32 leaf, bytes32[] calldata proof) external view returns (bool) {
        return InclusionProof.verify(root, size, index, leaf, proof);
    }

    /// @dev The plain twin of the assembly in {InclusionProof-verify}: section 2.1.3.2 of RFC 9162, step by step.
    function plainVerify(bytes32 root, uint256 size, uint256 index, bytes32 leaf, bytes32[] memory proof) private pure returns (bool) {
        if (index >= size) return false;
        (uint256 fn, uint256 sn, bytes32 r) = (index, size - 1, leaf);
        for (uint256 i = 0; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = sha256(bytes.concat(hex"01", proof[i], r));
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                r = sha256(bytes.concat(hex"01", r, proof[i]));
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0 && r == root;
    }

    /// @dev Proofs of any length at any place of trees of any size: right and wrong alike.
    function testFuzz_Verify_IsThatOfItsPlainTwin(uint256 size, uint256 index, bytes32[] memory proof, uint256 narrow) public view {
        size >>= narrow % 256;
        index = narrow & 1 == 0 ? index : bound(index, 0, size == 0 ? 0 : size - 1);
        bytes32 leaf = keccak256(abi.encode(size, index));
        bytes32 root = rootOf(size, index, leaf, proof);
        assertTrue(this.verify(root, size, index, leaf, proof) == plainVerify(root, size, index, leaf, proof), "the root that it leads to");
        assertTrue(!this.verify(leaf, size, index, leaf, proof) || plainVerify(leaf, size, index, leaf, proof), "another root");
    }

    /// @dev Where a proof leads, whether or not it is one.
    function rootOf(uint256 size, uint256 index, bytes32 leaf, bytes32[] memory proof) private pure returns (bytes32 r) {
        if (size == 0) return leaf;
        (uint256 fn, uint256 sn) = (index, size - 1);
        r = leaf;
        for (uint256 i = 0; i < proof.length; ++i) {
            bool right = fn & 1 == 1 || fn == sn;
            r = right ? sha256(bytes.concat(hex"01", proof[i], r)) : sha256(bytes.concat(hex"01", r, proof[i]));
            while (right && fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            (fn, sn) = (fn >> 1, sn >> 1);
        }
    }

    /// @dev The eight leaves and their root that implementations of Certificate Transparency test with.
    function test_Verify_KnownTree() public view {
        bytes[] memory entries = new bytes[](8);
        entries[1] = hex"00";
        entries[2] = hex"10";
        entries[3] = hex"2021";
        entries[4] = hex"3031";
        entries[5] = hex"40414243";
        entries[6] = hex"5051525354555657";
        entries[7] = hex"606162636465666768696a6b6c6d6e6f";
        bytes32 root = 0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328;
        assertEq(MerkleTree.root(entries), root, "root");
        for (uint256 i = 0; i < 8; ++i) {
            bool fine = this.verify(root, 8, i, InclusionProof.leafHash(entries[i]), MerkleTree.proof(entries, i));
            assertTrue(fine, "a leaf of the known tree");
        }
    }

    /// @dev Every leaf of every tree of up to 20 leaves, at every place and with every size.
    function test_Verify_SmallTreesEntirely() public view {
        for (uint256 size = 1; size <= 20; ++size) {
            bytes[] memory entries = numbered(size);
            bytes32 root = MerkleTree.root(entries);
            for (uint256 i = 0; i < size; ++i) {
                bytes32[] memory proof = MerkleTree.proof(entries, i);
                bytes32 leaf = InclusionProof.leafHash(entries[i]);
                for (uint256 place = 0; place <= size; ++place) {
                    assertTrue(this.verify(root, size, place, leaf, proof) == (place == i), "place");
                }
            }
        }
    }

    function testFuzz_Verify_TakesNothingElse(uint256 size, uint256 index, uint256 which, bytes32 noise) public view {
        vm.assume(noise != 0);
        size = bound(size, 2, 40);
        index = bound(index, 0, size - 1);
        bytes[] memory entries = numbered(size);
        bytes32 root = MerkleTree.root(entries);
        bytes32[] memory proof = MerkleTree.proof(entries, index);
        bytes32 leaf = InclusionProof.leafHash(entries[index]);
        assertTrue(this.verify(root, size, index, leaf, proof), "the true proof");

        which = bound(which, 0, 4);
        if (which == 0) root ^= noise;
        if (which == 1) leaf ^= noise;
        if (which == 2) proof[uint256(noise) % proof.length] ^= noise;
        if (which == 3) proof = resized(proof, proof.length - 1);
        if (which == 4) proof = resized(proof, proof.length + 1);
        assertTrue(!this.verify(root, size, index, leaf, proof), "a false proof");
    }

    /// @dev An inner node is no leaf: the proof of its place in a smaller tree fails, for a leaf is hashed with another prefix.
    function test_Verify_InnerNodesAreNoEntries() public view {
        bytes[] memory entries = numbered(4);
        bytes32 left = sha256(bytes.concat(hex"01", InclusionProof.leafHash(entries[0]), InclusionProof.leafHash(entries[1])));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = sha256(bytes.concat(hex"01", InclusionProof.leafHash(entries[2]), InclusionProof.leafHash(entries[3])));
        bytes memory asEntry = bytes.concat(InclusionProof.leafHash(entries[0]), InclusionProof.leafHash(entries[1]));
        assertTrue(this.verify(MerkleTree.root(entries), 2, 0, left, proof), "the hash itself would pass");
        assertTrue(!this.verify(MerkleTree.root(entries), 2, 0, InclusionProof.leafHash(asEntry), proof), "the entry does not");
    }

    /// @dev A tree that says it is smaller than it is has no place for the nodes that are too many.
    function test_Verify_ProofsAreNoLongerThanTheirTreeIsHigh() public view {
        bytes32 leaf = InclusionProof.leafHash("x");
        bytes32[] memory proof = new bytes32[](1);
        assertTrue(!this.verify(sha256(bytes.concat(hex"01", proof[0], leaf)), 1, 0, leaf, proof), "one leaf");
        bytes32 pair = sha256(bytes.concat(hex"01", leaf, proof[0]));
        proof = new bytes32[](2);
        assertTrue(!this.verify(sha256(bytes.concat(hex"01", proof[1], pair)), 2, 0, leaf, proof), "two leaves");
    }

    function test_Verify_LargestTree() public view {
        bytes32[] memory proof = new bytes32[](64);
        bytes32 leaf = InclusionProof.leafHash("x");
        bytes32 hash = leaf;
        for (uint256 i = 0; i < 64; ++i) {
            hash = sha256(bytes.concat(hex"01", proof[i], hash));
        }
        assertTrue(this.verify(hash, uint256(1) << 64, type(uint64).max, leaf, proof), "2^64 leaves");
        assertTrue(!this.verify(hash, 0, 0, leaf, new bytes32[](0)), "no leaves");
        assertTrue(this.verify(leaf, 1, 0, leaf, new bytes32[](0)), "one leaf");
    }

    function numbered(uint256 size) private pure returns (bytes[] memory entries) {
        entries = new bytes[](size);
        for (uint256 i = 0; i < size; ++i) {
            entries[i] = abi.encode(i);
        }
    }

    function resized(bytes32[] memory from, uint256 length) private pure returns (bytes32[] memory to) {
        to = new bytes32[](length);
        for (uint256 i = 0; i < length && i < from.length; ++i) {
            to[i] = from[i];
        }
    }
}
