// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DerivativeGate} from "../src/DerivativeGate.sol";
import {LicenseTerms} from "../src/LicenseTerms.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IDerivativeGate} from "../src/interfaces/IDerivativeGate.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {ATTRIBUTION, COMMERCIAL, Conflict, DERIVATIVES, LicenseFlags} from "../src/types/LicenseFlags.sol";
import {Offer, SCOPE_DERIVE} from "../src/types/LicenseTypes.sol";
import {ModelInput, Parent, Relation} from "../src/types/ModelTypes.sol";
import {LicensingBase} from "./licensing/LicensingBase.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @dev A curated collection whose mints go through the gate, and parents in the open one: one permissive, one that forbids derivatives.
contract DerivativeGateTest is LicensingBase {
    bytes4 private constant _RELAYED = bytes4(
        keccak256(
            "mintProvenanceNFT(address,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint8,uint16,address,(uint64,address,uint256,uint8,uint16,bytes32)[]),uint256,bytes)"
        )
    );
    bytes32 private constant _ND = keccak256("CC-BY-ND-4.0");
    address private constant _READER = address(0x4ead);
    uint64 private constant _SUBMITTER = 1;

    DerivativeGate private _gate;
    ModelRegistry private _open;
    uint256 private _permissive;
    uint256 private _strict;

    function setUp() public override {
        super.setUp();
        _open = registry;
        book.register("CC-BY-ND-4.0", "");
        LicenseTerms terms = new LicenseTerms();
        (bytes32[] memory licenses, LicenseFlags[] memory flags) = (new bytes32[](2), new LicenseFlags[](2));
        (licenses[0], licenses[1]) = (APACHE, _ND);
        uint16 common = LicenseFlags.unwrap(COMMERCIAL) | LicenseFlags.unwrap(ATTRIBUTION);
        (flags[0], flags[1]) = (LicenseFlags.wrap(common | LicenseFlags.unwrap(DERIVATIVES)), LicenseFlags.wrap(common));
        vm.prank(_READER);
        terms.read(licenses, flags);
        _gate = new DerivativeGate(terms, licensing, _READER);
        _permissive = mint(rootOf(ANNA, 10));
        ModelInput memory strict = rootOf(ANNA, 11);
        strict.license = _ND;
        _strict = mint(strict);
        AccessManager manager = new AccessManager(address(this));
        registry = newRegistry("curated", "CUR", address(manager));
        bytes4[] memory mints = new bytes4[](1);
        mints[0] = _RELAYED;
        manager.setTargetFunctionRole(address(registry), mints, _SUBMITTER);
        manager.grantRole(_SUBMITTER, address(_gate), 0);
    }

    function test_Gate_LetsInWhatTheLicenceAllows() public {
        ModelInput memory model = fromOpen(1, _permissive);
        uint256 minted = submit(model);
        assertEq(registry.ownerOf(minted), holder, "owner");
        assertEq(registry.creatorOf(minted), creator, "creator");
        assertEq(_gate.reader(), _READER, "reader");
        // Of its own collection as of another.
        model = exampleModel(2);
        model.parents = new Parent[](1);
        model.parents[0] = localParent(minted, Relation.FineTune, 0);
        model.creator = vm.addr(0xbe47);
        bytes memory proof = signMint(0xbe47, holder, model, NOW);
        _gate.mintProvenanceNFT(registry, holder, model, NOW, proof);
    }

    function test_Gate_WithoutParents() public {
        submit(exampleModel(1));
    }

    function test_Gate_LetsInWhoWasGranted() public {
        ModelInput memory model = fromOpen(1, _strict);
        refused(model, Conflict.NoDerivatives);
        Offer memory what = exampleOffer();
        (what.registry, what.tokenId, what.scopes) = (address(_open), _strict, SCOPE_DERIVE);
        vm.prank(ANNA);
        licensing.grant(what, creator);
        submit(model);
    }

    function test_Gate_LetsInTheParentsOwnCreator() public {
        ModelInput memory strict = rootOf(creator, 12);
        strict.license = _ND;
        vm.prank(creator);
        uint256 parent = _open.mintProvenanceNFT(creator, strict);
        vm.prank(creator);
        _open.transferFrom(creator, stranger, parent);
        submit(fromOpen(1, parent));
    }

    function test_Gate_LetsInTheParentsOwner() public {
        vm.prank(ANNA);
        _open.transferFrom(ANNA, creator, _strict);
        submit(fromOpen(1, _strict));
    }

    function test_RevertWhen_TheLicenceWasNotRead() public {
        book.register("MIT", "");
        ModelInput memory model = fromOpen(1, _permissive);
        model.license = keccak256("MIT");
        refused(model, Conflict.UnknownChild);
    }

    function test_RevertWhen_OneOfTheParentsForbidsIt() public {
        ModelInput memory model = fromOpen(1, _permissive);
        Parent[] memory parents = new Parent[](2);
        (uint256 low, uint256 high) = _permissive < _strict ? (_permissive, _strict) : (_strict, _permissive);
        (parents[0], parents[1]) = (here(low), here(high));
        model.parents = parents;
        bytes memory proof = signMint(CREATOR_KEY, holder, model, NOW);
        vm.expectRevert(
            abi.encodeWithSelector(IDerivativeGate.DerivativeGateConflict.selector, low == _strict ? 0 : 1, Conflict.NoDerivatives)
        );
        _gate.mintProvenanceNFT(registry, holder, model, NOW, proof);
    }

    function test_RevertWhen_AParentIsOutOfSight() public {
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](1);
        model.parents[0] = externalParent(1, address(_open), _permissive);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, NOW);
        vm.expectRevert(abi.encodeWithSelector(IDerivativeGate.DerivativeGateOutOfSight.selector, 0));
        _gate.mintProvenanceNFT(registry, holder, model, NOW, proof);
    }

    function test_RevertWhen_ItDoesNotGoThroughTheGate() public {
        ModelInput memory model = fromOpen(1, _permissive);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, NOW);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnauthorized.selector, creator));
        vm.prank(creator);
        registry.mintProvenanceNFT(holder, model, NOW, proof);
    }

    function test_RevertWhen_TheCreatorDidNotSign() public {
        ModelInput memory model = fromOpen(1, _permissive);
        bytes memory proof = signMint(0xbad, holder, model, NOW);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, creator));
        _gate.mintProvenanceNFT(registry, holder, model, NOW, proof);
    }

    function submit(ModelInput memory model) private returns (uint256) {
        bytes memory proof = signMint(CREATOR_KEY, holder, model, NOW);
        vm.prank(stranger);
        return _gate.mintProvenanceNFT(registry, holder, model, NOW, proof);
    }

    function refused(ModelInput memory model, Conflict conflict) private {
        assertTrue(_gate.conflictOf(registry, model, 0) == conflict, "asked first");
        bytes memory proof = signMint(CREATOR_KEY, holder, model, NOW);
        vm.expectRevert(abi.encodeWithSelector(IDerivativeGate.DerivativeGateConflict.selector, 0, conflict));
        _gate.mintProvenanceNFT(registry, holder, model, NOW, proof);
    }

    function fromOpen(uint256 seed, uint256 parentId) private view returns (ModelInput memory model) {
        model = exampleModel(seed);
        model.parents = new Parent[](1);
        model.parents[0] = here(parentId);
    }

    function here(uint256 parentId) private view returns (Parent memory) {
        return externalParent(uint64(block.chainid), address(_open), parentId);
    }
}
