//! What no code that keeps a contract's promises can save: the least that a call costs by what the chain charges, piece by piece.
//!
//! Prices are those of the yellow paper with EIP-1884, EIP-2028, EIP-2929, EIP-3529 and EIP-1153, in force since `cancun`.

/// A part of a call that cannot be left out: what it is, how often, and what one costs.
pub(super) enum Part {
    /// As the chain charges it.
    Charged(&'static str, u64, u64),
    /// The call's own data, as the tests measured it in bytes of two prices.
    Calldata(&'static str),
}

use Part::{Calldata, Charged};

/// The least of a call whose target is missed, and what would have to go for the target.
pub(super) struct Floor {
    pub(super) parts: &'static [Part],
    pub(super) why: &'static str,
}

/// A slot that was zero: 20 000, and 2 100 because nobody touched it in this transaction before.
const NEW_SLOT: u64 = 22_100;
/// A slot that had a value and gets another.
const CHANGED_SLOT: u64 = 5_000;
const READ_SLOT: u64 = 2_100;
const OTHER_CONTRACT: u64 = 2_600;
/// ETH to an account that exists: 9 000 and the account's first touch, less the stipend that comes back.
const PAYMENT: u64 = 9_000 - 2_300 + OTHER_CONTRACT;
/// SHA-256 of the 65 bytes of an inner node: 60, 12 for each of three words, and the call.
const NODE_HASH: u64 = 60 + 3 * 12 + 100;
const LEAF_HASH: u64 = 60 + 2 * 12 + 100;
const SIGNATURE: u64 = 3_000 + 100;

const fn event(topics: u64, words: u64) -> u64 {
    375 + 375 * topics + 8 * 32 * words
}

/// The next token of a holder: owner, weights, record and facts are new, the holder's count changes, two events.
const MINT: [Part; 5] = [
    Charged("transaction", 1, 21_000),
    Charged("owner, weights, record, facts: new slots", 4, NEW_SLOT),
    Charged("the holder's count", 1, CHANGED_SLOT),
    Charged("`Transfer`", 1, event(4, 0)),
    Charged("`ModelInitialized`", 1, event(4, 3)),
];

pub(super) const CLAIM: Floor = Floor {
    parts: &{
        let [a, b, c, d, e] = MINT;
        [
            a,
            Calldata("claim: depth 24"),
            b,
            c,
            d,
            e,
            Charged("`ClaimedFromAnchor`", 1, event(4, 3)),
            Charged("when and how long the list was anchored", 1, READ_SLOT),
            Charged("the registry is another contract", 1, OTHER_CONTRACT),
            Charged("whether the claiming contract may act for the creator", 1, READ_SLOT),
            Charged("SHA-256 of the entry", 1, LEAF_HASH),
            Charged("SHA-256 of a level", 24, NODE_HASH),
        ]
    },
    why: "The rest computes: 4 800 in the mint, 200 for each level, and 5 300 to read the statement, hash it as typed data and hand it on. Handed on \
          as it lies in the calldata, by a call in assembly, it was 850 less; that is not worth a call that no compiler checks. To reach the target, \
          either a mint has to write a slot less, so that the registry would keep only a hash of weights and record, which nobody could ask it for; \
          or the tree has to have another hash than the one that transparency logs use (keccak256 saves 150 a level and no more), or fewer levels: \
          up to 2^10 entries keep it.",
};

pub(super) const DERIVE: Floor = Floor {
    parts: &{
        let [a, b, c, d, e] = MINT;
        [
            a,
            Calldata("derive: 4 parents"),
            b,
            c,
            d,
            e,
            Charged("whether a parent exists", 4, READ_SLOT),
            Charged("`ModelFineTuned`", 4, event(3, 3)),
        ]
    },
    why: "That is the target, with nothing left for computing. The mint computes 4 800 and each parent 1 400: its place in the order, its \
          relation, its share and the sum of all, which the compiler checks field by field. To reach the target, edges have to go without an \
          event (9 072), so that nobody finds a model's children in the log; or parents without the look whether they exist (8 400), so that \
          lineage could name what was never minted.",
};

pub(super) const BUY: Floor = Floor {
    parts: &[
        Charged("transaction", 1, 21_000),
        Calldata("buy: ETH"),
        Charged("the maker's next 256 nonces: a new slot", 1, NEW_SLOT),
        Charged("the maker's counter, for `cancelAll`", 1, READ_SLOT),
        Charged("the maker's signature", 1, SIGNATURE),
        Charged("the registry is another contract", 1, OTHER_CONTRACT),
        Charged("the royalty's rate", 1, READ_SLOT),
        Charged("user and lock of the token", 1, READ_SLOT),
        Charged("the market's right to move it", 1, READ_SLOT),
        Charged("the right to move this token alone, which ends", 1, READ_SLOT + 100),
        Charged("owner, the seller's count, the buyer's count", 3, CHANGED_SLOT),
        Charged("royalty and price to accounts that exist", 2, PAYMENT),
        Charged("`Transfer`", 1, event(4, 0)),
        Charged("`OrderFilled`", 1, event(4, 6)),
        Charged("nobody comes back in between: three touches of transient storage", 3, 100),
    ],
    why: "What is left for computing is 2 500: the market takes 12 000 to read an order's fifteen fields, hash them as typed data, recover \
          the signer, compute the receiver's address and the royalty, and ask the registry twice. Hashed as it lies in the calldata, with the bits \
          above each field's type looked at, the order was 1 400 less, which does not reach the target and leaves to hand-written code what the \
          compiler does. To reach it, `cancelAll` (2 100), loans and locks of tokens (2 100) and OpenZeppelin's ERC-721 would have to go. The 255 \
          other orders keep it.",
};

pub(super) const GRANT: Floor = Floor {
    parts: &[
        Charged("transaction", 1, 21_000),
        Calldata("grant"),
        Charged("the grant: a new slot", 1, NEW_SLOT),
        Charged("the registry is another contract", 1, OTHER_CONTRACT),
        Charged("who owns the token", 1, READ_SLOT),
        Charged("`Granted`", 1, event(4, 4)),
    ],
    why: "More than the target before anything is computed. It was measured for slot and event alone: to reach it, the contract must not ask \
          who owns the token (4 700), so that anybody could grant, and the terms must not come with the call but lie in three slots of their own, \
          written once for 66 000.",
};
