// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ContentURI} from "../../src/libraries/ContentURI.sol";
import {Base} from "../Base.sol";

contract ContentURITest is Base {
    /// @dev Known addresses: of the empty block and of "hello world", as Python computes them with hashlib and base64.b32encode.
    function test_Ipfs_KnownAddresses() public pure {
        assertEq(ContentURI.ipfs(sha256("")), "ipfs://bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "empty");
        assertEq(ContentURI.ipfs(sha256("hello world")), "ipfs://bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", "hello");
    }

    function test_Ipfs_Edges() public pure {
        assertEq(ContentURI.ipfs(0), "ipfs://bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "zero");
        assertEq(ContentURI.ipfs(bytes32(type(uint256).max)), "ipfs://bafkreih777777777777777777777777777777777777777777777777774", "ones");
    }

    function testFuzz_Ipfs_IsBase32OfTheWholeContentId(bytes32 digest) public pure {
        string memory plain = string.concat("ipfs://b", _base32(bytes.concat(hex"01551220", digest)));
        assertEq(ContentURI.ipfs(digest), plain, "uri");
    }

    function test_Arweave_Edges() public pure {
        assertEq(ContentURI.arweave(0), "ar://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "zero");
        assertEq(ContentURI.arweave(bytes32(type(uint256).max)), "ar://__________________________________________8", "ones");
    }

    /// @dev The textbook way, one bit at a time.
    function _base32(bytes memory data) private pure returns (string memory) {
        bytes memory alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        bytes memory text = new bytes((data.length * 8 + 4) / 5);
        for (uint256 i = 0; i < text.length; ++i) {
            uint256 index = 0;
            for (uint256 bit = 5 * i; bit < 5 * i + 5; ++bit) {
                index <<= 1;
                if (bit < data.length * 8) index |= (uint8(data[bit / 8]) >> (7 - bit % 8)) & 1;
            }
            text[i] = alphabet[index];
        }
        return string(text);
    }
}
