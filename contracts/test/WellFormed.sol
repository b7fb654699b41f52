// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Says whether text is a well-formed piece of XML, in the small part of XML that our pictures are written in: elements with quoted
/// attributes, text, five entities. No comments, declarations, references to anything, or letters beyond ASCII.
library WellFormed {
    error Malformed(string why, uint256 at_);

    function check(string memory text) internal pure returns (uint256 elements) {
        bytes memory xml = bytes(text);
        bytes32[] memory open = new bytes32[](16);
        uint256 depth = 0;
        uint256 i = 0;
        while (i < xml.length) {
            if (xml[i] != "<") {
                i = _character(xml, i);
                continue;
            }
            bool closing = xml[i + 1] == "/";
            uint256 start = closing ? i + 2 : i + 1;
            i = _name(xml, start);
            bytes32 name = _slice(xml, start, i);
            if (closing) {
                if (depth == 0 || open[--depth] != name) revert Malformed("wrong end tag", i);
                if (xml[i] != ">") revert Malformed("end tag goes on", i);
                ++i;
                continue;
            }
            ++elements;
            i = _attributes(xml, i);
            if (xml[i] == "/") {
                ++i;
            } else {
                open[depth++] = name;
            }
            if (xml[i] != ">") revert Malformed("start tag goes on", i);
            ++i;
        }
        if (depth != 0) revert Malformed("not closed", i);
    }

    function _attributes(bytes memory xml, uint256 i) private pure returns (uint256) {
        while (xml[i] == " ") {
            i = _name(xml, i + 1);
            if (xml[i] != "=" || xml[i + 1] != '"') revert Malformed("attribute without value", i);
            i += 2;
            while (xml[i] != '"') {
                if (xml[i] == "<") revert Malformed("tag in an attribute", i);
                i = _character(xml, i);
            }
            ++i;
        }
        return i;
    }

    function _character(bytes memory xml, uint256 i) private pure returns (uint256) {
        if (xml[i] < " " || xml[i] > "~") revert Malformed("not visible ASCII", i);
        if (xml[i] != "&") return i + 1;
        uint256 end = i;
        while (xml[end] != ";") ++end;
        bytes32 entity = _slice(xml, i, end + 1);
        if (
            entity != keccak256("&amp;") && entity != keccak256("&lt;") && entity != keccak256("&gt;") && entity != keccak256("&quot;")
                && entity != keccak256("&#39;")
        ) revert Malformed("unknown entity", i);
        return end + 1;
    }

    function _name(bytes memory xml, uint256 i) private pure returns (uint256) {
        uint256 start = i;
        while ((xml[i] >= "a" && xml[i] <= "z") || (xml[i] >= "A" && xml[i] <= "Z") || xml[i] == "-" || (xml[i] >= "0" && xml[i] <= "9")) ++i;
        if (i == start) revert Malformed("no name", i);
        return i;
    }

    function _slice(bytes memory xml, uint256 start, uint256 end) private pure returns (bytes32) {
        bytes memory part = new bytes(end - start);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = xml[start + i];
        }
        return keccak256(part);
    }
}
