//! What was aimed at, what others cost, and why a target is missed.

use super::Ours;

/// A figure that we set ourselves before building.
pub(super) struct Target {
    pub(super) call: &'static str,
    pub(super) ours: Ours,
    pub(super) limit: u64,
    /// What the excess is spent on; only where the target is missed.
    pub(super) why: Option<&'static str>,
}

/// A call of somebody else's contract that serves the same end.
pub(super) struct Peer {
    pub(super) call: &'static str,
    pub(super) ours: Ours,
    pub(super) other: &'static str,
    pub(super) gas: u64,
    pub(super) what: &'static str,
}

const REGISTRY: &str = "ModelRegistry";
const VAULT: &str = "LineageVault";

const fn target(call: &'static str, ours: Ours, limit: u64, why: Option<&'static str>) -> Target {
    Target { call, ours, limit, why }
}

const fn peer(call: &'static str, ours: Ours, other: &'static str, gas: u64, what: &'static str) -> Peer {
    Peer { call, ours, other, gas, what }
}

const fn registry(what: &'static str) -> Ours {
    Ours::One(REGISTRY, what)
}

const FULL: Ours = registry("mint: first token of the holder");
const NEXT: Ours = registry("mint: next token of the holder");
const BATCHED_LOG_ONLY: Ours = Ours::Per(REGISTRY, "multicall: 20 log-only mints", 20);
const DERIVE_1: Ours = registry("derive: 1 parent, next token");
const BUY_FIRST: Ours = Ours::One("ModelMarket", "buy: ETH, first order of 256");
const ANCHOR: Ours = Ours::One("BatchAnchor", "anchor: any number of entries");
const STACK: Ours = Ours::Less(VAULT, "declareStack: 15 ancestors", "declareStack: no ancestors");

pub(super) const TARGETS: &[Target] = &[
    target("mint, first token of the holder", FULL, 145_000, Some(LOOK_UP)),
    target(
        "mint by somebody else with the creator's signature",
        registry("mint relayed: first token of the holder"),
        152_000,
        Some(RELAYED),
    ),
    target("mint into the log only, with the audited base", registry("mint log-only: first token of the holder"), 80_000, None),
    target("the same, next token of the holder", registry("mint log-only: next token of the holder"), 60_000, None),
    target("mint into the log only, each of a batch of 20", BATCHED_LOG_ONLY, 31_000, Some(BATCH)),
    target("anchor a list of any length", ANCHOR, 48_000, None),
    target("claim from a list of 2^24, next token", Ours::One("BatchAnchor", "claim: depth 24, next token"), 153_000, Some(CLAIM)),
    target("derive from 4 parents, next token", registry("derive: 4 parents, next token"), 145_000, Some(DERIVE)),
    target("fixed parts for 15 ancestors, over none", STACK, 70_000, None),
    target("buy for ETH with a royalty, first of the maker's 256 nonces", BUY_FIRST, 106_000, Some(BUY)),
    target("the same, any of the 255 others", Ours::One("ModelMarket", "buy: ETH, next order"), 106_000, None),
    target("grant a licence", Ours::One("Licensing", "grant"), 48_000, Some(GRANT)),
];

const LOOK_UP: &str = "the licence is looked up in a book of its own (4 700), which the target was measured without. A copy of the \
    book in each registry would save 3 300 a mint and cost 22 000 more at the first mint of each licence in each collection.";
const RELAYED: &str = "the same look-up, and the mint below it as above; the signature adds 7 800.";
const BATCH: &str = "one new slot (22 100), two events (4 500) and 3 700 of calldata are what a token costs with OpenZeppelin's audited \
    ERC-721, and the rest is the batch itself; the target was measured with solady's ERC-721 (30 378).";
const CLAIM: &str = "the mint itself is 132 500. The look at anchor and delegate, the event and the calls are 9 600, the statement 9 000, \
    and each of the 24 levels 1 050, of which 512 are calldata: SHA-256, so that the tree is the one of RFC 9162 that logs use.";
const DERIVE: &str = "a parent costs 7 300, of which its calldata, the look whether it exists and its event are 5 550; the rest checks order, \
    relation and the sum of the shares. The mint below it is 132 500 as above.";
const BUY: &str = "a new slot for the nonces (17 100 more than for the next 255). The token has a user, a lock and a royalty receiver of its \
    own (4 900), and the market a counter that ends all of a maker's orders (2 100); the target was measured without them.";
const GRANT: &str = "somebody asks the registry who owns the token (4 700), and the offer comes with the call (3 000) and is hashed (6 400) \
    rather than kept in storage, which would be three slots (66 000) once.";

pub(super) const PEERS: &[Peer] = &[
    peer("mint, first token", FULL, "a struct of strings", 351_242, "ERC-721 with URI, and a struct of text fields, as tutorials show"),
    peer("mint, first token", FULL, "OpenZeppelin `ERC721URIStorage`", 165_557, "66-byte URI and ERC-2981, no provenance"),
    peer("mint, next token", NEXT, "OpenZeppelin `ERC721URIStorage`", 151_226, "the same with `_safeMint`"),
    peer("mint, first token", FULL, "ERC-8004", 183_087, "`register` with a URI of 66 bytes"),
    peer("mint, first token", FULL, "ERC-7857 (0G)", 143_873, "mint with one data hash, without text"),
    peer("mint, first token", FULL, "EAS", 272_001, "attestation of a record of four fields, no token"),
    peer("mint, first token", FULL, "Ocean", 676_492, "`deployERC721Contract`: a contract for each asset"),
    peer("mint, first token", FULL, "Story", 290_737, "`register`, without the mint of the NFT"),
    peer(
        "mint into the log only, of a batch",
        BATCHED_LOG_ONLY,
        "EAS",
        24_779,
        "`multiTimestamp` of 100, each: a time for a hash, no token",
    ),
    peer(
        "derive from 1 parent",
        DERIVE_1,
        "Story",
        1_376_871,
        "`registerDerivative`, 1 parent; its graph precompile replaced by a contract",
    ),
    peer("derive from 1 parent", DERIVE_1, "EAS", 294_479, "attestation with a reference to another"),
    peer("anchor a list of any length", ANCHOR, "EAS", 45_869, "`timestamp` of one hash"),
    peer("grant a licence", Ours::One("Licensing", "grant"), "Story", 991_283, "first `mintLicenseTokens`"),
    peer("offer a licence", Ours::One("Licensing", "offer"), "Story", 339_848, "`attachLicenseTerms`"),
    peer("pay for a model", Ours::One(VAULT, "pay: first"), "Story", 314_460, "`payRoyaltyOnBehalf`"),
    peer(
        "split among the creator and 4 parents, first",
        Ours::One(VAULT, "distribute: 4 parents, first"),
        "0xSplits v2",
        179_431,
        "pull `distribute` among 4",
    ),
    peer(
        "split among the creator and 16 parents, first",
        Ours::One(VAULT, "distribute: 16 parents, first"),
        "0xSplits v2",
        498_506,
        "pull `distribute` among 16",
    ),
    peer("buy for ETH, first of 256 nonces", BUY_FIRST, "Seaport 1.6", 109_465, "`fulfillBasicOrder_efficient_6GL6yc`, one royalty"),
    peer("buy for ETH, next", Ours::One("ModelMarket", "buy: ETH, next order"), "Seaport 1.6", 109_465, "the same"),
    peer("cancel an order", Ours::One("ModelMarket", "cancel: one order"), "Seaport 1.6", 54_245, "`cancel`"),
];
