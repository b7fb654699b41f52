// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LineageVault} from "../../src/LineageVault.sol";
import {RoyaltyStack} from "../../src/libraries/RoyaltyStack.sol";
import {Ancestor, NATIVE, Payee} from "../../src/types/RoyaltyTypes.sol";
import {Vm} from "../Vm.sol";

/// @dev Of how the vault divides, for all amounts below 2^96 and all parts. That a part is within the whole for every rate is more
/// than solvers manage (a product of two unknowns, divided): the fuzz tests and the invariants of the vault look at that.
contract SplitsProof is LineageVault {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 private constant _TOKEN = bytes32(uint256(1));

    /// @dev What is set aside at two times is what would have been at once: rounding takes nothing, however often money is divided.
    function check_SetAside_TwiceIsOnce(bytes32 stack, uint96 first, uint96 second) public {
        uint256 shares = _setAside(_TOKEN, stack, NATIVE, first);
        shares += _setAside(_TOKEN, stack, NATIVE, second);
        assert(shares == (uint256(first) + second) * RoyaltyStack.totalOf(stack) / _WHOLE_BPS);
    }

    function check_Payees_ACreatorAloneGetsAll(address creator, uint256 amount) public {
        this.split(creator, amount, new Payee[](0));
        assert(this.balanceOf(creator, NATIVE) == amount);
    }

    function check_Commit_HoldsTheTotal(bytes32 left, bytes32 right, uint16 one, uint16 other, bool settled) public pure {
        vm.assume(uint256(one) + other <= type(uint16).max);
        Ancestor[] memory stack = new Ancestor[](2);
        (stack[0], stack[1]) = (Ancestor(left, one, settled), Ancestor(right, other, false));
        (bytes32 commitment, uint256 bps) = RoyaltyStack.commit(stack);
        assert(bps == uint256(one) + other && RoyaltyStack.totalOf(commitment) == bps);
    }

    /// @dev The union of two stacks with two ancestors each has the parts of both, and is sorted as they were.
    function check_Merge_KeepsPartsAndOrder(bytes32[4] memory tokens, uint16[4] memory bps, bool[4] memory settled) public pure {
        vm.assume(tokens[0] < tokens[1] && tokens[2] < tokens[3]);
        uint256 expected = 0;
        Ancestor[] memory left = new Ancestor[](2);
        Ancestor[] memory right = new Ancestor[](2);
        for (uint256 i = 0; i < 4; ++i) {
            vm.assume(bps[i] <= _WHOLE_BPS);
            expected += bps[i];
            (i < 2 ? left : right)[i % 2] = Ancestor(tokens[i], bps[i], settled[i]);
        }
        Ancestor[] memory merged = RoyaltyStack.merge(left, right);
        uint256 sum = 0;
        for (uint256 i = 0; i < merged.length; ++i) {
            sum += merged[i].bps;
            if (i != 0) assert(_isBefore(merged[i - 1], merged[i]));
        }
        assert(sum == expected);
    }

    function split(address creator, uint256 amount, Payee[] calldata payees) external {
        _earnPayees(_TOKEN, creator, NATIVE, amount, payees);
    }

    function _isBefore(Ancestor memory one, Ancestor memory other) private pure returns (bool) {
        return one.token < other.token || (one.token == other.token && !one.settled && other.settled);
    }
}
