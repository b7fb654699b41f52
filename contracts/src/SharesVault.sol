// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicensing} from "./interfaces/ILicensing.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {ISharesVault} from "./interfaces/ISharesVault.sol";
import {Auction} from "./shares/Auction.sol";
import {Offer} from "./types/LicenseTypes.sol";
import {Matter, Phase, SharesTerms} from "./types/SharesTypes.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

/// @title Shares of one token
/// @dev One minimal proxy (ERC-1167) per token, with its terms behind the proxy's code. This file puts the parts together: `shares/`
/// holds revenue, votes and the auction.
contract SharesVault is Auction {
    uint256 private constant _MAX_CURRENCIES = 3;

    /// @dev Who took the token with all shares.
    address private _redeemer;

    /// @inheritdoc ISharesVault
    function open(address owner, address manager_, uint256 reserve_) external {
        SharesTerms memory given = terms();
        _checkPhase(Phase.Empty);
        if (given.supply == 0 || given.supply > type(uint128).max || given.currencies.length > _MAX_CURRENCIES) {
            revert SharesInvalidTerms();
        }
        if (IERC721(given.registry).ownerOf(given.tokenId) != address(this)) revert SharesTokenMissing();
        _enter(Phase.Holding);
        _decide(Matter.Manager, uint160(manager_));
        _decide(Matter.Reserve, reserve_);
        _mint(owner, given.supply);
        _delegate(owner, owner);
    }

    /// @inheritdoc ISharesVault
    function redeem(address to) external {
        _checkPhase(Phase.Holding);
        if (_auctionRuns()) revert SharesAuctionState(true);
        uint256 all = totalSupply();
        if (balanceOf(msg.sender) != all) revert SharesNotAllowed(msg.sender);
        _finishStreams();
        _burn(msg.sender, all);
        _redeemer = msg.sender;
        emit Redeemed(msg.sender, to);
        _release(Phase.Redeemed, to);
    }

    /// @inheritdoc ISharesVault
    function sweep(address currency, address to) external returns (uint256 amount) {
        if (msg.sender != _redeemer) revert SharesNotAllowed(msg.sender);
        amount = _unowed(currency);
        _pay(currency, to, amount);
    }

    /// @inheritdoc ISharesVault
    function setTokenURI(bytes32 pointer) external {
        _checkManager();
        SharesTerms memory given = terms();
        IModelRegistry(given.registry).setTokenURI(given.tokenId, pointer);
    }

    /// @dev Whatever `licensing` is, it is called with an offer and nothing else.
    /// @inheritdoc ISharesVault
    function offerLicense(ILicensing licensing, Offer calldata what) external returns (uint256 offerId) {
        _checkManager();
        if (what.beneficiary != address(this) || !_isDivided(what.currency)) revert SharesInvalidOffer();
        return licensing.offer(what);
    }

    /// @inheritdoc ISharesVault
    function closeLicense(ILicensing licensing, Offer calldata what) external returns (uint256 offerId) {
        _checkManager();
        return licensing.close(what);
    }

    function _release(Phase next, address to) internal override {
        _enter(next);
        SharesTerms memory given = terms();
        IERC721(given.registry).transferFrom(address(this), to, given.tokenId);
    }
}
