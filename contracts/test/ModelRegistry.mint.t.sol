// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {ILicenseBook} from "../src/interfaces/ILicenseBook.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {IModelRenderer} from "../src/interfaces/IModelRenderer.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {CommonLicenses} from "../src/libraries/CommonLicenses.sol";
import {Kind, ModelData, ModelInput, Status} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {RecipientMock} from "./mocks/RecipientMock.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

contract ModelRegistryMintTest is Base {
    function test_Mint_StoresTheStatement() public {
        ModelInput memory model = exampleModel(1);
        model.datasetDigest = keccak256("dataset");
        model.architectureDigest = keccak256("architecture");
        model.framework = bytes32("pytorch 2.8.0") | bytes32(uint256(13));
        model.metrics = keccak256("metrics");
        model.kind = Kind.Adapter;
        uint256 id = mint(model);

        ModelData memory data = registry.getModelData(id);
        assertEq(data.weightsDigest, model.weightsDigest, "weights");
        assertEq(data.recordDigest, model.recordDigest, "record");
        assertEq(data.datasetDigest, model.datasetDigest, "dataset");
        assertEq(data.architectureDigest, model.architectureDigest, "architecture");
        assertEq(data.framework, model.framework, "framework");
        assertEq(data.metrics, model.metrics, "metrics");
        assertEq(data.creator, creator, "creator");
        assertEq(data.mintedAt, NOW, "time");
        assertEq(data.licenseId, 1, "licence");
        assertTrue(data.kind == Kind.Adapter, "kind");
        assertTrue(data.status == Status.Active, "status");
        assertEq(data.royaltyBps, 500, "royalty");
        assertEq(registry.ownerOf(id), creator, "owner");
    }

    function test_Mint_GivesTheTokenToWhomTheCreatorNames() public {
        ModelInput memory model = exampleModel(1);
        vm.prank(creator);
        uint256 id = registry.mintProvenanceNFT(holder, model);
        assertEq(registry.ownerOf(id), holder, "owner");
        assertEq(registry.getModelData(id).creator, creator, "creator");
    }

    function test_Mint_EmitsInOrder() public {
        ModelInput memory model = exampleModel(1);
        uint256 id = registry.tokenIdOf(model);
        vm.expectEmit(address(registry));
        emit IERC721.Transfer(address(0), holder, id);
        vm.expectEmit(address(registry));
        emit IModelRegistry.ModelInitialized(id, creator, model.weightsDigest, model.recordDigest, 1, Kind.Model);
        vm.prank(creator);
        registry.mintProvenanceNFT(holder, model);
    }

    function test_Mint_NeverCallsTheRecipient() public {
        address recipient = address(new RecipientMock());
        ModelInput memory model = exampleModel(1);
        vm.prank(creator);
        uint256 id = registry.mintProvenanceNFT(recipient, model);
        assertEq(registry.ownerOf(id), recipient, "owner");
    }

    function testFuzz_Mint_StoresWhatWasGiven(bytes32[5] memory words, uint8 kind, uint16 bps, address author, uint40 time) public {
        vm.assume(uint160(author) > 0xffff && author != address(vm) && words[0] != 0 && words[1] != 0);
        ModelInput memory model = exampleModel(0);
        (model.weightsDigest, model.recordDigest, model.datasetDigest) = (words[0], words[1], words[2]);
        (model.architectureDigest, model.metrics) = (words[3], words[4]);
        model.kind = Kind(kind % 3);
        model.royaltyBps = bps % 1001;
        model.creator = author;
        vm.warp(time);
        uint256 id = mint(model);

        assertEq(id, registry.tokenIdOf(model), "id");
        ModelData memory data = registry.getModelData(id);
        bytes32 stored = keccak256(abi.encode(data));
        data.weightsDigest = model.weightsDigest;
        data.recordDigest = model.recordDigest;
        data.datasetDigest = model.datasetDigest;
        data.architectureDigest = model.architectureDigest;
        data.framework = 0;
        data.metrics = model.metrics;
        data.creator = model.creator;
        data.mintedAt = time;
        data.licenseId = 1;
        data.kind = model.kind;
        data.status = Status.Active;
        data.royaltyBps = model.royaltyBps;
        assertEq(stored, keccak256(abi.encode(data)), "data");
    }

    function test_RevertWhen_CallerIsNotTheCreator() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, stranger, creator));
        vm.prank(stranger);
        registry.mintProvenanceNFT(stranger, exampleModel(1));
    }

    function test_RevertWhen_MintedTwice() public {
        ModelInput memory model = exampleModel(1);
        uint256 id = mint(model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        vm.prank(creator);
        registry.mintProvenanceNFT(holder, model);
    }

    function test_RevertWhen_MintedAgainWithOtherDetails() public {
        ModelInput memory model = exampleModel(1);
        uint256 id = mint(model);
        model.royaltyBps = 1;
        model.datasetDigest = keccak256("another dataset");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, model);
    }

    function test_RevertWhen_RecipientIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(0)));
        vm.prank(creator);
        registry.mintProvenanceNFT(address(0), exampleModel(1));
    }

    function test_RevertWhen_WeightsDigestIsMissing() public {
        ModelInput memory model = exampleModel(1);
        model.weightsDigest = 0;
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryMissingDigest.selector));
    }

    function test_RevertWhen_RecordDigestIsMissing() public {
        ModelInput memory model = exampleModel(1);
        model.recordDigest = 0;
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryMissingDigest.selector));
    }

    function test_RevertWhen_RoyaltyIsTooHigh() public {
        ModelInput memory model = exampleModel(1);
        model.royaltyBps = 1000;
        mint(model);
        model = exampleModel(2);
        model.royaltyBps = 1001;
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryRoyaltyTooHigh.selector, 1001, 1000));
    }

    function test_RevertWhen_LicenseIsUnknown() public {
        ModelInput memory model = exampleModel(1);
        model.license = keccak256("ISC");
        refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryUnknownLicense.selector, model.license));
        book.register("ISC", "");
        assertEq(registry.getModelData(mint(model)).licenseId, 9, "licence");
    }

    /// @dev The registry knows these numbers by itself: they have to be those of its book.
    function test_Mint_WithEachCommonLicence() public {
        string[8] memory texts =
            ["Apache-2.0", "MIT", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", "BSD-3-Clause", "CC0-1.0"];
        for (uint256 i = 0; i < texts.length; ++i) {
            ModelInput memory model = exampleModel(i);
            model.license = keccak256(bytes(texts[i]));
            (string memory spdx,) = registry.viewLicense(mint(model));
            assertEq(keccak256(bytes(spdx)), model.license, "licence");
        }
    }

    function test_Mint_EachDescriptionIsStoredWithoutTheOthers() public {
        for (uint256 i = 0; i < 4; ++i) {
            ModelInput memory model = exampleModel(i);
            if (i == 0) model.datasetDigest = keccak256("dataset");
            if (i == 1) model.architectureDigest = keccak256("architecture");
            if (i == 2) model.framework = bytes32("jax") | bytes32(uint256(3));
            if (i == 3) model.metrics = keccak256("metrics");
            ModelData memory data = registry.getModelData(mint(model));
            assertEq(data.datasetDigest, model.datasetDigest, "dataset");
            assertEq(data.architectureDigest, model.architectureDigest, "architecture");
            assertEq(data.framework, model.framework, "framework");
            assertEq(data.metrics, model.metrics, "metrics");
        }
    }

    function test_Mint_FrameworkHasUpToThirtyOneBytes() public {
        bytes32[2] memory words = [bytes32("p") | bytes32(uint256(1)), bytes32("a framework of thirty-one bytes") | bytes32(uint256(31))];
        for (uint256 i = 0; i < words.length; ++i) {
            ModelInput memory model = exampleModel(i);
            model.framework = words[i];
            assertEq(registry.getModelData(mint(model)).framework, words[i], "framework");
        }
    }

    function test_RevertWhen_FrameworkIsNoShortString() public {
        bytes32[6] memory words = [
            bytes32("no length"),
            bytes32(uint256(32)),
            bytes32("too long") | bytes32(uint256(3)),
            bytes32(uint256(0x0101)),
            bytes32(bytes2(0x7080)) | bytes32(uint256(1)),
            bytes32(bytes2(0x7001)) | bytes32(uint256(1))
        ];
        for (uint256 i = 0; i < words.length; ++i) {
            ModelInput memory model = exampleModel(i);
            model.framework = words[i];
            refused(model, abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidFramework.selector, words[i]));
        }
    }

    function test_RevertWhen_KindIsOutOfRange() public {
        ModelInput memory model = exampleModel(1);
        bytes memory data = abi.encodeWithSignature(
            "mintProvenanceNFT(address,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint8,uint16,address,(uint64,address,uint256,uint8,uint16,bytes32)[]))",
            creator,
            model
        );
        // Selector, recipient, offset, and seven words of the model stand before its kind.
        data[4 + 32 * 10 - 1] = 0x03;
        vm.prank(creator);
        (bool done,) = address(registry).call(data);
        assertTrue(!done, "kind 3 was minted");
        data[4 + 32 * 10 - 1] = 0x02;
        vm.prank(creator);
        (done,) = address(registry).call(data);
        assertTrue(done, "kind 2 was refused");
    }

    function test_RevertWhen_ConstructedWithAnAuthorityWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidAuthority.selector, stranger));
        newRegistry("modelmark", "MARK", stranger);
    }

    function test_RevertWhen_ConstructedWithABookWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidLicenseBook.selector, stranger));
        new ModelRegistry("modelmark", "MARK", address(0), ILicenseBook(stranger), IRoyaltyVault(address(0)), IModelRenderer(address(0)));
    }

    /// @dev A book that numbers any of them otherwise would make the registry show another licence than was stated.
    function test_RevertWhen_ConstructedWithABookOfOtherNumbers() public {
        string[8] memory texts = CommonLicenses.texts();
        for (uint24 i = 0; i < texts.length; ++i) {
            bytes memory question = abi.encodeCall(ILicenseBook.idOf, (keccak256(bytes(texts[i]))));
            vm.mockCall(address(book), question, abi.encode(uint24(9)));
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidLicenseBook.selector, address(book)));
            newRegistry("modelmark", "MARK", address(0));
            vm.mockCall(address(book), question, abi.encode(i + 1));
        }
        newRegistry("modelmark", "MARK", address(0));
    }

    function refused(ModelInput memory model, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, model);
    }
}
