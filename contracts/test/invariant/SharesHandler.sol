// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../../src/interfaces/ISharesVault.sol";
import {Matter, Phase} from "../../src/types/SharesTypes.sol";
import {Vm} from "../Vm.sol";
import {TokenMock} from "../mocks/TokenMock.sol";

/// @dev Holders who trade shares while money comes in, vote, and bid. It keeps its own ledger of all that went in and out.
contract SharesHandler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant _HOLDERS = 4;

    ISharesVault private immutable _shares;
    TokenMock private immutable _coin;

    uint256 private _now;

    /// @dev What came in and went out, of ETH and of coins.
    mapping(address currency => uint256) public received;
    mapping(address currency => uint256) public paid;

    /// @dev What bidders have in the vault.
    uint256 public bids;
    address public winner;

    constructor(ISharesVault shares, TokenMock coin, address first) {
        (_shares, _coin, _now) = (shares, coin, block.timestamp);
        uint256 part = shares.totalSupply() / _HOLDERS;
        for (uint256 i = 0; i < _HOLDERS; ++i) {
            vm.prank(holder(i));
            shares.delegate(holder(i));
            vm.prank(first);
            shares.transfer(holder(i), part);
        }
    }

    function holder(uint256 i) public pure returns (address) {
        return address(uint160(0x401de0 + i % _HOLDERS));
    }

    function wait(uint32 time) external {
        _now += time % 5 days;
        vm.warp(_now);
    }

    function earn(uint64 amount, bool inCoins) external {
        vm.warp(_now);
        if (inCoins) _coin.mint(address(_shares), amount);
        else vm.deal(address(_shares), address(_shares).balance + amount);
        received[inCoins ? address(_coin) : address(0)] += amount;
    }

    function startRevenue(bool inCoins) external {
        vm.warp(_now);
        try _shares.startRevenue(inCoins ? address(_coin) : address(0)) {} catch {}
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        vm.warp(_now);
        uint256 most = _shares.balanceOf(holder(from));
        vm.prank(holder(from));
        _shares.transfer(holder(to), most == 0 ? 0 : amount % (most + 1));
    }

    function claim(uint256 who, bool inCoins) external {
        vm.warp(_now);
        address currency = inCoins ? address(_coin) : address(0);
        if (_shares.claimable(holder(who), currency) == 0) return;
        paid[currency] += _shares.claimFor(holder(who), currency);
    }

    function vote(uint256 who, uint64 reserve) external {
        vm.warp(_now);
        if (_shares.phase() != Phase.Holding) return;
        uint256 ballot = _shares.propose(Matter.Reserve, reserve);
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(holder(who % _HOLDERS + i));
            try _shares.vote(ballot) {} catch {}
        }
    }

    function bid(uint256 who, uint64 more) external {
        vm.warp(_now);
        (, uint256 amount,) = _shares.auction();
        uint256 value = (amount == 0 ? _shares.reserve() : amount + amount / 20 + 1) + more;
        vm.deal(holder(who), holder(who).balance + value);
        vm.prank(holder(who));
        try _shares.bid{value: value}() {
            received[address(0)] += value;
            bids += value;
        } catch {}
    }

    function settle() external {
        vm.warp(_now);
        (address bidder, uint256 amount,) = _shares.auction();
        try _shares.settle(bidder) {
            bids -= amount;
            winner = bidder;
        } catch {}
    }

    function withdrawBid(uint256 who) external {
        vm.warp(_now);
        if (_shares.refundOf(holder(who)) == 0) return;
        vm.prank(holder(who));
        uint256 amount = _shares.withdrawBid(holder(who));
        paid[address(0)] += amount;
        bids -= amount;
    }
}
