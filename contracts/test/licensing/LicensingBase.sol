// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LicenseEditions} from "../../src/LicenseEditions.sol";
import {Licensing} from "../../src/Licensing.sol";
import {Offer, SCOPE_COMMERCIAL, SCOPE_USE} from "../../src/types/LicenseTypes.sol";
import {NATIVE} from "../../src/types/RoyaltyTypes.sol";
import {VaultBase} from "../vault/VaultBase.sol";

/// @dev A model of the creator, and somebody who sells rights to it.
abstract contract LicensingBase is VaultBase {
    bytes32 internal constant TERMS = keccak256("terms");
    uint96 internal constant PRICE = 1 ether;

    Licensing internal licensing;
    LicenseEditions internal editions;
    uint256 internal id;

    function setUp() public virtual override {
        super.setUp();
        licensing = new Licensing(vault);
        editions = LicenseEditions(licensing.editions());
        id = mint(rootOf(creator, 1));
        token.approve(address(licensing), type(uint256).max);
    }

    /// @dev Use and commercial use for thirty days, with two seats, for one ether.
    function exampleOffer() internal view returns (Offer memory what) {
        what.registry = address(registry);
        what.tokenId = id;
        what.terms = TERMS;
        what.currency = NATIVE;
        what.price = PRICE;
        what.duration = 30 days;
        what.seats = 2;
        what.scopes = SCOPE_USE | SCOPE_COMMERCIAL;
    }

    function forNothing() internal view returns (Offer memory what) {
        what = exampleOffer();
        what.price = 0;
    }

    function offer(Offer memory what) internal returns (uint256) {
        vm.prank(creator);
        return licensing.offer(what);
    }

    function grant(Offer memory what, address licensee) internal returns (uint256) {
        vm.prank(creator);
        return licensing.grant(what, licensee);
    }

    function buy(Offer memory what, address licensee) internal returns (uint256) {
        return licensing.buy{value: what.currency == NATIVE ? what.price : 0}(what, licensee);
    }

    function hasAccess(address who, uint8 scopes) internal view returns (bool) {
        return licensing.hasAccess(registry, id, who, scopes);
    }

    function endOf(address licensee, uint256 place) internal view returns (uint256 end) {
        (,,,,, end) = licensing.grantOf(address(registry), id, licensee, place);
    }
}
