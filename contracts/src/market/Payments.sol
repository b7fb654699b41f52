// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelMarket} from "../interfaces/IModelMarket.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Royalties, and ETH that is sent to strangers
/// @dev A stranger's code gets 50 000 gas, returns nothing that is looked at, and cannot stop a trade: what it does not take waits for it.
abstract contract Payments is IModelMarket {
    uint256 private constant _WHOLE_BPS = 10_000;
    uint256 private constant _STIPEND = 50_000;

    mapping(address account => uint256) private _credits;

    /// @inheritdoc IModelMarket
    function withdraw(address to) external {
        _withdraw(msg.sender, to);
    }

    /// @inheritdoc IModelMarket
    function withdrawFor(address account) external {
        _withdraw(account, account);
    }

    /// @inheritdoc IModelMarket
    function creditOf(address account) external view returns (uint256 amount) {
        return _credits[account];
    }

    /// @dev Returns what a sale owes to whom. A registry that does not know ERC-2981 is owed nothing; one that answers more than two
    /// words is read no further.
    function _royaltyOf(address registry, uint256 tokenId, uint256 price, uint256 maxBps)
        internal
        view
        returns (address receiver, uint256 royalty)
    {
        (bool answered, bytes32 first, bytes32 second) =
            LowLevelCall.staticcallReturn64Bytes(registry, abi.encodeCall(IERC2981.royaltyInfo, (tokenId, price)));
        receiver = address(uint160(uint256(first)));
        if (!answered || LowLevelCall.returnDataSize() < 64 || receiver == address(0)) return (address(0), 0);
        royalty = uint256(second);
        // A maker who allows more than the whole price allows the whole price.
        uint256 maximum = Math.mulDiv(price, Math.min(maxBps, _WHOLE_BPS), _WHOLE_BPS);
        if (royalty > maximum) revert ModelMarketRoyaltyTooHigh(royalty, maximum);
    }

    function _push(address to, uint256 amount) internal {
        if (amount == 0) return;
        bool taken;
        assembly ("memory-safe") {
            taken := call(_STIPEND, to, amount, 0, 0, 0, 0)
        }
        if (taken) return;
        _credits[to] += amount;
        emit Credited(to, amount);
    }

    function _withdraw(address account, address to) private {
        uint256 amount = _credits[account];
        if (amount == 0) revert ModelMarketNoCredit(account);
        _credits[account] = 0;
        emit Withdrawn(account, to, amount);
        if (!LowLevelCall.callNoReturn(to, amount, "")) revert ModelMarketRefused(to);
    }
}
