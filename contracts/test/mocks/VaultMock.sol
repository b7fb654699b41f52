// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoyaltyVault} from "../../src/interfaces/IRoyaltyVault.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @dev A vault that creates receivers in the way that its interface promises.
contract VaultMock is IRoyaltyVault {
    address public immutable receiverImplementation = address(0x1337);

    function deploy(address registry, uint256 tokenId) external returns (address) {
        return Clones.cloneDeterministic(receiverImplementation, keccak256(abi.encode(registry, tokenId)));
    }
}
