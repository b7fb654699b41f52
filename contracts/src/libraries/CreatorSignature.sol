// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Signatures of creators, whatever kind of account they have
/// @dev A creator is an address of one of three kinds: of a secp256k1 key, of a contract, or of an ERC-7913 key (a passkey, a hardware
/// module). The last is no account: it is the hash of verifier and key, so that nobody can send from it or deploy to it.
library CreatorSignature {
    /// @dev Two bytes say how long verifier and key are.
    uint256 private constant _LENGTH = 2;

    /// @dev A verifier alone, without a key, would be an address and no key of anybody.
    uint256 private constant _VERIFIER = 20;

    /// @dev Says whether `signature` is `signer`'s over `digest`.
    ///
    /// ECDSA is tried first. OpenZeppelin's own checker asks ERC-1271 as soon as the account has code, and would refuse the key of
    /// an account that delegated its code under EIP-7702.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        if (signer.code.length != 0) return SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
        return _isKeySignature(signer, digest, signature);
    }

    /// @dev Returns the creator's address of an ERC-7913 key: the last 20 bytes of the hash of verifier and key.
    function addressOf(bytes memory key) internal pure returns (address) {
        return address(uint160(uint256(keccak256(key))));
    }

    /// @dev Takes a signature apart: length of the key in two bytes, verifier and key, what the verifier understands.
    ///
    /// The verifier is whoever the creator's address commits to. It is asked by a static call, and can do no more than answer.
    function _isKeySignature(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        if (signature.length < _LENGTH) return false;
        uint256 end = _LENGTH + uint16(bytes2(signature));
        if (end <= _LENGTH + _VERIFIER || end > signature.length) return false;
        bytes memory key = signature[_LENGTH:end];
        return addressOf(key) == signer && SignatureChecker.isValidSignatureNow(key, digest, signature[end:]);
    }
}
