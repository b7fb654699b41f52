//! The functions that users sign: name, number of parameters, and what the user wants with it.

type Function = (&'static str, usize, &'static str);

pub(super) const CALLS: &[(&str, &[Function])] = &[
    (
        "ModelRegistry",
        &[
            ("mintProvenanceNFT", 2, "Mint a model"),
            ("mintProvenanceNFT", 4, "Mint a creator's model"),
            ("mintLogOnly", 2, "Mint a model, log only"),
            ("mintLogOnlyBatch", 5, "Mint models, log only"),
            ("store", 1, "Store a statement"),
            ("publishRecord", 2, "Publish a record"),
            ("multicall", 1, "Make several calls"),
            ("setTokenURI", 2, "Move the metadata"),
            ("setStatus", 3, "Set a model's status"),
            ("decreaseRoyalty", 2, "Lower the royalty"),
            ("setDelegate", 2, "Set a delegate"),
            ("setDelegate", 5, "Set a creator's delegate"),
            ("setUser", 3, "Lend a model"),
            ("lock", 1, "Lock a model for good"),
            ("approve", 2, "Let an account move it"),
            ("setApprovalForAll", 2, "Let an account move all"),
            ("transferFrom", 3, "Send a model"),
            ("safeTransferFrom", 3, "Send a model"),
        ],
    ),
    ("LicenseBook", &[("register", 2, "Register a licence")]),
    ("CollectionFactory", &[("create", 3, "Create a collection")]),
    ("BatchAnchor", &[("anchor", 3, "Anchor a list"), ("claim", 7, "Claim from a list")]),
    ("Priority", &[("commit", 1, "Commit to weights"), ("reveal", 3, "Reveal a commitment")]),
    ("StatusBoard", &[("dispute", 3, "Dispute a model"), ("confirm", 3, "Confirm a dispute"), ("withdraw", 3, "Withdraw a judgement")]),
    (
        "Licensing",
        &[
            ("offer", 1, "Offer a licence"),
            ("close", 1, "Close an offer"),
            ("grant", 2, "Grant a licence"),
            ("buy", 2, "Buy a licence"),
            ("redeem", 3, "Redeem a licence copy"),
            ("setSeat", 5, "Lend a licence's seat"),
        ],
    ),
    ("LicenseEditions", &[("setApprovalForAll", 2, "Let an account move all"), ("safeTransferFrom", 5, "Send licence copies")]),
    (
        "LineageVault",
        &[
            ("pay", 5, "Pay for a model"),
            ("collect", 3, "Collect royalties"),
            ("distribute", 5, "Distribute revenue"),
            ("distributeStack", 5, "Pay ancestors"),
            ("setPayees", 4, "Say who is paid"),
            ("declareStack", 3, "Fix ancestors' parts"),
            ("withdraw", 2, "Withdraw earnings"),
            ("withdraw", 5, "Withdraw for an account"),
            ("withdrawFor", 2, "Send earnings"),
            ("multicall", 1, "Make several calls"),
        ],
    ),
    (
        "ModelMarket",
        &[
            ("buy", 3, "Buy"),
            ("sell", 6, "Sell"),
            ("cancel", 1, "Cancel orders"),
            ("cancelAll", 0, "Cancel all orders"),
            ("withdraw", 1, "Withdraw credit"),
            ("withdrawFor", 1, "Send an account's credit"),
        ],
    ),
    ("SharesFactory", &[("create", 3, "Divide into shares")]),
    (
        "SharesVault",
        &[
            ("transfer", 2, "Send shares"),
            ("approve", 2, "Let an account spend"),
            ("delegate", 1, "Delegate votes"),
            ("startRevenue", 1, "Share out revenue"),
            ("claim", 2, "Claim revenue"),
            ("propose", 2, "Propose to holders"),
            ("vote", 1, "Vote for a proposal"),
            ("bid", 0, "Bid for the model"),
            ("withdrawBid", 1, "Take a bid back"),
            ("settle", 1, "Settle the auction"),
            ("redeem", 1, "Redeem the model"),
            ("offerLicense", 2, "Offer a licence"),
            ("closeLicense", 2, "Close an offer"),
            ("setTokenURI", 1, "Move the metadata"),
        ],
    ),
];

/// Returns which contract makes those of this kind, and the event that says so.
pub(super) fn factory(contract: &str) -> Option<(&'static str, &'static str)> {
    match contract {
        "ModelRegistry" => Some((
            "CollectionFactory",
            "CollectionCreated(address indexed collection,address indexed authority,address indexed by,string name,string symbol)",
        )),
        "SharesVault" => Some((
            "SharesFactory",
            "SharesCreated(address indexed vault,address indexed registry,uint256 indexed tokenId,address by,uint256 supply)",
        )),
        _ => None,
    }
}
