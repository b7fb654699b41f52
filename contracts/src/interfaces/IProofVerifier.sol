// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What checks the proofs of one proof system
interface IProofVerifier {
    /// @notice Says whether a proof shows that a circuit gives `output` for the committed input.
    /// @param circuitHash Which circuit, and `vkHash` which verifying key.
    /// @return accepted This function's selector for a proof that holds. Everything else, a revert included, is a proof that does not.
    function verifyProof(bytes32 circuitHash, bytes32 vkHash, bytes32 inputCommitment, bytes calldata output, bytes calldata proof)
        external
        view
        returns (bytes4 accepted);
}
