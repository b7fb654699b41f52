// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {ModelInput, Parent, Relation} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";

contract ModelRegistryLineageTest is Base {
    function test_Parent_EmitsOneEdgeForEveryRelation() public {
        uint256 base = mint(exampleModel(0));
        for (uint256 i = 0; i <= uint256(type(Relation).max); ++i) {
            ModelInput memory model = childOf(10 + i, base, Relation(i));
            model.parents[0].shareBps = uint16(100 * i);
            model.parents[0].evidence = keccak256(abi.encode(i));
            uint256 id = registry.tokenIdOf(model);
            vm.expectEmit(address(registry));
            emit IModelRegistry.ModelFineTuned(id, base, Relation(i), uint16(100 * i), keccak256(abi.encode(i)));
            mint(model);
        }
    }

    function test_Parent_OfAnotherRegistryIsAClaimOnly() public {
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](1);
        model.parents[0] = Parent(10, address(0xe), 7, Relation.Version, 300, keccak256("evidence"));
        uint256 id = registry.tokenIdOf(model);
        vm.expectEmit(address(registry));
        emit IModelRegistry.ExternalParentClaimed(id, 10, address(0xe), 7, Relation.Version, 300, keccak256("evidence"));
        mint(model);
        assertEq(registry.seriesOf(id), bytes32(id), "an external version starts a series");
        assertEq(registry.versionCount(bytes32(id)), 1, "versions");
    }

    function test_Parent_SameAddressOnAnotherChainIsExternal() public {
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](1);
        model.parents[0] = externalParent(uint64(block.chainid + 1), address(registry), 7);
        mint(model);
    }

    function test_Parents_SixteenLocalAndExternal() public {
        ModelInput memory model = exampleModel(100);
        model.parents = new Parent[](16);
        uint256[] memory ids = mintedAscending(8);
        for (uint256 i = 0; i < 8; ++i) {
            model.parents[i] = localParent(ids[i], Relation.Merge, 625);
            model.parents[8 + i] = externalParent(uint64(1 + i / 4), address(uint160(0xe + i / 2)), i);
            model.parents[8 + i].shareBps = 625;
        }
        mint(model);
    }

    function testFuzz_Parents_AscendingPassAndSwappedFail(uint256 seed, uint256 count, uint256 swapped) public {
        count = bound(count, 2, 16);
        swapped = bound(swapped, 0, count - 2);
        ModelInput memory model = exampleModel(seed);
        model.parents = new Parent[](count);
        uint256 place = seed >> 40;
        for (uint256 i = 0; i < count; ++i) {
            uint256 step = uint256(keccak256(abi.encode(seed, i)));
            place += 1 + step % 3;
            // Neighbours that differ in the chain, in the registry only, or in the token only.
            model.parents[i] = externalParent(uint64(1 + place / 64), address(uint160(1 + (place / 4) % 16)), place % 4);
            if (block.chainid == model.parents[i].chainId) vm.assume(model.parents[i].registry != address(registry));
        }
        uint256 fine = mint(model);
        assertEq(registry.ownerOf(fine), creator, "ascending");
        (model.parents[swapped], model.parents[swapped + 1]) = (model.parents[swapped + 1], model.parents[swapped]);
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryUnorderedParents.selector, swapped + 1));
    }

    /// @dev The chain counts before the registry, whatever bits either has.
    function test_Parents_AscendByChainThenRegistryThenToken() public {
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](5);
        model.parents[0] = externalParent(1, address(1), 9);
        model.parents[1] = externalParent(1, address(1 << 159), 8);
        model.parents[2] = externalParent(1, address(type(uint160).max), 0);
        model.parents[3] = externalParent(2, address(1), 0);
        model.parents[4] = externalParent(type(uint64).max, address(1), 0);
        mint(model);
    }

    function test_Series_CountsInTheOrderOfMints() public {
        uint256 first = mint(exampleModel(1));
        assertEq(registry.versionCount(bytes32(first)), 1, "first alone");
        assertEq(registry.headOf(bytes32(first)), first, "head of one");
        uint256 second = mintVersion(2, first, 2, first);
        uint256 third = mintVersion(3, second, 3, first);
        uint256 patch = mintVersion(4, first, 4, first);
        assertEq(registry.seriesOf(first), bytes32(first), "series of first");
        assertEq(registry.seriesOf(third), bytes32(first), "series of third");
        assertEq(registry.seriesOf(patch), bytes32(first), "series of patch");
        assertEq(registry.versionCount(bytes32(first)), 4, "versions");
        assertEq(registry.headOf(bytes32(first)), patch, "head");
        assertEq(registry.headOf(bytes32(second)), 0, "no series has this head");
        assertEq(registry.versionCount(bytes32(second)), 0, "a later version heads no series");
        assertEq(registry.versionCount(bytes32(uint256(1))), 0, "unknown token");
    }

    function test_Series_IsContinuedByTheOwner() public {
        uint256 first = mint(exampleModel(1));
        vm.prank(creator);
        registry.transferFrom(creator, holder, first);
        ModelInput memory model = childOf(2, first, Relation.Version);
        model.creator = holder;
        assertEq(registry.seriesOf(mint(model)), bytes32(first), "series");
    }

    function test_Series_IsContinuedByTheCreatorAfterASale() public {
        uint256 first = mint(exampleModel(1));
        vm.prank(creator);
        registry.transferFrom(creator, holder, first);
        mintVersion(2, first, 2, first);
    }

    function test_RevertWhen_SeriesIsContinuedByAStranger() public {
        uint256 first = mint(exampleModel(1));
        ModelInput memory model = childOf(2, first, Relation.Version);
        model.creator = stranger;
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryNotSeriesAuthor.selector, stranger, first));
    }

    function test_RevertWhen_SeriesIsContinuedByAnApprovedAccount() public {
        uint256 first = mint(exampleModel(1));
        vm.prank(creator);
        registry.setApprovalForAll(stranger, true);
        ModelInput memory model = childOf(2, first, Relation.Version);
        model.creator = stranger;
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryNotSeriesAuthor.selector, stranger, first));
    }

    function test_RevertWhen_TwoPreviousVersions() public {
        uint256[] memory ids = mintedAscending(2);
        ModelInput memory model = exampleModel(100);
        model.parents = new Parent[](2);
        model.parents[0] = localParent(ids[0], Relation.Version, 0);
        model.parents[1] = localParent(ids[1], Relation.Version, 0);
        uint256 id = registry.tokenIdOf(model);
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistrySeveralPreviousVersions.selector, id));
    }

    function test_RevertWhen_SeventeenParents() public {
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](17);
        for (uint256 i = 0; i < 17; ++i) {
            model.parents[i] = externalParent(1, address(0xe), i);
        }
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryTooManyParents.selector, 17, 16));
    }

    function test_RevertWhen_ParentIsGivenTwice() public {
        uint256 base = mint(exampleModel(0));
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](2);
        model.parents[0] = localParent(base, Relation.FineTune, 0);
        model.parents[1] = localParent(base, Relation.Merge, 0);
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryUnorderedParents.selector, 1));
    }

    function test_RevertWhen_ParentIsUnknown() public {
        uint256[2] memory ids = [uint256(0), 12_345];
        for (uint256 i = 0; i < ids.length; ++i) {
            ModelInput memory model = childOf(1, ids[i], Relation.FineTune);
            refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryUnknownParent.selector, ids[i]));
        }
    }

    function test_RevertWhen_ParentHasAChainButNoRegistry() public {
        misplaced(externalParent(1, address(0), 7));
    }

    function test_RevertWhen_ParentHasARegistryButNoChain() public {
        misplaced(externalParent(0, address(0xe), 7));
    }

    function test_RevertWhen_ParentNamesThisRegistryAsAnother() public {
        misplaced(externalParent(uint64(block.chainid), address(registry), mint(exampleModel(0))));
    }

    function test_RevertWhen_SharesExceedTheWhole() public {
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](2);
        model.parents[0] = externalParent(1, address(0xe), 1);
        model.parents[1] = externalParent(1, address(0xe), 2);
        model.parents[0].shareBps = 5000;
        model.parents[1].shareBps = 5000;
        mint(model);
        model.parents[1].shareBps = 5001;
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistrySharesTooHigh.selector, 10_001));
    }

    function test_RevertWhen_AParentsFieldIsOutOfRange() public {
        ModelInput memory model = childOf(1, mint(exampleModel(0)), Relation.FineTune);
        // The last six words of the call are the parent; these are the highest bytes that its first, second, fourth and fifth may not use.
        uint256[4] memory fromEnd = [uint256(6 * 32 - 23), 5 * 32 - 11, 3 * 32 - 30, 2 * 32 - 29];
        for (uint256 i = 0; i < fromEnd.length; ++i) {
            bytes memory data = abi.encodeWithSignature(
                "mintProvenanceNFT(address,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint8,uint16,address,(uint64,address,uint256,uint8,uint16,bytes32)[]))",
                creator,
                model
            );
            data[data.length - fromEnd[i]] = 0x01;
            vm.prank(creator);
            (bool done,) = address(registry).call(data);
            assertTrue(!done, "a dirty word was minted");
        }
        mint(model);
    }

    function mintVersion(uint256 seed, uint256 previous, uint64 version, uint256 series) private returns (uint256 id) {
        ModelInput memory model = childOf(seed, previous, Relation.Version);
        id = registry.tokenIdOf(model);
        vm.expectEmit(address(registry));
        emit IModelRegistry.ModelVersionMinted(id, bytes32(series), version, previous);
        mint(model);
    }

    function mintedAscending(uint256 count) private returns (uint256[] memory ids) {
        ids = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            ids[i] = mint(exampleModel(i));
            for (uint256 j = i; j > 0 && ids[j - 1] > ids[j]; --j) {
                (ids[j - 1], ids[j]) = (ids[j], ids[j - 1]);
            }
        }
    }

    function misplaced(Parent memory parent) private {
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](1);
        model.parents[0] = parent;
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryMisplacedParent.selector, 0));
    }

    function refused(ModelInput memory model, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(model.creator);
        registry.mintProvenanceNFT(model.creator, model);
    }
}
