// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransferValidator} from "../../src/interfaces/ICreatorToken.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @dev Lets nothing pass but the one transfer that it was told of, and can move tokens itself.
contract ValidatorMock is ITransferValidator {
    bytes32 private _allowed;

    error Refused();

    function allow(address caller, address from, address to, uint256 tokenId) external {
        _allowed = keccak256(abi.encode(caller, from, to, tokenId));
    }

    function move(IERC721 token, address from, address to, uint256 tokenId) external {
        token.transferFrom(from, to, tokenId);
    }

    function validateTransfer(address caller, address from, address to, uint256 tokenId) external view {
        if (keccak256(abi.encode(caller, from, to, tokenId)) != _allowed) revert Refused();
    }
}
