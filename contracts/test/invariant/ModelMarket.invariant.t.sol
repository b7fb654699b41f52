// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelMarket} from "../../src/ModelMarket.sol";
import {Base} from "../Base.sol";
import {AccountMock} from "../mocks/AccountMock.sol";
import {TokenMock} from "../mocks/TokenMock.sol";
import {MarketHandler} from "./MarketHandler.sol";

contract ModelMarketInvariantTest is Base {
    ModelMarket private _market;
    TokenMock private _coin;
    AccountMock private _payee;
    MarketHandler private _handler;

    function setUp() public override {
        super.setUp();
        (_market, _coin, _payee) = (new ModelMarket(), new TokenMock(), new AccountMock());
        _handler = new MarketHandler(_market, registry, _coin, _payee);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev One campaign for all of them: forge would play the same calls again for each.
    function invariant_TheMarketMatchesTheLedger() public view {
        theMarketHoldsWhatWaits();
        everybodyHasWhatTheLedgerSays();
        ownersMatchTheLedger();
    }

    /// @dev What the market holds is what waits for somebody, and no wei is lost on the way.
    function theMarketHoldsWhatWaits() private view {
        assertEq(address(_market).balance, _handler.credit(), "held");
        assertEq(_market.creditOf(address(_payee)), _handler.credit(), "credit");
        assertEq(_coin.balanceOf(address(_market)), 0, "coins");
    }

    function everybodyHasWhatTheLedgerSays() private view {
        for (uint256 i = 0; i < 4; ++i) {
            address account = i == 3 ? address(_payee) : _handler.trader(i);
            assertEq(account.balance, _handler.eth(account), "ETH");
            assertEq(_coin.balanceOf(account), _handler.coins(account), "coins");
        }
    }

    /// @dev A token moves by a filled order and by nothing else.
    function ownersMatchTheLedger() private view {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 id = _handler.token(i);
            assertEq(registry.ownerOf(id), _handler.owner(id), "owner");
        }
    }
}
