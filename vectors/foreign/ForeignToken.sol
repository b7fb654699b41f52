// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import { ERC721URIStorage, ERC721 } from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";

/// A collection as tutorials write it: OpenZeppelin's, with a URI for each token that the minter gives.
contract ForeignToken is ERC721URIStorage {
    constructor() ERC721("Foreign", "FRGN") {}

    function mint(uint256 id, string calldata uri) external {
        _mint(msg.sender, id);
        _setTokenURI(id, uri);
    }
}
