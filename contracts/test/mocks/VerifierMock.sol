// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

/// @dev An ERC-7913 verifier for which a signature is the hash of key and digest, and several ways to answer otherwise.
contract VerifierMock is IERC7913SignatureVerifier {
    enum Answer {
        Honest,
        Wrong,
        Reverting,
        Short
    }

    Answer private _answer;

    function behave(Answer answer) external {
        _answer = answer;
    }

    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (_answer == Answer.Wrong) return 0xffffffff;
        if (_answer == Answer.Reverting) revert();
        if (_answer == Answer.Short) {
            assembly ("memory-safe") {
                mstore(0, shl(224, 0x024ad318))
                return(0, 31)
            }
        }
        bool accepted = signature.length == 32 && bytes32(signature) == keccak256(abi.encodePacked(key, hash));
        return accepted ? IERC7913SignatureVerifier.verify.selector : bytes4(0);
    }
}
