// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Offer, SCOPE_USE} from "../../src/types/LicenseTypes.sol";
import {LicensingBase} from "../licensing/LicensingBase.sol";

/// @dev What offers, grants and copies cost.
contract LicensingGasTest is LicensingBase {
    string private constant _GROUP = "Licensing";

    function test_Buy() public {
        Offer memory what = exampleOffer();
        offer(what);
        vm.snapshotGasLastCall(_GROUP, "offer");
        buy(what, holder);
        vm.snapshotGasLastCall(_GROUP, "buy: first grant, first money of the token");
        buy(what, ANNA);
        vm.snapshotGasLastCall(_GROUP, "buy: first grant");
        buy(what, ANNA);
        vm.snapshotGasLastCall(_GROUP, "buy: longer");
        what.currency = address(token);
        offer(what);
        buy(what, holder);
        buy(what, ANNA);
        vm.snapshotGasLastCall(_GROUP, "buy: second grant, with a token");
        vm.prank(creator);
        licensing.close(what);
        vm.snapshotGasLastCall(_GROUP, "close");
    }

    function test_Grant() public {
        Offer memory what = forNothing();
        vm.snapshotValue("Calldata", "grant", calldataGas(abi.encodeCall(licensing.grant, (what, holder))));
        grant(what, holder);
        vm.snapshotGasLastCall(_GROUP, "grant");
        grant(what, holder);
        vm.snapshotGasLastCall(_GROUP, "grant: longer");
        licensing.hasAccess(registry, id, holder, SCOPE_USE);
        vm.snapshotGasLastCall(_GROUP, "hasAccess: a licensee (view)");
        vm.prank(holder);
        licensing.setSeat(registry, id, 0, ANNA, true);
        vm.snapshotGasLastCall(_GROUP, "setSeat: first");
        vm.prank(holder);
        licensing.setSeat(registry, id, 0, BERT, true);
        vm.snapshotGasLastCall(_GROUP, "setSeat: next");
        offer(what);
        buy(what, ANNA);
        vm.snapshotGasLastCall(_GROUP, "buy: first grant, for nothing");
    }

    function test_Copies() public {
        Offer memory what = exampleOffer();
        what.transferable = true;
        offer(what);
        buy(what, holder);
        vm.snapshotGasLastCall(_GROUP, "buy: first copy, first money of the token");
        buy(what, ANNA);
        vm.snapshotGasLastCall(_GROUP, "buy: next copy");
        vm.prank(ANNA);
        licensing.redeem(creator, what, ANNA);
        vm.snapshotGasLastCall(_GROUP, "redeem");
    }
}
