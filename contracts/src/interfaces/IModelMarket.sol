// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/MarketTypes.sol";

/// @title A market without a fee, an owner or a list
/// @notice Makers sign orders off chain (EIP-712) and show them to whom they like; whoever fills one brings it along. The market moves the
/// token with the maker's approval, and pays the royalty that the registry tells (ERC-2981) in the same transaction, in full: an order
/// may refuse a royalty that is too high, and then there is no trade.
///
/// IMPORTANT: an order counts until it is filled, cancelled or over, wherever the token went in between. Who gets a token back sells it
/// by an old order that was not cancelled.
interface IModelMarket {
    /// @notice Emitted when an order is filled.
    /// @param tokenId The token that changed hands.
    /// @param royalty What of the price went to `receiver`; the rest went to the seller.
    event OrderFilled(
        bytes32 indexed orderHash,
        address indexed seller,
        address indexed buyer,
        address registry,
        uint256 tokenId,
        address currency,
        uint256 price,
        address receiver,
        uint256 royalty
    );

    /// @notice Emitted when a maker takes a nonce out of use.
    event NonceCancelled(address indexed maker, uint256 nonce);

    /// @notice Emitted when a maker cancels all orders with a lower counter.
    event CounterRaised(address indexed maker, uint256 counter);

    /// @notice Emitted when ETH could not be sent and waits to be withdrawn.
    event Credited(address indexed account, uint256 amount);

    /// @notice Emitted when ETH that waited is withdrawn.
    event Withdrawn(address indexed account, address to, uint256 amount);

    /// @notice The order is not one that this function fills: an ask for {buy}, a bid for {sell}.
    error ModelMarketWrongSide();

    /// @notice An ask has to name its token, and a bid cannot pay in ETH.
    error ModelMarketImpossibleOrder();

    /// @notice The order counts from `startsAt` to `endsAt` only.
    error ModelMarketNotNow(uint40 startsAt, uint40 endsAt);

    /// @notice The order is for another account.
    error ModelMarketNotTaker(address taker);

    /// @notice The maker raised their counter.
    error ModelMarketOldCounter(uint256 counter);

    /// @notice An order with this nonce was filled, or the nonce was cancelled.
    error ModelMarketNonceUsed(address maker, uint256 nonce);

    /// @notice The signature is not the maker's over this order.
    error ModelMarketInvalidSignature(address maker);

    /// @notice The bid is not for this token.
    error ModelMarketNotWanted(uint256 tokenId);

    /// @notice The registry asks for a higher royalty than the order allows.
    error ModelMarketRoyaltyTooHigh(uint256 royalty, uint256 maximum);

    /// @notice The seller would get less than they asked for.
    error ModelMarketTooLittle(uint256 proceeds, uint256 minimum);

    /// @notice The ETH that came along is not the price.
    error ModelMarketWrongValue(uint256 value, uint256 price);

    /// @notice The buyer has not let the market take the price.
    error ModelMarketNotApproved(address currency, uint256 allowance, uint256 price);

    /// @notice There is nothing to withdraw.
    error ModelMarketNoCredit(address account);

    /// @notice The recipient does not take the ETH.
    error ModelMarketRefused(address to);

    /// @notice Buys the token of an ask. With ETH, the value has to be the price; with an ERC-20 token, the caller has to have approved the
    /// market.
    ///
    /// NOTE: `recipient` is not asked whether it can handle an ERC-721 token, but is asked for an ERC-1155 one.
    /// @param recipient Who gets the token.
    function buy(Order calldata ask, bytes calldata signature, address recipient) external payable;

    /// @notice Sells a token of the caller's to a bid. The caller has to have approved the market in the registry.
    /// @param tokenId The token: the bid's own, any, or the one at `index` of its list.
    /// @param index Its place in a bid's list, else zero.
    /// @param proof The Merkle proof for that place, else empty: the entry is "mmb1:item", a zero byte and the token's id.
    /// @param minimum The least that the caller wants to have after the royalty.
    function sell(Order calldata bid, bytes calldata signature, uint256 tokenId, uint64 index, bytes32[] calldata proof, uint256 minimum)
        external;

    /// @notice Makes orders of the caller with these nonces void.
    function cancel(uint256[] calldata nonces) external;

    /// @notice Makes all orders of the caller void that were signed so far.
    /// @return counter The counter for new ones.
    function cancelAll() external returns (uint256 counter);

    /// @notice Pays out ETH that could not be sent to the caller.
    function withdraw(address to) external;

    /// @notice Pays out ETH that could not be sent to an account, to that account. Anyone may call: contracts cannot always do so themselves.
    function withdrawFor(address account) external;

    /// @notice Returns the EIP-712 digest of an order: what its maker signs, and its name in {OrderFilled}.
    function orderHash(Order calldata order) external view returns (bytes32 digest);

    /// @notice Returns the number that a maker's new orders have to have.
    function counterOf(address maker) external view returns (uint256 counter);

    /// @notice Tells whether a nonce was filled or cancelled.
    function isUsed(address maker, uint256 nonce) external view returns (bool);

    /// @notice Returns the ETH that waits for an account.
    function creditOf(address account) external view returns (uint256 amount);
}
