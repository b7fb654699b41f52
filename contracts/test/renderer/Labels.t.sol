// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRenderer} from "../../src/ModelRenderer.sol";
import {IModelLabels} from "../../src/interfaces/IModelLabels.sol";
import {ModelInput, Parent, Relation} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";

contract LabelsTest is Base {
    IModelLabels private _labels;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _labels = new ModelRenderer();
        _id = mint(exampleModel(1));
    }

    function test_SetLabel() public {
        vm.expectEmit(address(_labels));
        emit IModelLabels.Labelled(address(registry), _id, "Aurora", "Lights", 7);
        vm.prank(creator);
        _labels.setLabel(registry, _id, IModelLabels.Label("Aurora", "Lights", 7));
        IModelLabels.Label memory found = _labels.labelOf(address(registry), _id);
        assertEq(found.name, "Aurora", "name");
        assertEq(found.family, "Lights", "family");
        assertEq(found.parameters, 7, "parameters");
    }

    function test_SetLabel_ByADelegate() public {
        vm.prank(creator);
        registry.setDelegate(holder, true);
        vm.prank(holder);
        _labels.setLabel(registry, _id, IModelLabels.Label("Aurora", "", 0));
        assertEq(_labels.labelOf(address(registry), _id).name, "Aurora", "name");
    }

    function test_RevertWhen_SomebodyElseNames() public {
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
        vm.expectRevert(abi.encodeWithSelector(IModelLabels.ModelLabelsNotCreator.selector, holder, creator));
        vm.prank(holder);
        _labels.setLabel(registry, _id, IModelLabels.Label("Aurora", "", 0));
    }

    function test_RevertWhen_NamedTwice() public {
        vm.prank(creator);
        _labels.setLabel(registry, _id, IModelLabels.Label("Aurora", "", 0));
        vm.expectRevert(abi.encodeWithSelector(IModelLabels.ModelLabelsAlreadyLabelled.selector, _id));
        vm.prank(creator);
        _labels.setLabel(registry, _id, IModelLabels.Label("Borealis", "", 0));
    }

    function test_RevertWhen_TextsAreTooLongOrMissing() public {
        string memory thirtyTwo = "12345678901234567890123456789012";
        string memory most = string.concat(thirtyTwo, thirtyTwo);
        refused("", "", 0, 0);
        refused(string.concat(most, "!"), "", 65, 0);
        refused("A", string.concat(thirtyTwo, "!"), 1, 33);
        vm.prank(creator);
        _labels.setLabel(registry, _id, IModelLabels.Label(most, thirtyTwo, 0));
    }

    function test_Depth_IsOneMoreThanTheDeepestLocalParents() public {
        uint256 root = mint(exampleModel(2));
        ModelInput memory child = childOf(3, root, Relation.FineTune);
        uint256 childId = mint(child);
        ModelInput memory grandchild = exampleModel(4);
        grandchild.parents = new Parent[](3);
        (uint256 low, uint256 high) = childId < root ? (childId, root) : (root, childId);
        grandchild.parents[0] = localParent(low, Relation.Merge, 0);
        grandchild.parents[1] = localParent(high, Relation.Merge, 0);
        grandchild.parents[2] = externalParent(10, address(1), 9);
        uint256 grandchildId = mint(grandchild);
        unknown(root);
        assertEq(_labels.proveDepth(registry, root, APACHE, new Parent[](0)), 0, "root");
        assertEq(_labels.proveDepth(registry, childId, APACHE, child.parents), 1, "child");
        vm.expectEmit(address(_labels));
        emit IModelLabels.DepthProven(address(registry), grandchildId, 2);
        assertEq(_labels.proveDepth(registry, grandchildId, APACHE, grandchild.parents), 2, "grandchild");
        assertEq(_labels.proveDepth(registry, grandchildId, APACHE, grandchild.parents), 2, "again");
        (bool known, uint16 depth) = _labels.depthOf(address(registry), grandchildId);
        assertTrue(known && depth == 2, "depth");
        (known, depth) = _labels.depthOf(address(registry), root);
        assertTrue(known && depth == 0, "depth of the root");
    }

    function test_RevertWhen_TheParentsAreOthers() public {
        ModelInput memory child = childOf(3, _id, Relation.FineTune);
        uint256 childId = mint(child);
        bytes memory other = abi.encodeWithSelector(IModelLabels.ModelLabelsNotTheStatement.selector, childId);
        vm.expectRevert(other);
        _labels.proveDepth(registry, childId, APACHE, new Parent[](0));
        vm.expectRevert(other);
        _labels.proveDepth(registry, childId, keccak256("MIT"), child.parents);
        child.parents[0].shareBps = 1;
        vm.expectRevert(other);
        _labels.proveDepth(registry, childId, APACHE, child.parents);
    }

    function test_RevertWhen_AParentsDepthIsUnknown() public {
        ModelInput memory child = childOf(3, _id, Relation.FineTune);
        uint256 childId = mint(child);
        vm.expectRevert(abi.encodeWithSelector(IModelLabels.ModelLabelsUnknownDepth.selector, _id));
        _labels.proveDepth(registry, childId, APACHE, child.parents);
    }

    function unknown(uint256 id) private view {
        (bool known, uint16 depth) = _labels.depthOf(address(registry), id);
        assertTrue(!known && depth == 0, "unknown");
    }

    function refused(string memory name, string memory family, uint256 nameLength, uint256 familyLength) private {
        vm.expectRevert(abi.encodeWithSelector(IModelLabels.ModelLabelsInvalidLength.selector, nameLength, familyLength));
        vm.prank(creator);
        _labels.setLabel(registry, _id, IModelLabels.Label(name, family, 0));
    }
}
