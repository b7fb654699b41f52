// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {ModelData, ModelInput} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @dev What can be done with a token after its mint, and what can not.
contract ModelRegistryTokenTest is Base {
    bytes32 private constant _ARWEAVE = 0xfb00000000000000000000000000000000000000000000000000000000000001;

    function test_TokenUri_IsBuiltFromTheRecordDigest() public {
        ModelInput memory model = exampleModel(1);
        model.recordDigest = sha256("");
        uint256 id = mint(model);
        assertEq(registry.tokenURI(id), "ipfs://bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "uri");
    }

    function test_SetTokenUri_MovesToArweaveAndBack() public {
        uint256 id = mint(exampleModel(1));
        string memory ipfs = registry.tokenURI(id);
        pointAt(creator, id, _ARWEAVE);
        assertEq(registry.tokenURI(id), "ar://-wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", "arweave");
        pointAt(creator, id, 0);
        assertEq(registry.tokenURI(id), ipfs, "ipfs");
    }

    function test_SetTokenUri_LeavesTheRecordDigestAlone() public {
        ModelInput memory model = exampleModel(1);
        uint256 id = mint(model);
        pointAt(creator, id, _ARWEAVE);
        assertEq(registry.getModelData(id).recordDigest, model.recordDigest, "record");
    }

    function test_SetTokenUri_IsOpenToApprovedAccounts() public {
        uint256 id = mint(exampleModel(1));
        vm.prank(creator);
        registry.approve(holder, id);
        pointAt(holder, id, _ARWEAVE);
        vm.prank(creator);
        registry.setApprovalForAll(stranger, true);
        pointAt(stranger, id, 0);
    }

    function test_RevertWhen_TokenUriIsSetByAStranger() public {
        uint256 id = mint(exampleModel(1));
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, stranger, id));
        vm.prank(stranger);
        registry.setTokenURI(id, _ARWEAVE);
    }

    function test_RevertWhen_TokenUriIsSetByTheCreatorAfterASale() public {
        uint256 id = sold();
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, creator, id));
        vm.prank(creator);
        registry.setTokenURI(id, _ARWEAVE);
    }

    function test_Royalty_GoesToTheCreatorAfterASale() public {
        (address receiver, uint256 amount) = registry.royaltyInfo(sold(), 1 ether);
        assertEq(receiver, creator, "receiver");
        assertEq(amount, 0.05 ether, "amount");
    }

    function test_Royalty_OfAnUnknownTokenIsNobodys() public view {
        (address receiver, uint256 amount) = registry.royaltyInfo(1, 1 ether);
        assertEq(receiver, address(0), "receiver");
        assertEq(amount, 0, "amount");
    }

    function testFuzz_Royalty_NeverExceedsATenthAndRoundsDown(uint256 price, uint16 bps) public {
        ModelInput memory model = exampleModel(1);
        model.royaltyBps = bps % 1001;
        (, uint256 amount) = registry.royaltyInfo(mint(model), price);
        assertTrue(amount <= price / 10, "above a tenth");
        uint256 exact = price / 10_000 * model.royaltyBps + (price % 10_000) * model.royaltyBps / 10_000;
        assertEq(amount, exact, "amount");
    }

    function testFuzz_DecreaseRoyalty_ChangesNothingElse(uint16 from, uint16 to) public {
        from = uint16(bound(from, 1, 1000));
        to = to % from;
        ModelInput memory model = exampleModel(1);
        model.royaltyBps = from;
        uint256 id = mint(model);
        ModelData memory before = registry.getModelData(id);
        vm.expectEmit(address(registry));
        emit IModelRegistry.RoyaltyDecreased(id, from, to);
        vm.prank(creator);
        registry.decreaseRoyalty(id, to);
        before.royaltyBps = to;
        assertEq(keccak256(abi.encode(registry.getModelData(id))), keccak256(abi.encode(before)), "data");
    }

    function test_RevertWhen_RoyaltyIsNotDecreased() public {
        uint256 id = mint(exampleModel(1));
        for (uint16 bps = 500; bps < 502; ++bps) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryRoyaltyNotDecreased.selector, 500, bps));
            vm.prank(creator);
            registry.decreaseRoyalty(id, bps);
        }
    }

    function test_RevertWhen_RoyaltyIsDecreasedByTheNewOwner() public {
        uint256 id = sold();
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, holder, creator));
        vm.prank(holder);
        registry.decreaseRoyalty(id, 0);
    }

    function test_ViewLicense() public {
        (string memory spdx, string memory uri) = registry.viewLicense(mint(exampleModel(1)));
        assertEq(spdx, "Apache-2.0", "spdx");
        assertEq(uri, "https://spdx.org/licenses/Apache-2.0.html", "uri");
    }

    function test_Transfer_KeepsTheCreator() public {
        assertEq(registry.getModelData(sold()).creator, creator, "creator");
    }

    function test_RevertWhen_TokenIsUnknown() public {
        bytes memory unknown = abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 1);
        bytes[8] memory calls = [
            abi.encodeCall(registry.tokenURI, (1)),
            abi.encodeCall(registry.getModelData, (1)),
            abi.encodeCall(registry.viewLicense, (1)),
            abi.encodeCall(registry.seriesOf, (1)),
            abi.encodeCall(registry.setTokenURI, (1, _ARWEAVE)),
            abi.encodeCall(registry.decreaseRoyalty, (1, 0)),
            abi.encodeCall(registry.creatorOf, (1)),
            abi.encodeCall(registry.publishRecord, (1, ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done, bytes memory reason) = address(registry).call(calls[i]);
            assertTrue(!done, "an unknown token was served");
            assertEq(keccak256(reason), keccak256(unknown), "reason");
        }
    }

    function test_Interfaces() public view {
        // In order: 165, 721, its metadata, 2981, 4906, 4883, 4907, 5192, ERC-721C.
        bytes4[9] memory known = [
            bytes4(0x01ffc9a7),
            0x80ac58cd,
            0x5b5e139f,
            0x2a55205a,
            0x49064906,
            bytes4(keccak256("renderTokenById(uint256)")),
            0xad092b5c,
            0xb45a3c0e,
            0xad0d7f6c
        ];
        for (uint256 i = 0; i < known.length; ++i) {
            assertTrue(registry.supportsInterface(known[i]), "a promised interface is missing");
        }
        assertTrue(!registry.supportsInterface(0xffffffff), "the invalid interface");
        assertEq(bytes32(type(IERC2981).interfaceId), bytes32(bytes4(0x2a55205a)), "ERC-2981");
        assertEq(bytes32(type(IERC721).interfaceId), bytes32(bytes4(0x80ac58cd)), "ERC-721");
    }

    function test_Describes() public view {
        assertEq(registry.name(), "modelmark", "name");
        assertEq(registry.symbol(), "MARK", "symbol");
        assertEq(registry.authority(), address(0), "authority");
        assertEq(address(registry.licenseBook()), address(book), "book");
        (, string memory name, string memory version, uint256 chainId, address contract_,,) = registry.eip712Domain();
        assertEq(name, "modelmark", "domain name");
        assertEq(version, "1", "domain version");
        assertEq(chainId, block.chainid, "domain chain");
        assertEq(contract_, address(registry), "domain contract");
    }

    function pointAt(address sender, uint256 id, bytes32 arweaveId) private {
        vm.expectEmit(address(registry));
        emit IERC4906.MetadataUpdate(id);
        vm.prank(sender);
        registry.setTokenURI(id, arweaveId);
    }

    function sold() private returns (uint256 id) {
        id = mint(exampleModel(1));
        vm.prank(creator);
        registry.transferFrom(creator, holder, id);
    }
}
