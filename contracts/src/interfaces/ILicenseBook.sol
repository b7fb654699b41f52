// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Append-only list of licences
/// @notice Gives every SPDX licence expression a small number. Nobody owns the book, and no entry ever changes.
///
/// IMPORTANT: the book does not know which SPDX identifiers exist, nor what a `LicenseRef-` text means. An entry says only that
/// somebody registered this text.
interface ILicenseBook {
    /// @notice Emitted once for each licence, when it enters the book.
    event LicenseRegistered(uint24 indexed id, bytes32 indexed license, string spdx, string uri);

    /// @notice The text is not a tidy SPDX expression: empty, over 255 bytes, a character outside `A-Za-z0-9.-+:()` and single inner spaces.
    error LicenseBookInvalidExpression(string spdx);

    /// @notice The address is over 1 023 bytes, or has a character that could end a JSON string or an HTML attribute.
    error LicenseBookInvalidUri(string uri);

    /// @notice The address is not the one the book holds or derives for this text. For a text without `LicenseRef-` only the empty
    /// string and the derived address are accepted, so that the first registrant cannot point a public licence at other terms.
    error LicenseBookUriMismatch(string spdx, string expected, string given);

    /// @notice No licence has this id.
    error LicenseBookUnknownLicense(uint24 id);

    /// @notice All 2^24 - 1 ids are used.
    error LicenseBookFull();

    /// @notice Enters a licence, or returns the id it already has. Anyone may call.
    ///
    /// NOTE: for a `LicenseRef-` text the first caller chooses the address. A caller who finds the text taken with another address
    /// gets {LicenseBookUriMismatch}; put a digest of the terms in the name to rule that out.
    /// @param spdx SPDX licence expression, byte for byte as the record spells it.
    /// @param uri Where the terms of a `LicenseRef-` licence are; empty for SPDX's own licences, whose address is derived.
    /// @return id The licence's id, from 1.
    function register(string calldata spdx, string calldata uri) external returns (uint24 id);

    /// @notice Returns the id of a licence, or 0 when it is not in the book.
    /// @param license keccak256 of the SPDX expression's text.
    function idOf(bytes32 license) external view returns (uint24 id);

    /// @notice Returns a licence's text and where its terms can be read: empty for an expression that has no page of its own.
    function get(uint24 id) external view returns (string memory spdx, string memory uri);

    /// @notice Returns how many licences are in the book, which is also the newest id.
    function count() external view returns (uint24 licenses);
}
