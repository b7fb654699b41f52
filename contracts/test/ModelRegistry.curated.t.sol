// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {ModelInput} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {RecipientMock} from "./mocks/RecipientMock.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @dev The second shape: an AccessManager decides who may submit mints.
contract ModelRegistryCuratedTest is Base {
    bytes4 private constant _RELAYED = bytes4(
        keccak256(
            "mintProvenanceNFT(address,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint8,uint16,address,(uint64,address,uint256,uint8,uint16,bytes32)[]),uint256,bytes)"
        )
    );
    uint64 private constant _MINTER = 7;
    uint256 private constant _DEADLINE = NOW + 1 days;

    AccessManager private _manager;
    address private _minter = address(0x314417e4);

    function setUp() public override {
        super.setUp();
        _manager = new AccessManager(address(this));
        registry = newRegistry("curated", "CUR", address(_manager));
        bytes4[] memory mints = new bytes4[](2);
        (mints[0], mints[1]) = (DIRECT_MINT, _RELAYED);
        _manager.setTargetFunctionRole(address(registry), mints, _MINTER);
        _manager.grantRole(_MINTER, _minter, 0);
    }

    function test_Curated_AMinterSubmitsTheCreatorsMint() public {
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        vm.prank(_minter);
        uint256 id = registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
        assertEq(registry.getModelData(id).creator, creator, "creator");
    }

    function test_Curated_ACreatorWithTheRoleMintsDirectly() public {
        _manager.grantRole(_MINTER, creator, 0);
        mint(exampleModel(1));
    }

    function test_Curated_ADelayedMinterGoesThroughTheManager() public {
        address delayed = address(0xde1a7);
        _manager.grantRole(_MINTER, delayed, 1 hours);
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        bytes memory call = abi.encodeWithSelector(_RELAYED, holder, model, _DEADLINE, proof);
        vm.prank(delayed);
        _manager.schedule(address(registry), call, 0);
        unauthorised(delayed);
        vm.prank(delayed);
        registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
        vm.warp(NOW + 1 hours);
        vm.prank(delayed);
        _manager.execute(address(registry), call);
        assertEq(registry.ownerOf(registry.tokenIdOf(model)), holder, "owner");
    }

    function test_Curated_HasTheSameIds() public {
        ModelInput memory model = exampleModel(1);
        ModelRegistry open = newRegistry("modelmark", "MARK", address(0));
        assertEq(registry.tokenIdOf(model), open.tokenIdOf(model), "id");
        assertEq(registry.authority(), address(_manager), "authority");
    }

    function test_RevertWhen_ACreatorWithoutTheRoleMints() public {
        unauthorised(creator);
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, exampleModel(1));
    }

    function test_RevertWhen_ASignatureIsSubmittedWithoutTheRole() public {
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        unauthorised(stranger);
        vm.prank(stranger);
        registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
    }

    function test_RevertWhen_AMinterHasNoConsent() public {
        ModelInput memory model = exampleModel(1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, _minter, creator));
        vm.prank(_minter);
        registry.mintProvenanceNFT(_minter, model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, creator));
        vm.prank(_minter);
        registry.mintProvenanceNFT(_minter, model, _DEADLINE, new bytes(65));
    }

    function test_RevertWhen_TheManagerClosedTheCollection() public {
        _manager.grantRole(_MINTER, creator, 0);
        _manager.setTargetClosed(address(registry), true);
        unauthorised(creator);
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, exampleModel(1));
    }

    function test_RevertWhen_TheAuthorityFails() public {
        registry = newRegistry("curated", "CUR", address(new RecipientMock()));
        unauthorised(creator);
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, exampleModel(1));
    }

    function test_Curated_ClosingStopsNothingButMints() public {
        _manager.grantRole(_MINTER, creator, 0);
        uint256 id = mint(exampleModel(1));
        _manager.setTargetClosed(address(registry), true);
        vm.prank(creator);
        registry.setTokenURI(id, keccak256("arweave"));
        vm.prank(creator);
        registry.decreaseRoyalty(id, 0);
        vm.prank(creator);
        registry.transferFrom(creator, holder, id);
        assertEq(registry.ownerOf(id), holder, "owner");
    }

    function unauthorised(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnauthorized.selector, caller));
    }
}
