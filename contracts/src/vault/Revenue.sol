// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoyaltyReceiver} from "../RoyaltyReceiver.sol";
import {ILineageVault} from "../interfaces/ILineageVault.sol";
import {IRoyaltyVault} from "../interfaces/IRoyaltyVault.sol";
import {RoyaltyReceivers} from "../libraries/RoyaltyReceivers.sol";
import {Credit, NATIVE} from "../types/RoyaltyTypes.sol";
import {Accounts} from "./Accounts.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title What tokens earn, from the moment it arrives until it is split
/// @dev Arrivals are measured by the vault's own balance, since a token may keep a fee. While a token's code runs, nothing else can arrive
/// or leave: the guard covers every way in and out.
abstract contract Revenue is Accounts {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    address private immutable _RECEIVER = address(new RoyaltyReceiver());

    mapping(bytes32 token => mapping(address currency => mapping(address beneficiary => Credit))) private _credits;

    /// @dev The receiver that is being emptied: nobody else can send this contract the chain's own currency.
    address private transient _swept;

    receive() external payable {
        if (msg.sender != _swept) revert LineageVaultForNoToken(msg.sender);
    }

    /// @inheritdoc ILineageVault
    function collect(address registry, uint256 tokenId, address currency) external nonReentrant returns (uint256 amount) {
        bytes32 salt = RoyaltyReceivers.salt(registry, tokenId);
        address receiver = Clones.predictDeterministicAddress(_RECEIVER, salt);
        if (_held(receiver, currency) == 0) return 0;
        if (receiver.code.length == 0) Clones.cloneDeterministic(_RECEIVER, salt);
        uint256 before = _held(address(this), currency);
        _swept = receiver;
        RoyaltyReceiver(payable(receiver)).sweep(currency);
        _swept = address(0);
        amount = _held(address(this), currency) - before;
        _credits[salt][currency][address(0)].gross += amount.toUint128();
        emit RevenueReceived(registry, tokenId, currency, receiver, address(0), amount);
    }

    /// @inheritdoc ILineageVault
    function pay(address registry, uint256 tokenId, address currency, uint256 amount, address beneficiary)
        external
        payable
        nonReentrant
        returns (uint256 received)
    {
        uint256 expected = currency == NATIVE ? amount : 0;
        if (msg.value != expected) revert LineageVaultWrongValue(msg.value, expected);
        received = currency == NATIVE ? amount : _pull(IERC20(currency), amount);
        _credits[tokenOf(registry, tokenId)][currency][beneficiary].gross += received.toUint128();
        emit RevenueReceived(registry, tokenId, currency, msg.sender, beneficiary, received);
    }

    /// @inheritdoc ILineageVault
    function creditOf(address registry, uint256 tokenId, address currency, address beneficiary)
        external
        view
        returns (uint256 gross, uint256 net)
    {
        Credit memory credit = _credits[tokenOf(registry, tokenId)][currency][beneficiary];
        return (credit.gross, credit.net);
    }

    /// @inheritdoc ILineageVault
    function receiverOf(address registry, uint256 tokenId) external view returns (address receiver) {
        return RoyaltyReceivers.predict(address(this), _RECEIVER, registry, tokenId);
    }

    /// @inheritdoc IRoyaltyVault
    function receiverImplementation() external view returns (address implementation) {
        return _RECEIVER;
    }

    /// @inheritdoc ILineageVault
    function tokenOf(address registry, uint256 tokenId) public pure returns (bytes32 token) {
        return RoyaltyReceivers.salt(registry, tokenId);
    }

    /// @dev Takes a token's credit away, to be split.
    function _takeCredit(bytes32 token, address currency, address beneficiary) internal returns (Credit memory credit) {
        credit = _credits[token][currency][beneficiary];
        delete _credits[token][currency][beneficiary];
    }

    /// @dev Gives an ancestor a part of what a descendant earned.
    function _inherit(bytes32 ancestor, bytes32 descendant, address currency, uint256 amount, bool settled) internal {
        Credit storage credit = _credits[ancestor][currency][address(0)];
        if (settled) credit.net += amount.toUint128();
        else credit.gross += amount.toUint128();
        emit Inherited(ancestor, descendant, currency, amount, settled);
    }

    function _pull(IERC20 currency, uint256 amount) private returns (uint256 received) {
        uint256 before = currency.balanceOf(address(this));
        currency.safeTransferFrom(msg.sender, address(this), amount);
        return currency.balanceOf(address(this)) - before;
    }

    function _held(address account, address currency) private view returns (uint256) {
        return currency == NATIVE ? account.balance : IERC20(currency).balanceOf(account);
    }
}
