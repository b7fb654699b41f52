// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {IModelRenderer} from "../src/interfaces/IModelRenderer.sol";
import {Base} from "./Base.sol";
import {ISeaport} from "./mocks/ISeaport.sol";
import {TokenMock} from "./mocks/TokenMock.sol";
import {VaultMock} from "./mocks/VaultMock.sol";

/// @dev Our tokens on a market that is not ours: Seaport 1.6, as OpenSea compiled it. The listings are vectors for other languages.
contract SeaportTest is Base {
    string private constant _FOLDER = "../vectors/seaport/";
    uint256 private constant _SELLER_KEY = 0x5e11e4;
    uint256 private constant _PRICE = 1 ether;
    uint256 private constant _ROYALTY = 0.05 ether;

    ISeaport private _seaport;
    TokenMock private _coin;
    address private _seller = vm.addr(_SELLER_KEY);
    address private _buyer = address(0xb0b);
    address private _receiver;
    uint256 private _id;

    string private _json;

    function setUp() public override {
        super.setUp();
        string memory codes = vm.readFile(string.concat(_FOLDER, "seaport.json"));
        address controller = deployed(vm.parseJsonBytes(codes, ".conduitController"));
        _seaport = ISeaport(deployed(bytes.concat(vm.parseJsonBytes(codes, ".seaport"), abi.encode(controller))));
        _coin = new TokenMock();
        registry = new ModelRegistry("modelmark", "MARK", address(0), book, new VaultMock(), IModelRenderer(address(0)));
        vm.prank(creator);
        _id = registry.mintProvenanceNFT(_seller, exampleModel(1));
        (_receiver,) = registry.royaltyInfo(_id, 0);
        vm.prank(_seller);
        registry.setApprovalForAll(address(_seaport), true);
        vm.deal(_buyer, 10 ether);
        _coin.mint(_buyer, 10 ether);
        vm.prank(_buyer);
        _coin.approve(address(_seaport), type(uint256).max);
    }

    function test_ItIsSeaport() public view {
        (string memory version,,) = _seaport.information();
        assertEq(version, "1.6", "version");
    }

    function test_AListingForEthIsFilledAndPaysTheRoyalty() public {
        fill(listing(address(0)), _PRICE);
        assertEq(registry.ownerOf(_id), _buyer, "owner");
        assertEq(_receiver.balance, _ROYALTY, "royalty");
        assertEq(_seller.balance, _PRICE - _ROYALTY, "proceeds");
        assertEq(_buyer.balance, 9 ether, "price");
    }

    function test_AListingForCoinsIsFilledAndPaysTheRoyalty() public {
        fill(listing(address(_coin)), 0);
        assertEq(registry.ownerOf(_id), _buyer, "owner");
        assertEq(_coin.balanceOf(_receiver), _ROYALTY, "royalty");
        assertEq(_coin.balanceOf(_seller), _PRICE - _ROYALTY, "proceeds");
    }

    /// @dev A listing without the royalty has another hash, so that the seller's signature is none for it.
    function test_RevertWhen_TheRoyaltyIsLeftOut() public {
        ISeaport.OrderComponents memory order = listing(address(0));
        bytes memory signature_ = sign(order);
        order.consideration[1].recipient = payable(_buyer);
        ISeaport.Order memory changed = ISeaport.Order(parameters(order), signature_);
        vm.expectRevert(bytes4(keccak256("InvalidSigner()")));
        vm.prank(_buyer);
        _seaport.fulfillOrder{value: _PRICE}(changed, 0);
    }

    function test_RevertWhen_TheTokenIsLocked() public {
        ISeaport.OrderComponents memory order = listing(address(0));
        vm.prank(_seller);
        registry.lock(_id);
        ISeaport.Order memory signed = ISeaport.Order(parameters(order), sign(order));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryLocked.selector, _id));
        vm.prank(_buyer);
        _seaport.fulfillOrder{value: _PRICE}(signed, 0);
    }

    function test_Vectors() public {
        _json = string.concat(
            '{\n"note":"DO NOT EDIT: written by `cargo xtask contracts record`",\n"chainId":',
            vm.toString(block.chainid),
            ',\n"verifyingContract":"',
            vm.toString(address(_seaport)),
            '",\n"key":"',
            vm.toString(bytes32(_SELLER_KEY)),
            '",\n"cases":[\n'
        );
        addCase("for ETH", listing(address(0)));
        _json = string.concat(_json, ",\n");
        addCase("for an ERC-20 token", listing(address(_coin)));
        _json = string.concat(_json, "\n]\n}\n");
        string memory path = string.concat(_FOLDER, "orders.json");
        if (vm.envOr("WRITE_VECTORS", false)) {
            vm.writeFile(path, _json);
            return;
        }
        assertEq(keccak256(bytes(vm.readFile(path))), keccak256(bytes(_json)), "stale: run `cargo xtask contracts record`");
    }

    function listing(address currency) private view returns (ISeaport.OrderComponents memory order) {
        order.offerer = _seller;
        order.offer = new ISeaport.OfferItem[](1);
        order.offer[0] = ISeaport.OfferItem(ISeaport.ItemType.ERC721, address(registry), _id, 1, 1);
        order.consideration = new ISeaport.ConsiderationItem[](2);
        order.consideration[0] = consider(currency, _PRICE - _ROYALTY, _seller);
        order.consideration[1] = consider(currency, _ROYALTY, _receiver);
        (order.startTime, order.endTime, order.salt) = (NOW, NOW + 30 days, uint256(keccak256("salt")));
    }

    function consider(address currency, uint256 amount, address to) private pure returns (ISeaport.ConsiderationItem memory) {
        ISeaport.ItemType kind = currency == address(0) ? ISeaport.ItemType.Native : ISeaport.ItemType.ERC20;
        return ISeaport.ConsiderationItem(kind, currency, 0, amount, amount, payable(to));
    }

    function parameters(ISeaport.OrderComponents memory order) private pure returns (ISeaport.OrderParameters memory same) {
        same = abi.decode(abi.encode(order), (ISeaport.OrderParameters));
        same.totalOriginalConsiderationItems = order.consideration.length;
    }

    function digestOf(ISeaport.OrderComponents memory order) private view returns (bytes32) {
        (, bytes32 domain,) = _seaport.information();
        return keccak256(abi.encodePacked(hex"1901", domain, _seaport.getOrderHash(order)));
    }

    function sign(ISeaport.OrderComponents memory order) private view returns (bytes memory) {
        return signature(_SELLER_KEY, digestOf(order));
    }

    function fill(ISeaport.OrderComponents memory order, uint256 value) private {
        ISeaport.Order memory signed = ISeaport.Order(parameters(order), sign(order));
        vm.prank(_buyer);
        assertTrue(_seaport.fulfillOrder{value: value}(signed, 0), "filled");
    }

    function deployed(bytes memory code) private returns (address made) {
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        assertTrue(made != address(0), "created");
    }

    function addCase(string memory name, ISeaport.OrderComponents memory order) private {
        _json = string.concat(_json, '{"name":"', name, '","components":{"offerer":"', vm.toString(order.offerer));
        _json = string.concat(_json, '","zone":"', vm.toString(order.zone), '","offer":[{', item(order.offer[0]), '}],"consideration":[');
        for (uint256 i = 0; i < order.consideration.length; ++i) {
            ISeaport.ConsiderationItem memory considered = order.consideration[i];
            ISeaport.OfferItem memory same = ISeaport.OfferItem(
                considered.itemType, considered.token, considered.identifierOrCriteria, considered.startAmount, considered.endAmount
            );
            string memory recipient = vm.toString(considered.recipient);
            _json = string.concat(_json, i == 0 ? "{" : ",{", item(same), ',"recipient":"', recipient, '"}');
        }
        _json = string.concat(_json, '],"orderType":', vm.toString(uint256(order.orderType)));
        _json = string.concat(_json, ',"startTime":', vm.toString(order.startTime), ',"endTime":', vm.toString(order.endTime));
        _json = string.concat(_json, ',"zoneHash":"', vm.toString(order.zoneHash), '","salt":"', vm.toString(order.salt));
        _json = string.concat(_json, '","conduitKey":"', vm.toString(order.conduitKey), '","counter":"', vm.toString(order.counter));
        _json = string.concat(_json, '"},"orderHash":"', vm.toString(_seaport.getOrderHash(order)));
        _json = string.concat(_json, '","digest":"', vm.toString(digestOf(order)), '","signature":"', vm.toString(sign(order)), '"}');
    }

    function item(ISeaport.OfferItem memory offered) private pure returns (string memory json) {
        json = string.concat('"itemType":', vm.toString(uint256(offered.itemType)), ',"token":"', vm.toString(offered.token));
        json = string.concat(json, '","identifierOrCriteria":"', vm.toString(offered.identifierOrCriteria));
        json = string.concat(json, '","startAmount":"', vm.toString(offered.startAmount));
        return string.concat(json, '","endAmount":"', vm.toString(offered.endAmount), '"');
    }
}
