// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../interfaces/ISharesVault.sol";
import {Phase} from "../types/SharesTypes.sol";
import {Ballots} from "./Ballots.sol";

/// @title How the token is bought from all its holders
/// @dev Who is outbid fetches the money. The proceeds become revenue: nobody has to hand shares in, and lost shares block nothing.
abstract contract Auction is Ballots {
    uint256 private constant _DURATION = 7 days;
    uint256 private constant _EXTENSION = 1 hours;
    uint256 private constant _PATIENCE = 30 days;

    /// @dev A bid raises the one before by a twentieth at least.
    uint256 private constant _STEP = 20;

    address private _bidder;
    uint256 private _amount;
    uint256 private _endsAt;

    mapping(address account => uint256) private _refunds;

    /// @inheritdoc ISharesVault
    function bid() external payable {
        _checkPhase(Phase.Holding);
        if (_bidder == address(0)) {
            if (reserve() == 0) revert SharesAuctionState(false);
            _checkBid(reserve());
            _endsAt = block.timestamp + _DURATION;
        } else {
            if (block.timestamp > _endsAt) revert SharesNotNow(_endsAt);
            _checkBid(_amount + (_amount + _STEP - 1) / _STEP);
            _refunds[_bidder] += _amount;
            if (block.timestamp + _EXTENSION > _endsAt) _endsAt = block.timestamp + _EXTENSION;
        }
        _bids += msg.value;
        (_bidder, _amount) = (msg.sender, msg.value);
        emit AuctionBid(msg.sender, msg.value, _endsAt);
    }

    /// @inheritdoc ISharesVault
    function settle(address to) external {
        address winner = _bidder;
        uint256 amount = _endAuction(_endsAt);
        if (to != winner && msg.sender != winner) revert SharesNotAllowed(msg.sender);
        // No bid any more: the next stream of ETH takes it in.
        _bids -= amount;
        emit AuctionSettled(winner, to, amount);
        _release(Phase.Sold, to);
    }

    /// @inheritdoc ISharesVault
    function giveUp() external {
        address winner = _bidder;
        uint256 amount = _endAuction(_endsAt + _PATIENCE);
        _refunds[winner] += amount;
        emit AuctionFailed(winner, amount);
    }

    /// @inheritdoc ISharesVault
    function withdrawBid(address to) external returns (uint256 amount) {
        amount = _refunds[msg.sender];
        if (amount == 0) revert SharesNothing(msg.sender);
        _refunds[msg.sender] = 0;
        _bids -= amount;
        _pay(address(0), to, amount);
    }

    /// @inheritdoc ISharesVault
    function auction() external view returns (address bidder, uint256 amount, uint256 endsAt) {
        return (_bidder, _amount, _endsAt);
    }

    /// @inheritdoc ISharesVault
    function refundOf(address account) external view returns (uint256 amount) {
        return _refunds[account];
    }

    /// @dev Lets the token go, for good.
    function _release(Phase next, address to) internal virtual;

    function _auctionRuns() internal view override returns (bool) {
        return _bidder != address(0);
    }

    /// @dev Forgets the auction, which has to be over since `time`.
    function _endAuction(uint256 time) private returns (uint256 amount) {
        if (_bidder == address(0)) revert SharesAuctionState(false);
        if (block.timestamp <= time) revert SharesNotNow(time);
        amount = _amount;
        (_bidder, _amount, _endsAt) = (address(0), 0, 0);
    }

    function _checkBid(uint256 minimum) private view {
        if (msg.value < minimum) revert SharesBidTooLow(msg.value, minimum);
    }
}
