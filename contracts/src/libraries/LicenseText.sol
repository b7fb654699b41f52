// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What may stand in a licence book
library LicenseText {
    uint256 private constant _MAX_EXPRESSION = 255;
    uint256 private constant _MAX_URI = 1023;

    /// @dev Says whether `text` has the characters of an SPDX expression, with single spaces between words only. It is not parsed.
    function isExpression(bytes memory text) internal pure returns (bool) {
        uint256 length = text.length;
        if (length == 0 || length > _MAX_EXPRESSION) return false;
        bool spaceAllowed = false;
        for (uint256 i = 0; i < length; ++i) {
            bytes1 character = text[i];
            if (character == " ") {
                if (!spaceAllowed) return false;
                spaceAllowed = false;
            } else {
                if (!_isIdentifier(character) && character != "+" && character != ":" && character != "(" && character != ")") {
                    return false;
                }
                spaceAllowed = true;
            }
        }
        return spaceAllowed;
    }

    /// @dev Says whether `text` is short, visible ASCII and free of what ends or opens a JSON string or an HTML attribute.
    function isUri(bytes memory text) internal pure returns (bool) {
        uint256 length = text.length;
        if (length > _MAX_URI) return false;
        for (uint256 i = 0; i < length; ++i) {
            bytes1 character = text[i];
            if (character <= " " || character > "~") return false;
            if (character == '"' || character == "'" || character == "\\" || character == "<" || character == ">") return false;
        }
        return true;
    }

    /// @dev Says whether `text` names a licence that is not in SPDX's list, whose terms only the registrant can point to.
    function isCustom(bytes memory text) internal pure returns (bool) {
        bytes memory mark = "LicenseRef-";
        for (uint256 start = 0; start + mark.length <= text.length; ++start) {
            uint256 matched = 0;
            while (matched < mark.length && text[start + matched] == mark[matched]) ++matched;
            if (matched == mark.length) return true;
        }
        return false;
    }

    /// @dev Returns the page of a single SPDX identifier, and nothing for an expression of several, which has no page.
    function derivedUri(string memory text) internal pure returns (string memory uri) {
        bytes memory characters = bytes(text);
        for (uint256 i = 0; i < characters.length; ++i) {
            if (!_isIdentifier(characters[i])) return "";
        }
        return string.concat("https://spdx.org/licenses/", text, ".html");
    }

    function _isIdentifier(bytes1 character) private pure returns (bool) {
        return (character >= "a" && character <= "z") || (character >= "A" && character <= "Z") || (character >= "0" && character <= "9")
            || character == "-" || character == ".";
    }
}
