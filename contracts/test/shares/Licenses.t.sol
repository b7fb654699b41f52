// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Licensing} from "../../src/Licensing.sol";
import {LineageVault} from "../../src/LineageVault.sol";
import {ILicensing} from "../../src/interfaces/ILicensing.sol";
import {ISharesVault} from "../../src/interfaces/ISharesVault.sol";
import {Offer, SCOPE_USE} from "../../src/types/LicenseTypes.sol";
import {Payee} from "../../src/types/RoyaltyTypes.sol";
import {SharesBase} from "../SharesBase.sol";

/// @dev What a vault's manager does with the owner's commercial powers.
contract SharesLicensesTest is SharesBase {
    LineageVault private _vault;
    Licensing private _licensing;

    function setUp() public override {
        super.setUp();
        _vault = new LineageVault();
        _licensing = new Licensing(_vault);
    }

    /// @dev From a licensee to the holders: licence, lineage, vault, stream.
    function test_OfferLicense_EarnsForTheHolders() public {
        Offer memory what = offer();
        vm.prank(manager);
        uint256 offerId = shares.offerLicense(_licensing, what);
        assertEq(offerId, _licensing.offerIdOf(address(shares), what), "offer");
        vm.deal(stranger, 1 ether);
        vm.prank(stranger);
        _licensing.buy{value: 1 ether}(what, stranger);
        assertTrue(_licensing.hasAccess(registry, id, stranger, SCOPE_USE), "access");
        vm.prank(stranger);
        _vault.distribute(address(registry), exampleModel(1), ETH, address(shares), new Payee[](0));
        uint256 income = _vault.withdrawFor(address(shares), ETH);
        assertTrue(income > 0.98 ether && income <= 1 ether, "all but the keeper's reward");
        assertEq(shares.startRevenue(ETH), income, "revenue");
    }

    function test_CloseLicense() public {
        Offer memory what = offer();
        vm.prank(manager);
        uint256 offerId = shares.offerLicense(_licensing, what);
        vm.prank(manager);
        shares.closeLicense(_licensing, what);
        (bool open,) = _licensing.stateOf(offerId);
        assertTrue(!open, "closed");
    }

    function test_RevertWhen_TheMoneyWouldGoElsewhere() public {
        Offer memory what = offer();
        what.beneficiary = manager;
        refused(what);
        what.beneficiary = address(0);
        refused(what);
        what = offer();
        what.currency = stranger;
        refused(what);
        what.currency = address(coin);
        vm.prank(manager);
        shares.offerLicense(_licensing, what);
    }

    function test_RevertWhen_SomebodyElseOffersOrCloses() public {
        bytes memory notAllowed = abi.encodeWithSelector(ISharesVault.SharesNotAllowed.selector, creator);
        vm.expectRevert(notAllowed);
        vm.prank(creator);
        shares.offerLicense(_licensing, offer());
        vm.expectRevert(notAllowed);
        vm.prank(creator);
        shares.closeLicense(_licensing, offer());
    }

    function offer() private view returns (Offer memory what) {
        (what.registry, what.tokenId, what.terms) = (address(registry), id, keccak256("terms"));
        (what.price, what.beneficiary, what.scopes) = (1 ether, address(shares), SCOPE_USE);
    }

    function refused(Offer memory what) private {
        vm.expectRevert(ISharesVault.SharesInvalidOffer.selector);
        vm.prank(manager);
        shares.offerLicense(ILicensing(_licensing), what);
    }
}
