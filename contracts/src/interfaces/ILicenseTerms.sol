// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Conflict, LicenseFlags} from "../types/LicenseFlags.sol";

/// @title What licences permit and demand, in the reading of whoever read them
/// @notice No contract can read a licence. Every account has a list of its own in which it says once, for good, what a licence permits and
/// demands; who relies on a reading chooses whose.
///
/// IMPORTANT: a reading is an opinion in seven bits. It is no legal advice, and where it differs from the licence's text, the text counts.
interface ILicenseTerms {
    /// @notice Emitted when a reader says what a licence permits and demands.
    event LicenseRead(address indexed reader, bytes32 indexed license, LicenseFlags flags);

    /// @notice The reader has read this licence before: a reading that others may rely on does not change.
    error LicenseTermsAlreadyRead(address reader, bytes32 license);

    /// @notice There are flags that mean nothing.
    error LicenseTermsUnknownFlags(LicenseFlags flags);

    /// @notice The licence and flag lists have different lengths.
    error LicenseTermsLengths(uint256 licenses, uint256 flags);

    /// @notice Says for the caller what some licences permit and demand.
    /// @param licenses keccak256 of the SPDX expressions' texts.
    /// @param flags What each permits and demands, see `types/LicenseFlags.sol`.
    function read(bytes32[] calldata licenses, LicenseFlags[] calldata flags) external;

    /// @notice Returns a reader's reading of a licence, and whether there is one.
    function readingOf(address reader, bytes32 license) external view returns (bool known, LicenseFlags flags);

    /// @notice Returns why, by a reader's reading, a model under `child` may not come from one under `parent`, or `None`.
    ///
    /// In this order: both have to be known; the parent's has to permit derivatives; a share-alike licence goes on unchanged; the child's
    /// permits nothing that the parent's does not; the child's demands attribution and restricts uses where the parent's does.
    function conflictOf(address reader, bytes32 parent, bytes32 child) external view returns (Conflict conflict);
}
