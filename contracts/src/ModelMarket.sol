// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelMarket} from "./interfaces/IModelMarket.sol";
import {OrderBook} from "./market/OrderBook.sol";
import {Payments} from "./market/Payments.sol";
import {Goods, Order, Selection, Side} from "./types/MarketTypes.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title A market without a fee, an owner or a list
/// @dev It holds nothing but ETH that its recipients did not take. The nonce is used first, the token moves next, and strangers' code runs
/// last.
contract ModelMarket is OrderBook, Payments, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev One trade, in memory: its parts do not fit on the stack.
    struct Trade {
        bytes32 orderHash;
        address seller;
        address buyer;
        uint256 tokenId;
        address receiver;
        uint256 royalty;
    }

    constructor() EIP712("modelmark market", "1") {}

    /// @inheritdoc IModelMarket
    function buy(Order calldata ask, bytes calldata signature, address recipient) external payable nonReentrant {
        if (ask.side != Side.Ask) revert ModelMarketWrongSide();
        if (ask.selection != Selection.Token) revert ModelMarketImpossibleOrder();
        uint256 value = ask.currency == address(0) ? ask.price : 0;
        if (msg.value != value) revert ModelMarketWrongValue(msg.value, value);
        Trade memory trade;
        trade.orderHash = _take(ask, signature);
        trade.seller = ask.maker;
        trade.buyer = msg.sender;
        trade.tokenId = ask.item;
        _settle(ask, trade, recipient);
    }

    /// @inheritdoc IModelMarket
    function sell(Order calldata bid, bytes calldata signature, uint256 tokenId, uint64 index, bytes32[] calldata proof, uint256 minimum)
        external
        nonReentrant
    {
        if (bid.side != Side.Bid) revert ModelMarketWrongSide();
        if (bid.currency == address(0)) revert ModelMarketImpossibleOrder();
        _checkSelected(bid, tokenId, index, proof);
        Trade memory trade;
        trade.orderHash = _take(bid, signature);
        trade.seller = msg.sender;
        trade.buyer = bid.maker;
        trade.tokenId = tokenId;
        _settle(bid, trade, bid.maker);
        uint256 proceeds = bid.price - trade.royalty;
        if (proceeds < minimum) revert ModelMarketTooLittle(proceeds, minimum);
    }

    /// @dev Moves the token, then the money. Locks, transfer validators and the end of a lease come with the registry's own transfer. A
    /// contract that gets a copy is asked, as ERC-1155 has no other way: it finds the nonce used and the market closed.
    function _settle(Order calldata order, Trade memory trade, address recipient) private {
        (address registry, address currency, uint256 price) = (order.registry, order.currency, order.price);
        (trade.receiver, trade.royalty) = _royaltyOf(registry, trade.tokenId, price, order.maxRoyaltyBps);
        emit OrderFilled(
            trade.orderHash, trade.seller, trade.buyer, registry, trade.tokenId, currency, price, trade.receiver, trade.royalty
        );
        if (order.goods == Goods.Token) IERC721(registry).transferFrom(trade.seller, recipient, trade.tokenId);
        else IERC1155(registry).safeTransferFrom(trade.seller, recipient, trade.tokenId, 1, "");
        if (currency == address(0)) {
            _push(trade.receiver, trade.royalty);
            _push(trade.seller, price - trade.royalty);
        } else {
            _checkAllowance(IERC20(currency), trade.buyer, price);
            if (trade.royalty != 0) IERC20(currency).safeTransferFrom(trade.buyer, trade.receiver, trade.royalty);
            IERC20(currency).safeTransferFrom(trade.buyer, trade.seller, price - trade.royalty);
        }
    }

    /// @dev Asks for what an ERC-721 contract cannot answer. With one as currency, a price would be a token's id, and a buyer who sells here
    /// as well has approved the market for all their tokens.
    function _checkAllowance(IERC20 currency, address buyer, uint256 price) private view {
        uint256 allowance = currency.allowance(buyer, address(this));
        if (allowance < price) revert ModelMarketNotApproved(address(currency), allowance, price);
    }
}
