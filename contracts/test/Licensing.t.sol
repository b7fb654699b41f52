// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Licensing} from "../src/Licensing.sol";
import {ILicensing} from "../src/interfaces/ILicensing.sol";
import {ILineageVault} from "../src/interfaces/ILineageVault.sol";
import {Offer, SCOPE_USE} from "../src/types/LicenseTypes.sol";
import {ModelInput} from "../src/types/ModelTypes.sol";
import {NATIVE, Payee} from "../src/types/RoyaltyTypes.sol";
import {LicensingBase} from "./licensing/LicensingBase.sol";
import {TokenMock} from "./mocks/TokenMock.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @dev Offers and money; what is granted is in licensing/Grants.t.sol, copies in LicenseEditions.t.sol.
contract LicensingTest is LicensingBase {
    function test_Neighbours() public view {
        assertEq(licensing.vault(), address(vault), "vault");
        assertEq(licensing.editions(), address(editions), "editions");
    }

    function test_RevertWhen_ConstructedWithoutAVault() public {
        vm.expectRevert(abi.encodeWithSelector(Licensing.LicensingInvalidVault.selector, stranger));
        new Licensing(ILineageVault(stranger));
    }

    function test_Offer_IsItsHash() public {
        Offer memory what = exampleOffer();
        uint256 expected = uint256(keccak256(abi.encode(creator, what)));
        assertEq(licensing.offerIdOf(creator, what), expected, "computed");
        vm.expectEmit(address(licensing));
        emit ILicensing.Offered(expected, address(registry), id, creator, what);
        assertEq(offer(what), expected, "id");
        (bool open, uint32 sold) = licensing.stateOf(expected);
        assertTrue(open && sold == 0, "state");
    }

    function test_Buy_GrantsAndPaysTheVault() public {
        Offer memory what = exampleOffer();
        uint256 offerId = offer(what);
        assertTrue(!hasAccess(holder, SCOPE_USE), "before");
        vm.expectEmit(address(licensing));
        emit ILicensing.Granted(address(registry), id, holder, offerId, 0, uint40(NOW), uint40(NOW + 30 days));
        assertEq(buy(what, holder), offerId, "id");
        assertTrue(hasAccess(holder, SCOPE_USE), "after");
        (uint256 gross,) = vault.creditOf(address(registry), id, NATIVE, NOBODY);
        assertEq(gross, PRICE, "paid");
    }

    /// @dev A later owner sells; the lineage gets its shares all the same.
    function test_Buy_FromALaterOwnerWithLineage() public {
        ModelInput memory child = childOf(creator, 2, rootOf(creator, 1), 1000);
        id = mint(child);
        vm.prank(creator);
        registry.transferFrom(creator, ANNA, id);
        Offer memory what = exampleOffer();
        what.beneficiary = ANNA;
        vm.prank(ANNA);
        licensing.offer(what);
        buy(what, holder);
        vm.prank(KEEPER);
        vault.distribute(address(registry), child, NATIVE, ANNA, new Payee[](0));
        assertEq(vault.balanceOf(ANNA, NATIVE), 0.8955 ether, "seller");
        assertCredit(rootOf(creator, 1), NATIVE, 0.0995 ether, 0, "parent");
    }

    function test_Buy_WithTokens() public {
        Offer memory what = exampleOffer();
        what.currency = address(token);
        offer(what);
        token.behave(TokenMock.Behaviour.Fee);
        buy(what, holder);
        (uint256 gross,) = vault.creditOf(address(registry), id, address(token), NOBODY);
        assertEq(gross, 0.9801 ether, "paid, less two fees");
        assertEq(token.balanceOf(address(licensing)) + token.allowance(address(licensing), address(vault)), 0, "nothing is left here");
    }

    function test_Buy_ForNothing() public {
        Offer memory what = forNothing();
        offer(what);
        buy(what, holder);
        assertTrue(hasAccess(holder, SCOPE_USE), "granted");
    }

    function test_Buy_OnlyTheLicenseeItIsFor() public {
        Offer memory what = exampleOffer();
        what.licensee = holder;
        offer(what);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingNotForYou.selector, stranger));
        licensing.buy{value: PRICE}(what, stranger);
        buy(what, holder);
    }

    function test_Buy_AsManyAsThereAre() public {
        Offer memory what = forNothing();
        what.copies = 2;
        uint256 offerId = offer(what);
        buy(what, holder);
        buy(what, ANNA);
        (, uint32 sold) = licensing.stateOf(offerId);
        assertEq(sold, 2, "sold");
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingSoldOut.selector, offerId));
        licensing.buy(what, BERT);
    }

    function test_Buy_UntilItCloses() public {
        Offer memory what = forNothing();
        what.closesAt = uint40(NOW + 10);
        uint256 offerId = offer(what);
        vm.warp(NOW + 10);
        buy(what, holder);
        vm.warp(NOW + 11);
        noOffer(what, offerId);
    }

    function test_Close_EndsTheOfferAndNoGrant() public {
        Offer memory what = forNothing();
        uint256 offerId = offer(what);
        buy(what, holder);
        vm.expectEmit(address(licensing));
        emit ILicensing.OfferClosed(offerId);
        vm.prank(creator);
        assertEq(licensing.close(what), offerId, "id");
        (bool open,) = licensing.stateOf(offerId);
        assertTrue(!open, "open");
        assertTrue(hasAccess(holder, SCOPE_USE), "granted is granted");
        noOffer(what, offerId);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingNoOffer.selector, offerId));
        vm.prank(creator);
        licensing.close(what);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingAlreadyOffered.selector, offerId));
        vm.prank(creator);
        licensing.offer(what);
    }

    function test_RevertWhen_SomebodyElseCloses() public {
        Offer memory what = forNothing();
        offer(what);
        uint256 theirs = licensing.offerIdOf(stranger, what);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingNoOffer.selector, theirs));
        vm.prank(stranger);
        licensing.close(what);
    }

    function test_RevertWhen_TheOwnerHasChanged() public {
        Offer memory what = forNothing();
        offer(what);
        vm.prank(creator);
        registry.transferFrom(creator, ANNA, id);
        noOffer(what, licensing.offerIdOf(ANNA, what));
        vm.prank(ANNA);
        registry.transferFrom(ANNA, creator, id);
        buy(what, holder);
    }

    function testFuzz_RevertWhen_TheBuyerChangesTheOffer(uint256 which) public {
        Offer memory what = exampleOffer();
        offer(what);
        which = bound(which, 0, 6);
        if (which == 0) what.price -= 1;
        if (which == 1) what.duration += 1;
        if (which == 2) what.terms = 0;
        if (which == 3) what.scopes = 255;
        if (which == 4) what.seats = 3;
        if (which == 5) what.beneficiary = stranger;
        if (which == 6) what.currency = address(token);
        noOffer(what, licensing.offerIdOf(creator, what));
    }

    function test_RevertWhen_ThePriceIsNotPaid() public {
        Offer memory what = exampleOffer();
        offer(what);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingWrongValue.selector, PRICE - 1, PRICE));
        licensing.buy{value: PRICE - 1}(what, holder);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingWrongValue.selector, PRICE + 1, PRICE));
        licensing.buy{value: PRICE + 1}(what, holder);
        what.currency = address(token);
        offer(what);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingWrongValue.selector, 1, 0));
        licensing.buy{value: 1}(what, holder);
    }

    function test_RevertWhen_TheTokenIsHostile() public {
        Offer memory what = exampleOffer();
        what.currency = address(token);
        offer(what);
        token.behave(TokenMock.Behaviour.False);
        vm.expectRevert();
        licensing.buy(what, holder);
        token.callOut(address(licensing), abi.encodeCall(licensing.buy, (what, stranger)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        licensing.buy(what, holder);
        assertTrue(!hasAccess(holder, SCOPE_USE), "granted");
    }

    function test_RevertWhen_SomebodyElseOffers() public {
        Offer memory what = exampleOffer();
        bytes memory refused = abi.encodeWithSelector(ILicensing.LicensingNotOwner.selector, stranger, id);
        vm.expectRevert(refused);
        vm.prank(stranger);
        licensing.offer(what);
        vm.expectRevert(refused);
        vm.prank(stranger);
        licensing.grant(what, stranger);
    }

    function test_RevertWhen_TheOfferMakesNoSense() public {
        Offer memory what = exampleOffer();
        what.scopes = 0;
        invalid(what);
        what = exampleOffer();
        what.terms = 0;
        invalid(what);
        what = exampleOffer();
        (what.transferable, what.licensee) = (true, holder);
        invalid(what);
    }

    function invalid(Offer memory what) private {
        vm.expectRevert(ILicensing.LicensingInvalidOffer.selector);
        offer(what);
        vm.expectRevert(ILicensing.LicensingInvalidOffer.selector);
        grant(what, holder);
    }

    function noOffer(Offer memory what, uint256 offerId) private {
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingNoOffer.selector, offerId));
        licensing.buy{value: what.price}(what, holder);
    }
}
