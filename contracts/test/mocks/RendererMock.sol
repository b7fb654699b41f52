// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRenderer} from "../../src/interfaces/IModelRenderer.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @dev A renderer that says what it was asked.
contract RendererMock is IModelRenderer {
    using Strings for address;
    using Strings for uint256;

    function tokenURI(address registry, uint256 tokenId) external pure returns (string memory) {
        return string.concat("data:", registry.toHexString(), ",", tokenId.toString());
    }

    function contractURI(address registry) external pure returns (string memory) {
        return string.concat("data:", registry.toHexString());
    }

    function renderTokenById(address registry, uint256 tokenId) external pure returns (string memory) {
        return string.concat("<g>", registry.toHexString(), ",", tokenId.toString(), "</g>");
    }
}
