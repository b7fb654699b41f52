// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title Strangers' text, made fit to be shown
/// @dev A name may be anything: JSON, markup, control characters, a megabyte. Text is clipped first and escaped last, for the one place
/// that it goes to.
library DisplayText {
    using Strings for uint256;

    /// @dev The longest escape: `&quot;`.
    uint256 private constant _LONGEST = 6;

    /// @dev Returns at most `limit` characters, which is at least 3, all of them visible ASCII or spaces: whatever else is there is shown
    /// as one `?` a character, and text that is longer ends in three dots.
    function clip(string memory text, uint256 limit) internal pure returns (string memory clipped) {
        bytes memory given = bytes(text);
        bytes memory shown = new bytes(limit);
        uint256 length = 0;
        for (uint256 i = 0; i < given.length; ++i) {
            bytes1 character = given[i];
            // The later bytes of a UTF-8 character.
            if (character & 0xc0 == 0x80) continue;
            if (length == limit) {
                (shown[limit - 3], shown[limit - 2], shown[limit - 1]) = (".", ".", ".");
                break;
            }
            shown[length++] = character >= " " && character <= "~" ? character : bytes1("?");
        }
        return string(_cut(shown, length));
    }

    /// @dev Returns text as it is written between tags and in attributes.
    function escapeXML(string memory text) internal pure returns (string memory escaped) {
        bytes memory given = bytes(text);
        bytes memory written = new bytes(given.length * _LONGEST);
        uint256 length = 0;
        for (uint256 i = 0; i < given.length; ++i) {
            bytes memory entity = _entity(given[i]);
            for (uint256 j = 0; j < entity.length; ++j) {
                written[length++] = entity[j];
            }
        }
        return string(_cut(written, length));
    }

    /// @dev Returns text as it is written in JSON, with its quotes.
    function quote(string memory text) internal pure returns (string memory quoted) {
        return string.concat('"', Strings.escapeJSON(text), '"');
    }

    /// @dev Returns a number as people say it, rounded down: 999, 1.5K, 7.2B, 405B.
    function magnitude(uint256 number) internal pure returns (string memory text) {
        if (number < 1000) return number.toString();
        bytes memory units = "KMBT";
        uint256 unit = 0;
        uint256 scale = 1000;
        while (number / scale >= 1000 && unit < 3) {
            scale *= 1000;
            ++unit;
        }
        uint256 whole = number / scale;
        uint256 tenth = number % scale * 10 / scale;
        string memory fraction = whole < 100 && tenth != 0 ? string.concat(".", tenth.toString()) : "";
        return string.concat(whole.toString(), fraction, string(bytes.concat(units[unit])));
    }

    /// @dev Returns the first and last hexadecimal digits of some bytes.
    function abbreviate(bytes memory value) internal pure returns (string memory text) {
        bytes memory digits = bytes(Strings.toHexString(value));
        bytes memory shown = new bytes(14);
        for (uint256 i = 0; i < 6; ++i) {
            shown[i] = digits[2 + i];
            shown[8 + i] = digits[digits.length - 6 + i];
        }
        (shown[6], shown[7]) = (".", ".");
        return string(shown);
    }

    function _entity(bytes1 character) private pure returns (bytes memory) {
        if (character == "&") return "&amp;";
        if (character == "<") return "&lt;";
        if (character == ">") return "&gt;";
        if (character == '"') return "&quot;";
        if (character == "'") return "&#39;";
        return bytes.concat(character);
    }

    function _cut(bytes memory buffer, uint256 length) private pure returns (bytes memory) {
        assembly ("memory-safe") {
            mstore(buffer, length)
        }
        return buffer;
    }
}
