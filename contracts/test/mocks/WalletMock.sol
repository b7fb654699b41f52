// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev A contract account that accepts one (digest, signature) pair, and any number of ways to answer otherwise.
contract WalletMock is IERC1271 {
    enum Answer {
        Honest,
        Wrong,
        Reverting,
        Huge
    }

    bytes32 private _digest;
    bytes32 private _signatureHash;
    Answer private _answer;

    function accept(bytes32 digest, bytes calldata signature) external {
        _digest = digest;
        _signatureHash = keccak256(signature);
    }

    function behave(Answer answer) external {
        _answer = answer;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (_answer == Answer.Wrong) return 0xffffffff;
        if (_answer == Answer.Reverting) revert();
        if (_answer == Answer.Huge) {
            assembly ("memory-safe") {
                return(0, 1000000)
            }
        }
        bool accepted = digest == _digest && keccak256(signature) == _signatureHash;
        return accepted ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
