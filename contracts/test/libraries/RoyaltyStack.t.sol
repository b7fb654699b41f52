// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoyaltyStack} from "../../src/libraries/RoyaltyStack.sol";
import {Ancestor} from "../../src/types/RoyaltyTypes.sol";
import {Base} from "../Base.sol";

contract RoyaltyStackTest is Base {
    /// @dev Against a table with a row for each token: slow, and without any order to get wrong.
    function testFuzz_Merge_IsTheSumOfBoth(uint16[12] memory left, uint16[12] memory right) public pure {
        uint16[] memory sums = new uint16[](12);
        for (uint256 i = 0; i < 12; ++i) {
            left[i] %= 3;
            right[i] %= 3;
            sums[i] = left[i] + right[i];
        }
        Ancestor[] memory merged = RoyaltyStack.merge(stackOf(left), stackOf(right));
        uint256 found = 0;
        for (uint256 i = 0; i < 12; ++i) {
            if (sums[i] == 0) continue;
            assertEq(merged[found].token, bytes32(i / 2), "token");
            assertTrue(merged[found].settled == (i % 2 == 1), "settled");
            assertEq(merged[found].bps, sums[i], "bps");
            ++found;
        }
        assertEq(merged.length, found, "length");
    }

    function test_Merge_WithNothing() public pure {
        uint16[12] memory none;
        uint16[12] memory some;
        some[3] = 7;
        assertEq(RoyaltyStack.merge(stackOf(none), stackOf(none)).length, 0, "nothing");
        assertEq(RoyaltyStack.merge(stackOf(some), stackOf(none))[0].bps, 7, "left");
        assertEq(RoyaltyStack.merge(stackOf(none), stackOf(some))[0].bps, 7, "right");
    }

    function testFuzz_Commit_IsToThisStackOnly(uint16[12] memory parts, uint256 place, bytes32 noise) public view {
        for (uint256 i = 0; i < 12; ++i) {
            parts[i] %= 400;
        }
        Ancestor[] memory stack = stackOf(parts);
        (bytes32 commitment, uint256 bps) = RoyaltyStack.commit(stack);
        assertEq(RoyaltyStack.totalOf(commitment), bps, "total");
        assertTrue(this.isCommitmentTo(commitment, stack), "the stack");
        if (stack.length == 0) return;
        place %= stack.length;
        stack[place].token ^= noise;
        assertTrue(this.isCommitmentTo(commitment, stack) == (noise == 0), "another token");
        stack[place].token ^= noise;
        stack[place].bps += 1;
        assertTrue(!this.isCommitmentTo(commitment, stack), "another part");
        stack[place].bps -= 1;
        stack[place].settled = !stack[place].settled;
        assertTrue(!this.isCommitmentTo(commitment, stack), "another way");
        assertTrue(!this.isCommitmentTo(0, stack), "no commitment");
    }

    function isCommitmentTo(bytes32 commitment, Ancestor[] calldata stack) external pure returns (bool) {
        return RoyaltyStack.isCommitmentTo(commitment, stack);
    }

    /// @dev Two rows a token: the part that is passed on, then the settled one.
    function stackOf(uint16[12] memory parts) private pure returns (Ancestor[] memory stack) {
        uint256 length = 0;
        for (uint256 i = 0; i < 12; ++i) {
            if (parts[i] != 0) ++length;
        }
        stack = new Ancestor[](length);
        length = 0;
        for (uint256 i = 0; i < 12; ++i) {
            if (parts[i] != 0) stack[length++] = Ancestor(bytes32(i / 2), parts[i], i % 2 == 1);
        }
    }
}
