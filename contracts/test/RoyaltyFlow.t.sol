// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CollectionFactory} from "../src/CollectionFactory.sol";
import {Licensing} from "../src/Licensing.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {Offer, SCOPE_USE} from "../src/types/LicenseTypes.sol";
import {ModelInput, Parent, Relation} from "../src/types/ModelTypes.sol";
import {Ancestor, NATIVE, Payee} from "../src/types/RoyaltyTypes.sol";
import {VaultBase} from "./vault/VaultBase.sol";

/// @dev The whole way of the money: a sale, the royalty receiver, the vault, the lineage, the accounts. Anna makes a base model, Bert
/// tunes it and owes her 10 %, the creator merges Bert's (20 %) with another of Anna's (5 %), and everybody takes out what is theirs.
contract RoyaltyFlowTest is VaultBase {
    uint256 private constant _PRICE = 1000 ether;
    address private constant _BUYER = address(0xb0b);

    /// @dev What was paid out so far.
    uint256 private _out;

    function test_SaleWithRelativeShares() public {
        (ModelInput memory base, ModelInput memory tuned, ModelInput memory merged) = family();
        sell(merged, NATIVE);
        uint256 royalty = collect(merged, NATIVE);
        assertEq(royalty, 50 ether, "5 %");
        uint256 net = royalty - royalty * 50 / 10_000;
        distribute(merged, NATIVE);
        uint256 toTuned = net * 2000 / 10_000;
        assertCredit(tuned, NATIVE, toTuned, 0, "tuned");
        assertCredit(base, NATIVE, 0, 0, "base waits for the second hop");
        distribute(tuned, NATIVE);
        uint256 toBase = (toTuned - toTuned * 50 / 10_000) * 1000 / 10_000;
        assertCredit(base, NATIVE, toBase, 0, "base");
        distribute(base, NATIVE);
        distribute(rootOf(ANNA, 4), NATIVE);
        assertEq(vault.balanceOf(creator, NATIVE), net - toTuned - net * 500 / 10_000, "creator");
        everybodyOut(NATIVE, royalty);
    }

    function test_SaleWithAStack() public {
        (ModelInput memory base, ModelInput memory tuned, ModelInput memory merged) = family();
        Ancestor[] memory stack = declareFamily(base, tuned, merged);
        sell(merged, address(token));
        uint256 royalty = collect(merged, address(token));
        distribute(merged, address(token));
        uint256 net = royalty - royalty * 50 / 10_000;
        assertEq(vault.balanceOf(creator, address(token)), net - net * 3500 / 10_000, "creator");
        uint256[] memory which = new uint256[](3);
        (which[1], which[2]) = (1, 2);
        assertEq(vault.distributeStack(address(registry), idOf(merged), address(token), stack, which), net * 3500 / 10_000, "ancestors");
        assertCredit(base, address(token), 0, net * 1000 / 10_000, "the base gets a tenth of all, from two generations away");
        distribute(base, address(token));
        distribute(tuned, address(token));
        distribute(rootOf(ANNA, 4), address(token));
        everybodyOut(address(token), royalty);
    }

    /// @dev The receiver is paid before it exists, and after.
    function test_SoldTwice() public {
        (,, ModelInput memory merged) = family();
        sell(merged, NATIVE);
        collect(merged, NATIVE);
        (address receiver,) = registry.royaltyInfo(idOf(merged), 0);
        assertTrue(receiver.code.length != 0, "deployed");
        sell(merged, NATIVE);
        assertEq(collect(merged, NATIVE), 50 ether, "again");
        assertCredit(merged, NATIVE, 100 ether, 0, "both");
    }

    /// @dev What contributors were promised, they get, whoever owns the token by then.
    function test_ContributorsShareRoyalties() public {
        (,, ModelInput memory merged) = family();
        uint256 id = idOf(merged);
        Payee[] memory payees = payees2(holder, 2500, _BUYER);
        vm.prank(creator);
        vault.setPayees(registry, id, payees, true);
        sell(merged, NATIVE);
        collect(merged, NATIVE);
        distribute(merged, NATIVE, payees);
        uint256 rest = 49.75 ether - uint256(49.75 ether) * 2500 / 10_000;
        assertEq(vault.balanceOf(holder, NATIVE), rest / 4, "a quarter");
        assertEq(vault.balanceOf(_BUYER, NATIVE), rest - rest / 4, "the rest");
    }

    /// @dev A licence and a royalty of one token meet in its books without mixing: the seller's part is the seller's.
    function test_LicenceAndRoyalty() public {
        (,, ModelInput memory merged) = family();
        Licensing licensing = new Licensing(vault);
        Offer memory what;
        (what.registry, what.tokenId, what.terms, what.price) = (address(registry), idOf(merged), "terms", 10 ether);
        (what.scopes, what.beneficiary) = (SCOPE_USE, _BUYER);
        sell(merged, NATIVE);
        vm.prank(_BUYER);
        licensing.offer(what);
        licensing.buy{value: 10 ether}(what, holder);
        collect(merged, NATIVE);
        distribute(merged, NATIVE);
        uint256 royalties = vault.balanceOf(creator, NATIVE);
        vm.prank(KEEPER);
        vault.distribute(address(registry), merged, NATIVE, _BUYER, new Payee[](0));
        assertEq(vault.balanceOf(creator, NATIVE), royalties, "creator");
        assertEq(vault.balanceOf(_BUYER, NATIVE), uint256(9.95 ether) * 7500 / 10_000, "seller");
        assertEq(address(vault).balance, 60 ether, "held");
    }

    /// @dev A collection of one's own is a proxy: its tokens have receivers of their own too.
    function test_CollectionOfOnesOwn() public {
        CollectionFactory factory = new CollectionFactory(address(registry));
        ModelInput memory model = rootOf(creator, 1);
        mint(model);
        (address first,) = registry.royaltyInfo(idOf(model), 0);
        registry = ModelRegistry(factory.create(address(0), "mine", "MINE"));
        mint(model);
        (address second,) = registry.royaltyInfo(idOf(model), 0);
        assertTrue(first != second, "one receiver for two tokens");
        sell(model, NATIVE);
        assertEq(collect(model, NATIVE), 50 ether, "collected");
        assertEq(second, vault.receiverOf(address(registry), idOf(model)), "receiver");
    }

    function family() private returns (ModelInput memory base, ModelInput memory tuned, ModelInput memory merged) {
        base = rootOf(ANNA, 1);
        uint256 other = mint(rootOf(ANNA, 4));
        mint(base);
        tuned = childOf(BERT, 2, base, 1000);
        uint256 second = mint(tuned);
        Parent[] memory parents = new Parent[](2);
        (parents[0], parents[1]) = (localParent(second, Relation.Merge, 2000), localParent(other, Relation.Merge, 500));
        if (second > other) (parents[0], parents[1]) = (parents[1], parents[0]);
        merged = modelOf(creator, 3, parents);
        mint(merged);
    }

    function declareFamily(ModelInput memory base, ModelInput memory tuned, ModelInput memory merged) private returns (Ancestor[] memory) {
        Ancestor[][] memory inherited = new Ancestor[][](1);
        inherited[0] = declare(base, new Ancestor[][](0));
        Ancestor[] memory ofTuned = declare(tuned, inherited);
        inherited = new Ancestor[][](2);
        inherited[merged.parents[0].tokenId == idOf(tuned) ? 0 : 1] = ofTuned;
        return declare(merged, inherited);
    }

    /// @dev What a marketplace does that honours ERC-2981: the token for the price, of which the royalty goes where the token says.
    function sell(ModelInput memory model, address currency) private {
        uint256 id = idOf(model);
        address owner = registry.ownerOf(id);
        (address receiver, uint256 royalty) = registry.royaltyInfo(id, _PRICE);
        if (currency == NATIVE) {
            (bool done,) = receiver.call{value: royalty}("");
            assertTrue(done, "the royalty was refused");
        } else {
            token.transfer(receiver, royalty);
        }
        vm.prank(owner);
        registry.transferFrom(owner, _BUYER, id);
    }

    function collect(ModelInput memory model, address currency) private returns (uint256) {
        return vault.collect(address(registry), idOf(model), currency);
    }

    /// @dev Everybody takes out what is theirs, and nothing is left but what rounding kept for ancestors.
    function everybodyOut(address currency, uint256 total) private {
        address[4] memory all = [ANNA, BERT, creator, KEEPER];
        uint256 out = 0;
        for (uint256 i = 0; i < all.length; ++i) {
            vm.prank(all[i]);
            out += vault.withdraw(currency, all[i]);
            assertEq(currency == NATIVE ? all[i].balance : token.balanceOf(all[i]), out - _out, "paid out");
            _out = out;
        }
        assertEq(out, total, "every unit");
    }
}
