// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What a licensee may do, one bit a thing. The bits above are free for what a seller and a gateway agree on.
uint8 constant SCOPE_USE = 1 << 0;
uint8 constant SCOPE_COMMERCIAL = 1 << 1;
uint8 constant SCOPE_DERIVE = 1 << 2;
uint8 constant SCOPE_REDISTRIBUTE = 1 << 3;

/// @dev The end of a grant that has none, and of an offer that does not close.
uint40 constant FOREVER = type(uint40).max;

/// @notice What an owner offers to grant. It never changes: its id is the hash of it and of who offers.
/// @param registry The collection.
/// @param tokenId The model.
/// @param terms SHA-256 of the document that says what is granted: it stands for the terms, and no later document can take its place.
/// @param currency An ERC-20 token, or zero for the chain's own currency.
/// @param price What a grant or a copy costs.
/// @param beneficiary Who gets what the lineage does not: zero for the token's payees.
/// @param licensee Who alone may take the offer: zero for everybody.
/// @param duration How long a grant lasts, in seconds: zero for ever.
/// @param closesAt Last second, in Unix time, at which the offer can be taken: zero for no end.
/// @param copies How often it can be taken: zero for any number.
/// @param seats How many accounts a licensee may let use the grant beside itself.
/// @param scopes What is granted, see above.
/// @param transferable Whether a buyer gets a copy that can be sold until somebody turns it into a grant, instead of a grant.
struct Offer {
    address registry;
    uint256 tokenId;
    bytes32 terms;
    address currency;
    uint96 price;
    address beneficiary;
    address licensee;
    uint40 duration;
    uint40 closesAt;
    uint32 copies;
    uint16 seats;
    uint8 scopes;
    bool transferable;
}

/// @dev A full slot. From the low end: the offer's id 152 bits, scopes 8, seats 16, end 40, start 40. Zero is no grant.
///
/// The id is cut: nobody can make two offers that meet in 152 bits. Within a slot of a licensee no two grants have the same start.
type Grant is uint256;

using {isTaken, isLive, isOf, scopesOf, seatsOf, endOf, startOf, withEnd, offerTagOf} for Grant global;

uint256 constant GRANT_SCOPES = 152;
uint256 constant GRANT_SEATS = 160;
uint256 constant GRANT_END = 176;
uint256 constant GRANT_START = 216;

/// @dev Returns the grant of an offer that starts now.
function newGrant(uint256 offerId, Offer calldata offer, uint40 start, uint40 end) pure returns (Grant) {
    return Grant.wrap(
        uint256(uint152(offerId)) | uint256(offer.scopes) << GRANT_SCOPES | uint256(offer.seats) << GRANT_SEATS | uint256(end) << GRANT_END
            | uint256(start) << GRANT_START
    );
}

function isTaken(Grant grant) pure returns (bool) {
    return Grant.unwrap(grant) != 0;
}

/// @dev Says whether a grant counts at a time: until its end, and not in that second any more.
function isLive(Grant grant, uint256 time) pure returns (bool) {
    return time < endOf(grant);
}

function isOf(Grant grant, uint256 offerId) pure returns (bool) {
    return offerTagOf(grant) == uint152(offerId);
}

function offerTagOf(Grant grant) pure returns (uint152) {
    return uint152(Grant.unwrap(grant));
}

function scopesOf(Grant grant) pure returns (uint8) {
    return uint8(Grant.unwrap(grant) >> GRANT_SCOPES);
}

function seatsOf(Grant grant) pure returns (uint16) {
    return uint16(Grant.unwrap(grant) >> GRANT_SEATS);
}

function endOf(Grant grant) pure returns (uint40) {
    return uint40(Grant.unwrap(grant) >> GRANT_END);
}

function startOf(Grant grant) pure returns (uint40) {
    return uint40(Grant.unwrap(grant) >> GRANT_START);
}

function withEnd(Grant grant, uint40 end) pure returns (Grant) {
    uint256 rest = Grant.unwrap(grant) & ~(uint256(type(uint40).max) << GRANT_END);
    return Grant.wrap(rest | uint256(end) << GRANT_END);
}
