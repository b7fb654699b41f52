// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A recipient that fails whenever anything calls it: minting must not notice.
contract RecipientMock {
    error Called();

    fallback() external payable {
        revert Called();
    }
}
