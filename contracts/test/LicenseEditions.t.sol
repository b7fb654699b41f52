// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILicenseEditions} from "../src/interfaces/ILicenseEditions.sol";
import {ILicensing} from "../src/interfaces/ILicensing.sol";
import {ContentURI} from "../src/libraries/ContentURI.sol";
import {Offer, SCOPE_USE} from "../src/types/LicenseTypes.sol";
import {LicensingBase} from "./licensing/LicensingBase.sol";
import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

contract LicenseEditionsTest is LicensingBase {
    function test_Copy_IsSoldTwiceAndThenUsed() public {
        Offer memory what = copies();
        uint256 offerId = offer(what);
        buy(what, ANNA);
        buy(what, ANNA);
        assertEq(editions.balanceOf(ANNA, offerId), 2, "bought");
        assertTrue(!hasAccess(ANNA, SCOPE_USE), "a copy is no grant yet");
        vm.prank(ANNA);
        editions.safeTransferFrom(ANNA, BERT, offerId, 1, "");
        vm.warp(NOW + 365 days);
        vm.prank(BERT);
        assertEq(licensing.redeem(creator, what, holder), offerId, "id");
        assertTrue(hasAccess(holder, SCOPE_USE), "granted");
        assertEq(endOf(holder, 0), NOW + 395 days, "from now on");
        assertEq(editions.balanceOf(BERT, offerId), 0, "used up");
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, BERT, 0, 1, offerId));
        vm.prank(BERT);
        licensing.redeem(creator, what, holder);
    }

    /// @dev What was sold stays good, whoever owns the token and whether there are more of it.
    function test_Copy_OutlivesTheOffer() public {
        Offer memory what = copies();
        offer(what);
        buy(what, ANNA);
        vm.prank(creator);
        licensing.close(what);
        vm.prank(creator);
        registry.transferFrom(creator, BERT, id);
        vm.prank(ANNA);
        licensing.redeem(creator, what, ANNA);
        assertTrue(hasAccess(ANNA, SCOPE_USE), "granted");
    }

    function test_Copy_HasTheTermsForMetadata() public {
        Offer memory what = copies();
        uint256 offerId = licensing.offerIdOf(creator, what);
        assertEq(editions.uri(offerId), "", "before");
        offer(what);
        vm.expectEmit(address(editions));
        emit IERC1155.URI(ContentURI.ipfs(TERMS), offerId);
        buy(what, ANNA);
        assertEq(editions.uri(offerId), ContentURI.ipfs(TERMS), "after");
        assertTrue(editions.supportsInterface(type(IERC1155).interfaceId), "ERC-1155");
    }

    function test_RevertWhen_TheCopyIsAnothers() public {
        Offer memory what = copies();
        uint256 offerId = offer(what);
        buy(what, ANNA);
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, stranger, 0, 1, offerId));
        vm.prank(stranger);
        licensing.redeem(creator, what, stranger);
        what.scopes = 255;
        uint256 other = licensing.offerIdOf(creator, what);
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, ANNA, 0, 1, other));
        vm.prank(ANNA);
        licensing.redeem(creator, what, ANNA);
    }

    function test_RevertWhen_ACopyIsGranted() public {
        Offer memory what = copies();
        uint256 offerId = licensing.offerIdOf(creator, what);
        vm.expectRevert(abi.encodeWithSelector(ILicensing.LicensingTransferable.selector, offerId));
        grant(what, holder);
    }

    function test_RevertWhen_SomebodyElseMakesOrUsesCopies() public {
        vm.expectRevert(abi.encodeWithSelector(ILicenseEditions.LicenseEditionsNotLicensing.selector, address(this)));
        editions.mint(address(this), 1, TERMS);
        vm.expectRevert(abi.encodeWithSelector(ILicenseEditions.LicenseEditionsNotLicensing.selector, address(this)));
        editions.burn(address(this), 1);
    }

    function copies() private view returns (Offer memory what) {
        what = exampleOffer();
        what.transferable = true;
    }
}
