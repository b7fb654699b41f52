// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../interfaces/ISharesVault.sol";
import {ShareToken} from "./ShareToken.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Revenue that flows to whoever holds shares
/// @dev For each currency one stream at a time, and a sum of what a share has earned since the beginning. Whose balance changes is
/// settled first, so that no list of holders is needed. A transfer calls nobody: what came in counts when a stream starts.
///
/// Whatever flows is divided by all shares. Their number is fixed while there are any.
abstract contract Revenue is ShareToken {
    using SafeERC20 for IERC20;

    uint256 internal constant _FLOW = 7 days;

    /// @dev What a share has earned is kept in units of 2^-128 of the currency's smallest.
    uint256 private constant _SCALE = 1 << 128;

    /// @param amount What flows between `startedAt` and `startedAt + _FLOW`. Zero when nothing does.
    /// @param owed All that came in and was not paid out: it flowed, flows, or waits for its holder.
    /// @param perShare What a share had earned before this stream, scaled.
    struct Stream {
        uint128 amount;
        uint128 startedAt;
        uint256 owed;
        uint256 perShare;
    }

    struct Earnings {
        uint256 perShare;
        uint256 amount;
    }

    mapping(address currency => Stream) private _streams;
    mapping(address currency => mapping(address account => Earnings)) private _earnings;

    /// @dev ETH that is nobody's revenue: bids.
    uint256 internal _bids;

    receive() external payable {}

    /// @inheritdoc ISharesVault
    function startRevenue(address currency) external returns (uint256 amount) {
        if (!_isDivided(currency)) revert SharesUnknownCurrency(currency);
        if (totalSupply() == 0) revert SharesWrongPhase(phase());
        Stream storage stream = _streams[currency];
        uint256 endsAt = stream.startedAt + _FLOW;
        if (stream.amount != 0 && block.timestamp < endsAt) revert SharesStillFlowing(endsAt);
        amount = Math.min(_unowed(currency), type(uint128).max);
        if (amount == 0) revert SharesNothing(address(this));
        stream.perShare = _earnedPerShare(currency);
        (stream.amount, stream.startedAt) = (uint128(amount), uint128(block.timestamp));
        stream.owed += amount;
        emit RevenueStarted(currency, amount, block.timestamp + _FLOW);
    }

    /// @inheritdoc ISharesVault
    function claim(address currency, address to) external returns (uint256 amount) {
        return _claim(msg.sender, currency, to);
    }

    /// @inheritdoc ISharesVault
    function claimFor(address account, address currency) external returns (uint256 amount) {
        return _claim(account, currency, account);
    }

    /// @inheritdoc ISharesVault
    function claimable(address account, address currency) external view returns (uint256 amount) {
        return _earnings[currency][account].amount + _unsettled(account, currency, _earnedPerShare(currency));
    }

    /// @dev Writes down what both accounts have earned before their balances change.
    function _update(address from, address to, uint256 value) internal override {
        if (to == address(this)) revert SharesToVault();
        _settleBoth(address(0), from, to);
        address[] memory currencies = terms().currencies;
        for (uint256 i = 0; i < currencies.length; ++i) {
            _settleBoth(currencies[i], from, to);
        }
        super._update(from, to, value);
    }

    /// @dev Lets everything that flows be through now. For who holds all shares, and takes nothing from anybody.
    function _finishStreams() internal {
        _finish(address(0));
        address[] memory currencies = terms().currencies;
        for (uint256 i = 0; i < currencies.length; ++i) {
            _finish(currencies[i]);
        }
    }

    /// @dev Returns what came in and is nobody's yet.
    function _unowed(address currency) internal view returns (uint256) {
        uint256 held = currency == address(0) ? address(this).balance - _bids : IERC20(currency).balanceOf(address(this));
        return Math.saturatingSub(held, _streams[currency].owed);
    }

    function _pay(address currency, address to, uint256 amount) internal {
        if (currency != address(0)) {
            IERC20(currency).safeTransfer(to, amount);
        } else if (!LowLevelCall.callNoReturn(to, amount, "")) {
            revert SharesRefused(to);
        }
    }

    function _isDivided(address currency) internal view returns (bool) {
        if (currency == address(0)) return true;
        address[] memory currencies = terms().currencies;
        for (uint256 i = 0; i < currencies.length; ++i) {
            if (currencies[i] == currency) return true;
        }
        return false;
    }

    function _claim(address account, address currency, address to) private returns (uint256 amount) {
        _settleIn(account, currency);
        amount = _earnings[currency][account].amount;
        if (amount == 0) revert SharesNothing(account);
        _earnings[currency][account].amount = 0;
        _streams[currency].owed -= amount;
        emit RevenueClaimed(account, currency, to, amount);
        _pay(currency, to, amount);
    }

    function _settleBoth(address currency, address from, address to) private {
        if (from != address(0)) _settleIn(from, currency);
        if (to != address(0)) _settleIn(to, currency);
    }

    function _settleIn(address account, address currency) private {
        uint256 perShare = _earnedPerShare(currency);
        Earnings storage earnings = _earnings[currency][account];
        if (earnings.perShare == perShare) return;
        earnings.amount += _unsettled(account, currency, perShare);
        earnings.perShare = perShare;
    }

    function _finish(address currency) private {
        Stream storage stream = _streams[currency];
        stream.perShare += Math.mulDiv(stream.amount, _SCALE, totalSupply());
        stream.amount = 0;
    }

    function _unsettled(address account, address currency, uint256 perShare) private view returns (uint256) {
        return Math.mulDiv(balanceOf(account), perShare - _earnings[currency][account].perShare, _SCALE);
    }

    /// @dev Returns what a share has earned until now, rounded down.
    function _earnedPerShare(address currency) private view returns (uint256 perShare) {
        Stream storage stream = _streams[currency];
        perShare = stream.perShare;
        uint256 amount = stream.amount;
        if (amount == 0) return perShare;
        uint256 elapsed = Math.min(block.timestamp - stream.startedAt, _FLOW);
        perShare += Math.mulDiv(amount * elapsed, _SCALE, _FLOW * totalSupply());
    }
}
