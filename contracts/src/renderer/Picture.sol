// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DisplayText} from "../libraries/DisplayText.sol";
import {DotPattern} from "./DotPattern.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @notice What a picture shows. Texts are clipped to one line and not escaped yet; an empty one is left out.
/// @param heading Where the token belongs.
/// @param kind What the token stands for, in capitals.
/// @param subtitle One line under the title.
/// @param notes Short facts, each in a frame of its own.
/// @param caption What the pattern shows, in digits.
/// @param origin Who stated it.
/// @param ribbon A warning across the corner.
/// @param alarm Whether the warning is a grave one.
/// @param digest What the pattern shows, and where the colours come from.
/// @param mark Keeps the names inside this picture apart from those of others on one page.
struct Card {
    string heading;
    string kind;
    string title;
    string subtitle;
    string[] notes;
    string caption;
    string origin;
    string ribbon;
    bool alarm;
    bytes32 digest;
    uint256 mark;
}

/// @title The picture of a token: a square card of 640 pixels
/// @dev No fonts, scripts or other files from elsewhere: it looks the same for ever, and can be shown in an `<img>`.
library Picture {
    using DisplayText for string;
    using Strings for uint256;

    string private constant _SANS = ' font-family="Inter,Helvetica,Arial,DejaVu Sans,sans-serif"';
    string private constant _MONO = ' font-family="Menlo,Consolas,DejaVu Sans Mono,monospace"';

    /// @dev Returns the whole file.
    function file(Card memory card) internal pure returns (string memory svg) {
        return
            string.concat('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" width="640" height="640">', body(card), "</svg>");
    }

    /// @dev Returns what is inside the `<svg>`, to be put into a picture of 640 pixels.
    function body(Card memory card) internal pure returns (string memory svg) {
        string memory mark = (card.mark >> 224).toHexString(4);
        return string.concat(
            _colours(card.digest, mark),
            '<g fill="url(#dots',
            mark,
            ')">',
            DotPattern.draw(card.digest),
            "</g>",
            _texts(card),
            _notes(card.notes),
            _footer(card),
            _ribbon(card)
        );
    }

    /// @dev Two hues from the digest's last digits: the dots' colours, and darker ones behind them.
    function _colours(bytes32 digest, string memory mark) private pure returns (string memory svg) {
        uint256 hue = uint256(digest) % 360;
        string memory one = hue.toString();
        string memory other = ((hue + 50 + (uint256(digest) >> 16) % 60) % 360).toString();
        svg = string.concat(
            '<defs><linearGradient id="ground',
            mark,
            '" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(',
            one,
            ',45%,18%)"/><stop offset="1" stop-color="hsl(',
            other,
            ',55%,6%)"/></linearGradient>'
        );
        svg = string.concat(
            svg,
            '<linearGradient id="dots',
            mark,
            '" gradientUnits="userSpaceOnUse" x1="160" y1="102" x2="480" y2="422"><stop offset="0" stop-color="hsl(',
            one,
            ',90%,72%)"/><stop offset="1" stop-color="hsl(',
            other,
            ',85%,60%)"/></linearGradient></defs><rect width="640" height="640" fill="url(#ground',
            mark,
            ')"/>'
        );
    }

    function _texts(Card memory card) private pure returns (string memory svg) {
        svg = string.concat(
            '<g fill="#fff"',
            _SANS,
            '><text x="40" y="54" font-size="20" font-weight="600">',
            card.heading.escapeXML(),
            '</text><text x="40" y="76" font-size="13" letter-spacing="3" fill-opacity=".6">',
            card.kind.escapeXML(),
            "</text>"
        );
        return string.concat(
            svg,
            '<text x="40" y="490" font-weight="700" font-size="',
            _size(bytes(card.title).length),
            '">',
            card.title.escapeXML(),
            '</text><text x="40" y="522" font-size="20" fill-opacity=".75">',
            card.subtitle.escapeXML(),
            "</text></g>"
        );
    }

    /// @dev The largest size at which a title of this many characters stays inside the card.
    function _size(uint256 length) private pure returns (string memory) {
        if (length <= 20) return "44";
        return length <= 30 ? "31" : "23";
    }

    /// @dev Letters of one width, so that the frames fit without anybody measuring.
    function _notes(string[] memory notes) private pure returns (string memory svg) {
        uint256 x = 40;
        for (uint256 i = 0; i < notes.length; ++i) {
            uint256 width = 24 + 9 * bytes(notes[i]).length;
            svg = string.concat(svg, _note(notes[i], x, width));
            x += width + 10;
        }
        return string.concat('<g fill="#fff" font-size="15"', _MONO, ">", svg, "</g>");
    }

    function _note(string memory note, uint256 x, uint256 width) private pure returns (string memory svg) {
        return string.concat(
            '<rect x="',
            x.toString(),
            '" y="542" width="',
            width.toString(),
            '" height="32" rx="16" fill-opacity=".12"/><text x="',
            (x + width / 2).toString(),
            '" y="563" text-anchor="middle">',
            note.escapeXML(),
            "</text>"
        );
    }

    function _footer(Card memory card) private pure returns (string memory svg) {
        return string.concat(
            '<g fill="#fff" fill-opacity=".6" font-size="14"',
            _MONO,
            '><text x="40" y="610">',
            card.caption.escapeXML(),
            '</text><text x="600" y="610" text-anchor="end">',
            card.origin.escapeXML(),
            "</text></g>"
        );
    }

    function _ribbon(Card memory card) private pure returns (string memory svg) {
        if (bytes(card.ribbon).length == 0) return "";
        return string.concat(
            '<g transform="translate(640 0) rotate(45)"',
            _SANS,
            '><rect x="-170" y="96" width="340" height="40" fill="',
            card.alarm ? "#e5383b" : "#f4a261",
            '"/><text y="123" font-size="19" font-weight="700" letter-spacing="2" text-anchor="middle" fill="',
            card.alarm ? "#fff" : "#1b1b1b",
            '">',
            card.ribbon.escapeXML(),
            "</text></g>"
        );
    }
}
