// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SharesBase} from "../SharesBase.sol";
import {SharesHandler} from "./SharesHandler.sol";

contract SharesVaultInvariantTest is SharesBase {
    SharesHandler private _handler;

    function setUp() public override {
        super.setUp();
        vm.prank(holder);
        shares.transfer(creator, 400e18);
        _handler = new SharesHandler(shares, coin, creator);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev One campaign for all of them: forge would play the same calls again for each.
    function invariant_TheVaultMatchesTheLedger() public view {
        noWeiIsLost();
        everybodyCanBePaid();
        theSupplyIsFixed();
        theTokenIsWhereItShouldBe();
    }

    /// @dev The vault holds what came in and did not go out, to the wei.
    function noWeiIsLost() private view {
        assertEq(address(shares).balance, _handler.received(ETH) - _handler.paid(ETH), "ETH");
        assertEq(coin.balanceOf(address(shares)), _handler.received(address(coin)) - _handler.paid(address(coin)), "coins");
    }

    /// @dev Everybody could be paid at once: holders what has flowed to them, bidders what they bid.
    function everybodyCanBePaid() private view {
        (, uint256 owed,) = shares.auction();
        uint256 coins = 0;
        for (uint256 i = 0; i < 4; ++i) {
            owed += shares.refundOf(_handler.holder(i));
        }
        assertEq(owed, _handler.bids(), "bids");
        for (uint256 i = 0; i < 4; ++i) {
            owed += shares.claimable(_handler.holder(i), ETH);
            coins += shares.claimable(_handler.holder(i), address(coin));
        }
        assertTrue(owed <= address(shares).balance, "ETH");
        assertTrue(coins <= coin.balanceOf(address(shares)), "coins");
    }

    function theSupplyIsFixed() private view {
        uint256 sum = 0;
        uint256 votes = 0;
        for (uint256 i = 0; i < 4; ++i) {
            sum += shares.balanceOf(_handler.holder(i));
            votes += shares.getVotes(_handler.holder(i));
        }
        assertEq(sum, SUPPLY, "shares");
        assertEq(votes, SUPPLY, "votes");
        assertEq(shares.totalSupply(), SUPPLY, "supply");
    }

    /// @dev The token is in the vault until somebody won it in an auction that is over.
    function theTokenIsWhereItShouldBe() private view {
        address winner = _handler.winner();
        assertEq(registry.ownerOf(id), winner == address(0) ? address(shares) : winner, "owner");
    }
}
