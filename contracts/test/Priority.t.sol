// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BatchAnchor} from "../src/BatchAnchor.sol";
import {Priority} from "../src/Priority.sol";
import {IBatchAnchor} from "../src/interfaces/IBatchAnchor.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {IPriority} from "../src/interfaces/IPriority.sol";
import {ModelInput} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {MerkleTree} from "./MerkleTree.sol";

contract PriorityTest is Base {
    bytes32 private constant _SALT = keccak256("salt");

    BatchAnchor private _anchors;
    Priority private _priority;

    function setUp() public override {
        super.setUp();
        _anchors = new BatchAnchor();
        _priority = new Priority(_anchors);
    }

    function test_Reveal_ProvesTheEarlierTime() public {
        bytes32 commitment = commitmentTo(1);
        vm.expectEmit(address(_priority));
        emit IPriority.Committed(commitment);
        vm.prank(stranger);
        _priority.commit(commitment);
        assertEq(_priority.committedAt(commitment), NOW, "committed");
        vm.warp(NOW + 30 days);
        uint256 id = mint(exampleModel(1));
        assertEq(_priority.priorityOf(registry, id), 0, "before");
        vm.expectEmit(address(_priority));
        emit IPriority.PriorityProven(address(registry), id, uint40(NOW));
        vm.prank(stranger);
        _priority.reveal(registry, id, _SALT);
        assertEq(_priority.priorityOf(registry, id), NOW, "after");
    }

    function test_RevealAnchored_ProvesTheTimeOfTheList() public {
        bytes[] memory entries = new bytes[](3);
        entries[1] = _priority.commitEntry(commitmentTo(1));
        bytes32 root = MerkleTree.root(entries);
        vm.prank(stranger);
        _anchors.anchor(root, 3, 0);
        vm.warp(NOW + 1 days);
        uint256 id = mint(exampleModel(1));
        _priority.revealAnchored(registry, id, _SALT, stranger, root, 1, MerkleTree.proof(entries, 1));
        assertEq(_priority.priorityOf(registry, id), NOW, "time");
        bytes32[] memory proof = MerkleTree.proof(entries, 1);
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorNotIncluded.selector, root, 0));
        _priority.revealAnchored(registry, id, _SALT, stranger, root, 0, proof);
    }

    function test_Reveal_TheEarliestProofStays() public {
        bytes[] memory entries = new bytes[](1);
        entries[0] = _priority.commitEntry(commitmentTo(1));
        bytes32 root = MerkleTree.root(entries);
        vm.prank(creator);
        _anchors.anchor(root, 1, 0);
        vm.warp(NOW + 1 days);
        _priority.commit(commitmentTo(1));
        vm.warp(NOW + 2 days);
        uint256 id = mint(exampleModel(1));
        _priority.reveal(registry, id, _SALT);
        _priority.revealAnchored(registry, id, _SALT, creator, root, 0, new bytes32[](0));
        assertEq(_priority.priorityOf(registry, id), NOW, "earliest");
        vm.expectRevert(abi.encodeWithSelector(IPriority.PriorityNotEarlier.selector, NOW, NOW + 1 days));
        _priority.reveal(registry, id, _SALT);
    }

    function test_RevertWhen_CommittedAfterTheMint() public {
        uint256 id = mint(exampleModel(1));
        _priority.commit(commitmentTo(1));
        vm.expectRevert(abi.encodeWithSelector(IPriority.PriorityNotEarlier.selector, NOW, NOW));
        _priority.reveal(registry, id, _SALT);
    }

    /// @dev A token that was minted into the log does not know when.
    function test_Reveal_OfALogOnlyToken() public {
        _priority.commit(commitmentTo(1));
        ModelInput memory model = exampleModel(1);
        model.royaltyBps = 0;
        vm.prank(creator);
        uint256 id = registry.mintLogOnly(creator, model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotStored.selector, id));
        _priority.reveal(registry, id, _SALT);
        registry.store(model);
        _priority.reveal(registry, id, _SALT);
        assertEq(_priority.priorityOf(registry, id), NOW, "time");
    }

    function testFuzz_RevertWhen_TheCommitmentIsToSomethingElse(uint256 which, bytes32 noise) public {
        vm.assume(noise != 0);
        ModelInput memory model = exampleModel(1);
        (address who, bytes32 weights, bytes32 salt) = (creator, model.weightsDigest, _SALT);
        which = bound(which, 0, 2);
        if (which == 0) who = stranger;
        if (which == 1) weights ^= noise;
        if (which == 2) salt ^= noise;
        _priority.commit(_priority.commitmentOf(who, weights, salt));
        vm.warp(NOW + 1);
        uint256 id = mint(model);
        bytes memory reason = abi.encodeWithSelector(IPriority.PriorityNotCommitted.selector, commitmentTo(1));
        vm.expectRevert(reason);
        _priority.reveal(registry, id, _SALT);
    }

    function test_RevertWhen_CommittedTwice() public {
        bytes32 commitment = commitmentTo(1);
        _priority.commit(commitment);
        vm.expectRevert(abi.encodeWithSelector(IPriority.PriorityAlreadyCommitted.selector, commitment));
        _priority.commit(commitment);
    }

    function test_Commitment_IsAsDocumented() public view {
        bytes32 commitment = keccak256(abi.encode(creator, exampleModel(1).weightsDigest, _SALT));
        assertEq(commitmentTo(1), commitment, "commitment");
        assertEq(keccak256(_priority.commitEntry(commitment)), keccak256(abi.encodePacked("mmb1:commit", uint8(0), commitment)), "entry");
    }

    function commitmentTo(uint256 seed) private view returns (bytes32) {
        return _priority.commitmentOf(creator, exampleModel(seed).weightsDigest, _SALT);
    }
}
