// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {Kind, ModelInput, Parent} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {WalletMock} from "./mocks/WalletMock.sol";

contract ModelRegistryRelayTest is Base {
    uint256 private constant _DEADLINE = NOW + 1 hours;

    function test_Relay_MintsWithTheCreatorsSignature() public {
        ModelInput memory model = exampleModel(1);
        uint256 id = relay(holder, model, _DEADLINE, signMint(CREATOR_KEY, holder, model, _DEADLINE));
        assertEq(registry.ownerOf(id), holder, "owner");
        assertEq(registry.getModelData(id).creator, creator, "creator");
    }

    function test_Relay_CountsUntilTheLastSecond() public {
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        vm.warp(_DEADLINE);
        relay(holder, model, _DEADLINE, proof);
    }

    function test_Relay_AcceptsTheKeyOfADelegatedAccount() public {
        vm.etch(creator, address(new WalletMock()).code);
        ModelInput memory model = exampleModel(1);
        relay(holder, model, _DEADLINE, signMint(CREATOR_KEY, holder, model, _DEADLINE));
    }

    function test_Relay_AcceptsAContractAccount() public {
        (WalletMock wallet, ModelInput memory model) = walletModel();
        bytes memory proof = "whatever the wallet understands";
        wallet.accept(registry.mintAuthDigest(holder, model, _DEADLINE), proof);
        assertEq(registry.getModelData(relay(holder, model, _DEADLINE, proof)).creator, address(wallet), "creator");
    }

    function test_Relay_DigestIsEip712() public view {
        ModelInput memory model = exampleModel(1);
        bytes32 typeHash = keccak256(
            "MintAuth(address to,bytes32 weightsDigest,bytes32 recordDigest,bytes32 datasetDigest,bytes32 architectureDigest,bytes32 framework,bytes32 metrics,bytes32 license,uint8 kind,uint16 royaltyBps,address creator,bytes32 parentsHash,uint256 deadline)"
        );
        bytes memory head = abi.encode(
            typeHash, holder, model.weightsDigest, model.recordDigest, model.datasetDigest, model.architectureDigest, model.framework
        );
        bytes memory tail = abi.encode(model.metrics, model.license, model.kind, model.royaltyBps, model.creator, bytes32(0), _DEADLINE);
        bytes32 expected = keccak256(abi.encodePacked(hex"1901", domainOf(address(registry)), keccak256(bytes.concat(head, tail))));
        assertEq(registry.mintAuthDigest(holder, model, _DEADLINE), expected, "digest");
    }

    /// @dev Bits above a field's type would be in no typed data: the compiler's checks stand where the statement is copied as it lies.
    function test_RevertWhen_AFieldHasBitsAboveItsType() public view {
        bytes memory call = abi.encodeCall(registry.mintAuthDigest, (holder, exampleModel(1), _DEADLINE));
        // The statement begins behind the selector and three words; kind, royalty and creator are its words 7, 8 and 9.
        for (uint256 word = 7; word < 10; ++word) {
            bytes memory forged = bytes.concat(call);
            assertEq(uint8(forged[4 + 32 * (3 + word)]), 0, "a byte of padding");
            forged[4 + 32 * (3 + word)] = 0x01;
            (bool answered,) = address(registry).staticcall(forged);
            assertTrue(!answered, "bits above the type");
        }
        (bool fine,) = address(registry).staticcall(call);
        assertTrue(fine, "the same call without them");
    }

    /// @dev Changes one thing that the creator signed at a time; none may pass.
    function testFuzz_RevertWhen_AnythingSignedWasChanged(uint256 which, bytes32 noise) public {
        vm.assume(noise != 0);
        ModelInput memory model = exampleModel(1);
        model.parents = new Parent[](1);
        model.parents[0] = externalParent(1, address(0xe), 7);
        book.register("MIT", "");
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        (address to, uint256 deadline) = (holder, _DEADLINE);
        which = bound(which, 0, 10);
        if (which == 0) to = stranger;
        if (which == 1) deadline += 1;
        if (which == 2) model.weightsDigest ^= noise;
        if (which == 3) model.recordDigest ^= noise;
        if (which == 4) model.datasetDigest ^= noise;
        if (which == 5) model.architectureDigest ^= noise;
        if (which == 6) model.framework ^= noise;
        if (which == 7) model.metrics ^= noise;
        if (which == 8) model.license = keccak256("MIT");
        if (which == 9) model.royaltyBps += 1;
        if (which == 10) model.parents[0].evidence ^= noise;
        refused(to, model, deadline, proof);
    }

    function test_RevertWhen_KindWasChanged() public {
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        model.kind = model.kind == Kind.Model ? Kind.Dataset : Kind.Model;
        refused(holder, model, _DEADLINE, proof);
    }

    function test_RevertWhen_SignedBySomebodyElse() public {
        ModelInput memory model = exampleModel(1);
        refused(holder, model, _DEADLINE, signMint(0xbad, holder, model, _DEADLINE));
    }

    function test_RevertWhen_SignatureIsTheMalleableTwin() public {
        ModelInput memory model = exampleModel(1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(CREATOR_KEY, registry.mintAuthDigest(holder, model, _DEADLINE));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        refused(holder, model, _DEADLINE, abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
    }

    function testFuzz_RevertWhen_SignatureIsNoise(bytes memory proof) public {
        refused(holder, exampleModel(1), _DEADLINE, proof);
    }

    function test_RevertWhen_CreatorIsZero() public {
        ModelInput memory model = exampleModel(1);
        model.creator = address(0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, address(0)));
        registry.mintProvenanceNFT(holder, model, _DEADLINE, new bytes(65));
    }

    function test_RevertWhen_DeadlinePassed() public {
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        vm.warp(_DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryExpiredSignature.selector, _DEADLINE));
        registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
    }

    function test_RevertWhen_SignatureIsUsedTwice() public {
        ModelInput memory model = exampleModel(1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        uint256 id = relay(holder, model, _DEADLINE, proof);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryAlreadyMinted.selector, id));
        registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
    }

    function test_RevertWhen_SignedForAnotherContract() public {
        ModelInput memory model = exampleModel(1);
        bytes32 digest = newRegistry("modelmark", "MARK", address(0)).mintAuthDigest(holder, model, _DEADLINE);
        refused(holder, model, _DEADLINE, signature(CREATOR_KEY, digest));
    }

    function test_RevertWhen_SignedForAnotherChain() public {
        ModelInput memory model = exampleModel(1);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        bytes memory proof = signMint(CREATOR_KEY, holder, model, _DEADLINE);
        vm.chainId(here);
        refused(holder, model, _DEADLINE, proof);
    }

    function test_RevertWhen_ContractAccountRefuses() public {
        (WalletMock wallet, ModelInput memory model) = walletModel();
        bytes memory proof = "whatever the wallet understands";
        wallet.accept(registry.mintAuthDigest(holder, model, _DEADLINE), proof);
        refused(holder, model, _DEADLINE, "something else");
        for (uint256 answer = 1; answer <= uint256(type(WalletMock.Answer).max); ++answer) {
            wallet.behave(WalletMock.Answer(answer));
            refused(holder, model, _DEADLINE, proof);
        }
    }

    function walletModel() private returns (WalletMock wallet, ModelInput memory model) {
        wallet = new WalletMock();
        model = exampleModel(1);
        model.creator = address(wallet);
    }

    function relay(address to, ModelInput memory model, uint256 deadline, bytes memory proof) private returns (uint256) {
        vm.prank(stranger);
        return registry.mintProvenanceNFT(to, model, deadline, proof);
    }

    function refused(address to, ModelInput memory model, uint256 deadline, bytes memory proof) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, model.creator));
        relay(to, model, deadline, proof);
    }
}
