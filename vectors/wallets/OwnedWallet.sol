// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {SignerECDSA} from "@openzeppelin/contracts/utils/cryptography/signers/SignerECDSA.sol";

/// @dev A contract wallet of one owner's key: OpenZeppelin's signer behind ERC-1271.
contract OwnedWallet is IERC1271, SignerECDSA {
    constructor(address owner) SignerECDSA(owner) {}

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        return _rawSignatureValidation(digest, signature) ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @dev Makes wallets at addresses that are known before.
contract OwnedWalletFactory {
    function create(address owner, bytes32 salt) external returns (address) {
        return address(new OwnedWallet{salt: salt}(owner));
    }
}
