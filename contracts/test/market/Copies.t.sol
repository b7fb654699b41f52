// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelMarket} from "../../src/interfaces/IModelMarket.sol";
import {Goods, Order, Selection} from "../../src/types/MarketTypes.sol";
import {MarketBase} from "../MarketBase.sol";
import {CopiesMock} from "../mocks/CopiesMock.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @dev Licences as copies: one of them changes hands, at no royalty where their contract tells of none.
contract CopiesTest is MarketBase, IERC1155Receiver {
    uint256 private constant _LICENSE = 77;

    CopiesMock private _copies;
    bytes private _call;

    function setUp() public override {
        super.setUp();
        _copies = new CopiesMock();
        _copies.mint(seller, _LICENSE, 3);
        vm.prank(seller);
        _copies.setApprovalForAll(address(market), true);
    }

    function test_Buy_ACopy() public {
        buy(copy(ask()));
        assertEq(_copies.balanceOf(buyer, _LICENSE), 1, "bought");
        assertEq(_copies.balanceOf(seller, _LICENSE), 2, "left");
        assertEq(seller.balance, PRICE, "no royalty");
    }

    function test_Sell_ACopy() public {
        sell(copy(bid()), _LICENSE);
        assertEq(_copies.balanceOf(buyer, _LICENSE), 1, "bought");
        assertEq(coin.balanceOf(seller), PRICE, "no royalty");
        Order memory any = copy(bid());
        (any.selection, any.item, any.nonce) = (Selection.Collection, 0, 1);
        sell(any, _LICENSE);
        assertEq(_copies.balanceOf(buyer, _LICENSE), 2, "another");
    }

    /// @dev Each copy that is for sale takes an order of its own.
    function test_RevertWhen_OneOrderIsFilledForTwoCopies() public {
        buy(copy(ask()));
        expectBuyRefused(copy(ask()), abi.encodeWithSelector(IModelMarket.ModelMarketNonceUsed.selector, seller, 0));
    }

    /// @dev The goods are signed: an order for a token is none for a copy.
    function test_RevertWhen_TheGoodsAreOthers() public {
        Order memory order = copy(ask());
        bytes memory signature_ = signed(order);
        order.goods = Goods.Token;
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketInvalidSignature.selector, seller));
        vm.prank(buyer);
        market.buy{value: PRICE}(order, signature_, buyer);
    }

    function test_RevertWhen_ARecipientComesBack() public {
        Order memory order = copy(ask());
        bytes memory signature_ = signed(order);
        Order memory next = copy(ask());
        (next.nonce, next.price) = (1, 0);
        _call = abi.encodeCall(IModelMarket.buy, (next, signed(next), stranger));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.prank(buyer);
        market.buy{value: PRICE}(order, signature_, address(this));
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external returns (bytes4) {
        (bool done, bytes memory answer) = address(market).call(_call);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return IERC1155Receiver.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(address, address, uint256[] calldata, uint256[] calldata, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return 0;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC1155Receiver).interfaceId;
    }

    function copy(Order memory order) private view returns (Order memory) {
        (order.goods, order.registry, order.item) = (Goods.Copy, address(_copies), _LICENSE);
        return order;
    }
}
