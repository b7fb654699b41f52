// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ModelInput, Status} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";
import {VerifierMock} from "../mocks/VerifierMock.sol";
import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

contract DelegatesTest is Base {
    uint256 private constant _DEADLINE = NOW + 1 hours;
    address private _delegate = address(0xde1e);

    function test_Delegate_ActsForTheCreator() public {
        delegate(true);
        assertTrue(registry.actsFor(_delegate, creator), "acts");
        ModelInput memory model = exampleModel(1);
        vm.prank(_delegate);
        uint256 id = registry.mintProvenanceNFT(holder, model);
        assertEq(registry.creatorOf(id), creator, "creator");
        vm.prank(_delegate);
        registry.decreaseRoyalty(id, 1);
        vm.prank(_delegate);
        registry.setStatus(id, Status.Recalled, 0);
        model = exampleModel(2);
        model.royaltyBps = 0;
        vm.prank(_delegate);
        registry.mintLogOnly(holder, model);
    }

    function test_Delegate_ActsForOneCreatorOnly() public {
        delegate(true);
        assertTrue(registry.actsFor(creator, creator), "oneself");
        assertTrue(!registry.actsFor(creator, _delegate), "the other way round");
        assertTrue(!registry.actsFor(_delegate, holder), "another creator");
        ModelInput memory model = exampleModel(1);
        model.creator = holder;
        refused(_delegate, model);
    }

    function test_Delegate_CanBeDismissed() public {
        delegate(true);
        delegate(false);
        refused(_delegate, exampleModel(1));
    }

    function test_Delegation_BySignature() public {
        bytes memory proof = signature(CREATOR_KEY, delegationDigest(creator, _delegate, true, 0, _DEADLINE));
        vm.expectEmit(address(registry));
        emit IModelRegistry.DelegateChanged(creator, _delegate, true);
        vm.prank(stranger);
        registry.setDelegate(creator, _delegate, true, _DEADLINE, proof);
        assertTrue(registry.actsFor(_delegate, creator), "acts");
        assertEq(registry.nonces(creator), 1, "nonce");
    }

    function test_RevertWhen_ADelegationIsReplayed() public {
        bytes memory proof = signature(CREATOR_KEY, delegationDigest(creator, _delegate, true, 0, _DEADLINE));
        registry.setDelegate(creator, _delegate, true, _DEADLINE, proof);
        delegate(false);
        invalid(creator, _delegate, true, _DEADLINE, proof);
    }

    function testFuzz_RevertWhen_ASignedDelegationWasChanged(uint256 which, uint160 noise) public {
        vm.assume(noise != 0);
        bytes memory proof = signature(CREATOR_KEY, delegationDigest(creator, _delegate, true, 0, _DEADLINE));
        which = bound(which, 0, 3);
        if (which == 0) invalid(address(uint160(creator) ^ noise), _delegate, true, _DEADLINE, proof);
        if (which == 1) invalid(creator, address(uint160(_delegate) ^ noise), true, _DEADLINE, proof);
        if (which == 2) invalid(creator, _delegate, false, _DEADLINE, proof);
        if (which == 3) invalid(creator, _delegate, true, _DEADLINE + noise, proof);
    }

    function test_RevertWhen_ADelegationExpired() public {
        bytes memory proof = signature(CREATOR_KEY, delegationDigest(creator, _delegate, true, 0, _DEADLINE));
        vm.warp(_DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryExpiredSignature.selector, _DEADLINE));
        registry.setDelegate(creator, _delegate, true, _DEADLINE, proof);
    }

    function test_RevertWhen_TheVerifierDoesNotAccept() public {
        VerifierMock verifier = new VerifierMock();
        bytes memory key = abi.encodePacked(address(verifier), "k");
        ModelInput memory model = exampleModel(1);
        model.creator = registry.creatorOfKey(key);
        bytes memory fine =
            keySignature(key, abi.encode(keccak256(abi.encodePacked("k", registry.mintAuthDigest(holder, model, _DEADLINE)))));
        for (uint256 answer = 1; answer <= uint256(type(VerifierMock.Answer).max); ++answer) {
            verifier.behave(VerifierMock.Answer(answer));
            notTheirs(model, fine);
        }
        verifier.behave(VerifierMock.Answer.Honest);
        registry.mintProvenanceNFT(holder, model, _DEADLINE, fine);
    }

    function test_RevertWhen_TheKeyIsAVerifierAlone() public {
        bytes memory key = abi.encodePacked(address(new VerifierMock()));
        ModelInput memory model = exampleModel(1);
        model.creator = registry.creatorOfKey(key);
        notTheirs(model, keySignature(key, abi.encode(keccak256(abi.encodePacked(registry.mintAuthDigest(holder, model, _DEADLINE))))));
    }

    /// @dev Twenty bytes would be an account, and its signature would count for a creator who is not that account.
    function test_RevertWhen_TheKeyIsAnAccount() public {
        bytes memory key = abi.encodePacked(creator);
        ModelInput memory model = exampleModel(1);
        model.creator = registry.creatorOfKey(key);
        notTheirs(model, keySignature(key, signMint(CREATOR_KEY, holder, model, _DEADLINE)));
    }

    /// @dev A verifier that was told beforehand what is approved needs no signature.
    function test_Key_NothingNeedFollowIt() public {
        bytes memory key = abi.encodePacked(address(new VerifierMock()), "k");
        ModelInput memory model = exampleModel(1);
        model.creator = registry.creatorOfKey(key);
        bytes memory question =
            abi.encodeCall(IERC7913SignatureVerifier.verify, ("k", registry.mintAuthDigest(holder, model, _DEADLINE), ""));
        vm.mockCall(address(bytes20(key)), question, abi.encode(IERC7913SignatureVerifier.verify.selector));
        assertEq(registry.creatorOf(registry.mintProvenanceNFT(holder, model, _DEADLINE, keySignature(key, ""))), model.creator, "creator");
    }

    function testFuzz_RevertWhen_AKeySignatureIsCutShort(uint256 length) public {
        bytes memory key = abi.encodePacked(address(new VerifierMock()), "k");
        ModelInput memory model = exampleModel(1);
        model.creator = registry.creatorOfKey(key);
        bytes memory whole =
            keySignature(key, abi.encode(keccak256(abi.encodePacked("k", registry.mintAuthDigest(holder, model, _DEADLINE)))));
        bytes memory part = new bytes(bound(length, 0, whole.length - 1));
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = whole[i];
        }
        notTheirs(model, part);
    }

    function delegate(bool allowed) private {
        vm.expectEmit(address(registry));
        emit IModelRegistry.DelegateChanged(creator, _delegate, allowed);
        vm.prank(creator);
        registry.setDelegate(_delegate, allowed);
    }

    function refused(address caller, ModelInput memory model) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotCreator.selector, caller, model.creator));
        vm.prank(caller);
        registry.mintProvenanceNFT(holder, model);
    }

    function notTheirs(ModelInput memory model, bytes memory proof) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, model.creator));
        registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
    }

    function invalid(address author, address who, bool allowed, uint256 deadline, bytes memory proof) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, author));
        registry.setDelegate(author, who, allowed, deadline, proof);
    }
}
