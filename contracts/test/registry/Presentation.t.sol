// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IModelRenderer} from "../../src/interfaces/IModelRenderer.sol";
import {IRoyaltyVault} from "../../src/interfaces/IRoyaltyVault.sol";
import {ON_CHAIN} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";
import {RendererMock} from "../mocks/RendererMock.sol";
import {VaultMock} from "../mocks/VaultMock.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

/// @dev A registry with a vault and a renderer; the rest of what wallets ask is in ModelRegistry.token.t.sol.
contract PresentationTest is Base {
    VaultMock private _vault;
    RendererMock private _renderer;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _vault = new VaultMock();
        _renderer = new RendererMock();
        registry = new ModelRegistry("modelmark", "MARK", address(0), book, _vault, _renderer);
        _id = mint(exampleModel(1));
    }

    function test_Neighbours() public view {
        assertEq(address(registry.royaltyVault()), address(_vault), "vault");
        assertEq(address(registry.renderer()), address(_renderer), "renderer");
    }

    function test_TokenUri_OnChainIsTheRenderers() public {
        string memory ipfs = registry.tokenURI(_id);
        vm.prank(creator);
        registry.setTokenURI(_id, ON_CHAIN);
        assertEq(registry.tokenURI(_id), _renderer.tokenURI(address(registry), _id), "rendered");
        vm.prank(creator);
        registry.setTokenURI(_id, 0);
        assertEq(registry.tokenURI(_id), ipfs, "back");
    }

    function test_ContractUriAndPicture_AreTheRenderers() public view {
        assertEq(registry.contractURI(), _renderer.contractURI(address(registry)), "collection");
        assertEq(registry.renderTokenById(_id), _renderer.renderTokenById(address(registry), _id), "picture");
    }

    function test_RevertWhen_AnUnknownTokenIsDrawn() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99));
        registry.renderTokenById(99);
    }

    function test_WithoutARenderer() public {
        registry = newRegistry("modelmark", "MARK", address(0));
        _id = mint(exampleModel(1));
        assertEq(registry.contractURI(), "", "collection");
        bytes memory none = abi.encodeWithSelector(IModelRegistry.ModelRegistryNoRenderer.selector);
        vm.expectRevert(none);
        registry.renderTokenById(_id);
        vm.expectRevert(none);
        vm.prank(creator);
        registry.setTokenURI(_id, ON_CHAIN);
    }

    function testFuzz_Royalty_GoesWhereTheVaultWillDeploy(uint256 seed) public {
        _id = mint(exampleModel(bound(seed, 2, type(uint256).max - 2)));
        (address receiver, uint256 amount) = registry.royaltyInfo(_id, 1 ether);
        assertEq(amount, 0.05 ether, "amount");
        assertEq(receiver.code.length, 0, "deployed already");
        assertEq(receiver, _vault.deploy(address(registry), _id), "receiver");
    }

    function test_Royalty_EveryTokenHasAReceiverOfItsOwn() public {
        (address one,) = registry.royaltyInfo(_id, 1);
        (address other,) = registry.royaltyInfo(mint(exampleModel(2)), 1);
        assertTrue(one != other, "one receiver for two tokens");
        (address unknown, uint256 amount) = registry.royaltyInfo(99, 1 ether);
        assertEq(unknown, address(0), "unknown token");
        assertEq(amount, 0, "amount");
    }

    function test_RevertWhen_ConstructedWithARendererWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidRenderer.selector, stranger));
        new ModelRegistry("modelmark", "MARK", address(0), book, _vault, IModelRenderer(stranger));
    }

    function test_RevertWhen_ConstructedWithAVaultWithoutCode() public {
        vm.expectRevert();
        new ModelRegistry("modelmark", "MARK", address(0), book, IRoyaltyVault(stranger), _renderer);
    }
}
