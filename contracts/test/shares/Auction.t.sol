// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../../src/interfaces/ISharesVault.sol";
import {Matter, Phase} from "../../src/types/SharesTypes.sol";
import {SharesBase} from "../SharesBase.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

contract AuctionTest is SharesBase {
    address private _rich = address(0x41c4);

    function test_Auction_SellsToTheHighestBidder() public {
        vm.expectEmit(address(shares));
        emit ISharesVault.AuctionBid(stranger, RESERVE, block.timestamp + 7 days);
        bid(stranger, RESERVE);
        uint256 endsAt = block.timestamp + 7 days;
        bid(_rich, 10.5 ether);
        (address bidder, uint256 amount, uint256 end) = shares.auction();
        assertEq(bidder, _rich, "bidder");
        assertEq(amount, 10.5 ether, "amount");
        assertEq(end, endsAt, "end");
        vm.warp(endsAt + 1);
        vm.expectEmit(address(shares));
        emit ISharesVault.AuctionSettled(_rich, _rich, 10.5 ether);
        shares.settle(_rich);
        assertEq(registry.ownerOf(id), _rich, "owner");
        assertTrue(shares.phase() == Phase.Sold, "phase");
        (bidder, amount, end) = shares.auction();
        assertTrue(bidder == address(0) && amount == 0 && end == 0, "over");
        assertEq(shares.refundOf(stranger), RESERVE, "refund");
        vm.prank(stranger);
        shares.withdrawBid(holder);
        assertEq(holder.balance, RESERVE, "refunded");
    }

    /// @dev The price flows to the holders, and whoever buys shares in the last second gets nothing of it.
    function test_Settle_MakesThePriceRevenue() public {
        bid(stranger, 20 ether);
        vm.warp(block.timestamp + 7 days + 1);
        shares.settle(stranger);
        assertEq(shares.startRevenue(ETH), 20 ether, "the price");
        assertEq(shares.claimable(creator, ETH), 0, "nothing at once");
        vm.warp(block.timestamp + 7 days);
        assertEq(shares.claimable(creator, ETH), 12 ether - 1, "60 %");
        assertEq(shares.claimable(holder, ETH), 8 ether - 1, "40 %");
    }

    /// @dev Bids are nobody's revenue, before, while and after they are outbid.
    function test_Bids_AreNoRevenue() public {
        bid(stranger, RESERVE);
        bid(_rich, 20 ether);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNothing.selector, address(shares)));
        shares.startRevenue(ETH);
        vm.deal(address(shares), address(shares).balance + 1 ether);
        assertEq(shares.startRevenue(ETH), 1 ether, "revenue");
    }

    function test_Settle_GoesWhereTheWinnerSays() public {
        bid(stranger, RESERVE);
        vm.warp(block.timestamp + 7 days + 1);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotAllowed.selector, creator));
        vm.prank(creator);
        shares.settle(creator);
        vm.prank(stranger);
        shares.settle(_rich);
        assertEq(registry.ownerOf(id), _rich, "owner");
    }

    function test_Bid_InTheLastHourLeavesAnHour() public {
        bid(stranger, RESERVE);
        uint256 endsAt = block.timestamp + 7 days;
        vm.warp(endsAt - 1 hours);
        bid(_rich, 11 ether);
        (,, uint256 end) = shares.auction();
        assertEq(end, endsAt, "an hour is left");
        vm.warp(endsAt);
        bid(stranger, 12 ether);
        (,, end) = shares.auction();
        assertEq(end, endsAt + 1 hours, "extended");
        vm.warp(endsAt + 1 hours + 1);
        vm.deal(_rich, 20 ether);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotNow.selector, endsAt + 1 hours));
        vm.prank(_rich);
        shares.bid{value: 20 ether}();
    }

    function test_RevertWhen_ABidIsTooLow() public {
        tooLow(RESERVE - 1, RESERVE);
        bid(stranger, RESERVE + 1);
        tooLow(10.5 ether + 1, 10.5 ether + 2);
        bid(_rich, 10.5 ether + 2);
    }

    function test_RevertWhen_TheTokenIsNotForSale() public {
        uint256 ballot = shares.propose(Matter.Reserve, 0);
        vm.prank(creator);
        shares.vote(ballot);
        vm.deal(stranger, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesAuctionState.selector, false));
        vm.prank(stranger);
        shares.bid{value: 1 ether}();
    }

    function test_RevertWhen_TheTokenIsSold() public {
        bid(stranger, RESERVE);
        vm.warp(block.timestamp + 7 days + 1);
        shares.settle(stranger);
        vm.deal(_rich, 20 ether);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesWrongPhase.selector, Phase.Sold));
        vm.prank(_rich);
        shares.bid{value: 20 ether}();
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesAuctionState.selector, false));
        shares.settle(stranger);
    }

    function test_RevertWhen_SettledTooEarly() public {
        bid(stranger, RESERVE);
        uint256 endsAt = block.timestamp + 7 days;
        vm.warp(endsAt);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotNow.selector, endsAt));
        shares.settle(stranger);
    }

    /// @dev A curated collection's validator may refuse the winner: then nobody's money stays here for ever.
    function test_GiveUp_WhenTheTokenCannotMove() public {
        bid(stranger, RESERVE);
        uint256 endsAt = block.timestamp + 7 days;
        vm.mockCallRevert(address(registry), abi.encodeWithSelector(IERC721.transferFrom.selector), "no");
        vm.warp(endsAt + 30 days);
        vm.expectRevert(bytes("no"));
        shares.settle(stranger);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNotNow.selector, endsAt + 30 days));
        shares.giveUp();
        vm.warp(endsAt + 30 days + 1);
        vm.expectEmit(address(shares));
        emit ISharesVault.AuctionFailed(stranger, RESERVE);
        shares.giveUp();
        assertTrue(shares.phase() == Phase.Holding, "phase");
        vm.prank(stranger);
        assertEq(shares.withdrawBid(stranger), RESERVE, "refund");
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNothing.selector, stranger));
        vm.prank(stranger);
        shares.withdrawBid(stranger);
        bid(_rich, RESERVE);
    }

    function tooLow(uint256 amount, uint256 minimum) private {
        vm.deal(_rich, amount);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesBidTooLow.selector, amount, minimum));
        vm.prank(_rich);
        shares.bid{value: amount}();
    }
}
