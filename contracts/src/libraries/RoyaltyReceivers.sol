// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @title Where a token's royalties go before anything is deployed there
library RoyaltyReceivers {
    /// @dev Returns the CREATE2 salt of a token's receiver.
    function salt(address registry, uint256 tokenId) internal pure returns (bytes32) {
        return keccak256(abi.encode(registry, tokenId));
    }

    /// @dev Returns the address of a token's receiver, deployed or not.
    function predict(address vault, address implementation, address registry, uint256 tokenId) internal pure returns (address) {
        return Clones.predictDeterministicAddress(implementation, salt(registry, tokenId), vault);
    }
}
