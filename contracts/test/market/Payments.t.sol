// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelMarket} from "../../src/interfaces/IModelMarket.sol";
import {Order} from "../../src/types/MarketTypes.sol";
import {MarketBase} from "../MarketBase.sol";
import {AccountMock} from "../mocks/AccountMock.sol";
import {TokenMock} from "../mocks/TokenMock.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @dev Receivers of royalties that do not take them, and coins that are not what they seem.
contract PaymentsTest is MarketBase {
    AccountMock private _account;

    function setUp() public override {
        super.setUp();
        _account = new AccountMock();
        vm.mockCall(address(registry), abi.encodeWithSelector(IERC2981.royaltyInfo.selector), abi.encode(address(_account), ROYALTY));
    }

    function test_Push_ReachesAContract() public {
        buy(ask());
        assertEq(address(_account).balance, ROYALTY, "royalty");
        assertEq(market.creditOf(address(_account)), 0, "credit");
    }

    function test_Push_ThatFailsWaits() public {
        AccountMock.Behaviour[3] memory all = [AccountMock.Behaviour.Refusing, AccountMock.Behaviour.Greedy, AccountMock.Behaviour.Bomb];
        for (uint256 i = 0; i < all.length; ++i) {
            _account.behave(all[i]);
            Order memory order = ask();
            order.nonce = i;
            vm.expectEmit(address(market));
            emit IModelMarket.Credited(address(_account), ROYALTY);
            buy(order);
            assertEq(market.creditOf(address(_account)), (i + 1) * ROYALTY, "credit");
            assertEq(seller.balance, (i + 1) * (PRICE - ROYALTY), "the seller is paid all the same");
            vm.prank(buyer);
            registry.transferFrom(buyer, seller, id);
        }
        assertEq(address(market).balance, 3 * ROYALTY, "what waits is there");
    }

    /// @dev Who is owed nothing is not called, and nothing waits.
    function test_Push_OfNothingIsNone() public {
        vm.mockCall(address(registry), abi.encodeWithSelector(IERC2981.royaltyInfo.selector), abi.encode(address(_account), 0));
        _account.behave(AccountMock.Behaviour.Refusing);
        vm.expectEmit(address(market), 0);
        emit IModelMarket.Credited(address(_account), 0);
        buy(ask());
        assertEq(seller.balance, PRICE, "all of it");
    }

    function test_WithdrawFor_PaysTheAccountItself() public {
        refuseOnce();
        _account.behave(AccountMock.Behaviour.Honest);
        vm.expectEmit(address(market));
        emit IModelMarket.Withdrawn(address(_account), address(_account), ROYALTY);
        vm.prank(stranger);
        market.withdrawFor(address(_account));
        assertEq(address(_account).balance, ROYALTY, "paid");
        assertEq(market.creditOf(address(_account)), 0, "credit");
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketNoCredit.selector, address(_account)));
        market.withdrawFor(address(_account));
    }

    function test_Withdraw_GoesWhereTheAccountSays() public {
        refuseOnce();
        vm.expectEmit(address(market));
        emit IModelMarket.Withdrawn(address(_account), holder, ROYALTY);
        _account.execute(address(market), 0, abi.encodeCall(IModelMarket.withdraw, (holder)));
        assertEq(holder.balance, ROYALTY, "paid");
    }

    function test_RevertWhen_AWithdrawalIsRefused() public {
        refuseOnce();
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketRefused.selector, address(_account)));
        market.withdrawFor(address(_account));
        assertEq(market.creditOf(address(_account)), ROYALTY, "it still waits");
    }

    function test_RevertWhen_NothingWaits() public {
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketNoCredit.selector, stranger));
        vm.prank(stranger);
        market.withdraw(stranger);
    }

    /// @dev A receiver that withdraws while it is being paid gets what waits for it, once.
    function test_Withdraw_InTheMiddleOfAWithdrawal() public {
        refuseOnce();
        _account.callOut(address(market), 0, abi.encodeCall(IModelMarket.withdraw, (address(_account))));
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketRefused.selector, address(_account)));
        market.withdrawFor(address(_account));
        assertEq(address(market).balance, ROYALTY, "it still waits");
    }

    /// @dev A receiver that trades while it is being paid is refused, and its royalty waits.
    function test_Push_CannotComeBack() public {
        Order memory order = ask();
        order.nonce = 1;
        order.price = 0;
        _account.callOut(address(market), 0, abi.encodeCall(IModelMarket.buy, (order, signed(order), stranger)));
        buy(ask());
        assertEq(registry.ownerOf(id), buyer, "owner");
        assertEq(market.creditOf(address(_account)), ROYALTY, "it waits");
        assertTrue(!market.isUsed(seller, 1), "the other order");
    }

    function test_RevertWhen_ACoinComesBack() public {
        Order memory order = ask();
        order.price = 0;
        order.nonce = 1;
        coin.callOut(address(market), abi.encodeCall(IModelMarket.buy, (order, signed(order), stranger)));
        expectBuyRefused(askInCoins(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
    }

    function test_Coins_ThatReturnNothing() public {
        coin.behave(TokenMock.Behaviour.Silent);
        buy(askInCoins());
        assertEq(coin.balanceOf(address(_account)), ROYALTY, "royalty");
    }

    function test_RevertWhen_CoinsDoNotMove() public {
        coin.behave(TokenMock.Behaviour.False);
        refusedWith(askInCoins());
        coin.behave(TokenMock.Behaviour.Refusing);
        refusedWith(askInCoins());
        Order memory order = askInCoins();
        order.currency = address(0xdead);
        refusedWith(order);
        assertEq(registry.ownerOf(id), seller, "owner");
        assertTrue(!market.isUsed(seller, 0), "nonce");
    }

    function test_RevertWhen_TheAllowanceIsTooSmall() public {
        vm.prank(buyer);
        coin.approve(address(market), PRICE - 1);
        bytes memory small = abi.encodeWithSelector(IModelMarket.ModelMarketNotApproved.selector, address(coin), PRICE - 1, PRICE);
        expectBuyRefused(askInCoins(), small);
        expectSaleRefused(bid(), id, small);
    }

    function test_Buy_WithAnAllowanceOfExactlyThePrice() public {
        vm.prank(buyer);
        coin.approve(address(market), PRICE);
        buy(askInCoins());
        assertEq(registry.ownerOf(id), buyer, "owner");
    }

    /// @dev Whose currency is a registry, its price is a token's id: nobody loses a token of theirs by buying another.
    function test_RevertWhen_TheCurrencyIsARegistry() public {
        uint256 precious = mint(exampleModel(2));
        vm.prank(creator);
        registry.transferFrom(creator, buyer, precious);
        vm.prank(buyer);
        registry.setApprovalForAll(address(market), true);
        vm.mockCall(address(registry), abi.encodeWithSelector(IERC2981.royaltyInfo.selector), abi.encode(address(0), 0));
        Order memory order = ask();
        (order.currency, order.price) = (address(registry), precious);
        refusedWith(order);
        assertEq(registry.ownerOf(precious), buyer, "owner");
    }

    function refuseOnce() private {
        _account.behave(AccountMock.Behaviour.Refusing);
        buy(ask());
    }

    function refusedWith(Order memory order) private {
        bytes memory signature_ = signed(order);
        vm.expectRevert();
        vm.prank(buyer);
        market.buy(order, signature_, buyer);
    }
}
