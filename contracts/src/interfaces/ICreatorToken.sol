// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of ERC-721C that marketplaces look for: a contract that is asked before each transfer
interface ICreatorToken {
    /// @notice Emitted when the validator changes. Zero means that nobody is asked.
    event TransferValidatorUpdated(address oldValidator, address newValidator);

    /// @notice Sets who is asked before each transfer, or nobody with zero.
    function setTransferValidator(address validator) external;

    /// @notice Returns who is asked before each transfer: zero when nobody is.
    function getTransferValidator() external view returns (address validator);

    /// @notice Returns what the validator is asked, and whether that is a view.
    function getTransferValidationFunction() external view returns (bytes4 functionSignature, bool isViewFunction);
}

/// @title Who is asked
interface ITransferValidator {
    /// @notice Reverts when `caller` may not move the token from `from` to `to`.
    function validateTransfer(address caller, address from, address to, uint256 tokenId) external view;
}
