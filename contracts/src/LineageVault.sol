// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILineageVault} from "./interfaces/ILineageVault.sol";
import {ModelId} from "./libraries/ModelId.sol";
import {ModelInput, Parent} from "./types/ModelTypes.sol";
import {Credit, Payee} from "./types/RoyaltyTypes.sol";
import {Stacks} from "./vault/Stacks.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title What models earn, split among those who made them and the models they came from
/// @dev This file holds the split; `vault/` the rest. No owner, no pause, no upgrade.
///
/// A batch (`multicall`) cannot carry the chain's own currency, so that no value is counted twice.
contract LineageVault is Stacks, Multicall {
    uint256 private constant _REWARD_BPS = 50;

    constructor() EIP712("modelmark vault", "1") {}

    /// @dev Calls nobody: the statement is proven by the id, and money moves in the vault's own books only.
    /// @inheritdoc ILineageVault
    function distribute(address registry, ModelInput calldata model, address currency, address beneficiary, Payee[] calldata payees)
        external
        returns (uint256 amount)
    {
        uint256 tokenId = ModelId.tokenId(model, ModelId.hashParents(model.parents));
        bytes32 token = tokenOf(registry, tokenId);
        uint256 reward;
        uint256 gross;
        {
            Credit memory credit = _takeCredit(token, currency, beneficiary);
            amount = uint256(credit.gross) + credit.net;
            if (amount == 0) revert LineageVaultNothing();
            reward = amount * _REWARD_BPS / _WHOLE_BPS;
            gross = credit.gross - credit.gross * _REWARD_BPS / _WHOLE_BPS;
        }
        emit Distributed(registry, tokenId, currency, beneficiary, amount, msg.sender, reward);
        _earn(msg.sender, token, currency, reward);
        uint256 rest = amount - reward - _share(token, registry, model.parents, currency, gross);
        if (beneficiary == address(0)) _earnPayees(token, model.creator, currency, rest, payees);
        else _earn(beneficiary, token, currency, rest);
    }

    /// @dev Gives the lineage its shares, and returns what they are in all.
    function _share(bytes32 token, address registry, Parent[] calldata parents, address currency, uint256 gross)
        private
        returns (uint256 shares)
    {
        bytes32 stack = _stackOf(token);
        if (stack != 0) return _setAside(token, stack, currency, gross);
        uint256 bps = 0;
        for (uint256 i = 0; i < parents.length; ++i) {
            bytes32 parent = _tokenOf(parents[i], registry);
            uint256 part = parent == 0 ? 0 : gross * parents[i].shareBps / _WHOLE_BPS;
            bps += parents[i].shareBps;
            if (part == 0) continue;
            shares += part;
            _inherit(parent, token, currency, part, false);
        }
        if (bps > _WHOLE_BPS) revert LineageVaultSharesTooHigh();
    }
}
