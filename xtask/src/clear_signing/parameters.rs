//! What a parameter of some name is, and what a wallet calls it.

/// How a wallet shows a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    /// Not at all: it decides nothing that the user would understand from it, or the rest shows it already.
    Hidden,
    /// As it is.
    Raw,
    /// An account.
    Account,
    /// A contract.
    Contract,
    /// A token contract; zero is the chain's own currency.
    Currency,
    /// An amount of the chain's own currency.
    Coins,
    /// An amount of the currency in the parameter of this name, beside it or further out.
    Amount(&'static str),
    /// A token of the collection in the parameter of this name; of the contract that is called, if there is none.
    Token(&'static str),
    /// Seconds since 1970.
    Date,
    /// Seconds.
    Duration,
    /// Hundredths of a percent.
    Share,
    /// A choice whose words the sources have.
    Choice,
    /// Another call to the same contract.
    Call,
}

/// A rule: in which function or struct (empty: anywhere), the parameter's name, how it is shown, and its label.
type Rule = (&'static str, &'static str, Show, &'static str);

/// Returns how a parameter is shown. `owner` is the struct that it is a member of, or the function.
pub(super) fn rule(owner: &str, name: &str) -> Option<(Show, &'static str)> {
    let find = |owner: &str| RULES.iter().find(|(of, what, ..)| *of == owner && *what == name);
    find(owner).or_else(|| find("")).map(|(_, _, show, label)| (*show, *label))
}

use Show::{Account, Amount, Call, Choice, Coins, Contract, Currency, Date, Duration, Hidden, Raw, Share, Token};

const RULES: &[Rule] = &[
    // Statements.
    ("", "weightsDigest", Raw, "Weights"),
    ("", "recordDigest", Raw, "Record"),
    ("", "datasetDigest", Raw, "Dataset"),
    ("", "architectureDigest", Raw, "Architecture"),
    ("", "framework", Raw, "Framework"),
    ("", "metrics", Raw, "Metrics"),
    ("", "license", Raw, "Licence digest"),
    ("", "kind", Choice, "Kind"),
    ("", "royaltyBps", Share, "Royalty"),
    ("", "creator", Account, "Creator"),
    ("", "parentsHash", Raw, "Parents digest"),
    ("Parent", "chainId", Raw, "Parent's chain"),
    ("Parent", "registry", Contract, "Parent's registry"),
    ("Parent", "tokenId", Raw, "Parent"),
    ("Parent", "relation", Choice, "Relation"),
    ("Parent", "shareBps", Share, "Parent's share"),
    ("Parent", "evidence", Raw, "Evidence"),
    // Tokens.
    ("", "registry", Contract, "Collection"),
    ("", "tokenId", Token("registry"), "Model"),
    ("sell", "tokenId", Token("bid.registry"), "Token"),
    ("", "record", Raw, "Record"),
    ("", "data", Call, "Call"),
    ("safeTransferFrom", "data", Hidden, ""),
    ("", "pointer", Raw, "Metadata pointer"),
    ("", "status", Choice, "Status"),
    ("", "reason", Raw, "Reason digest"),
    ("decreaseRoyalty", "bps", Share, "Royalty"),
    ("", "user", Account, "User"),
    ("", "expires", Date, "Until"),
    ("", "delegate", Account, "Delegate"),
    ("", "allowed", Raw, "Allowed"),
    ("", "operator", Account, "Account"),
    ("", "approved", Raw, "Allowed"),
    ("", "from", Account, "From"),
    ("", "to", Account, "To"),
    ("", "deadline", Date, "Valid until"),
    ("", "signature", Hidden, ""),
    ("", "nonce", Hidden, ""),
    // Books and lists.
    ("", "spdx", Raw, "SPDX expression"),
    ("", "uri", Raw, "Address of the text"),
    ("", "authority", Contract, "Ruled by"),
    ("", "name", Raw, "Name"),
    ("", "symbol", Raw, "Symbol"),
    ("", "root", Raw, "Root"),
    ("anchor", "size", Raw, "Entries"),
    ("", "manifest", Raw, "Manifest digest"),
    ("claim", "index", Raw, "Entry"),
    ("", "proof", Hidden, ""),
    ("", "commitment", Raw, "Commitment"),
    ("", "salt", Raw, "Salt"),
    ("", "evidence", Raw, "Evidence digest"),
    // Licences.
    ("Offer", "terms", Raw, "Terms digest"),
    ("", "currency", Currency, "Currency"),
    ("", "price", Amount("currency"), "Price"),
    ("", "beneficiary", Account, "Paid to"),
    ("Offer", "licensee", Account, "Only for"),
    ("", "licensee", Account, "Licensee"),
    ("Offer", "duration", Duration, "Lasts"),
    ("Offer", "closesAt", Date, "Offer ends"),
    ("Offer", "copies", Raw, "Copies"),
    ("Offer", "seats", Raw, "Seats"),
    ("Offer", "scopes", Raw, "Rights (bits)"),
    ("Offer", "transferable", Raw, "Can be sold on"),
    ("", "maker", Account, "Maker"),
    ("setSeat", "place", Raw, "Number of the grant"),
    ("setSeat", "holder", Account, "Seat for"),
    ("setSeat", "seated", Raw, "Seated"),
    ("safeTransferFrom", "id", Raw, "Offer"),
    ("safeTransferFrom", "value", Raw, "Copies"),
    // Revenue.
    ("", "amount", Amount("currency"), "Amount"),
    ("", "account", Account, "Account"),
    ("Payee", "account", Account, "Payee"),
    ("Payee", "bps", Share, "Part"),
    ("", "forGood", Raw, "For good"),
    ("distributeStack", "stack", Hidden, ""),
    ("distributeStack", "which", Raw, "Ancestor number"),
    ("declareStack", "inherited", Hidden, ""),
    // The market.
    ("Order", "taker", Account, "Only for"),
    ("Order", "side", Choice, "Side"),
    ("Order", "selection", Choice, "For"),
    ("Order", "goods", Choice, "Goods"),
    ("Order", "item", Raw, "Token, or list root"),
    ("Order", "size", Raw, "Length of the list"),
    ("Order", "maxRoyaltyBps", Share, "Highest royalty"),
    ("Order", "startsAt", Date, "From"),
    ("Order", "endsAt", Date, "Until"),
    ("Order", "counter", Hidden, ""),
    ("", "recipient", Account, "Goes to"),
    ("sell", "index", Hidden, ""),
    ("sell", "minimum", Amount("bid.currency"), "Get at least"),
    ("", "nonces", Raw, "Order number"),
    // Shares.
    ("SharesTerms", "supply", Raw, "Shares (18 decimals)"),
    ("SharesTerms", "currencies", Currency, "Currency"),
    ("", "manager", Account, "Manager"),
    ("", "reserve", Coins, "Reserve"),
    ("transfer", "value", Amount("@.to"), "Shares"),
    ("approve", "value", Amount("@.to"), "Shares"),
    ("", "spender", Account, "Account"),
    ("", "delegatee", Account, "Votes go to"),
    ("", "matter", Choice, "Matter"),
    ("propose", "value", Raw, "Wei, or an account"),
    ("", "ballot", Raw, "Proposal"),
    ("", "licensing", Contract, "Licensing contract"),
];
