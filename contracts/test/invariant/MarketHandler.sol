// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelMarket} from "../../src/ModelMarket.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {Order, Selection, Side} from "../../src/types/MarketTypes.sol";
import {ModelInput} from "../../src/types/ModelTypes.sol";
import {Vm} from "../Vm.sol";
import {AccountMock} from "../mocks/AccountMock.sol";
import {TokenMock} from "../mocks/TokenMock.sol";

/// @dev Traders who list, bid, buy, sell, cancel and withdraw, with a creator who sometimes refuses money. It keeps its own ledger of who
/// owns what and who was paid what. No call may revert that the ledger expects to work, and the other way round.
contract MarketHandler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant _TRADERS = 3;
    uint256 private constant _TOKENS = 2;

    ModelMarket private immutable _market;
    ModelRegistry private immutable _registry;
    TokenMock private immutable _coin;
    AccountMock private immutable _creator;

    bool private _refusing;
    uint256 private _nextNonce;

    uint256[] private _ids;
    Order[] private _orders;

    mapping(uint256 id => address) public owner;
    mapping(address account => uint256) public eth;
    mapping(address account => uint256) public coins;
    uint256 public credit;
    mapping(uint256 order => bool) private _over;

    error ShouldHaveFailed(uint256 order);

    constructor(ModelMarket market, ModelRegistry registry, TokenMock coin, AccountMock creator_) {
        (_market, _registry, _coin, _creator) = (market, registry, coin, creator_);
        for (uint256 i = 0; i < _TRADERS; ++i) {
            address account = trader(i);
            vm.deal(account, 1000 ether);
            eth[account] = 1000 ether;
            coin.mint(account, 1000 ether);
            coins[account] = 1000 ether;
            vm.prank(account);
            coin.approve(address(market), type(uint256).max);
            vm.prank(account);
            registry.setApprovalForAll(address(market), true);
        }
        for (uint256 i = 0; i < _TOKENS; ++i) {
            ModelInput memory model;
            (model.weightsDigest, model.recordDigest) = (keccak256(abi.encode(i)), keccak256("record"));
            (model.license, model.creator, model.royaltyBps) = (keccak256("Apache-2.0"), address(creator_), uint16(700 * i));
            vm.prank(address(creator_));
            uint256 id = registry.mintProvenanceNFT(trader(i), model);
            _ids.push(id);
            owner[id] = trader(i);
        }
    }

    function trader(uint256 i) public pure returns (address) {
        return vm.addr(_key(i));
    }

    function token(uint256 i) external view returns (uint256) {
        return _ids[i];
    }

    /// @dev Mostly by the token's owner, so that there are trades to watch.
    function list(uint256 who, uint256 which, uint96 price, bool inCoins) external {
        uint256 id = _ids[which % _TOKENS];
        Order memory order = _order(who % 4 == 0 ? trader(who % _TRADERS) : owner[id], price % 1 ether);
        order.item = id;
        order.currency = inCoins ? address(_coin) : address(0);
        _orders.push(order);
    }

    function offer(uint256 who, uint256 which, uint96 price, bool any) external {
        Order memory order = _order(trader(who % _TRADERS), price % 1 ether);
        (order.side, order.currency) = (Side.Bid, address(_coin));
        if (any) order.selection = Selection.Collection;
        else order.item = _ids[which % _TOKENS];
        _orders.push(order);
    }

    /// @dev Fills an order, of any age, and expects of it what the ledger says.
    function fill(uint256 which, uint256 who, uint256 tokenSeed) external {
        if (_orders.length == 0) return;
        which %= _orders.length;
        Order memory order = _orders[which];
        address taker = trader(who % _TRADERS);
        bool asks = order.side == Side.Ask;
        uint256 id = asks || order.selection == Selection.Token ? order.item : _ids[tokenSeed % _TOKENS];
        address from = asks ? order.maker : taker;
        address to = asks ? taker : order.maker;
        bool expected = !_over[which] && order.counter == _market.counterOf(order.maker) && owner[id] == from;
        bool done = asks ? _buy(order, taker) : _sell(order, taker, id);
        if (done != expected) revert ShouldHaveFailed(which);
        if (!done) return;
        _over[which] = true;
        owner[id] = to;
        _account(order, id, from, to);
    }

    function cancel(uint256 which, uint8 seldom) external {
        if (_orders.length == 0 || seldom % 4 != 0) return;
        which %= _orders.length;
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = _orders[which].nonce;
        vm.prank(_orders[which].maker);
        _market.cancel(nonces);
        _over[which] = true;
    }

    function cancelAll(uint256 who, uint8 seldom) external {
        if (seldom % 8 != 0) return;
        vm.prank(trader(who % _TRADERS));
        _market.cancelAll();
    }

    function refuse(bool refusing) external {
        _refusing = refusing;
        _creator.behave(refusing ? AccountMock.Behaviour.Refusing : AccountMock.Behaviour.Honest);
    }

    function withdraw() external {
        if (_refusing || credit == 0) return;
        _market.withdrawFor(address(_creator));
        eth[address(_creator)] += credit;
        credit = 0;
    }

    function _account(Order memory order, uint256 id, address from, address to) private {
        uint256 royalty = order.price * (id == _ids[1] ? 700 : 0) / 10_000;
        if (order.currency != address(0)) {
            coins[to] -= order.price;
            coins[from] += order.price - royalty;
            coins[address(_creator)] += royalty;
            return;
        }
        eth[to] -= order.price;
        eth[from] += order.price - royalty;
        if (_refusing) credit += royalty;
        else eth[address(_creator)] += royalty;
    }

    function _buy(Order memory order, address taker) private returns (bool) {
        bytes memory signature = _sign(order);
        vm.prank(taker);
        try _market.buy{value: order.currency == address(0) ? order.price : 0}(order, signature, taker) {
            return true;
        } catch {
            return false;
        }
    }

    function _sell(Order memory order, address taker, uint256 id) private returns (bool) {
        bytes memory signature = _sign(order);
        vm.prank(taker);
        try _market.sell(order, signature, id, 0, new bytes32[](0), 0) {
            return true;
        } catch {
            return false;
        }
    }

    function _order(address maker, uint256 price) private returns (Order memory order) {
        order.maker = maker;
        (order.registry, order.price, order.maxRoyaltyBps) = (address(_registry), price, 1000);
        (order.endsAt, order.nonce) = (type(uint40).max, _nextNonce++ * 77);
        order.counter = _market.counterOf(order.maker);
    }

    function _sign(Order memory order) private view returns (bytes memory) {
        uint256 key = _key(0);
        for (uint256 i = 1; i < _TRADERS; ++i) {
            if (trader(i) == order.maker) key = _key(i);
        }
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _market.orderHash(order));
        return abi.encodePacked(r, s, v);
    }

    function _key(uint256 i) private pure returns (uint256) {
        return 0xa11ce + i;
    }
}
