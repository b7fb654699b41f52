// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelMarket} from "../src/interfaces/IModelMarket.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {Goods, Order, Selection, Side} from "../src/types/MarketTypes.sol";
import {MarketBase} from "./MarketBase.sol";
import {WalletMock} from "./mocks/WalletMock.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract ModelMarketTest is MarketBase {
    function test_Buy_WithEth() public {
        Order memory order = ask();
        vm.expectEmit(address(market));
        emit IModelMarket.OrderFilled(market.orderHash(order), seller, buyer, address(registry), id, address(0), PRICE, creator, ROYALTY);
        buy(order);
        assertEq(registry.ownerOf(id), buyer, "owner");
        assertEq(creator.balance, ROYALTY, "royalty");
        assertEq(seller.balance, PRICE - ROYALTY, "proceeds");
        assertEq(buyer.balance, 99 ether, "price");
        assertEq(address(market).balance, 0, "nothing stays");
    }

    function test_Buy_WithCoins() public {
        buy(askInCoins());
        assertEq(registry.ownerOf(id), buyer, "owner");
        assertEq(coin.balanceOf(creator), ROYALTY, "royalty");
        assertEq(coin.balanceOf(seller), PRICE - ROYALTY, "proceeds");
        assertEq(coin.balanceOf(buyer), 99 ether, "price");
    }

    function test_Buy_ForSomebodyElse() public {
        Order memory order = ask();
        order.taker = buyer;
        bytes memory signature_ = signed(order);
        vm.prank(buyer);
        market.buy{value: PRICE}(order, signature_, holder);
        assertEq(registry.ownerOf(id), holder, "owner");
    }

    function test_Buy_AtNoPrice() public {
        Order memory order = ask();
        order.price = 0;
        buy(order);
        order = askInCoins();
        assertEq(registry.ownerOf(id), buyer, "owner");
        assertEq(creator.balance + seller.balance, 0, "money");
    }

    /// @dev Whatever the price, the royalty is the registry's and every wei goes to one of the two.
    function testFuzz_Buy_SplitsThePrice(uint96 price, uint16 maxBps) public {
        Order memory order = ask();
        (order.price, order.maxRoyaltyBps) = (price, uint16(bound(maxBps, 500, type(uint16).max)));
        vm.deal(buyer, price);
        buy(order);
        assertEq(creator.balance, uint256(price) * 500 / 10_000, "royalty");
        assertEq(creator.balance + seller.balance, price, "all of it");
    }

    function test_Sell_ToABidForTheToken() public {
        Order memory order = bid();
        vm.expectEmit(address(market));
        emit IModelMarket.OrderFilled(market.orderHash(order), seller, buyer, address(registry), id, address(coin), PRICE, creator, ROYALTY);
        sell(order, id);
        assertEq(registry.ownerOf(id), buyer, "owner");
        assertEq(coin.balanceOf(creator), ROYALTY, "royalty");
        assertEq(coin.balanceOf(seller), PRICE - ROYALTY, "proceeds");
    }

    function test_Sell_ToABidForAnyToken() public {
        Order memory order = bid();
        (order.selection, order.item) = (Selection.Collection, 0);
        sell(order, id);
        assertEq(registry.ownerOf(id), buyer, "owner");
    }

    function test_Sell_ToABidForTheTokensOfAList() public {
        (Order memory order, bytes32[] memory proof) = listBid();
        bytes memory signature_ = signed(order);
        vm.prank(seller);
        market.sell(order, signature_, id, 1, proof, PRICE - ROYALTY);
        assertEq(registry.ownerOf(id), buyer, "owner");
    }

    function test_RevertWhen_TheTokenIsNotInTheList() public {
        (Order memory order, bytes32[] memory proof) = listBid();
        bytes memory signature_ = signed(order);
        uint256 other = mint(exampleModel(2));
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketNotWanted.selector, other));
        market.sell(order, signature_, other, 1, proof, 0);
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketNotWanted.selector, id));
        market.sell(order, signature_, id, 0, proof, 0);
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketNotWanted.selector, id));
        market.sell(order, signature_, id, 1, new bytes32[](0), 0);
    }

    /// @dev An inner node of the list is no token: whoever could make one pass would sell rubbish at the bid's price.
    function test_RevertWhen_AnInnerNodeIsOffered() public {
        (Order memory order,) = listBid();
        (order.item, order.size) = (uint256(sha256(abi.encodePacked(hex"01", keccak256("l"), keccak256("r")))), 1);
        bytes memory signature_ = signed(order);
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketNotWanted.selector, order.item));
        market.sell(order, signature_, order.item, 0, new bytes32[](0), 0);
    }

    function test_RevertWhen_TheBidIsForAnotherToken() public {
        uint256 other = mint(exampleModel(2));
        expectSaleRefused(bid(), other, abi.encodeWithSelector(IModelMarket.ModelMarketNotWanted.selector, other));
    }

    function test_RevertWhen_TheSellerWouldGetLess() public {
        Order memory order = bid();
        bytes memory signature_ = signed(order);
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketTooLittle.selector, PRICE - ROYALTY, PRICE - ROYALTY + 1));
        vm.prank(seller);
        market.sell(order, signature_, id, 0, new bytes32[](0), PRICE - ROYALTY + 1);
    }

    function test_RevertWhen_TheSideIsWrong() public {
        bytes memory wrong = abi.encodeWithSelector(IModelMarket.ModelMarketWrongSide.selector);
        expectBuyRefused(bid(), wrong);
        expectSaleRefused(ask(), id, wrong);
    }

    function test_RevertWhen_TheOrderIsImpossible() public {
        bytes memory impossible = abi.encodeWithSelector(IModelMarket.ModelMarketImpossibleOrder.selector);
        Order memory order = ask();
        order.selection = Selection.Collection;
        expectBuyRefused(order, impossible);
        order.selection = Selection.List;
        expectBuyRefused(order, impossible);
        order = bid();
        order.currency = address(0);
        expectSaleRefused(order, id, impossible);
    }

    function test_RevertWhen_TheValueIsNotThePrice() public {
        Order memory order = ask();
        bytes memory signature_ = signed(order);
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketWrongValue.selector, PRICE - 1, PRICE));
        vm.prank(buyer);
        market.buy{value: PRICE - 1}(order, signature_, buyer);
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketWrongValue.selector, PRICE + 1, PRICE));
        vm.prank(buyer);
        market.buy{value: PRICE + 1}(order, signature_, buyer);
        order = askInCoins();
        signature_ = signed(order);
        vm.expectRevert(abi.encodeWithSelector(IModelMarket.ModelMarketWrongValue.selector, 1, 0));
        vm.prank(buyer);
        market.buy{value: 1}(order, signature_, buyer);
    }

    function test_Order_CountsFromItsFirstToItsLastSecond() public {
        Order memory order = ask();
        (order.startsAt, order.endsAt) = (uint40(NOW + 10), uint40(NOW + 20));
        bytes memory notNow = abi.encodeWithSelector(IModelMarket.ModelMarketNotNow.selector, NOW + 10, NOW + 20);
        vm.warp(NOW + 9);
        expectBuyRefused(order, notNow);
        vm.warp(NOW + 21);
        expectBuyRefused(order, notNow);
        vm.warp(NOW + 20);
        buy(order);
        giveBack();
        vm.warp(NOW + 10);
        order.nonce = 1;
        buy(order);
    }

    function test_RevertWhen_TheTakerIsAnother() public {
        Order memory order = ask();
        order.taker = holder;
        expectBuyRefused(order, abi.encodeWithSelector(IModelMarket.ModelMarketNotTaker.selector, holder));
        order = bid();
        order.taker = holder;
        expectSaleRefused(order, id, abi.encodeWithSelector(IModelMarket.ModelMarketNotTaker.selector, holder));
    }

    function test_RevertWhen_FilledTwice() public {
        buy(ask());
        giveBack();
        bytes memory used = abi.encodeWithSelector(IModelMarket.ModelMarketNonceUsed.selector, seller, 0);
        expectBuyRefused(ask(), used);
        Order memory order = askInCoins();
        order.price = 1;
        expectBuyRefused(order, used);
        order.nonce = 256;
        buy(order);
    }

    function testFuzz_Cancel_TakesTheseNoncesAndNoOther(uint256 one, uint256 two, uint256 third) public {
        vm.assume(third != one && third != two);
        uint256[] memory nonces = new uint256[](2);
        (nonces[0], nonces[1]) = (one, two);
        vm.expectEmit(address(market));
        emit IModelMarket.NonceCancelled(seller, one);
        vm.prank(seller);
        market.cancel(nonces);
        Order memory order = ask();
        order.nonce = two;
        expectBuyRefused(order, abi.encodeWithSelector(IModelMarket.ModelMarketNonceUsed.selector, seller, two));
        assertTrue(market.isUsed(seller, one) && !market.isUsed(seller, third) && !market.isUsed(buyer, one), "nonces");
        order.nonce = third;
        buy(order);
        assertTrue(market.isUsed(seller, third), "filled");
    }

    function test_CancelAll_MakesEarlierOrdersVoid() public {
        vm.expectEmit(address(market));
        emit IModelMarket.CounterRaised(seller, 1);
        vm.prank(seller);
        assertEq(market.cancelAll(), 1, "counter");
        assertEq(market.counterOf(seller), 1, "counter of the seller");
        assertEq(market.counterOf(buyer), 0, "counter of another");
        expectBuyRefused(ask(), abi.encodeWithSelector(IModelMarket.ModelMarketOldCounter.selector, 1));
        Order memory order = ask();
        order.counter = 1;
        buy(order);
    }

    function test_RevertWhen_TheSignatureIsNotTheMakers() public {
        Order memory order = ask();
        bytes memory invalid = abi.encodeWithSelector(IModelMarket.ModelMarketInvalidSignature.selector, seller);
        bytes memory signature_ = signature(BUYER_KEY, market.orderHash(order));
        vm.expectRevert(invalid);
        vm.prank(buyer);
        market.buy{value: PRICE}(order, signature_, buyer);
        signature_ = signed(order);
        order.maxRoyaltyBps += 1;
        vm.expectRevert(invalid);
        vm.prank(buyer);
        market.buy{value: PRICE}(order, signature_, buyer);
    }

    function test_Buy_FromAContract() public {
        WalletMock wallet = new WalletMock();
        vm.prank(seller);
        registry.transferFrom(seller, address(wallet), id);
        vm.prank(address(wallet));
        registry.approve(address(market), id);
        Order memory order = askInCoins();
        order.maker = address(wallet);
        wallet.accept(market.orderHash(order), "yes");
        vm.prank(buyer);
        market.buy(order, "yes", buyer);
        assertEq(registry.ownerOf(id), buyer, "owner");
        assertEq(coin.balanceOf(address(wallet)), PRICE - ROYALTY, "proceeds");
    }

    function test_RevertWhen_TheMakerHasNotTheToken() public {
        vm.prank(seller);
        registry.transferFrom(seller, holder, id);
        expectBuyRefused(ask(), abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, address(market), id));
    }

    function test_RevertWhen_TheTokenIsLocked() public {
        vm.prank(seller);
        registry.lock(id);
        expectBuyRefused(ask(), abi.encodeWithSelector(IModelRegistry.ModelRegistryLocked.selector, id));
    }

    function test_RevertWhen_TheRoyaltyIsHigherThanTheOrderAllows() public {
        Order memory order = ask();
        order.maxRoyaltyBps = 499;
        expectBuyRefused(order, abi.encodeWithSelector(IModelMarket.ModelMarketRoyaltyTooHigh.selector, ROYALTY, PRICE * 499 / 10_000));
        vm.prank(creator);
        registry.decreaseRoyalty(id, 499);
        buy(order);
    }

    function test_RevertWhen_TheRegistryAsksForMoreThanThePrice() public {
        Order memory order = ask();
        order.maxRoyaltyBps = type(uint16).max;
        answerRoyalty(abi.encode(creator, PRICE + 1));
        expectBuyRefused(order, abi.encodeWithSelector(IModelMarket.ModelMarketRoyaltyTooHigh.selector, PRICE + 1, PRICE));
        answerRoyalty(abi.encode(creator, PRICE));
        buy(order);
        assertEq(creator.balance, PRICE, "all of it");
    }

    function test_Buy_WithoutARoyalty() public {
        answerRoyalty(abi.encode(address(0), ROYALTY));
        buy(ask());
        assertEq(seller.balance, PRICE, "no receiver");
        giveBack();
        answerRoyalty(hex"01");
        Order memory order = ask();
        order.nonce = 1;
        buy(order);
        assertEq(seller.balance, 2 * PRICE, "not an answer");
        giveBack();
        vm.mockCallRevert(address(registry), abi.encodeWithSelector(IERC2981.royaltyInfo.selector), "");
        order.nonce = 2;
        buy(order);
        assertEq(seller.balance, 3 * PRICE, "no answer");
    }

    /// @dev Half an answer, and an answer that is a refusal, name nobody, whatever stands in them.
    function test_Buy_WithoutARoyaltyThatWasWhollyAnswered() public {
        bytes[3] memory answers = [abi.encode(creator), bytes.concat(abi.encode(creator), bytes31(0)), abi.encode(creator, ROYALTY)];
        for (uint256 i = 0; i < answers.length; ++i) {
            answerRoyalty(answers[i]);
            if (i == 2) vm.mockCallRevert(address(registry), abi.encodeWithSelector(IERC2981.royaltyInfo.selector), answers[i]);
            Order memory order = ask();
            order.nonce = i;
            bytes32 hash = market.orderHash(order);
            vm.expectEmit(address(market));
            emit IModelMarket.OrderFilled(hash, seller, buyer, address(registry), id, address(0), PRICE, address(0), 0);
            buy(order);
            giveBack();
        }
        assertEq(seller.balance, 3 * PRICE, "all of it");
    }

    function test_OrderHash_IsTheOneOfEip712() public view {
        Order memory order = ask();
        (order.taker, order.size, order.nonce, order.counter) = (holder, 4, 5, 6);
        bytes32 type_ = keccak256(
            "Order(address maker,address taker,uint8 side,uint8 selection,uint8 goods,address registry,uint256 item,uint64 size,address currency,uint256 price,uint16 maxRoyaltyBps,uint40 startsAt,uint40 endsAt,uint256 nonce,uint256 counter)"
        );
        bytes32 domainType = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain = keccak256(abi.encode(domainType, keccak256("modelmark market"), keccak256("1"), block.chainid, address(market)));
        bytes32 typed = keccak256(abi.encode(type_, order));
        assertEq(market.orderHash(order), keccak256(abi.encodePacked(hex"1901", domain, typed)), "digest");
    }

    /// @dev Orders for other languages to hash and sign: `cargo xtask contracts record` writes them.
    function test_Vectors() public {
        Order memory any = bid();
        (any.selection, any.item, any.taker, any.nonce, any.counter) = (Selection.Collection, 0, holder, type(uint256).max, 3);
        (Order memory list,) = listBid();
        Order memory copy = askInCoins();
        (copy.goods, copy.startsAt, copy.price) = (Goods.Copy, uint40(NOW), type(uint256).max);
        string memory json = string.concat(
            '{\n"note":"DO NOT EDIT: written by `cargo xtask contracts record`",\n"chainId":',
            vm.toString(block.chainid),
            ',\n"verifyingContract":"',
            vm.toString(address(market)),
            '",\n"cases":['
        );
        json = string.concat(json, "\n", orderJson("a token for ETH", ask()), ",\n", orderJson("a copy for an ERC-20 token", copy));
        json = string.concat(json, ",\n", orderJson("any token, for one taker", any), ",\n", orderJson("a list", list), "\n]\n}\n");
        string memory path = "../vectors/contracts/orders.json";
        if (vm.envOr("WRITE_VECTORS", false)) {
            vm.writeFile(path, json);
            return;
        }
        assertEq(keccak256(bytes(vm.readFile(path))), keccak256(bytes(json)), "stale: run `cargo xtask contracts record`");
    }

    function orderJson(string memory name, Order memory order) private view returns (string memory json) {
        json = string.concat('{"name":"', name, '","order":{"maker":"', vm.toString(order.maker), '","taker":"', vm.toString(order.taker));
        json = string.concat(json, '","side":', vm.toString(uint256(order.side)), ',"selection":', vm.toString(uint256(order.selection)));
        json = string.concat(json, ',"goods":', vm.toString(uint256(order.goods)), ',"registry":"', vm.toString(order.registry));
        json = string.concat(json, '","item":"', vm.toString(order.item), '","size":"', vm.toString(uint256(order.size)));
        json = string.concat(json, '","currency":"', vm.toString(order.currency), '","price":"', vm.toString(order.price));
        json = string.concat(json, '","maxRoyaltyBps":', vm.toString(uint256(order.maxRoyaltyBps)));
        json = string.concat(json, ',"startsAt":', vm.toString(uint256(order.startsAt)), ',"endsAt":', vm.toString(uint256(order.endsAt)));
        json = string.concat(json, ',"nonce":"', vm.toString(order.nonce), '","counter":"', vm.toString(order.counter));
        return string.concat(json, '"},"orderHash":"', vm.toString(market.orderHash(order)), '"}');
    }

    function giveBack() private {
        vm.prank(buyer);
        registry.transferFrom(buyer, seller, id);
    }

    function answerRoyalty(bytes memory answer) private {
        vm.mockCall(address(registry), abi.encodeWithSelector(IERC2981.royaltyInfo.selector), answer);
    }

    /// @dev A bid for three tokens, ours the second, and the proof for it.
    function listBid() private view returns (Order memory order, bytes32[] memory proof) {
        bytes32 left = sha256(abi.encodePacked(hex"00", "mmb1:item", hex"00", uint256(7)));
        bytes32 mine = sha256(abi.encodePacked(hex"00", "mmb1:item", hex"00", id));
        bytes32 right = sha256(abi.encodePacked(hex"00", "mmb1:item", hex"00", uint256(9)));
        bytes32 pair = sha256(abi.encodePacked(hex"01", left, mine));
        order = bid();
        order.selection = Selection.List;
        (order.item, order.size) = (uint256(sha256(abi.encodePacked(hex"01", pair, right))), 3);
        proof = new bytes32[](2);
        (proof[0], proof[1]) = (left, right);
    }
}
