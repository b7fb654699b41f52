//! What was aimed at, what others cost, and why a target is missed.

use super::Ours;
use super::floors::{self, Floor};

/// A figure that we set ourselves before building.
pub(super) struct Target {
    pub(super) call: &'static str,
    pub(super) ours: Ours,
    pub(super) limit: u64,
    /// The least that the call can cost; only where the target is missed.
    pub(super) floor: Option<&'static Floor>,
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

const fn target(call: &'static str, ours: Ours, limit: u64, floor: Option<&'static Floor>) -> Target {
    Target { call, ours, limit, floor }
}

const fn peer(call: &'static str, ours: Ours, other: &'static str, gas: u64, what: &'static str) -> Peer {
    Peer { call, ours, other, gas, what }
}

const fn registry(what: &'static str) -> Ours {
    Ours::One(REGISTRY, what)
}

const FULL: Ours = registry("mint: first token of the holder");
const NEXT: Ours = registry("mint: next token of the holder");
const BATCHED_LOG_ONLY: Ours = Ours::Per(REGISTRY, "mintLogOnlyBatch: 20 mints", 20);
const DERIVE_1: Ours = registry("derive: 1 parent, next token");
const BUY_FIRST: Ours = Ours::One("ModelMarket", "buy: ETH, first order of 256");
const ANCHOR: Ours = Ours::One("BatchAnchor", "anchor: any number of entries");
const STACK: Ours = Ours::Less(VAULT, "declareStack: 15 ancestors", "declareStack: no ancestors");

pub(super) const TARGETS: &[Target] = &[
    target("mint under a common licence, first token of the holder", FULL, 145_000, None),
    target("the same by somebody else, with the creator's signature", registry("mint relayed: first token of the holder"), 152_000, None),
    target("mint into the log only, with the audited base", registry("mint log-only: first token of the holder"), 80_000, None),
    target("the same, next token of the holder", registry("mint log-only: next token of the holder"), 60_000, None),
    target("mint into the log only, each of a batch of 20", BATCHED_LOG_ONLY, 31_000, None),
    target("anchor a list of any length", ANCHOR, 48_000, None),
    target("claim from a list of 2^24, next token", Ours::One("BatchAnchor", "claim: depth 24, next token"), 153_000, Some(&floors::CLAIM)),
    target("derive from 4 parents, next token", registry("derive: 4 parents, next token"), 145_000, Some(&floors::DERIVE)),
    target("fixed parts for 15 ancestors, over none", STACK, 70_000, None),
    target("buy for ETH with a royalty, first of the maker's 256 nonces", BUY_FIRST, 106_000, Some(&floors::BUY)),
    target("the same, any of the 255 others", Ours::One("ModelMarket", "buy: ETH, next order"), 106_000, None),
    target("grant a licence", Ours::One("Licensing", "grant"), 48_000, Some(&floors::GRANT)),
];

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
