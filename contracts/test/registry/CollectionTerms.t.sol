// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CollectionFactory} from "../../src/CollectionFactory.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {Kind, ModelDigests, ModelInput} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @dev A registry behind a minimal proxy.
contract CollectionTermsTest is Base {
    ModelRegistry private _original;
    CollectionFactory private _factory;

    function setUp() public override {
        super.setUp();
        _original = registry;
        _factory = new CollectionFactory(address(_original));
    }

    function test_Proxy_HasItsOwnTerms() public {
        AccessManager manager = new AccessManager(address(this));
        registry = collection(address(manager), "Acme Models", "ACME");
        assertEq(registry.name(), "Acme Models", "name");
        assertEq(registry.symbol(), "ACME", "symbol");
        assertEq(registry.authority(), address(manager), "authority");
        assertEq(address(registry.licenseBook()), address(book), "book");
        assertEq(_original.name(), "modelmark", "the original's name");
        assertEq(_original.authority(), address(0), "the original's authority");
    }

    function testFuzz_Proxy_NamesOfAnyText(bytes memory name, bytes memory symbol) public {
        if (name.length > 64 || symbol.length > 16) return;
        registry = collection(address(0), string(name), string(symbol));
        assertEq(registry.name(), string(name), "name");
        assertEq(registry.symbol(), string(symbol), "symbol");
    }

    function test_Proxy_MintsForItself() public {
        registry = collection(address(0), "Acme Models", "ACME");
        ModelInput memory model = exampleModel(1);
        uint256 id = mint(model);
        assertEq(registry.ownerOf(id), creator, "owner");
        assertEq(registry.getModelData(id).creator, creator, "creator");
        assertEq(_original.balanceOf(creator), 0, "the original's token");
        assertEq(_original.tokenIdOf(model), id, "one id everywhere");
    }

    /// @dev The domain names the proxy: a signature for the original is none for a collection.
    function test_Proxy_HasADomainOfItsOwn() public {
        registry = collection(address(0), "Acme Models", "ACME");
        (, string memory name, string memory version,, address place,,) = registry.eip712Domain();
        assertEq(name, "modelmark", "domain name");
        assertEq(version, "1", "domain version");
        assertEq(place, address(registry), "domain contract");
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signature(CREATOR_KEY, _original.mintAuthDigest(holder, model, NOW));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, creator));
        registry.mintProvenanceNFT(holder, model, NOW, proof);
        registry.mintProvenanceNFT(holder, model, NOW, signMint(CREATOR_KEY, holder, model, NOW));
    }

    function test_Proxy_IsRuledByItsAuthority() public {
        AccessManager manager = new AccessManager(address(this));
        registry = collection(address(manager), "Acme Models", "ACME");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnauthorized.selector, creator));
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, exampleModel(1));
        bytes4[] memory mints = new bytes4[](1);
        mints[0] = DIRECT_MINT;
        manager.setTargetFunctionRole(address(registry), mints, 7);
        manager.grantRole(7, creator, 0);
        mint(exampleModel(1));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnauthorized.selector, creator));
        vm.prank(creator);
        registry.mintLogOnly(creator, exampleModel(2));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnauthorized.selector, creator));
        vm.prank(creator);
        registry.mintLogOnlyBatch(creator, creator, APACHE, Kind.Model, new ModelDigests[](0));
    }

    function test_Proxy_OpenCollectionHasNoValidator() public {
        registry = collection(address(0), "Acme Models", "ACME");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnauthorized.selector, address(this)));
        registry.setTransferValidator(address(0));
        uint256 id = mint(exampleModel(1));
        vm.prank(creator);
        registry.transferFrom(creator, holder, id);
    }

    /// @dev Whoever makes a proxy without terms gets a collection that nothing can be minted in.
    function test_RevertWhen_AProxyHasNoTerms() public {
        registry = ModelRegistry(Clones.clone(address(_original)));
        vm.expectRevert();
        registry.authority();
        vm.expectRevert();
        vm.prank(creator);
        registry.mintProvenanceNFT(creator, exampleModel(1));
    }

    function collection(address authority, string memory name, string memory symbol) private returns (ModelRegistry) {
        return ModelRegistry(_factory.create(authority, name, symbol));
    }
}
