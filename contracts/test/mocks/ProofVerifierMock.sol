// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

/// @dev A verifier for which a proof is the hash of all that it proves, and several ways to answer otherwise.
contract ProofVerifierMock is IProofVerifier {
    enum Answer {
        Honest,
        True,
        Short,
        Reverting,
        Greedy,
        Bomb
    }

    Answer private _answer;

    function behave(Answer answer) external {
        _answer = answer;
    }

    function verifyProof(bytes32 circuitHash, bytes32 vkHash, bytes32 inputCommitment, bytes calldata output, bytes calldata proof)
        external
        view
        returns (bytes4)
    {
        if (_answer == Answer.True) {
            assembly ("memory-safe") {
                mstore(0, 1)
                return(0, 32)
            }
        }
        if (_answer == Answer.Short) {
            bytes4 selector = IProofVerifier.verifyProof.selector;
            assembly ("memory-safe") {
                mstore(0, selector)
                return(0, 31)
            }
        }
        if (_answer == Answer.Reverting) {
            bytes4 selector = IProofVerifier.verifyProof.selector;
            assembly ("memory-safe") {
                mstore(0, selector)
                revert(0, 32)
            }
        }
        if (_answer == Answer.Greedy) {
            for (uint256 i = 0;; ++i) {}
        }
        if (_answer == Answer.Bomb) {
            assembly ("memory-safe") {
                return(0, 1000000)
            }
        }
        bool holds = keccak256(proof) == keccak256(abi.encode(circuitHash, vkHash, inputCommitment, output));
        return holds ? IProofVerifier.verifyProof.selector : bytes4(0);
    }
}
