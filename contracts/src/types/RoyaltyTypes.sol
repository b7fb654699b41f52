// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The currency that stands for the chain's own.
address constant NATIVE = address(0);

/// @notice Somebody who is paid a part of what a token earns.
/// @param account Who is paid.
/// @param bps The part, in 1/10 000 of what is left after keeper and lineage.
struct Payee {
    address account;
    uint16 bps;
}

/// @notice Somebody up the lineage who is paid a fixed part of what a token earns, however far away.
/// @param token keccak256(abi.encode(registry, tokenId)) of the ancestor.
/// @param bps The part, in 1/10 000 of what the token earns.
/// @param settled Whether the ancestor's own ancestors are in the same stack. If so, the part is the ancestor's alone; if not, it is passed
/// on up the lineage as the ancestor's other revenue is.
struct Ancestor {
    bytes32 token;
    uint16 bps;
    bool settled;
}

/// @dev What a token earned and nobody has been paid from yet. One slot.
/// @param gross What the lineage is still owed its shares of.
/// @param net What came down from descendants that pay each ancestor themselves: nothing of it goes up.
struct Credit {
    uint128 gross;
    uint128 net;
}
