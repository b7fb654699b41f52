// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SharesTerms} from "../../src/types/SharesTypes.sol";
import {Matter} from "../../src/types/SharesTypes.sol";
import {SharesBase} from "../SharesBase.sol";

/// @dev Revenue in ETH and in one other currency.
contract SharesGasTest is SharesBase {
    function test_Create() public {
        id = mint(exampleModel(2));
        vm.prank(creator);
        registry.approve(address(factory), id);
        SharesTerms memory terms = exampleTerms();
        vm.prank(creator);
        factory.create(terms, manager, RESERVE);
        vm.snapshotGasLastCall("SharesVault", "create");
    }

    function test_Revenue() public {
        vm.deal(address(shares), 7 ether);
        shares.startRevenue(ETH);
        vm.snapshotGasLastCall("SharesVault", "startRevenue");
        vm.warp(block.timestamp + 1 days);
        vm.prank(creator);
        shares.transfer(holder, 1);
        vm.snapshotGasLastCall("SharesVault", "transfer: both settle");
        vm.prank(creator);
        shares.transfer(holder, 1);
        vm.snapshotGasLastCall("SharesVault", "transfer: nothing to settle");
        vm.prank(creator);
        shares.claim(ETH, creator);
        vm.snapshotGasLastCall("SharesVault", "claim");
    }

    function test_Auction() public {
        uint256 ballot = shares.propose(Matter.Reserve, 1 ether);
        vm.snapshotGasLastCall("SharesVault", "propose");
        vm.prank(holder);
        shares.vote(ballot);
        vm.snapshotGasLastCall("SharesVault", "vote");
        bid(stranger, RESERVE);
        vm.snapshotGasLastCall("SharesVault", "bid: the first");
        bid(address(0x41c4), 2 * RESERVE);
        vm.snapshotGasLastCall("SharesVault", "bid: the next");
        vm.warp(block.timestamp + 7 days + 1);
        shares.settle(address(0x41c4));
        vm.snapshotGasLastCall("SharesVault", "settle");
    }
}
