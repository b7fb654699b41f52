// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "../../src/interfaces/ILineageVault.sol";
import {ModelInput, Parent, Relation} from "../../src/types/ModelTypes.sol";
import {Ancestor, NATIVE} from "../../src/types/RoyaltyTypes.sol";
import {VaultBase} from "./VaultBase.sol";

/// @dev A family: `_root` by Anna; `_child` by Bert, who owes her 10 %; `_grandchild` by the creator, who owes him 20 %.
contract StacksTest is VaultBase {
    bytes private _root;
    bytes private _child;
    bytes private _grandchild;

    function setUp() public override {
        super.setUp();
        _root = abi.encode(rootOf(ANNA, 1));
        _child = abi.encode(childOf(BERT, 2, root(), 1000));
        _grandchild = abi.encode(childOf(creator, 3, child(), 2000));
    }

    function test_Declare_MergesTheParentsStacks() public {
        Ancestor[] memory none = declare(root(), new Ancestor[][](0));
        assertEq(none.length, 0, "a root has no ancestors");
        assertTrue(stackOf(root()) != 0, "but says so");
        Ancestor[] memory first = declare(child(), inherit(none));
        assertEq(first.length, 1, "one ancestor");
        assertAncestor(first[0], root(), 1000, true);
        (bytes32 key, uint256 id) = (keyOf(child()), idOf(grandchild()));
        Ancestor[] memory expected = new Ancestor[](2);
        bool childFirst = key < keyOf(root());
        expected[childFirst ? 0 : 1] = Ancestor(key, 2000, true);
        expected[childFirst ? 1 : 0] = Ancestor(keyOf(root()), 1000, true);
        vm.expectEmit(address(vault));
        emit ILineageVault.StackDeclared(address(registry), id, expected);
        Ancestor[] memory second = declare(grandchild(), inherit(first));
        assertEq(keccak256(abi.encode(second)), keccak256(abi.encode(expected)), "stack");
        bytes32 commitment = bytes32((uint256(keccak256(abi.encode(expected))) >> 16 << 16) | 3000);
        assertEq(stackOf(grandchild()), commitment, "commitment");
    }

    /// @dev Bert declared nothing: what comes to him goes on to Anna as ever, although his child declared.
    function test_Declare_AParentWithoutAStackSharesWhatItGets() public {
        Ancestor[] memory stack = declare(grandchild(), inherit(new Ancestor[](0)));
        assertEq(stack.length, 1, "length");
        assertAncestor(stack[0], child(), 2000, false);
        pay(grandchild(), NATIVE, 10_000);
        distribute(grandchild(), NATIVE);
        serve(grandchild(), stack);
        assertCredit(child(), NATIVE, 1990, 0, "child");
        distribute(child(), NATIVE);
        assertCredit(root(), NATIVE, 198, 0, "root");
    }

    function test_Distribute_SetsEveryAncestorsPartAside() public {
        Ancestor[] memory stack = declareAll();
        uint256 id = idOf(grandchild());
        pay(grandchild(), NATIVE, 10_000);
        distribute(grandchild(), NATIVE);
        assertEq(vault.balanceOf(creator, NATIVE), 9950 - 2985, "creator");
        assertEq(vault.sharedRevenueOf(address(registry), id, NATIVE), 9950, "revenue");
        assertCredit(child(), NATIVE, 0, 0, "child waits");
        assertEq(serve(grandchild(), stack), 2985, "served");
        assertCredit(child(), NATIVE, 0, 1990, "child");
        assertCredit(root(), NATIVE, 0, 995, "root");
        distribute(child(), NATIVE);
        assertEq(vault.balanceOf(BERT, NATIVE), 1981, "bert keeps his part");
        assertEq(serve(grandchild(), stack), 0, "nothing twice");
    }

    function test_Distribute_BothKindsOfRevenueInOne() public {
        Ancestor[] memory stack = declareAll();
        pay(grandchild(), NATIVE, 10_000);
        distribute(grandchild(), NATIVE);
        serve(grandchild(), stack);
        pay(child(), NATIVE, 10_000);
        assertCredit(child(), NATIVE, 10_000, 1990, "child");
        assertEq(distribute(child(), NATIVE), 11_990, "split");
        assertEq(vault.sharedRevenueOf(address(registry), idOf(child()), NATIVE), 9950, "the lineage has a part of its own revenue only");
        assertEq(vault.balanceOf(BERT, NATIVE), 11_990 - 59 - 995, "bert");
    }

    function test_DistributeStack_AddsToWhatWaits() public {
        Ancestor[] memory stack = declareAll();
        for (uint256 i = 1; i < 3; ++i) {
            pay(grandchild(), NATIVE, 10_000);
            distribute(grandchild(), NATIVE);
            serve(grandchild(), stack);
            assertCredit(child(), NATIVE, 0, i * 1990, "child");
            assertCredit(root(), NATIVE, 0, i * 995, "root");
        }
    }

    function test_DistributeStack_ServesWhomItIsAskedFor() public {
        Ancestor[] memory stack = declareAll();
        uint256 id = idOf(grandchild());
        pay(grandchild(), NATIVE, 10_000);
        distribute(grandchild(), NATIVE);
        uint256[] memory which = new uint256[](2);
        (which[0], which[1]) = (1, 1);
        bytes32 key = keyOf(grandchild());
        uint256 due = uint256(9950) * stack[1].bps / 10_000;
        vm.expectEmit(address(vault));
        emit ILineageVault.Inherited(stack[1].token, key, NATIVE, due, true);
        assertEq(vault.distributeStack(address(registry), id, NATIVE, stack, which), due, "once");
        assertEq(vault.inheritedBy(address(registry), id, NATIVE, 1), due, "served");
        assertEq(vault.inheritedBy(address(registry), id, NATIVE, 0), 0, "not served");
        which[0] = 2;
        vm.expectRevert();
        vault.distributeStack(address(registry), id, NATIVE, stack, which);
    }

    function test_RevertWhen_TheStackIsAnother() public {
        Ancestor[] memory stack = declareAll();
        (uint256 id, bytes32 key) = (idOf(grandchild()), keyOf(grandchild()));
        uint256[] memory which = new uint256[](1);
        stack[0].bps += 1;
        stack[1].bps -= 1;
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, key));
        vault.distributeStack(address(registry), id, NATIVE, stack, which);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, key));
        vault.distributeStack(address(registry), id, NATIVE, new Ancestor[](0), which);
    }

    function test_RevertWhen_NothingWasDeclared() public {
        (uint256 id, bytes32 key) = (idOf(grandchild()), keyOf(grandchild()));
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, key));
        vault.distributeStack(address(registry), id, NATIVE, new Ancestor[](0), new uint256[](0));
    }

    function test_RevertWhen_AParentsStackIsNotShown() public {
        Ancestor[] memory first = declare(child(), inherit(new Ancestor[](0)));
        bytes32 childKey = keyOf(child());
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, childKey));
        declare(grandchild(), inherit(new Ancestor[](0)));
        first[0].bps -= 1;
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, childKey));
        declare(grandchild(), inherit(first));
        bytes32 ownKey = keyOf(grandchild());
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, ownKey));
        declare(grandchild(), new Ancestor[][](0));
    }

    function test_RevertWhen_AParentHasNoneToShow() public {
        ModelInput memory model = grandchild();
        Ancestor[] memory made = new Ancestor[](1);
        made[0] = Ancestor(keccak256("mine"), 4000, true);
        bytes32 childKey = keyOf(child());
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, childKey));
        declare(model, inherit(made));
        model.parents[0] = externalParent(1, address(0xe), 5);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultWrongStack.selector, bytes32(0)));
        declare(model, inherit(made));
    }

    function test_RevertWhen_DeclaredTwiceOrByAnother() public {
        (uint256 id, bytes32 key) = (idOf(root()), keyOf(root()));
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultNotCreator.selector, stranger, id));
        vm.prank(stranger);
        vault.declareStack(registry, root(), new Ancestor[][](0));
        declare(root(), new Ancestor[][](0));
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultAlreadyDeclared.selector, key));
        declare(root(), new Ancestor[][](0));
    }

    function test_Declare_ByADelegate() public {
        vm.prank(ANNA);
        registry.setDelegate(holder, true);
        vm.prank(holder);
        vault.declareStack(registry, root(), new Ancestor[][](0));
    }

    /// @dev An ancestor on two ways gets both parts; parents elsewhere get none, one without a share passes its stack on.
    function test_Declare_Diamond() public {
        Ancestor[] memory none = declare(root(), new Ancestor[][](0));
        ModelInput memory one = childOf(ANNA, 10, root(), 300);
        ModelInput memory other = childOf(BERT, 11, root(), 400);
        Ancestor[] memory left = declare(one, inherit(none));
        Ancestor[] memory right = declare(other, inherit(none));
        bool ordered = idOf(one) < idOf(other);
        Parent[] memory parents = new Parent[](4);
        parents[0] = localParent(ordered ? idOf(one) : idOf(other), Relation.Merge, 0);
        parents[1] = localParent(ordered ? idOf(other) : idOf(one), Relation.Merge, 50);
        parents[2] = externalParent(1, address(0xe), 9);
        parents[2].shareBps = 100;
        parents[3] = externalParent(uint64(block.chainid), address(0xf), 10);
        parents[3].shareBps = 200;
        Ancestor[][] memory inherited = new Ancestor[][](4);
        (inherited[0], inherited[1]) = ordered ? (left, right) : (right, left);
        Ancestor[] memory stack = declare(modelOf(creator, 12, parents), inherited);
        assertEq(stack.length, 3, "root, one parent here, one in another registry");
        bytes32 elsewhere = keccak256(abi.encode(address(0xf), 10));
        for (uint256 i = 0; i < 3; ++i) {
            assertTrue(i == 0 || stack[i - 1].token < stack[i].token, "order");
            if (stack[i].token == keyOf(root())) assertAncestor(stack[i], root(), 700, true);
            else if (stack[i].token == elsewhere) assertEq(stack[i].bps, 200, "elsewhere");
            else assertAncestor(stack[i], ordered ? other : one, 50, true);
        }
    }

    function test_RevertWhen_TheAncestorsGetTooMuch() public {
        ModelInput memory greedy = childOf(BERT, 2, root(), 5001);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultStackTooHigh.selector, 1, 5001));
        declare(greedy, inherit(new Ancestor[](0)));
        declare(childOf(BERT, 2, root(), 5000), inherit(new Ancestor[](0)));
    }

    function test_RevertWhen_ThereAreTooManyAncestors() public {
        (ModelInput memory last, Ancestor[] memory stack) = chain(64);
        assertEq(stack.length, 64, "ancestors");
        ModelInput memory model = childOf(creator, 1000, last, 1);
        vm.expectRevert(abi.encodeWithSelector(ILineageVault.LineageVaultStackTooHigh.selector, 65, 65));
        declare(model, inherit(stack));
    }

    /// @dev However the revenue comes in, an ancestor's part is that of the sum, and the parts fit into what was set aside.
    function testFuzz_DistributeStack_IsExact(uint64[6] memory amounts, uint8 servings) public {
        (ModelInput memory last, Ancestor[] memory stack) = chain(7);
        uint256 id = idOf(last);
        uint256 revenue = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            if (amounts[i] == 0) continue;
            vm.deal(address(this), amounts[i]);
            pay(last, NATIVE, amounts[i]);
            distribute(last, NATIVE);
            revenue += amounts[i] - uint256(amounts[i]) * 50 / 10_000;
            if (servings >> i & 1 == 1) serve(last, stack);
        }
        serve(last, stack);
        uint256 served = 0;
        for (uint256 i = 0; i < stack.length; ++i) {
            uint256 part = vault.inheritedBy(address(registry), id, NATIVE, i);
            assertEq(part, revenue * stack[i].bps / 10_000, "part");
            served += part;
        }
        uint256 paidOut = vault.balanceOf(creator, NATIVE) + vault.balanceOf(KEEPER, NATIVE);
        uint256 left = address(vault).balance - paidOut - served;
        assertTrue(left < stack.length + 1, "more than rounding was left");
    }

    /// @dev A line of models, each owing one basis point to the one before; the last has `length` ancestors.
    function chain(uint256 length) private returns (ModelInput memory last, Ancestor[] memory stack) {
        last = root();
        stack = declare(last, new Ancestor[][](0));
        for (uint256 i = 0; i < length; ++i) {
            last = childOf(creator, 100 + i, last, 1);
            stack = declare(last, inherit(stack));
        }
    }

    function declareAll() private returns (Ancestor[] memory stack) {
        stack = declare(root(), new Ancestor[][](0));
        stack = declare(child(), inherit(stack));
        return declare(grandchild(), inherit(stack));
    }

    function serve(ModelInput memory model, Ancestor[] memory stack) private returns (uint256) {
        uint256[] memory which = new uint256[](stack.length);
        for (uint256 i = 0; i < which.length; ++i) {
            which[i] = i;
        }
        return vault.distributeStack(address(registry), idOf(model), NATIVE, stack, which);
    }

    function inherit(Ancestor[] memory stack) private pure returns (Ancestor[][] memory inherited) {
        inherited = new Ancestor[][](1);
        inherited[0] = stack;
    }

    function stackOf(ModelInput memory model) private view returns (bytes32) {
        return vault.stackOf(address(registry), idOf(model));
    }

    function assertAncestor(Ancestor memory actual, ModelInput memory model, uint16 bps, bool settled) private view {
        assertEq(actual.token, keyOf(model), "token");
        assertEq(actual.bps, bps, "bps");
        assertTrue(actual.settled == settled, "settled");
    }

    function root() private view returns (ModelInput memory) {
        return abi.decode(_root, (ModelInput));
    }

    function child() private view returns (ModelInput memory) {
        return abi.decode(_child, (ModelInput));
    }

    function grandchild() private view returns (ModelInput memory) {
        return abi.decode(_grandchild, (ModelInput));
    }
}
