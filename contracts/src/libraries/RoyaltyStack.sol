// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ancestor} from "../types/RoyaltyTypes.sol";

/// @title Ancestors with fixed parts, as a sorted list and as the word that commits to it
library RoyaltyStack {
    uint256 private constant _TOTAL = type(uint16).max;

    /// @dev Returns the word that commits to a stack: its hash, with the parts in all in place of the low 16 bits.
    function commit(Ancestor[] memory stack) internal pure returns (bytes32 commitment, uint256 bps) {
        for (uint256 i = 0; i < stack.length; ++i) {
            bps += stack[i].bps;
        }
        return (bytes32((uint256(keccak256(abi.encode(stack))) & ~_TOTAL) | bps), bps);
    }

    /// @dev Returns the parts in all of a stack, in 1/10 000.
    function totalOf(bytes32 commitment) internal pure returns (uint256 bps) {
        return uint256(commitment) & _TOTAL;
    }

    /// @dev Says whether a commitment is to this stack. The total is the one that was summed when it was declared.
    function isCommitmentTo(bytes32 commitment, Ancestor[] calldata stack) internal pure returns (bool) {
        return uint256(keccak256(abi.encode(stack))) | _TOTAL == uint256(commitment) | _TOTAL;
    }

    /// @dev Returns the union of two sorted stacks, with the parts of an ancestor in both added. The entries are shared with the arguments,
    /// which are of no use afterwards.
    function merge(Ancestor[] memory left, Ancestor[] memory right) internal pure returns (Ancestor[] memory merged) {
        merged = new Ancestor[](left.length + right.length);
        uint256 length = 0;
        uint256 i = 0;
        uint256 j = 0;
        while (i < left.length || j < right.length) {
            if (j == right.length) {
                merged[length] = left[i++];
            } else if (i == left.length) {
                merged[length] = right[j++];
            } else if (_isSame(left[i], right[j])) {
                left[i].bps += right[j++].bps;
                merged[length] = left[i++];
            } else {
                merged[length] = _isBefore(left[i], right[j]) ? left[i++] : right[j++];
            }
            ++length;
        }
        // The list is as long as what was found: memory behind its end is left over.
        assembly ("memory-safe") {
            mstore(merged, length)
        }
    }

    function _isSame(Ancestor memory one, Ancestor memory other) private pure returns (bool) {
        return one.token == other.token && one.settled == other.settled;
    }

    /// @dev Of one token, the part that is passed on comes before the settled one.
    function _isBefore(Ancestor memory one, Ancestor memory other) private pure returns (bool) {
        return one.token < other.token || (one.token == other.token && !one.settled);
    }
}
