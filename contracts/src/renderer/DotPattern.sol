// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title A digest as a picture: a field of 8 x 8 dots, one for each hexadecimal digit, as large as the digit
/// @dev Nothing is left out: two digests that differ look different, and a reader with patience can read the digest off.
library DotPattern {
    using Strings for uint256;

    /// @dev Pixels between two dots, from the field's corner to the middle of its first dot, and the smallest radius.
    uint256 private constant _STEP = 40;
    uint256 private constant _FIRST_X = 180;
    uint256 private constant _FIRST_Y = 122;
    uint256 private constant _LEAST = 3;

    /// @dev Returns 64 SVG circles, the digest's first digit at the top left.
    function draw(bytes32 digest) internal pure returns (string memory svg) {
        for (uint256 row = 0; row < 8; ++row) {
            svg = string.concat(svg, _row(uint256(digest) >> (224 - 32 * row), (_FIRST_Y + _STEP * row).toString()));
        }
    }

    function _row(uint256 digits, string memory y) private pure returns (string memory svg) {
        for (uint256 column = 0; column < 8; ++column) {
            uint256 digit = (digits >> (28 - 4 * column)) & 15;
            string memory x = (_FIRST_X + _STEP * column).toString();
            svg = string.concat(svg, '<circle cx="', x, '" cy="', y, '" r="', (_LEAST + digit).toString(), '"/>');
        }
    }
}
