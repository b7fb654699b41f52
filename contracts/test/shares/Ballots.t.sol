// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../../src/interfaces/ISharesVault.sol";
import {Matter, Phase} from "../../src/types/SharesTypes.sol";
import {SharesBase} from "../SharesBase.sol";

contract BallotsTest is SharesBase {
    function test_AMajorityDecidesTheReserve() public {
        vm.warp(NOW + 100);
        vm.expectEmit(address(shares));
        emit ISharesVault.BallotOpened(0, Matter.Reserve, 3 ether, uint48(NOW + 99), uint48(NOW + 100 + 7 days));
        uint256 ballot = shares.propose(Matter.Reserve, 3 ether);
        vote(ballot, holder);
        assertEq(shares.reserve(), RESERVE, "400 of 1000 do not decide");
        vm.expectEmit(address(shares));
        emit ISharesVault.Voted(ballot, creator, 600e18);
        vm.expectEmit(address(shares));
        emit ISharesVault.Decided(Matter.Reserve, 3 ether);
        vote(ballot, creator);
        assertEq(shares.reserve(), 3 ether, "reserve");
        (Matter matter, uint256 value, uint48 snapshot, uint48 endsAt, uint256 votes, bool decided) = shares.ballotOf(ballot);
        assertTrue(matter == Matter.Reserve && decided, "ballot");
        assertEq(value, 3 ether, "value");
        assertEq(snapshot, NOW + 99, "snapshot");
        assertEq(endsAt, NOW + 100 + 7 days, "end");
        assertEq(votes, SUPPLY, "votes");
    }

    function test_AMajorityDecidesTheManager() public {
        uint256 ballot = shares.propose(Matter.Manager, uint160(stranger));
        vote(ballot, creator);
        assertEq(shares.manager(), stranger, "manager");
    }

    /// @dev Exactly half is no majority.
    function test_HalfDecidesNothing() public {
        vm.prank(creator);
        shares.transfer(holder, 100e18);
        vm.warp(block.timestamp + 1);
        uint256 ballot = shares.propose(Matter.Reserve, 1);
        vote(ballot, creator);
        assertEq(shares.reserve(), RESERVE, "reserve");
    }

    /// @dev Shares that come after the question, or in its second, have no vote; those that left since still have theirs, once.
    function test_VotesAreThoseOfTheSecondBefore() public {
        vm.warp(NOW + 50);
        vm.prank(stranger);
        shares.delegate(stranger);
        vm.prank(creator);
        shares.transfer(stranger, 600e18);
        uint256 ballot = shares.propose(Matter.Reserve, 1);
        vm.warp(NOW + 51);
        noVotes(ballot, stranger);
        vote(ballot, creator);
        assertEq(shares.reserve(), 1, "who held them before decides");
    }

    function test_RevertWhen_VotingTwiceOrWithoutVotes() public {
        uint256 ballot = shares.propose(Matter.Reserve, 1);
        vote(ballot, holder);
        noVotes(ballot, holder);
        noVotes(ballot, stranger);
    }

    function test_RevertWhen_TheBallotIsClosed() public {
        closed(0);
        uint256 ballot = shares.propose(Matter.Reserve, 1);
        vote(ballot, creator);
        closed(ballot);
        ballot = shares.propose(Matter.Reserve, 2);
        vm.warp(block.timestamp + 7 days);
        vote(ballot, holder);
        vm.warp(block.timestamp + 1);
        closed(ballot);
    }

    /// @dev The reserve stays while somebody has bid; the manager need not.
    function test_RevertWhen_TheReserveIsDecidedDuringAnAuction() public {
        bid(stranger, RESERVE);
        uint256 ballot = shares.propose(Matter.Reserve, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesAuctionState.selector, true));
        vote(ballot, creator);
        ballot = shares.propose(Matter.Manager, 1);
        vote(ballot, creator);
        assertEq(shares.manager(), address(1), "manager");
    }

    function test_RevertWhen_TheTokenIsGone() public {
        bid(stranger, RESERVE);
        vm.warp(block.timestamp + 7 days + 1);
        shares.settle(stranger);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesWrongPhase.selector, Phase.Sold));
        shares.propose(Matter.Reserve, 1);
    }

    function vote(uint256 ballot, address by) private {
        vm.prank(by);
        shares.vote(ballot);
    }

    function noVotes(uint256 ballot, address by) private {
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNoVotes.selector, by));
        vote(ballot, by);
    }

    function closed(uint256 ballot) private {
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesBallotClosed.selector, ballot));
        vote(ballot, creator);
    }
}
