// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LicenseEditions} from "./LicenseEditions.sol";
import {ILicensing} from "./interfaces/ILicensing.sol";
import {ILineageVault} from "./interfaces/ILineageVault.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {Grants} from "./licensing/Grants.sol";
import {Offer} from "./types/LicenseTypes.sol";
import {NATIVE} from "./types/RoyaltyTypes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Rights to use models, sold by their owners
/// @dev This file holds offers and money; `licensing/Grants.sol` what was granted. An offer is stored as one bit: all of it is in every
/// call that concerns it, and the id says whether it is the one.
contract Licensing is Grants, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Once made, an offer is open or closed for ever.
    struct State {
        bool made;
        bool closed;
        uint32 sold;
    }

    ILineageVault private immutable _VAULT;
    LicenseEditions private immutable _EDITIONS = new LicenseEditions();

    mapping(uint256 offerId => State) private _states;

    /// @notice The constructor was given a vault without code.
    error LicensingInvalidVault(address vault);

    constructor(ILineageVault vault_) {
        if (address(vault_).code.length == 0) revert LicensingInvalidVault(address(vault_));
        _VAULT = vault_;
    }

    /// @inheritdoc ILicensing
    function offer(Offer calldata what) external returns (uint256 offerId) {
        _checkOwner(what);
        _checkOffer(what);
        offerId = offerIdOf(msg.sender, what);
        if (_states[offerId].made) revert LicensingAlreadyOffered(offerId);
        _states[offerId].made = true;
        emit Offered(offerId, what.registry, what.tokenId, msg.sender, what);
    }

    /// @inheritdoc ILicensing
    function close(Offer calldata what) external returns (uint256 offerId) {
        offerId = offerIdOf(msg.sender, what);
        State storage state = _states[offerId];
        if (!state.made || state.closed) revert LicensingNoOffer(offerId);
        state.closed = true;
        emit OfferClosed(offerId);
    }

    /// @dev What is bought is written before anybody's code runs: the currency's, then that of whoever gets a copy.
    /// @inheritdoc ILicensing
    function buy(Offer calldata what, address licensee) external payable nonReentrant returns (uint256 offerId) {
        address maker = IModelRegistry(what.registry).ownerOf(what.tokenId);
        offerId = offerIdOf(maker, what);
        _take(what, offerId);
        if (what.licensee != address(0) && what.licensee != licensee) revert LicensingNotForYou(licensee);
        if (!what.transferable) _grant(what, offerId, licensee);
        _charge(what);
        if (what.transferable) _EDITIONS.mint(licensee, offerId, what.terms);
    }

    /// @inheritdoc ILicensing
    function grant(Offer calldata what, address licensee) external returns (uint256 offerId) {
        _checkOwner(what);
        _checkOffer(what);
        offerId = offerIdOf(msg.sender, what);
        if (what.transferable) revert LicensingTransferable(offerId);
        _grant(what, offerId, licensee);
    }

    /// @inheritdoc ILicensing
    function redeem(address maker, Offer calldata what, address licensee) external returns (uint256 offerId) {
        offerId = offerIdOf(maker, what);
        _EDITIONS.burn(msg.sender, offerId);
        _grant(what, offerId, licensee);
    }

    /// @inheritdoc ILicensing
    function stateOf(uint256 offerId) external view returns (bool open, uint32 sold) {
        State memory state = _states[offerId];
        return (state.made && !state.closed, state.sold);
    }

    /// @inheritdoc ILicensing
    function editions() external view returns (address) {
        return address(_EDITIONS);
    }

    /// @inheritdoc ILicensing
    function vault() external view returns (address) {
        return address(_VAULT);
    }

    /// @inheritdoc ILicensing
    function offerIdOf(address maker, Offer calldata what) public pure returns (uint256 offerId) {
        return uint256(keccak256(abi.encode(maker, what)));
    }

    /// @dev Takes an offer that is open, and counts it where the number is limited.
    function _take(Offer calldata what, uint256 offerId) private {
        State memory state = _states[offerId];
        bool over = what.closesAt != 0 && block.timestamp > what.closesAt;
        if (!state.made || state.closed || over) revert LicensingNoOffer(offerId);
        if (what.copies == 0) return;
        if (state.sold == what.copies) revert LicensingSoldOut(offerId);
        _states[offerId].sold = state.sold + 1;
    }

    /// @dev Moves the price from the caller to the vault. A currency that keeps a fee keeps it from the seller, who chose it.
    function _charge(Offer calldata what) private {
        uint256 value = what.currency == NATIVE ? what.price : 0;
        if (msg.value != value) revert LicensingWrongValue(msg.value, value);
        if (what.price == 0) return;
        uint256 amount = value == 0 ? _pull(IERC20(what.currency), what.price) : value;
        _VAULT.pay{value: value}(what.registry, what.tokenId, what.currency, amount, what.beneficiary);
    }

    function _pull(IERC20 currency, uint256 price) private returns (uint256 amount) {
        uint256 before = currency.balanceOf(address(this));
        currency.safeTransferFrom(msg.sender, address(this), price);
        amount = currency.balanceOf(address(this)) - before;
        currency.forceApprove(address(_VAULT), amount);
    }

    function _checkOwner(Offer calldata what) private view {
        if (IModelRegistry(what.registry).ownerOf(what.tokenId) != msg.sender) revert LicensingNotOwner(msg.sender, what.tokenId);
    }

    function _checkOffer(Offer calldata what) private pure {
        if (what.scopes == 0 || what.terms == 0 || (what.transferable && what.licensee != address(0))) revert LicensingInvalidOffer();
    }
}
