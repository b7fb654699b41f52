// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelMarket} from "../interfaces/IModelMarket.sol";
import {CreatorSignature} from "../libraries/CreatorSignature.sol";
import {InclusionProof} from "../libraries/InclusionProof.sol";
import {Order, Selection} from "../types/MarketTypes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title Which orders count
/// @dev Nonces are one bit each. They need no order, so that a maker can have any number of orders open and fill them in any sequence.
abstract contract OrderBook is IModelMarket, EIP712 {
    bytes32 private constant _ORDER_TYPEHASH = keccak256(
        "Order(address maker,address taker,uint8 side,uint8 selection,uint8 goods,address registry,uint256 item,uint64 size,address currency,uint256 price,uint16 maxRoyaltyBps,uint40 startsAt,uint40 endsAt,uint256 nonce,uint256 counter)"
    );

    /// @dev Keeps the tokens of lists apart from every other kind of entry.
    bytes private constant _ITEM = "mmb1:item\x00";

    mapping(address maker => uint256) private _counters;
    mapping(address maker => mapping(uint256 word => uint256)) private _used;

    /// @inheritdoc IModelMarket
    function cancel(uint256[] calldata nonces) external {
        for (uint256 i = 0; i < nonces.length; ++i) {
            uint256 nonce = nonces[i];
            _used[msg.sender][nonce >> 8] |= _bit(nonce);
            emit NonceCancelled(msg.sender, nonce);
        }
    }

    /// @inheritdoc IModelMarket
    function cancelAll() external returns (uint256 counter) {
        counter = ++_counters[msg.sender];
        emit CounterRaised(msg.sender, counter);
    }

    /// @inheritdoc IModelMarket
    function counterOf(address maker) external view returns (uint256 counter) {
        return _counters[maker];
    }

    /// @inheritdoc IModelMarket
    function isUsed(address maker, uint256 nonce) external view returns (bool) {
        return _used[maker][nonce >> 8] & _bit(nonce) != 0;
    }

    /// @inheritdoc IModelMarket
    function orderHash(Order calldata order) public view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(_ORDER_TYPEHASH, order)));
    }

    /// @dev Refuses an order that does not count for the caller, and takes its nonce. An ERC-1271 maker is asked by a static call.
    function _take(Order calldata order, bytes calldata signature) internal returns (bytes32 digest) {
        address maker = order.maker;
        if (block.timestamp < order.startsAt || block.timestamp > order.endsAt) revert ModelMarketNotNow(order.startsAt, order.endsAt);
        if (order.taker != address(0) && order.taker != msg.sender) revert ModelMarketNotTaker(order.taker);
        uint256 counter = _counters[maker];
        if (order.counter != counter) revert ModelMarketOldCounter(counter);
        _useNonce(maker, order.nonce);
        digest = orderHash(order);
        if (!CreatorSignature.isValid(maker, digest, signature)) revert ModelMarketInvalidSignature(maker);
    }

    /// @dev Refuses tokens that an order is not about.
    function _checkSelected(Order calldata order, uint256 tokenId, uint64 index, bytes32[] calldata proof) internal view {
        if (!_isSelected(order, tokenId, index, proof)) revert ModelMarketNotWanted(tokenId);
    }

    function _isSelected(Order calldata order, uint256 tokenId, uint64 index, bytes32[] calldata proof) private view returns (bool) {
        if (order.selection == Selection.Collection) return true;
        if (order.selection == Selection.Token) return tokenId == order.item;
        bytes32 leaf = InclusionProof.leafHash(bytes.concat(_ITEM, bytes32(tokenId)));
        return InclusionProof.verify(bytes32(order.item), order.size, index, leaf, proof);
    }

    function _useNonce(address maker, uint256 nonce) private {
        uint256 word = _used[maker][nonce >> 8];
        if (word & _bit(nonce) != 0) revert ModelMarketNonceUsed(maker, nonce);
        _used[maker][nonce >> 8] = word | _bit(nonce);
    }

    function _bit(uint256 nonce) private pure returns (uint256) {
        return 1 << (nonce & 0xff);
    }
}
