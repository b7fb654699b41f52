// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISharesVault} from "../interfaces/ISharesVault.sol";
import {Phase, SharesTerms} from "../types/SharesTypes.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit, IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title The ERC-20 side of shares
/// @dev A vault is a minimal proxy (ERC-1167) with its terms behind the proxy's code: nobody has to initialise, and nobody can change them.
/// Permits name the contract they are for, so that one name in the EIP-712 domain of all vaults is enough.
abstract contract ShareToken is ISharesVault, ERC20Votes, ERC20Permit {
    Phase private _phase;

    constructor() ERC20("", "") ERC20Permit("modelmark shares") {}

    /// @inheritdoc ISharesVault
    function phase() public view returns (Phase) {
        return _phase;
    }

    /// @inheritdoc ISharesVault
    function terms() public view returns (SharesTerms memory) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (SharesTerms));
    }

    /// @inheritdoc IERC20Metadata
    function name() public view override(ERC20, IERC20Metadata) returns (string memory) {
        return terms().name;
    }

    /// @inheritdoc IERC20Metadata
    function symbol() public view override(ERC20, IERC20Metadata) returns (string memory) {
        return terms().symbol;
    }

    /// @notice Returns the time: votes are counted by seconds, which are the same on every chain.
    function clock() public view override(Votes, IERC6372) returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice Returns that {clock} is the time (ERC-6372).
    function CLOCK_MODE() public pure override(Votes, IERC6372) returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal virtual override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function _checkPhase(Phase wanted) internal view {
        if (_phase != wanted) revert SharesWrongPhase(_phase);
    }

    function _enter(Phase next) internal {
        _phase = next;
    }
}
