// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProofKeys} from "../src/ProofKeys.sol";
import {IERC7992Verifier, IProofKeys} from "../src/interfaces/IProofKeys.sol";
import {IProofVerifier} from "../src/interfaces/IProofVerifier.sol";
import {Base} from "./Base.sol";
import {ProofVerifierMock} from "./mocks/ProofVerifierMock.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";

contract ProofKeysTest is Base {
    bytes32 private constant _INPUT = keccak256("input and nonce");
    bytes private constant _OUTPUT = "positive";

    ProofKeys private _keys;
    ProofVerifierMock private _verifier;
    uint256 private _id;
    uint256 private _key;

    function setUp() public override {
        super.setUp();
        (_keys, _verifier) = (new ProofKeys(), new ProofVerifierMock());
        _id = mint(exampleModel(1));
        vm.prank(creator);
        _key = _keys.register(registry, _id, _verifier, commitment());
    }

    function test_Register() public {
        uint256 other = mint(exampleModel(2));
        IProofKeys.ModelCommitment memory full = commitment();
        bytes32 hash = keccak256(abi.encode(registry, other, _verifier, full.circuitHash, full.vkHash, full.proofSystemId));
        full.modelHash = exampleModel(2).weightsDigest;
        vm.expectEmit(address(_keys));
        emit IProofKeys.ModelRegistered(uint256(hash), creator, full);
        vm.expectEmit(address(_keys));
        emit IProofKeys.KeyAdded(uint256(hash), address(registry), other, address(_verifier));
        vm.prank(creator);
        uint256 key = _keys.register(registry, other, _verifier, commitment());
        assertEq(key, uint256(hash), "id");
        (IProofKeys.ModelCommitment memory found, bool deprecated, address owner) = _keys.getModel(key);
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(full)), "commitment");
        assertTrue(!deprecated, "deprecated");
        assertEq(owner, creator, "owner");
        (address tokens, uint256 tokenId, address verifier) = _keys.keyOf(key);
        assertEq(tokens, address(registry), "registry");
        assertEq(tokenId, other, "token");
        assertEq(verifier, address(_verifier), "verifier");
        assertTrue(_keys.proofSystemOf(key) == full.proofSystemId, "proof system");
        assertEq(_keys.registry(), address(_keys), "where keys are looked up");
    }

    function test_Register_ByADelegateAndAfterASale() public {
        vm.prank(creator);
        registry.transferFrom(creator, holder, _id);
        IProofKeys.ModelCommitment memory next = commitment();
        next.vkHash = keccak256("another");
        vm.expectRevert();
        vm.prank(holder);
        _keys.register(registry, _id, _verifier, next);
        vm.prank(creator);
        registry.setDelegate(stranger, true);
        vm.prank(stranger);
        _keys.register(registry, _id, _verifier, next);
    }

    function test_RevertWhen_SomebodyElseRegistersOrDeprecates() public {
        vm.expectRevert(abi.encodeWithSelector(IProofKeys.NotModelOwner.selector, _key, stranger));
        vm.prank(stranger);
        _keys.register(registry, _id, _verifier, commitment());
        vm.expectRevert(abi.encodeWithSelector(IProofKeys.NotModelOwner.selector, _key, stranger));
        vm.prank(stranger);
        _keys.deprecateModel(_key);
    }

    function test_RevertWhen_RegisteredTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IProofKeys.ProofKeysAlreadyAdded.selector, _key));
        vm.prank(creator);
        _keys.register(registry, _id, _verifier, commitment());
    }

    function test_RevertWhen_TheKeyIsInvalid() public {
        IProofKeys.ModelCommitment memory bad = commitment();
        bad.circuitHash = 0;
        invalid(_verifier, bad);
        bad = commitment();
        bad.vkHash = 0;
        invalid(_verifier, bad);
        bad = commitment();
        (bad.circuitHash, bad.uri) = (keccak256("another"), string(new bytes(256)));
        invalid(_verifier, bad);
        invalid(IProofVerifier(stranger), commitment());
    }

    function test_VerifyInference() public {
        vm.expectEmit(address(_keys));
        emit IERC7992Verifier.InferenceVerified(_key, _INPUT, _OUTPUT, stranger);
        vm.prank(stranger);
        _keys.verifyInference(_key, _INPUT, _OUTPUT, proof());
        _keys.verifyInference(_key, _INPUT, _OUTPUT, proof());
    }

    function test_RevertWhen_TheProofIsOfSomethingElse() public {
        bytes memory good = proof();
        vm.expectRevert(IERC7992Verifier.InvalidProof.selector);
        _keys.verifyInference(_key, _INPUT, "negative", good);
        vm.expectRevert(IERC7992Verifier.InvalidProof.selector);
        _keys.verifyInference(_key, keccak256("other"), _OUTPUT, good);
        vm.expectRevert(IERC7992Verifier.InvalidProof.selector);
        _keys.verifyInference(_key, _INPUT, _OUTPUT, "");
    }

    /// @dev Whatever a verifier does but say yes is a no, and it costs a bounded amount of gas.
    function test_RevertWhen_TheVerifierAnswersOtherwise() public {
        bytes memory good = proof();
        for (uint256 i = 1; i <= uint256(type(ProofVerifierMock.Answer).max); ++i) {
            _verifier.behave(ProofVerifierMock.Answer(i));
            uint256 before = gasleft();
            vm.expectRevert(IERC7992Verifier.InvalidProof.selector);
            _keys.verifyInference(_key, _INPUT, _OUTPUT, good);
            assertTrue(before - gasleft() < 5_500_000, "gas");
        }
    }

    function test_RevertWhen_TheVerifierLostItsCode() public {
        bytes memory good = proof();
        vm.etch(address(_verifier), "");
        vm.expectRevert(IERC7992Verifier.InvalidProof.selector);
        _keys.verifyInference(_key, _INPUT, _OUTPUT, good);
    }

    function test_VerifyInferenceOnce_TakesAnInputOnceFromEachCaller() public {
        bytes memory good = proof();
        vm.prank(stranger);
        _keys.verifyInferenceOnce(_key, _INPUT, _OUTPUT, good);
        assertTrue(_keys.isUsed(stranger, _key, _INPUT) && !_keys.isUsed(holder, _key, _INPUT), "used");
        vm.expectRevert(abi.encodeWithSelector(IProofKeys.ProofKeysReplayed.selector, _key, _INPUT));
        vm.prank(stranger);
        _keys.verifyInferenceOnce(_key, _INPUT, _OUTPUT, good);
        vm.prank(holder);
        _keys.verifyInferenceOnce(_key, _INPUT, _OUTPUT, good);
    }

    function test_RevertWhen_AProofThatDoesNotHoldIsUsed() public {
        vm.expectRevert(IERC7992Verifier.InvalidProof.selector);
        _keys.verifyInferenceOnce(_key, _INPUT, _OUTPUT, "no");
        assertTrue(!_keys.isUsed(address(this), _key, _INPUT), "used");
    }

    function test_Deprecate() public {
        bytes memory good = proof();
        vm.expectEmit(address(_keys));
        emit IProofKeys.ModelDeprecated(_key);
        vm.prank(creator);
        _keys.deprecateModel(_key);
        (, bool deprecated,) = _keys.getModel(_key);
        assertTrue(deprecated, "deprecated");
        vm.expectRevert(abi.encodeWithSelector(IERC7992Verifier.VerificationRefused_ModelDeprecated.selector, _key));
        _keys.verifyInference(_key, _INPUT, _OUTPUT, good);
        vm.expectRevert(abi.encodeWithSelector(IProofKeys.ModelIsDeprecated.selector, _key));
        vm.prank(creator);
        _keys.deprecateModel(_key);
    }

    function test_RevertWhen_TheKeyIsUnknown() public {
        bytes memory unknown = abi.encodeWithSelector(IProofKeys.ModelNotFound.selector, 7);
        vm.expectRevert(unknown);
        _keys.getModel(7);
        vm.expectRevert(unknown);
        _keys.keyOf(7);
        vm.expectRevert(unknown);
        _keys.proofSystemOf(7);
        vm.expectRevert(unknown);
        _keys.verifyInference(7, _INPUT, _OUTPUT, "");
        vm.expectRevert(unknown);
        _keys.deprecateModel(7);
    }

    function test_SupportsInterface() public view {
        assertTrue(_keys.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertTrue(_keys.supportsInterface(type(IERC7992Verifier).interfaceId), "the verifier's half of ERC-7992");
        assertTrue(!_keys.supportsInterface(0xffffffff), "nothing");
    }

    function test_Gas() public {
        uint256 other = mint(exampleModel(2));
        vm.prank(creator);
        _keys.register(registry, other, _verifier, commitment());
        vm.snapshotGasLastCall("ProofKeys", "register");
        _keys.verifyInference(_key, _INPUT, _OUTPUT, proof());
        vm.snapshotGasLastCall("ProofKeys", "verifyInference: without the verifier's own work");
        _keys.verifyInferenceOnce(_key, _INPUT, _OUTPUT, proof());
        vm.snapshotGasLastCall("ProofKeys", "verifyInferenceOnce: without the verifier's own work");
    }

    function commitment() private pure returns (IProofKeys.ModelCommitment memory) {
        return
            IProofKeys.ModelCommitment(0, keccak256("circuit"), keccak256("key"), bytes4(keccak256("groth16-bn254-v1")), "ipfs://circuit");
    }

    function proof() private pure returns (bytes memory) {
        return abi.encode(keccak256("circuit"), keccak256("key"), _INPUT, _OUTPUT);
    }

    function invalid(IProofVerifier verifier, IProofKeys.ModelCommitment memory bad) private {
        vm.expectRevert(IProofKeys.ProofKeysInvalid.selector);
        vm.prank(creator);
        _keys.register(registry, _id, verifier, bad);
    }
}
