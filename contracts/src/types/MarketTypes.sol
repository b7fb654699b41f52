// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Whether an order's maker sells or buys.
enum Side {
    Ask,
    Bid
}

/// @notice What changes hands: an ERC-721 token, or one copy of an ERC-1155 token, such as a licence that can be sold.
enum Goods {
    Token,
    Copy
}

/// @notice Which tokens of its registry an order is about.
enum Selection {
    Token,
    Collection,
    List
}

/// @notice What a maker signs. It can be filled once.
/// @param maker Who sells or buys, and whose signature it takes.
/// @param taker The only account that may fill it, or zero for anybody.
/// @param side Whether the maker sells a token of theirs or buys one.
/// @param selection Which tokens: an ask names one token; a bid names one, any of the registry, or any of a list.
/// @param goods What the registry's tokens are.
/// @param registry The ERC-721 or ERC-1155 contract.
/// @param item The token's id; the Merkle root of the list (RFC 9162); zero for any token.
/// @param size How many entries the list has, else zero.
/// @param currency The ERC-20 token that is paid, or zero for ETH, which only an ask can take.
/// @param price What the buyer pays. The royalty comes out of it.
/// @param maxRoyaltyBps The largest royalty, in 1/10 000 of the price, at which the maker still wants the trade.
/// @param startsAt First second, in Unix time, at which it can be filled.
/// @param endsAt Last second, in Unix time, at which it can be filled.
/// @param nonce A number of the maker's choice: of all orders with one nonce, one can be filled.
/// @param counter The maker's counter: raising it cancels all orders with a lower one.
struct Order {
    address maker;
    address taker;
    Side side;
    Selection selection;
    Goods goods;
    address registry;
    uint256 item;
    uint64 size;
    address currency;
    uint256 price;
    uint16 maxRoyaltyBps;
    uint40 startsAt;
    uint40 endsAt;
    uint256 nonce;
    uint256 counter;
}
