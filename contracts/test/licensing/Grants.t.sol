// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicensing} from "../../src/interfaces/ILicensing.sol";
import {FOREVER, Offer, SCOPE_COMMERCIAL, SCOPE_DERIVE, SCOPE_REDISTRIBUTE, SCOPE_USE} from "../../src/types/LicenseTypes.sol";
import {LicensingBase} from "./LicensingBase.sol";

contract GrantsTest is LicensingBase {
    function test_Grant_UntilItsEnd() public {
        grant(exampleOffer(), holder);
        assertTrue(hasAccess(holder, SCOPE_USE), "use");
        assertTrue(hasAccess(holder, SCOPE_USE | SCOPE_COMMERCIAL), "both");
        assertTrue(!hasAccess(holder, SCOPE_USE | SCOPE_DERIVE), "more than granted");
        assertTrue(!hasAccess(holder, 0), "nothing is no question");
        assertTrue(!hasAccess(stranger, SCOPE_USE), "somebody else");
        vm.warp(NOW + 30 days - 1);
        assertTrue(hasAccess(holder, SCOPE_USE), "last second");
        vm.warp(NOW + 30 days);
        assertTrue(!hasAccess(holder, SCOPE_USE), "over");
    }

    function test_Grant_IsOneWord() public {
        uint256 offerId = grant(exampleOffer(), holder);
        (uint152 tag, uint8 scopes, uint16 seats, uint16 seated, uint40 start, uint40 end) =
            licensing.grantOf(address(registry), id, holder, 0);
        assertEq(tag, uint152(offerId), "offer");
        assertEq(scopes, SCOPE_USE | SCOPE_COMMERCIAL, "scopes");
        assertEq(seats, 2, "seats");
        assertEq(seated, 0, "seated");
        assertEq(start, NOW, "start");
        assertEq(end, NOW + 30 days, "end");
    }

    function testFuzz_Grant_KeepsWhatWasOffered(uint8 scopes, uint16 seats, uint40 duration, uint40 start) public {
        vm.assume(scopes != 0);
        start = uint40(bound(start, 1, type(uint40).max - 1));
        vm.warp(start);
        Offer memory what = exampleOffer();
        (what.scopes, what.seats, what.duration) = (scopes, seats, duration);
        uint256 offerId = grant(what, holder);
        (uint152 tag, uint8 kept, uint16 places,, uint40 from, uint40 end) = licensing.grantOf(address(registry), id, holder, 0);
        assertTrue(tag == uint152(offerId) && kept == scopes && places == seats && from == start, "word");
        bool endless = duration == 0 || uint256(start) + duration > FOREVER;
        assertEq(end, endless ? FOREVER : start + duration, "end");
        assertTrue(hasAccess(holder, scopes), "access");
    }

    function test_Grant_AgainGoesOnLonger() public {
        Offer memory what = exampleOffer();
        uint256 offerId = grant(what, holder);
        vm.warp(NOW + 10 days);
        vm.expectEmit(address(licensing));
        emit ILicensing.Granted(address(registry), id, holder, offerId, 0, uint40(NOW), uint40(NOW + 60 days));
        grant(what, holder);
        vm.warp(NOW + 61 days);
        grant(what, holder);
        assertEq(endOf(holder, 0), NOW + 91 days, "begins anew");
        assertEq(endOf(holder, 1), 0, "at the same place");
    }

    function test_Grant_ForEver() public {
        Offer memory what = exampleOffer();
        what.duration = 0;
        uint256 offerId = grant(what, holder);
        vm.warp(NOW + 100_000 days);
        assertTrue(hasAccess(holder, SCOPE_USE), "access");
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingAlreadyGranted.selector, offerId, holder));
        grant(what, holder);
    }

    function test_Grant_EightPlacesThatAreTakenAgain() public {
        Offer memory what = exampleOffer();
        for (uint256 i = 0; i < 8; ++i) {
            what.scopes = uint8(1 << i);
            what.duration = uint40(100 + i);
            grant(what, holder);
        }
        for (uint256 i = 0; i < 8; ++i) {
            assertTrue(hasAccess(holder, uint8(1 << i)), "each of eight");
        }
        assertTrue(!hasAccess(holder, 3), "of two grants, no sum");
        what.duration = 1;
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingTooManyGrants.selector, holder));
        grant(what, holder);
        vm.warp(NOW + 103);
        grant(what, holder);
        assertEq(endOf(holder, 0), NOW + 104, "the first that is over");
        what.duration = 102;
        what.scopes = 4;
        grant(what, holder);
        assertEq(endOf(holder, 2), NOW + 205, "the offer's own place, although another is free before");
    }

    function test_Access_OfOwnerAndUser() public {
        assertTrue(hasAccess(creator, 255), "owner");
        vm.prank(creator);
        registry.setUser(id, holder, uint64(NOW + 10));
        assertTrue(hasAccess(holder, SCOPE_USE), "user");
        assertTrue(!hasAccess(holder, SCOPE_COMMERCIAL), "a user uses");
        assertTrue(!hasAccess(NOBODY, SCOPE_USE), "nobody");
        vm.warp(NOW + 10);
        assertTrue(!hasAccess(holder, SCOPE_USE), "no user any more");
        assertTrue(!hasAccess(NOBODY, SCOPE_USE), "nobody is not the user");
        vm.prank(creator);
        registry.transferFrom(creator, ANNA, id);
        assertTrue(!hasAccess(creator, SCOPE_USE), "former owner");
    }

    function test_Access_OutlivesTheOwner() public {
        grant(exampleOffer(), holder);
        vm.prank(creator);
        registry.transferFrom(creator, ANNA, id);
        assertTrue(hasAccess(holder, SCOPE_USE), "granted is granted");
    }

    function test_Seats_AsManyAsGranted() public {
        grant(exampleOffer(), holder);
        vm.expectEmit(address(licensing));
        emit ILicensing.SeatChanged(address(registry), id, holder, 0, ANNA, true);
        seat(0, ANNA, true);
        seat(0, BERT, true);
        assertTrue(hasSeat(ANNA, SCOPE_USE) && hasSeat(BERT, SCOPE_COMMERCIAL), "seated");
        assertTrue(!hasSeat(ANNA, SCOPE_REDISTRIBUTE), "more than granted");
        assertTrue(!hasSeat(stranger, SCOPE_USE), "somebody else");
        assertTrue(!hasAccess(ANNA, SCOPE_USE), "a seat is the licensee's to lend");
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingNoSeat.selector, 2));
        seat(0, KEEPER, true);
        seat(0, ANNA, false);
        assertTrue(!hasSeat(ANNA, SCOPE_USE), "stood up");
        seat(0, KEEPER, true);
        (,,, uint16 seated,,) = licensing.grantOf(address(registry), id, holder, 0);
        assertEq(seated, 2, "seated");
    }

    function test_Seats_EndWithTheGrant() public {
        grant(exampleOffer(), holder);
        seat(0, ANNA, true);
        vm.warp(NOW + 30 days);
        assertTrue(!hasSeat(ANNA, SCOPE_USE), "over");
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingNoGrant.selector, holder, 0));
        seat(0, ANNA, false);
        grant(exampleOffer(), holder);
        assertTrue(!hasSeat(ANNA, SCOPE_USE), "a new grant has empty seats");
        (,,, uint16 seated,,) = licensing.grantOf(address(registry), id, holder, 0);
        assertEq(seated, 0, "seated");
        seat(0, ANNA, true);
        grant(exampleOffer(), holder);
        assertTrue(hasSeat(ANNA, SCOPE_USE), "a longer grant keeps them");
    }

    function test_RevertWhen_TheSeatIsAsWanted() public {
        grant(exampleOffer(), holder);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingSeatUnchanged.selector, ANNA));
        seat(0, ANNA, false);
        seat(0, ANNA, true);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingSeatUnchanged.selector, ANNA));
        seat(0, ANNA, true);
    }

    function test_RevertWhen_SeatsAreGivenByNobody() public {
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingNoGrant.selector, holder, 0));
        seat(0, ANNA, true);
        assertTrue(!hasSeat(ANNA, SCOPE_USE), "no grant has nobody seated");
    }

    function seat(uint256 place, address who, bool seated) private {
        vm.prank(holder);
        licensing.setSeat(registry, id, place, who, seated);
    }

    function hasSeat(address who, uint8 scopes) private view returns (bool) {
        return licensing.hasSeat(registry, id, holder, 0, who, scopes);
    }
}
