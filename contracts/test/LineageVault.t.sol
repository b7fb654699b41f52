// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "../src/interfaces/ILineageVault.sol";
import {ModelInput, Parent, Relation} from "../src/types/ModelTypes.sol";
import {NATIVE, Payee} from "../src/types/RoyaltyTypes.sol";
import {VaultBase} from "./vault/VaultBase.sol";

/// @dev The split where each parent shares with its own parents; the other one is in vault/Stacks.t.sol.
contract LineageVaultTest is VaultBase {
    function test_Distribute_ToTheCreator() public {
        ModelInput memory model = rootOf(ANNA, 1);
        (uint256 id, bytes32 key) = (idOf(model), keyOf(model));
        pay(model, NATIVE, 10_001);
        vm.expectEmit(address(vault));
        emit ILineageVault.Distributed(address(registry), id, NATIVE, NOBODY, 10_001, KEEPER, 50);
        vm.expectEmit(address(vault));
        emit ILineageVault.Earned(KEEPER, key, NATIVE, 50);
        vm.expectEmit(address(vault));
        emit ILineageVault.Earned(ANNA, key, NATIVE, 9951);
        assertEq(distribute(model, NATIVE), 10_001, "amount");
        assertEq(vault.balanceOf(ANNA, NATIVE), 9951, "creator");
        assertEq(vault.balanceOf(KEEPER, NATIVE), 50, "keeper");
        assertCredit(model, NATIVE, 0, 0, "credit");
    }

    function test_Distribute_OneHopAtATime() public {
        ModelInput memory root = rootOf(ANNA, 1);
        ModelInput memory child = childOf(BERT, 2, root, 1000);
        ModelInput memory grandchild = childOf(creator, 3, child, 2000);
        pay(grandchild, address(token), 20_000);
        (bytes32 ancestor, bytes32 descendant) = (keyOf(child), keyOf(grandchild));
        vm.expectEmit(address(vault));
        emit ILineageVault.Inherited(ancestor, descendant, address(token), 3980, false);
        distribute(grandchild, address(token));
        assertCredit(child, address(token), 3980, 0, "child");
        assertCredit(root, address(token), 0, 0, "root waits");
        assertEq(vault.balanceOf(creator, address(token)), 19_900 - 3980, "creator");
        distribute(child, address(token));
        assertCredit(root, address(token), 396, 0, "root");
        distribute(root, address(token));
        assertEq(vault.balanceOf(BERT, address(token)), 3980 - 19 - 396, "bert");
        assertEq(vault.balanceOf(ANNA, address(token)), 395, "anna");
        assertEq(vault.balanceOf(KEEPER, address(token)), 100 + 19 + 1, "keeper");
    }

    function test_Distribute_ParentsElsewhere() public {
        ModelInput memory model = rootOf(creator, 1);
        model.parents = new Parent[](4);
        model.parents[0] = localParent(7, Relation.Merge, 1000);
        model.parents[1] = localParent(8, Relation.Merge, 0);
        model.parents[2] = externalParent(1, address(0xe), 9);
        model.parents[2].shareBps = 1000;
        model.parents[3] = externalParent(uint64(block.chainid), address(0xf), 10);
        model.parents[3].shareBps = 2000;
        pay(model, NATIVE, 10_000);
        distribute(model, NATIVE);
        assertEq(credit(address(registry), 7), 995, "local");
        assertEq(credit(address(registry), 8), 0, "without a share");
        assertEq(credit(address(0xe), 9), 0, "on another chain");
        assertEq(credit(address(0xf), 10), 1990, "of another registry here");
        assertEq(vault.balanceOf(creator, NATIVE), 9950 - 995 - 1990, "creator");
    }

    function test_Distribute_ForABeneficiary() public {
        ModelInput memory model = childOf(creator, 2, rootOf(ANNA, 1), 1000);
        payTo(model, NATIVE, 10_000, BERT);
        pay(model, NATIVE, 1000);
        uint256 id = idOf(model);
        vm.expectEmit(address(vault));
        emit ILineageVault.Distributed(address(registry), id, NATIVE, BERT, 10_000, KEEPER, 50);
        vm.prank(KEEPER);
        vault.distribute(address(registry), model, NATIVE, BERT, new Payee[](0));
        assertEq(vault.balanceOf(BERT, NATIVE), 9950 - 995, "seller");
        assertEq(vault.balanceOf(creator, NATIVE), 0, "creator");
        assertCredit(rootOf(ANNA, 1), NATIVE, 995, 0, "parent");
        assertCredit(model, NATIVE, 1000, 0, "the payees' part is left alone");
    }

    /// @dev The statement proves itself: nobody has to have minted, let alone stored it.
    function test_Distribute_NeedsNoToken() public {
        ModelInput memory model = rootOf(ANNA, 1);
        model.royaltyBps = 0;
        pay(model, NATIVE, 10_000);
        vm.prank(ANNA);
        registry.mintLogOnly(ANNA, model);
        distribute(model, NATIVE);
        assertEq(vault.balanceOf(ANNA, NATIVE), 9950, "creator");
    }

    function testFuzz_RevertWhen_TheStatementIsAnother(uint256 which, bytes32 noise) public {
        vm.assume(noise != 0);
        ModelInput memory model = childOf(creator, 2, rootOf(ANNA, 1), 1000);
        pay(model, NATIVE, 10_000);
        which = bound(which, 0, 6);
        if (which == 0) model.weightsDigest ^= noise;
        if (which == 1) model.recordDigest ^= noise;
        if (which == 2) model.license ^= noise;
        if (which == 3) model.creator = stranger;
        if (which == 4) model.parents[0].shareBps = 0;
        if (which == 5) model.parents[0].tokenId ^= uint256(noise);
        if (which == 6) model.parents = new Parent[](0);
        vm.expectRevert(ILineageVault.LineageVaultNothing.selector);
        distribute(model, NATIVE);
    }

    function test_RevertWhen_ThereIsNothing() public {
        ModelInput memory model = rootOf(ANNA, 1);
        vm.expectRevert(ILineageVault.LineageVaultNothing.selector);
        distribute(model, NATIVE);
        pay(model, NATIVE, 1);
        bytes32 key = keyOf(model);
        vm.expectEmit(address(vault), 0);
        emit ILineageVault.Earned(KEEPER, key, NATIVE, 0);
        distribute(model, NATIVE);
        assertEq(vault.balanceOf(ANNA, NATIVE), 1, "one unit is not split");
        vm.expectRevert(ILineageVault.LineageVaultNothing.selector);
        distribute(model, NATIVE);
    }

    function test_Distribute_AllThatIsLeftToTheParents() public {
        ModelInput memory model = rootOf(creator, 1);
        model.parents = new Parent[](2);
        model.parents[0] = localParent(7, Relation.Merge, 4000);
        model.parents[1] = localParent(8, Relation.Merge, 6000);
        pay(model, NATIVE, 10_000);
        distribute(model, NATIVE);
        assertEq(credit(address(registry), 7), 3980, "first");
        assertEq(credit(address(registry), 8), 5970, "second");
        assertEq(vault.balanceOf(creator, NATIVE), 0, "creator");
    }

    /// @dev Nothing is too little to be passed on but nothing.
    function test_Distribute_OneUnitToAParent() public {
        ModelInput memory model = rootOf(creator, 1);
        model.parents = new Parent[](2);
        model.parents[0] = localParent(7, Relation.Merge, 99);
        model.parents[1] = localParent(8, Relation.Merge, 100);
        pay(model, NATIVE, 100);
        bytes32 key = keyOf(model);
        bytes32 parent = vault.tokenOf(address(registry), 7);
        vm.expectEmit(address(vault), 0);
        emit ILineageVault.Inherited(parent, key, NATIVE, 0, false);
        distribute(model, NATIVE);
        assertEq(credit(address(registry), 7), 0, "less than a unit");
        assertEq(credit(address(registry), 8), 1, "a unit");
        assertEq(vault.balanceOf(creator, NATIVE), 99, "creator");
    }

    function test_RevertWhen_TheStatementPromisesTooMuch() public {
        ModelInput memory model = rootOf(creator, 1);
        model.parents = new Parent[](2);
        model.parents[0] = localParent(7, Relation.Merge, 10_000);
        model.parents[1] = externalParent(1, address(0xe), 9);
        model.parents[1].shareBps = 1;
        pay(model, NATIVE, 10_000);
        vm.expectRevert(ILineageVault.LineageVaultSharesTooHigh.selector);
        distribute(model, NATIVE);
    }

    /// @dev Whatever the shares, nothing is made and nothing is lost.
    function testFuzz_Distribute_SplitsExactly(uint96 amount, uint16 first, uint16 second, uint16 part) public {
        vm.assume(amount != 0);
        first = uint16(bound(first, 0, 10_000));
        second = uint16(bound(second, 0, 10_000 - first));
        ModelInput memory model = rootOf(creator, 1);
        model.parents = new Parent[](2);
        model.parents[0] = localParent(7, Relation.Merge, first);
        model.parents[1] = localParent(8, Relation.Merge, second);
        mintParentsOf(model);
        Payee[] memory payees = payees2(ANNA, uint16(bound(part, 1, 9999)), BERT);
        mint(model);
        uint256 id = idOf(model);
        vm.prank(creator);
        vault.setPayees(registry, id, payees, false);
        vm.deal(address(this), amount);
        pay(model, NATIVE, amount);
        distribute(model, NATIVE, payees);
        uint256 reward = uint256(amount) * 50 / 10_000;
        uint256 shares = credit(address(registry), model.parents[0].tokenId) + credit(address(registry), model.parents[1].tokenId);
        assertEq(vault.balanceOf(KEEPER, NATIVE), reward, "keeper");
        assertEq(shares + reward + vault.balanceOf(ANNA, NATIVE) + vault.balanceOf(BERT, NATIVE), amount, "the parts are the whole");
        uint256 rest = amount - reward - shares;
        assertEq(vault.balanceOf(ANNA, NATIVE), rest * payees[0].bps / 10_000, "payee");
    }

    function test_Batch_CollectsDistributesAndWithdraws() public {
        ModelInput memory model = rootOf(ANNA, 1);
        uint256 id = mint(model);
        token.mint(vault.receiverOf(address(registry), id), 10_000);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(vault.collect, (address(registry), id, address(token)));
        calls[1] = abi.encodeCall(vault.distribute, (address(registry), model, address(token), NOBODY, new Payee[](0)));
        calls[2] = abi.encodeWithSignature("withdraw(address,address)", address(token), holder);
        vm.prank(ANNA);
        vault.multicall(calls);
        assertEq(token.balanceOf(holder), 10_000, "the creator is the keeper too");
    }

    /// @dev Parents that exist, in the order that a registry wants.
    function mintParentsOf(ModelInput memory model) private {
        uint256 one = mint(rootOf(address(0xa), 100));
        uint256 other = mint(rootOf(address(0xb), 101));
        (model.parents[0].tokenId, model.parents[1].tokenId) = one < other ? (one, other) : (other, one);
    }

    function credit(address registry_, uint256 id) private view returns (uint256 gross) {
        (gross,) = vault.creditOf(registry_, id, NATIVE, NOBODY);
    }
}
