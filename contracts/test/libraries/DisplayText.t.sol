// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DisplayText} from "../../src/libraries/DisplayText.sol";
import {Base} from "../Base.sol";

contract DisplayTextTest is Base {
    function test_Clip() public pure {
        assertEq(DisplayText.clip("", 5), "", "nothing");
        assertEq(DisplayText.clip("abcde", 5), "abcde", "as long as it may be");
        assertEq(DisplayText.clip("abcdef", 5), "ab...", "one longer");
        assertEq(DisplayText.clip("abc", 3), "abc", "the least limit");
        assertEq(DisplayText.clip("abcd", 3), "...", "nothing but dots");
        assertEq(DisplayText.clip(unicode"é☃😀", 5), "???", "a mark for a character");
        assertEq(DisplayText.clip(unicode"éééé☃😀", 5), "??...", "characters are counted, not bytes");
        assertEq(DisplayText.clip("\x00\x1f\x7f ~", 5), "??? ~", "control characters");
        assertEq(DisplayText.clip(string(bytes.concat(bytes4(0x80bf41ff))), 5), "A?", "not UTF-8");
    }

    function testFuzz_Clip_IsShortAndVisible(bytes calldata text, uint8 limit) public pure {
        uint256 most = 3 + uint256(limit);
        bytes memory shown = bytes(DisplayText.clip(string(text), most));
        assertTrue(shown.length <= most && shown.length <= text.length, "length");
        for (uint256 i = 0; i < shown.length; ++i) {
            assertTrue(shown[i] >= " " && shown[i] <= "~", "visible");
        }
    }

    function test_EscapeXML() public pure {
        assertEq(DisplayText.escapeXML(""), "", "nothing");
        assertEq(DisplayText.escapeXML("a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;&#39;c", "each");
        assertEq(DisplayText.escapeXML("&amp;"), "&amp;amp;", "what is escaped is escaped again");
    }

    function test_Quote() public pure {
        assertEq(DisplayText.quote('a"b\\'), '"a\\"b\\\\"', "quoted");
    }

    function test_Magnitude() public pure {
        assertEq(DisplayText.magnitude(0), "0", "0");
        assertEq(DisplayText.magnitude(999), "999", "999");
        assertEq(DisplayText.magnitude(1000), "1K", "1 000");
        assertEq(DisplayText.magnitude(1999), "1.9K", "1 999");
        assertEq(DisplayText.magnitude(99_950), "99.9K", "99 950");
        assertEq(DisplayText.magnitude(100_950), "100K", "100 950");
        assertEq(DisplayText.magnitude(124_439_808), "124M", "124 439 808");
        assertEq(DisplayText.magnitude(7_241_732_096), "7.2B", "7 241 732 096");
        assertEq(DisplayText.magnitude(405_000_000_000), "405B", "405 000 000 000");
        assertEq(DisplayText.magnitude(1_000_000_000_000_000), "1000T", "10^15");
        assertEq(DisplayText.magnitude(type(uint64).max), "18446744T", "the largest");
    }

    function test_Abbreviate() public pure {
        assertEq(DisplayText.abbreviate(hex"0123456789abcdef"), "012345..abcdef", "both ends");
    }
}
