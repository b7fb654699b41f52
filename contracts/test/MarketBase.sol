// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelMarket} from "../src/ModelMarket.sol";
import {IModelMarket} from "../src/interfaces/IModelMarket.sol";
import {Order, Selection, Side} from "../src/types/MarketTypes.sol";
import {Base} from "./Base.sol";
import {AccountMock} from "./mocks/AccountMock.sol";
import {TokenMock} from "./mocks/TokenMock.sol";

/// @dev A market with a token of the creator's for sale, a buyer with money, and orders to change.
abstract contract MarketBase is Base {
    uint256 internal constant PRICE = 1 ether;
    uint256 internal constant ROYALTY = 0.05 ether;
    uint256 internal constant BUYER_KEY = 0xb0b;
    uint256 internal constant SELLER_KEY = 0x5e11e4;

    ModelMarket internal market;
    TokenMock internal coin;
    address internal buyer = vm.addr(BUYER_KEY);
    address internal seller = vm.addr(SELLER_KEY);
    uint256 internal id;

    function setUp() public virtual override {
        super.setUp();
        market = new ModelMarket();
        coin = new TokenMock();
        id = mint(exampleModel(1));
        vm.prank(creator);
        registry.transferFrom(creator, seller, id);
        vm.prank(seller);
        registry.setApprovalForAll(address(market), true);
        vm.deal(buyer, 100 ether);
        coin.mint(buyer, 100 ether);
        vm.prank(buyer);
        coin.approve(address(market), type(uint256).max);
    }

    function ask() internal view returns (Order memory order) {
        order.maker = seller;
        order.side = Side.Ask;
        order.registry = address(registry);
        order.item = id;
        order.price = PRICE;
        order.maxRoyaltyBps = 1000;
        order.endsAt = uint40(NOW + 1 days);
    }

    function askInCoins() internal view returns (Order memory order) {
        order = ask();
        order.currency = address(coin);
    }

    function bid() internal view returns (Order memory order) {
        order = askInCoins();
        order.maker = buyer;
        order.side = Side.Bid;
    }

    function signed(Order memory order) internal view returns (bytes memory) {
        return signature(order.maker == buyer ? BUYER_KEY : SELLER_KEY, market.orderHash(order));
    }

    /// @dev The buyer buys, with as much ETH as the order wants.
    function buy(Order memory order) internal {
        bytes memory signature_ = signed(order);
        vm.prank(buyer);
        market.buy{value: order.currency == address(0) ? order.price : 0}(order, signature_, buyer);
    }

    function sell(Order memory order, uint256 tokenId) internal {
        bytes memory signature_ = signed(order);
        vm.prank(seller);
        market.sell(order, signature_, tokenId, 0, new bytes32[](0), 0);
    }

    function expectBuyRefused(Order memory order, bytes memory reason) internal {
        bytes memory signature_ = signed(order);
        vm.expectRevert(reason);
        vm.prank(buyer);
        market.buy{value: order.currency == address(0) ? order.price : 0}(order, signature_, buyer);
    }

    function expectSaleRefused(Order memory order, uint256 tokenId, bytes memory reason) internal {
        bytes memory signature_ = signed(order);
        vm.expectRevert(reason);
        vm.prank(seller);
        market.sell(order, signature_, tokenId, 0, new bytes32[](0), 0);
    }
}
