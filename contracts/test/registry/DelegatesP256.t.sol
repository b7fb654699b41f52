// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ModelInput, Status} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

/// @dev Creators with a key on a passkey's curve. In a file of its own, which coverage leaves out: OpenZeppelin's P256 does not compile
/// without the optimiser.
contract DelegatesP256Test is Base {
    uint256 private constant _DEADLINE = NOW + 1 hours;
    uint256 private constant _SECRET = 0x5ec4e7;

    /// @dev The creator has no account, and appoints one.
    function test_Key_P256CreatorMintsAndAppointsADelegate() public {
        (bytes memory key, address author) = p256(_SECRET);
        ModelInput memory model = exampleModel(1);
        model.creator = author;
        bytes memory proof = keySignature(key, p256Signature(_SECRET, registry.mintAuthDigest(holder, model, _DEADLINE)));
        uint256 id = registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
        assertEq(registry.creatorOf(id), author, "creator");
        assertEq(registry.creatorOfKey(key), author, "address of the key");

        proof = keySignature(key, p256Signature(_SECRET, delegationDigest(author, holder, true, 0, _DEADLINE)));
        registry.setDelegate(author, holder, true, _DEADLINE, proof);
        vm.prank(holder);
        registry.setStatus(id, Status.Deprecated, 0);
    }

    function test_RevertWhen_AnotherP256KeySigned() public {
        (bytes memory key, address author) = p256(_SECRET);
        (bytes memory other,) = p256(0xbad);
        ModelInput memory model = exampleModel(1);
        model.creator = author;
        bytes32 digest = registry.mintAuthDigest(holder, model, _DEADLINE);
        notTheirs(model, keySignature(key, p256Signature(0xbad, digest)));
        notTheirs(model, keySignature(other, p256Signature(0xbad, digest)));
    }

    function notTheirs(ModelInput memory model, bytes memory proof) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryInvalidSignature.selector, model.creator));
        registry.mintProvenanceNFT(holder, model, _DEADLINE, proof);
    }

    function p256(uint256 secret) private returns (bytes memory key, address author) {
        // One verifier for all keys of a test, as a chain has.
        address verifier = address(0x7913);
        if (verifier.code.length == 0) vm.etch(verifier, address(new ERC7913P256Verifier()).code);
        (uint256 x, uint256 y) = vm.publicKeyP256(secret);
        key = abi.encodePacked(verifier, x, y);
        author = address(uint160(uint256(keccak256(key))));
    }

    /// @dev Verifiers take the lower of the two values that s can have.
    function p256Signature(uint256 secret, bytes32 digest) private pure returns (bytes memory) {
        uint256 order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
        (bytes32 r, bytes32 s) = vm.signP256(secret, digest);
        return abi.encodePacked(r, uint256(s) > order / 2 ? order - uint256(s) : uint256(s));
    }
}
