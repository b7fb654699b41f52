// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {IModelRenderer} from "../../src/interfaces/IModelRenderer.sol";
import {Order, Selection} from "../../src/types/MarketTypes.sol";
import {ModelInput} from "../../src/types/ModelTypes.sol";
import {MarketBase} from "../MarketBase.sol";
import {VaultMock} from "../mocks/VaultMock.sol";

/// @dev What traders pay. The royalty's receiver and the seller have had money before, as most have; the buyer holds another token.
contract MarketGasTest is MarketBase {
    function setUp() public override {
        super.setUp();
        VaultMock vault = new VaultMock();
        registry = new ModelRegistry("modelmark", "MARK", address(0), book, vault, IModelRenderer(address(0)));
        for (uint256 i = 1; i <= 3; ++i) {
            ModelInput memory model = exampleModel(i);
            vm.prank(creator);
            id = registry.mintProvenanceNFT(i == 2 ? buyer : seller, model);
            (address receiver,) = registry.royaltyInfo(id, 1);
            vm.deal(receiver, 1);
            coin.mint(receiver, 1);
        }
        vm.deal(seller, 1);
        coin.mint(seller, 1);
        vm.prank(seller);
        registry.setApprovalForAll(address(market), true);
    }

    function test_Buy() public {
        vm.snapshotValue("Calldata", "buy: ETH", calldataGas(abi.encodeCall(market.buy, (ask(), signed(ask()), buyer))));
        buy(ask());
        vm.snapshotGasLastCall("ModelMarket", "buy: ETH, first order of 256");
        vm.prank(buyer);
        registry.transferFrom(buyer, seller, id);
        Order memory order = ask();
        order.nonce = 1;
        buy(order);
        vm.snapshotGasLastCall("ModelMarket", "buy: ETH, next order");
    }

    function test_BuyWithCoins() public {
        buy(askInCoins());
        vm.snapshotGasLastCall("ModelMarket", "buy: ERC-20, first order of 256");
    }

    function test_Sell() public {
        sell(bid(), id);
        vm.snapshotGasLastCall("ModelMarket", "sell: to a bid, first order of 256");
    }

    function test_SellToAList() public {
        bytes32[] memory proof = new bytes32[](10);
        bytes32 hash = sha256(abi.encodePacked(hex"00", "mmb1:item", hex"00", id));
        for (uint256 i = 0; i < proof.length; ++i) {
            proof[i] = keccak256(abi.encode(i));
            hash = sha256(abi.encodePacked(hex"01", hash, proof[i]));
        }
        Order memory order = bid();
        (order.selection, order.item, order.size) = (Selection.List, uint256(hash), 1024);
        bytes memory signature_ = signed(order);
        vm.prank(seller);
        market.sell(order, signature_, id, 0, proof, 0);
        vm.snapshotGasLastCall("ModelMarket", "sell: to a bid for 1024 tokens, first order of 256");
    }

    function test_Cancel() public {
        uint256[] memory nonces = new uint256[](1);
        vm.prank(seller);
        market.cancel(nonces);
        vm.snapshotGasLastCall("ModelMarket", "cancel: one order");
        vm.prank(seller);
        market.cancelAll();
        vm.snapshotGasLastCall("ModelMarket", "cancelAll");
    }
}
