// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev RFC 9162 trees the textbook way, by the recursive definitions of sections 2.1.1 and 2.1.3.1: slow, and obviously right.
library MerkleTree {
    function root(bytes[] memory entries) internal pure returns (bytes32) {
        return _root(entries, 0, entries.length);
    }

    function proof(bytes[] memory entries, uint256 index) internal pure returns (bytes32[] memory) {
        return _path(entries, index, 0, entries.length);
    }

    function _root(bytes[] memory entries, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return sha256(bytes.concat(hex"00", entries[from]));
        uint256 split = from + _split(to - from);
        return sha256(bytes.concat(hex"01", _root(entries, from, split), _root(entries, split, to)));
    }

    function _path(bytes[] memory entries, uint256 index, uint256 from, uint256 to) private pure returns (bytes32[] memory) {
        if (to - from == 1) return new bytes32[](0);
        uint256 split = from + _split(to - from);
        bool left = index < split;
        bytes32[] memory rest = left ? _path(entries, index, from, split) : _path(entries, index, split, to);
        bytes32[] memory whole = new bytes32[](rest.length + 1);
        for (uint256 i = 0; i < rest.length; ++i) {
            whole[i] = rest[i];
        }
        whole[rest.length] = left ? _root(entries, split, to) : _root(entries, from, split);
        return whole;
    }

    /// @dev The largest power of two that is less than `length`.
    function _split(uint256 length) private pure returns (uint256 power) {
        power = 1;
        while (power * 2 < length) power *= 2;
    }
}
