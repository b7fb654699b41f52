// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {Kind, ModelData, ModelDigests, ModelInput, Relation, Status} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";
import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

/// @dev Status, mints into the log, and records in the log. The royalty is tested in ModelRegistry.token.t.sol.
contract StatementsTest is Base {
    function test_Status_GoesForwardThroughAllSteps() public {
        uint256 id = mint(exampleModel(1));
        moved(id, Status.Active, Status.Deprecated, keccak256("why"));
        moved(id, Status.Deprecated, Status.Superseded, bytes32(uint256(42)));
        moved(id, Status.Superseded, Status.Recalled, 0);
    }

    function testFuzz_Status_OnlyForwardAndNothingElseChanges(uint8 from, uint8 to) public {
        uint256 id = mint(exampleModel(1));
        Status first = Status(bound(from, 1, 3));
        setStatus(creator, id, first);
        ModelData memory data = registry.getModelData(id);
        Status second = Status(bound(to, 0, 5));
        if (second <= first || second > Status.Recalled) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryStatusNotForward.selector, first, second));
        } else {
            data.status = second;
        }
        setStatus(creator, id, second);
        assertEq(keccak256(abi.encode(registry.getModelData(id))), keccak256(abi.encode(data)), "data");
    }

    function test_RevertWhen_StatusIsSetByTheNewOwner() public {
        uint256 id = mint(exampleModel(1));
        vm.prank(creator);
        registry.transferFrom(creator, holder, id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, holder, creator));
        setStatus(holder, id, Status.Recalled);
        setStatus(creator, id, Status.Recalled);
    }

    function test_RevertWhen_StatusOfAnUnknownTokenIsSet() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99));
        setStatus(creator, 99, Status.Recalled);
    }

    function test_LogOnly_IsAToken() public {
        ModelInput memory model = bare(1);
        uint256 id = registry.tokenIdOf(model);
        vm.expectEmit(address(registry));
        emit IModelRegistry.ModelInitialized(id, creator, model.weightsDigest, model.recordDigest, 0, Kind.Model);
        assertEq(mintLogOnly(model), id, "id");
        assertEq(registry.ownerOf(id), holder, "owner");
        (address receiver, uint256 amount) = registry.royaltyInfo(id, 1 ether);
        assertEq(receiver, address(0), "receiver");
        assertEq(amount, 0, "royalty");
    }

    function test_LogOnly_LinksParents() public {
        uint256 base = mintLogOnly(bare(1));
        ModelInput memory model = bare(2);
        model.parents = childOf(2, base, Relation.Adapter).parents;
        uint256 id = registry.tokenIdOf(model);
        vm.expectEmit(address(registry));
        emit IModelRegistry.ModelFineTuned(id, base, Relation.Adapter, 0, 0);
        mintLogOnly(model);
    }

    function test_LogOnly_SeriesIsContinuedByTheOwnerAlone() public {
        uint256 first = mintLogOnly(bare(1));
        ModelInput memory model = childOf(2, first, Relation.Version);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotSeriesAuthor.selector, creator, first));
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, model);
        model.creator = holder;
        uint256 second = mint(model);
        assertEq(registry.headOf(bytes32(first)), second, "head");
    }

    function test_RevertWhen_TheStatementOfALogOnlyTokenIsRead() public {
        uint256 id = mintLogOnly(bare(1));
        bytes memory notStored = abi.encodeWithSelector(IModelRegistry.ModelRegistryNotStored.selector, id);
        bytes[7] memory calls = [
            abi.encodeCall(registry.tokenURI, (id)),
            abi.encodeCall(registry.getModelData, (id)),
            abi.encodeCall(registry.viewLicense, (id)),
            abi.encodeCall(registry.creatorOf, (id)),
            abi.encodeCall(registry.publishRecord, (id, "")),
            abi.encodeCall(registry.setStatus, (id, Status.Recalled, 0)),
            abi.encodeCall(registry.decreaseRoyalty, (id, 0))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(creator);
            (bool done, bytes memory reason) = address(registry).call(calls[i]);
            assertTrue(!done, "an unstored statement was served");
            assertEq(keccak256(reason), keccak256(notStored), "reason");
        }
    }

    function test_Store_MakesItLikeAnyOther() public {
        ModelInput memory model = bare(1);
        uint256 id = mintLogOnly(model);
        vm.expectEmit(address(registry));
        emit IModelRegistry.ModelStored(id);
        vm.expectEmit(address(registry));
        emit IERC4906.MetadataUpdate(id);
        vm.prank(stranger);
        assertEq(registry.store(model), id, "id");
        ModelData memory data = registry.getModelData(id);
        assertEq(data.weightsDigest, model.weightsDigest, "weights");
        assertEq(data.recordDigest, model.recordDigest, "record");
        assertEq(data.creator, creator, "creator");
        assertEq(data.mintedAt, 0, "time");
        assertEq(data.licenseId, 1, "licence");
        assertEq(registry.ownerOf(id), holder, "owner");
        setStatus(creator, id, Status.Deprecated);
    }

    function test_RevertWhen_StoredTwice() public {
        ModelInput memory model = bare(1);
        uint256 id = mintLogOnly(model);
        registry.store(model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyStored.selector, id));
        registry.store(model);
    }

    function test_RevertWhen_AnOrdinaryTokenIsStored() public {
        ModelInput memory model = exampleModel(1);
        uint256 id = mint(model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyStored.selector, id));
        registry.store(model);
    }

    function test_RevertWhen_AnotherStatementIsStored() public {
        ModelInput memory model = bare(1);
        mintLogOnly(model);
        model.weightsDigest ^= bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, registry.tokenIdOf(model)));
        registry.store(model);
    }

    function test_RevertWhen_TheLicenceIsNotInTheBookYet() public {
        ModelInput memory model = bare(1);
        model.license = keccak256("ISC");
        uint256 id = mintLogOnly(model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnknownLicense.selector, model.license));
        registry.store(model);
        book.register("ISC", "");
        registry.store(model);
        assertEq(registry.getModelData(id).licenseId, 9, "licence");
    }

    /// @dev What the id does not commit to could be made up by whoever stores the statement.
    function test_RevertWhen_ALogOnlyStatementSaysMoreThanItsId() public {
        for (uint256 field = 0; field < 5; ++field) {
            ModelInput memory model = bare(1);
            if (field == 0) model.datasetDigest = keccak256("d");
            if (field == 1) model.architectureDigest = keccak256("a");
            if (field == 2) model.framework = bytes32("x") | bytes32(uint256(1));
            if (field == 3) model.metrics = keccak256("m");
            if (field == 4) model.royaltyBps = 1;
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotBare.selector));
            vm.prank(creator);
            registry.mintLogOnly(holder, model);
        }
        mintLogOnly(bare(1));
        ModelInput memory dressed = bare(1);
        dressed.royaltyBps = 1000;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotBare.selector));
        registry.store(dressed);
    }

    function test_RevertWhen_ALogOnlyMintIsNotTheCreators() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, stranger, creator));
        vm.prank(stranger);
        registry.mintLogOnly(stranger, bare(1));
    }

    function test_RevertWhen_MintedBothWays() public {
        ModelInput memory model = bare(1);
        uint256 id = mintLogOnly(model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        vm.prank(creator);
        registry.mintLogOnly(creator, model);
    }

    function test_PublishRecord_PutsTheBytesInTheLog() public {
        bytes memory record = '{"name":"x"}';
        ModelInput memory model = exampleModel(1);
        model.recordDigest = sha256(record);
        uint256 id = mint(model);
        vm.expectEmit(address(registry));
        emit IModelRegistry.ProvenanceDataRecorded(id, model.recordDigest, record);
        vm.prank(stranger);
        registry.publishRecord(id, record);
    }

    function testFuzz_RevertWhen_TheBytesAreNotTheRecord(bytes memory record) public {
        ModelInput memory model = exampleModel(1);
        uint256 id = mint(model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryRecordMismatch.selector, id, model.recordDigest));
        registry.publishRecord(id, record);
    }

    function test_Multicall_MintsAndPublishes() public {
        bytes memory record = '{"name":"x"}';
        ModelInput memory model = exampleModel(1);
        model.recordDigest = sha256(record);
        uint256 id = registry.tokenIdOf(model);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeWithSelector(DIRECT_MINT, creator, model);
        calls[1] = abi.encodeCall(registry.publishRecord, (id, record));
        calls[2] = abi.encodeWithSelector(DIRECT_MINT, holder, exampleModel(2));
        vm.prank(creator);
        bytes[] memory results = registry.multicall(calls);
        assertEq(abi.decode(results[0], (uint256)), id, "id");
        assertEq(registry.balanceOf(holder), 1, "second mint");
    }

    function test_RevertWhen_OneCallOfSeveralFails() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeWithSelector(DIRECT_MINT, creator, exampleModel(1));
        calls[1] = calls[0];
        uint256 id = registry.tokenIdOf(exampleModel(1));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        vm.prank(creator);
        registry.multicall(calls);
        assertEq(registry.balanceOf(creator), 0, "the first call stayed");
    }

    function test_Batch_MintsWhatEachMintAloneWould() public {
        ModelDigests[] memory models = digests(3);
        for (uint256 i = 0; i < models.length; ++i) {
            uint256 id = registry.tokenIdOf(bare(i));
            vm.expectEmit(address(registry));
            emit IERC721.Transfer(address(0), holder, id);
            vm.expectEmit(address(registry));
            emit IModelRegistry.ModelInitialized(id, creator, models[i].weightsDigest, models[i].recordDigest, 0, Kind.Model);
        }
        mintBatch(creator, models);
        assertEq(registry.balanceOf(holder), 3, "balance");
        for (uint256 i = 0; i < models.length; ++i) {
            assertEq(registry.ownerOf(registry.tokenIdOf(bare(i))), holder, "owner");
            registry.store(bare(i));
        }
    }

    function test_Batch_BindsWhatTheModelsShare() public {
        ModelInput memory model = bare(1);
        (model.license, model.kind) = (keccak256("ISC"), Kind.Dataset);
        ModelDigests[] memory models = new ModelDigests[](1);
        models[0] = ModelDigests(model.weightsDigest, model.recordDigest);
        vm.prank(creator);
        registry.mintLogOnlyBatch(stranger, creator, model.license, model.kind, models);
        assertEq(registry.ownerOf(registry.tokenIdOf(model)), stranger, "owner");
    }

    function test_Batch_OfNoneMintsNone() public {
        mintBatch(creator, new ModelDigests[](0));
        assertEq(registry.balanceOf(holder), 0, "balance");
    }

    function test_Batch_ByADelegate() public {
        vm.prank(creator);
        registry.setDelegate(stranger, true);
        mintBatch(stranger, digests(2));
        assertEq(registry.balanceOf(holder), 2, "balance");
    }

    function test_RevertWhen_ABatchIsNotTheCreators() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, stranger, creator));
        mintBatch(stranger, digests(2));
    }

    function test_RevertWhen_OneOfABatchWasMintedOrHasNoDigest() public {
        uint256 id = mintLogOnly(bare(1));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        mintBatch(creator, digests(3));
        ModelDigests[] memory models = digests(1);
        models[0].weightsDigest = 0;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryMissingDigest.selector));
        mintBatch(creator, models);
        models = digests(1);
        models[0].recordDigest = 0;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryMissingDigest.selector));
        mintBatch(creator, models);
        assertEq(registry.balanceOf(holder), 1, "nothing of a batch that failed is there");
    }

    function test_RevertWhen_ABatchNamesOneModelTwice() public {
        ModelDigests[] memory models = digests(2);
        models[1] = models[0];
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, registry.tokenIdOf(bare(0))));
        mintBatch(creator, models);
    }

    function digests(uint256 count) private view returns (ModelDigests[] memory models) {
        models = new ModelDigests[](count);
        for (uint256 i = 0; i < count; ++i) {
            ModelInput memory model = bare(i);
            models[i] = ModelDigests(model.weightsDigest, model.recordDigest);
        }
    }

    function mintBatch(address sender, ModelDigests[] memory models) private {
        vm.prank(sender);
        registry.mintLogOnlyBatch(holder, creator, APACHE, Kind.Model, models);
    }

    function bare(uint256 seed) private view returns (ModelInput memory model) {
        model = exampleModel(seed);
        model.royaltyBps = 0;
    }

    function mintLogOnly(ModelInput memory model) private returns (uint256) {
        vm.prank(model.creator);
        return registry.mintLogOnly(holder, model);
    }

    function moved(uint256 id, Status from, Status to, bytes32 reason) private {
        vm.expectEmit(address(registry));
        emit IModelRegistry.StatusChanged(id, from, to, reason);
        vm.expectEmit(address(registry));
        emit IERC4906.MetadataUpdate(id);
        vm.prank(creator);
        registry.setStatus(id, to, reason);
        assertTrue(registry.getModelData(id).status == to, "status");
    }

    function setStatus(address by, uint256 id, Status status) private {
        vm.prank(by);
        registry.setStatus(id, status, 0);
    }
}
