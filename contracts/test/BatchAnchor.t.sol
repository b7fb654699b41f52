// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BatchAnchor} from "../src/BatchAnchor.sol";
import {IBatchAnchor} from "../src/interfaces/IBatchAnchor.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {MintAuth} from "../src/libraries/MintAuth.sol";
import {ModelId} from "../src/libraries/ModelId.sol";
import {ModelInput, Parent} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {MerkleTree} from "./MerkleTree.sol";

contract BatchAnchorTest is Base {
    uint256 private constant _FOREVER = type(uint256).max;
    bytes32 private constant _MANIFEST = keccak256("manifest");

    BatchAnchor private _anchors;

    function setUp() public override {
        super.setUp();
        _anchors = new BatchAnchor();
        vm.prank(creator);
        registry.setDelegate(address(_anchors), true);
    }

    function test_Anchor_KeepsTheTime() public {
        vm.expectEmit(address(_anchors));
        emit IBatchAnchor.BatchAnchored(creator, bytes32(uint256(7)), 10, _MANIFEST);
        anchor(creator, bytes32(uint256(7)), 10);
        (uint40 time, uint64 size) = _anchors.anchorOf(creator, bytes32(uint256(7)));
        assertEq(time, NOW, "time");
        assertEq(size, 10, "size");
        (time, size) = _anchors.anchorOf(stranger, bytes32(uint256(7)));
        assertEq(uint256(time) + size, 0, "another account's");
    }

    function test_Anchor_SameRootOfTwoAccounts() public {
        anchor(creator, bytes32(uint256(7)), 10);
        vm.warp(NOW + 1);
        anchor(stranger, bytes32(uint256(7)), 10);
        (uint40 time,) = _anchors.anchorOf(stranger, bytes32(uint256(7)));
        assertEq(time, NOW + 1, "time");
    }

    function test_RevertWhen_AnchoredTwice() public {
        anchor(creator, bytes32(uint256(7)), 10);
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorAlreadyAnchored.selector, creator, bytes32(uint256(7))));
        anchor(creator, bytes32(uint256(7)), 11);
    }

    function test_RevertWhen_ThereIsNothingToAnchor() public {
        vm.expectRevert(IBatchAnchor.BatchAnchorEmpty.selector);
        anchor(creator, bytes32(uint256(7)), 0);
        vm.expectRevert(IBatchAnchor.BatchAnchorEmpty.selector);
        anchor(creator, 0, 1);
    }

    function testFuzz_Verify_FindsEveryEntry(uint256 size, uint256 index, bytes memory entry) public {
        size = bound(size, 1, 24);
        index = bound(index, 0, size - 1);
        bytes[] memory entries = new bytes[](size);
        entries[index] = entry;
        bytes32 root = MerkleTree.root(entries);
        anchor(creator, root, uint64(size));
        bytes32[] memory proof = MerkleTree.proof(entries, index);
        assertEq(_anchors.verify(creator, root, uint64(index), entry, proof), NOW, "time");
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorNotIncluded.selector, root, index));
        _anchors.verify(creator, root, uint64(index), bytes.concat(entry, "x"), proof);
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorUnknown.selector, stranger, root));
        _anchors.verify(stranger, root, uint64(index), entry, proof);
    }

    function test_Claim_MintsAsAnchored() public {
        (bytes32 root, bytes32[] memory proof, ModelInput memory model) = batch(5, 3, holder, _FOREVER);
        vm.warp(NOW + 365 days);
        uint256 id = registry.tokenIdOf(model);
        vm.expectEmit(address(_anchors));
        emit IBatchAnchor.ClaimedFromAnchor(address(registry), id, creator, root, 3, uint40(NOW));
        vm.prank(stranger);
        assertEq(_anchors.claim(registry, holder, model, _FOREVER, root, 3, proof), id, "id");
        assertEq(registry.ownerOf(id), holder, "owner");
        assertEq(registry.creatorOf(id), creator, "creator");
    }

    function test_Claim_EntryIsTheAuthorisationWithoutAChain() public view {
        ModelInput memory model = exampleModel(1);
        bytes32 hash = this.mintHash(holder, model, 5);
        bytes memory entry = _anchors.mintEntry(holder, model, 5);
        assertEq(keccak256(entry), keccak256(abi.encodePacked("mmb1:mint", uint8(0), hash)), "entry");
    }

    function test_RevertWhen_ClaimedTwice() public {
        (bytes32 root, bytes32[] memory proof, ModelInput memory model) = batch(5, 3, holder, _FOREVER);
        uint256 id = _anchors.claim(registry, holder, model, _FOREVER, root, 3, proof);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        _anchors.claim(registry, holder, model, _FOREVER, root, 3, proof);
    }

    function test_RevertWhen_TheCreatorDidNotDelegate() public {
        (bytes32 root, bytes32[] memory proof, ModelInput memory model) = batch(5, 3, holder, _FOREVER);
        vm.prank(creator);
        registry.setDelegate(address(_anchors), false);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, address(_anchors), creator));
        _anchors.claim(registry, holder, model, _FOREVER, root, 3, proof);
    }

    /// @dev The delegation is wide, so this contract has to be narrow: only the creator's own list counts.
    function test_RevertWhen_SomebodyElseAnchoredTheList() public {
        ModelInput memory model = exampleModel(1);
        bytes[] memory entries = new bytes[](1);
        entries[0] = _anchors.mintEntry(stranger, model, _FOREVER);
        bytes32 root = MerkleTree.root(entries);
        anchor(stranger, root, 1);
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorUnknown.selector, creator, root));
        vm.prank(stranger);
        _anchors.claim(registry, stranger, model, _FOREVER, root, 0, new bytes32[](0));
    }

    function testFuzz_RevertWhen_TheClaimerChangesAnything(uint256 which, bytes32 noise) public {
        vm.assume(noise != 0);
        (bytes32 root, bytes32[] memory proof, ModelInput memory model) = batch(5, 3, holder, _FOREVER);
        (address to, uint256 deadline, uint64 index) = (holder, _FOREVER, 3);
        which = bound(which, 0, 9);
        if (which == 0) to = stranger;
        if (which == 1) deadline -= 1;
        if (which == 2) index = 2;
        if (which == 3) model.weightsDigest ^= noise;
        if (which == 4) model.recordDigest ^= noise;
        if (which == 5) model.datasetDigest ^= noise;
        if (which == 6) model.framework ^= noise;
        if (which == 7) model.metrics ^= noise;
        if (which == 8) model.royaltyBps ^= 1;
        if (which == 9) proof[0] ^= noise;
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorNotIncluded.selector, root, index));
        vm.prank(stranger);
        _anchors.claim(registry, to, model, deadline, root, index, proof);
    }

    function test_RevertWhen_TheDeadlinePassed() public {
        (bytes32 root, bytes32[] memory proof, ModelInput memory model) = batch(5, 3, holder, NOW + 10);
        vm.warp(NOW + 11);
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorExpired.selector, NOW + 10));
        _anchors.claim(registry, holder, model, NOW + 10, root, 3, proof);
        vm.warp(NOW + 10);
        _anchors.claim(registry, holder, model, NOW + 10, root, 3, proof);
    }

    /// @dev Another kind of entry that happens to hold the same hash is no authorisation.
    function test_RevertWhen_TheEntryIsOfAnotherKind() public {
        ModelInput memory model = exampleModel(1);
        bytes[] memory entries = new bytes[](1);
        entries[0] = abi.encodePacked(this.mintHash(holder, model, _FOREVER));
        bytes32 root = MerkleTree.root(entries);
        anchor(creator, root, 1);
        vm.expectRevert(abi.encodeWithSelector(IBatchAnchor.BatchAnchorNotIncluded.selector, root, 0));
        _anchors.claim(registry, holder, model, _FOREVER, root, 0, new bytes32[](0));
    }

    function mintHash(address to, ModelInput calldata model, uint256 deadline) external pure returns (bytes32) {
        return MintAuth.hash(to, model, ModelId.hashParents(model.parents), deadline);
    }

    /// @dev Anchors `size` entries of the creator and returns what a claim of the one at `index` takes.
    function batch(uint256 size, uint256 index, address to, uint256 deadline)
        private
        returns (bytes32 root, bytes32[] memory proof, ModelInput memory model)
    {
        bytes[] memory entries = new bytes[](size);
        for (uint256 i = 0; i < size; ++i) {
            entries[i] = _anchors.mintEntry(to, described(i), deadline);
        }
        (root, proof, model) = (MerkleTree.root(entries), MerkleTree.proof(entries, index), described(index));
        anchor(creator, root, uint64(size));
    }

    function described(uint256 seed) private view returns (ModelInput memory model) {
        model = exampleModel(seed);
        model.datasetDigest = keccak256(abi.encode(seed));
        model.parents = new Parent[](1);
        model.parents[0] = externalParent(1, address(0xe), seed);
    }

    function anchor(address by, bytes32 root, uint64 size) private {
        vm.prank(by);
        _anchors.anchor(root, size, _MANIFEST);
    }
}
