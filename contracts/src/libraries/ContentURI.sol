// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

/// @title Addresses of content in the stores that wallets read
library ContentURI {
    bytes32 private constant _BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// @dev Returns the IPFS address of the raw block with this SHA-256.
    ///
    /// The content id is base32 of 01 55 12 20 and the digest: 288 bits. The first 30 of the four fixed bytes' 32 bits are the six
    /// characters `afkrei`; the two left over are zero, so that the digest is written as if two zero bits stood before it, and
    /// two more after it to fill the last of its 52 characters.
    function ipfs(bytes32 digest) internal pure returns (string memory uri) {
        bytes memory text = new bytes(66);
        bytes14 prefix = "ipfs://bafkrei";
        for (uint256 i = 0; i < 14; ++i) {
            text[i] = prefix[i];
        }
        uint256 bits = uint256(digest);
        text[14] = _BASE32[bits >> 253];
        for (uint256 i = 1; i < 51; ++i) {
            text[14 + i] = _BASE32[(bits >> (253 - 5 * i)) & 31];
        }
        text[65] = _BASE32[(bits << 2) & 31];
        return string(text);
    }

    /// @dev Returns the Arweave address of a transaction: its 32 bytes in base64url without padding.
    function arweave(bytes32 id) internal pure returns (string memory uri) {
        return string.concat("ar://", Base64.encodeURL(bytes.concat(id)));
    }
}
