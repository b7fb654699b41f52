// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LicenseBook} from "../src/LicenseBook.sol";
import {ILicenseBook} from "../src/interfaces/ILicenseBook.sol";
import {CommonLicenses} from "../src/libraries/CommonLicenses.sol";
import {Base} from "./Base.sol";

contract LicenseBookTest is Base {
    uint24 private constant _COMMON = 8;
    string private constant _TERMS = "https://acme.example/terms";

    /// @dev Registries know these numbers without asking: the order is that of every book, for ever.
    function test_Constructor_BeginsWithTheCommonLicences() public {
        string[8] memory texts =
            ["Apache-2.0", "MIT", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", "BSD-3-Clause", "CC0-1.0"];
        for (uint24 i = 0; i < texts.length; ++i) {
            shows(i + 1, texts[i], string.concat("https://spdx.org/licenses/", texts[i], ".html"));
            assertEq(book.idOf(keccak256(bytes(texts[i]))), i + 1, "id");
            assertEq(CommonLicenses.idOf(keccak256(bytes(texts[i]))), i + 1, "the number that registries know");
            assertEq(book.register(texts[i], ""), i + 1, "registered again");
        }
        assertEq(book.count(), _COMMON, "count");
        assertEq(CommonLicenses.idOf(keccak256("ISC")), 0, "any other");
    }

    function test_Constructor_TellsOfTheCommonLicences() public {
        vm.expectEmit();
        emit ILicenseBook.LicenseRegistered(1, keccak256("Apache-2.0"), "Apache-2.0", "https://spdx.org/licenses/Apache-2.0.html");
        new LicenseBook();
    }

    function test_Register_NumbersFromTheNext() public {
        assertEq(book.register("ISC", ""), _COMMON + 1, "first");
        assertEq(book.register("Zlib", ""), _COMMON + 2, "second");
        assertEq(book.count(), _COMMON + 2, "count");
        assertEq(book.idOf(keccak256("Zlib")), _COMMON + 2, "id");
        assertEq(book.idOf(keccak256("zlib")), 0, "another spelling is another text");
    }

    function test_Register_Emits() public {
        vm.expectEmit(address(book));
        emit ILicenseBook.LicenseRegistered(_COMMON + 1, keccak256("ISC"), "ISC", "https://spdx.org/licenses/ISC.html");
        book.register("ISC", "");
    }

    function test_Register_IsIdempotent() public {
        assertEq(book.register("Apache-2.0", ""), 1, "no address");
        assertEq(book.register("Apache-2.0", "https://spdx.org/licenses/Apache-2.0.html"), 1, "derived address");
        assertEq(book.register("LicenseRef-acme-1.0", _TERMS), _COMMON + 1, "custom");
        assertEq(book.register("LicenseRef-acme-1.0", _TERMS), _COMMON + 1, "custom, again");
        assertEq(book.register("LicenseRef-acme-1.0", ""), _COMMON + 1, "custom, without address");
        assertEq(book.count(), _COMMON + 1, "count");
    }

    function test_Get_DerivesAddresses() public {
        shows(book.register("GPL-2.0-only", ""), "GPL-2.0-only", "https://spdx.org/licenses/GPL-2.0-only.html");
        shows(book.register("MIT OR Apache-2.0", ""), "MIT OR Apache-2.0", "");
        shows(book.register("GPL-2.0-only WITH Classpath-exception-2.0", ""), "GPL-2.0-only WITH Classpath-exception-2.0", "");
        shows(book.register("(MIT AND BSD-3-Clause) OR GPL-2.0+", ""), "(MIT AND BSD-3-Clause) OR GPL-2.0+", "");
    }

    function test_Get_ReturnsTheRegistrantsAddressOfCustomLicences() public {
        shows(book.register("LicenseRef-acme-1.0", _TERMS), "LicenseRef-acme-1.0", _TERMS);
        shows(book.register("MIT AND LicenseRef-acme-1.0", "ipfs://bafy"), "MIT AND LicenseRef-acme-1.0", "ipfs://bafy");
        shows(book.register("DocumentRef-x:LicenseRef-y", ""), "DocumentRef-x:LicenseRef-y", "");
    }

    function test_RevertWhen_APublicLicenceIsPointedElsewhere() public {
        mismatch("MIT", "https://spdx.org/licenses/MIT.html", "https://evil.example/MIT.html");
        mismatch("MIT OR Apache-2.0", "", "https://evil.example/");
        mismatch("Apache-2.0", "https://spdx.org/licenses/Apache-2.0.html", "https://evil.example/");
    }

    function test_RevertWhen_ACustomLicenceWasTakenWithAnotherAddress() public {
        book.register("LicenseRef-acme-1.0", "https://evil.example/");
        mismatch("LicenseRef-acme-1.0", "https://evil.example/", _TERMS);
    }

    function test_RevertWhen_TheExpressionIsNotTidy() public {
        string[12] memory texts = [
            "", " MIT", "MIT ", "MIT  OR ISC", "MIT\nOR ISC", "MIT\"", "<script>", "MIT/ISC", "MIT,ISC", "MIT_2", unicode"МIT", "MIT\x00"
        ];
        for (uint256 i = 0; i < texts.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILicenseBook.LicenseBookInvalidExpression.selector, texts[i]));
            book.register(texts[i], "");
        }
    }

    function test_RevertWhen_TheExpressionIsTooLong() public {
        assertEq(book.register(repeated("a", 255), ""), _COMMON + 1, "255 bytes");
        string memory long = repeated("a", 256);
        vm.expectRevert(abi.encodeWithSelector(ILicenseBook.LicenseBookInvalidExpression.selector, long));
        book.register(long, "");
    }

    function test_RevertWhen_TheAddressIsUnsafe() public {
        string[8] memory uris =
            ["https://a b", "https://a\"", "https://a'", "https://a\\", "https://<", "https://>", "https://a\x7f", unicode"https://а"];
        for (uint256 i = 0; i < uris.length; ++i) {
            invalid(uris[i]);
        }
        invalid(repeated("a", 1024));
        assertEq(book.register("LicenseRef-a", repeated("a", 1023)), _COMMON + 1, "1023 bytes");
    }

    function test_RevertWhen_TheIdIsUnknown() public {
        for (uint24 id = 0; id < 2 * _COMMON; id += _COMMON + 1) {
            vm.expectRevert(abi.encodeWithSelector(ILicenseBook.LicenseBookUnknownLicense.selector, id));
            book.get(id);
        }
    }

    function test_RevertWhen_TheBookIsFull() public {
        // The number of entries is in the first slot.
        vm.store(address(book), 0, bytes32(uint256(type(uint24).max) - 1));
        assertEq(book.register("Zlib", ""), type(uint24).max, "last id");
        vm.expectRevert(abi.encodeWithSelector(ILicenseBook.LicenseBookFull.selector));
        book.register("ISC", "");
        assertEq(book.register("Zlib", ""), type(uint24).max, "known licences still answer");
    }

    /// @dev Whatever text gets in is read back unchanged, is printable, and its derived address holds nothing but the text.
    function testFuzz_Register_OnlyTidyTexts(bytes memory text, bool likely) public {
        // Noise is nearly always refused: half of the runs draw from characters that are nearly always accepted.
        bytes memory alphabet = 'aZ09-.+:() M"';
        for (uint256 i = 0; likely && i < text.length; ++i) {
            text[i] = alphabet[uint8(text[i]) % alphabet.length];
        }
        try book.register(string(text), "") returns (uint24 id) {
            (string memory spdx,) = book.get(id);
            assertEq(spdx, string(text), "text");
            assertEq(book.idOf(keccak256(text)), id, "id");
            for (uint256 i = 0; i < text.length; ++i) {
                assertTrue(text[i] >= 0x20 && text[i] < 0x7f && text[i] != '"' && text[i] != "<", "an unsafe character");
            }
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(ILicenseBook.LicenseBookInvalidExpression.selector), "reason");
        }
    }

    function shows(uint24 id, string memory expected, string memory address_) private view {
        (string memory spdx, string memory uri) = book.get(id);
        assertEq(spdx, expected, "spdx");
        assertEq(uri, address_, "uri");
    }

    function mismatch(string memory spdx, string memory expected, string memory given) private {
        vm.expectRevert(abi.encodeWithSelector(ILicenseBook.LicenseBookUriMismatch.selector, spdx, expected, given));
        book.register(spdx, given);
    }

    function invalid(string memory uri) private {
        vm.expectRevert(abi.encodeWithSelector(ILicenseBook.LicenseBookInvalidUri.selector, uri));
        book.register("LicenseRef-a", uri);
    }

    function repeated(bytes1 character, uint256 count) private pure returns (string memory) {
        bytes memory text = new bytes(count);
        for (uint256 i = 0; i < count; ++i) {
            text[i] = character;
        }
        return string(text);
    }
}
