// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../../src/interfaces/ISharesVault.sol";
import {SharesBase} from "../SharesBase.sol";
import {AccountMock} from "../mocks/AccountMock.sol";

contract RevenueTest is SharesBase {
    function test_Revenue_FlowsOverSevenDays() public {
        vm.deal(address(shares), 7 ether);
        vm.expectEmit(address(shares));
        emit ISharesVault.RevenueStarted(ETH, 7 ether, block.timestamp + 7 days);
        assertEq(shares.startRevenue(ETH), 7 ether, "amount");
        assertEq(shares.claimable(creator, ETH), 0, "at once");
        vm.warp(block.timestamp + 1 days);
        about(shares.claimable(creator, ETH), 0.6 ether, "a day, 60 %");
        about(shares.claimable(holder, ETH), 0.4 ether, "a day, 40 %");
        vm.warp(block.timestamp + 100 days);
        about(shares.claimable(creator, ETH), 4.2 ether, "all, 60 %");
        about(shares.claimable(holder, ETH), 2.8 ether, "all, 40 %");
    }

    function test_Claim_PaysOnce() public {
        earn(10 ether);
        vm.expectEmit(address(shares));
        emit ISharesVault.RevenueClaimed(creator, ETH, stranger, 6 ether - 1);
        vm.prank(creator);
        shares.claim(ETH, stranger);
        assertEq(stranger.balance, 6 ether - 1, "paid");
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNothing.selector, creator));
        vm.prank(creator);
        shares.claim(ETH, stranger);
        vm.prank(stranger);
        assertEq(shares.claimFor(holder, ETH), 4 ether - 1, "for another");
        assertEq(holder.balance, 4 ether - 1, "paid to the other");
    }

    function test_Claim_InCoins() public {
        coin.mint(address(shares), 1000);
        shares.startRevenue(address(coin));
        vm.warp(block.timestamp + 8 days);
        shares.claimFor(creator, address(coin));
        about(coin.balanceOf(creator), 600, "coins");
    }

    /// @dev What flowed belongs to who held the shares then, whoever holds them now.
    function test_Transfer_LeavesWhatFlowedBehind() public {
        start(7 ether);
        vm.warp(block.timestamp + 2 days);
        vm.prank(creator);
        shares.transfer(stranger, 600e18);
        vm.warp(block.timestamp + 5 days);
        about(shares.claimable(creator, ETH), 1.2 ether, "two days of 60 %");
        about(shares.claimable(stranger, ETH), 3 ether, "five days of 60 %");
        about(shares.claimable(holder, ETH), 2.8 ether, "seven days of 40 %");
    }

    /// @dev Shares that are borrowed for a transaction earn nothing in it, whatever is started or settled.
    function test_Transfer_ForAMomentEarnsNothing() public {
        vm.deal(address(shares), 7 ether);
        vm.prank(creator);
        shares.transfer(stranger, 600e18);
        shares.startRevenue(ETH);
        assertEq(shares.claimable(stranger, ETH), 0, "borrowed");
        vm.prank(stranger);
        shares.transfer(creator, 600e18);
        vm.warp(block.timestamp + 7 days);
        assertEq(shares.claimable(stranger, ETH), 0, "given back");
        about(shares.claimable(creator, ETH), 4.2 ether, "the owner's");
    }

    function test_StartRevenue_AgainWhenThroughOrWithNothingFlowing() public {
        start(1 ether);
        uint256 endsAt = block.timestamp + 7 days;
        vm.deal(address(shares), 3 ether);
        vm.warp(endsAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesStillFlowing.selector, endsAt));
        shares.startRevenue(ETH);
        vm.warp(endsAt);
        assertEq(shares.startRevenue(ETH), 2 ether, "the next");
        vm.warp(endsAt + 7 days);
        about(shares.claimable(creator, ETH), 1.8 ether, "both");
    }

    function test_RevertWhen_NothingCameIn() public {
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesNothing.selector, address(shares)));
        shares.startRevenue(ETH);
    }

    function test_RevertWhen_TheCurrencyIsNotDivided() public {
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesUnknownCurrency.selector, holder));
        shares.startRevenue(holder);
    }

    function test_RevertWhen_TheRecipientDoesNotTakeIt() public {
        AccountMock account = new AccountMock();
        account.behave(AccountMock.Behaviour.Refusing);
        earn(1 ether);
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesRefused.selector, address(account)));
        vm.prank(creator);
        shares.claim(ETH, address(account));
    }

    /// @dev A recipient that claims again while it is paid gets nothing more.
    function test_RevertWhen_TheRecipientComesBack() public {
        AccountMock account = new AccountMock();
        vm.prank(creator);
        shares.transfer(address(account), 600e18);
        earn(1 ether);
        account.callOut(address(shares), 0, abi.encodeCall(ISharesVault.claimFor, (address(account), ETH)));
        vm.expectRevert(abi.encodeWithSelector(ISharesVault.SharesRefused.selector, address(account)));
        shares.claimFor(address(account), ETH);
    }

    /// @dev More than the accounts can hold flows in two streams.
    function test_StartRevenue_TakesNoMoreThanAStreamHolds() public {
        uint256 most = type(uint128).max;
        coin.mint(address(shares), most + 5);
        assertEq(shares.startRevenue(address(coin)), most, "the first");
        vm.warp(block.timestamp + 7 days);
        assertEq(shares.startRevenue(address(coin)), 5, "the rest");
    }

    /// @dev Whatever came in and however shares moved: no more is owed than came in, and at most a few units less.
    function testFuzz_Revenue_IsNeitherMadeNorLost(uint96 amount, uint96 moved, uint32 before, uint32 later) public {
        vm.assume(amount != 0);
        start(amount);
        vm.warp(block.timestamp + before % 8 days);
        vm.prank(creator);
        shares.transfer(stranger, uint256(moved) % 600e18);
        vm.warp(block.timestamp + 7 days + later);
        uint256 all = shares.claimable(creator, ETH) + shares.claimable(holder, ETH) + shares.claimable(stranger, ETH);
        assertTrue(all <= amount && all + 5 > amount, "all of it");
    }

    function about(uint256 actual, uint256 expected, string memory what) private pure {
        assertTrue(actual <= expected && actual + 3 > expected, what);
    }
}
