//! `modelmark market`: bids paid in ERC-20 tokens, copies of licences, and money that a seller does not take.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol;
use alloy::sol_types::SolCall as _;
use serde_json::{Value, json};

use crate::chains::Elsewhere;
use crate::environment::{CREATOR, OTHER, TestEnvironment};

sol! {
    function setApprovalForAll(address operator, bool approved);
    function transferFrom(address from, address to, uint256 tokenId);
}

/// Half a share, as a price.
const PRICE: &str = "500000000000000000";

/// Publishes `name` as development account 1 and returns the token.
fn of_other(environment: &TestEnvironment, name: &str) -> String {
    environment.model(name);
    let publish = ["publish", name, "--royalty", "5%", "--dev-account", "1", "--json"];
    environment.ok(&publish).json()["token"].as_str().unwrap().to_owned()
}

/// Divides a token of the creator's into a hundred shares: an ERC-20 token, all of which the creator has.
fn currency(environment: &TestEnvironment) -> String {
    environment.model("divided");
    let token = environment.publish("divided");
    let create = ["shares", "create", &token, "--name", "Shares", "--symbol", "SH", "--supply", "100", "--json"];
    environment.ok(&create).json()["vault"].as_str().unwrap().to_owned()
}

#[test]
fn a_bid_in_a_token_is_accepted() {
    let environment = TestEnvironment::new();
    let (currency, token) = (currency(&environment), of_other(&environment, "wanted"));
    let offer = ["market", "offer", &token, "--price", PRICE, "--currency", &currency];
    environment.ok(&[&offer[..], &["--dry-run"]].concat()).expect_words(&["approve(address,uint256)", &currency, PRICE, "would cost"]);
    let bid = environment.ok(&offer);
    bid.json();
    environment.write("bid.json", bid.stdout);
    environment.run(&["market", "buy", "bid.json"]).expect_error(2, &["offers to buy", "market sell"]);

    let sell = ["market", "sell", "bid.json", "--dev-account", "1"];
    environment.ok(&[&sell[..], &["--dry-run"]].concat()).expect_words(&[
        "setApprovalForAll(address,bool)",
        "would sell the token",
        "sell(",
        "would cost",
    ]);
    environment.run(&["market", "sell", "bid.json", "--dev-account", "2"]).expect_error(1, &["neither owner nor approved"]);
    environment.ok(&sell).expect_words(&["units of", CREATOR]);
    assert_eq!(environment.ok(&["show", &token, "--json"]).json()["chain"]["owner"], CREATOR.to_lowercase());
    // The seller has the price less the royalty, which waits for the token's payees.
    environment.ok(&["shares", "show", &currency, "--account", OTHER]).expect_words(&["holds     0.475 shares"]);
    environment.ok(&["royalty", "show", &token, "--currency", &currency]).expect_words(&["waiting   25000000000000000 units"]);
    environment.run(&sell).expect_error(1, &["filled or cancelled"]);
}

#[test]
fn a_bid_that_its_maker_cannot_pay_is_refused_before_anything_is_sent() {
    let environment = TestEnvironment::new();
    let (currency, token) = (currency(&environment), of_other(&environment, "wanted"));
    let offer = ["market", "offer", &token, "--price", PRICE, "--currency", &currency, "--dev-account", "2"];
    let bid = environment.ok(&offer).expect_words(&["has 0 units", "nobody can sell"]);
    environment.write("bid.json", bid.stdout);
    environment.run(&["market", "sell", "bid.json", "--dev-account", "1"]).expect_error(1, &["has 0 units of", PRICE]);
    // Nothing was sent, not even the permission.
    environment.ok(&["market", "list", &token, "--price", "1", "--dev-account", "1", "--dry-run"]).expect_words(&["setApprovalForAll("]);
}

#[test]
fn a_bid_is_for_any_token_of_a_list_or_a_collection() {
    let environment = TestEnvironment::new();
    let currency = currency(&environment);
    let tokens: Vec<_> = ["one", "two", "three"].iter().map(|name| of_other(&environment, name)).collect();
    environment.write("tokens.txt", format!("{}\n{}\n", tokens[0], tokens[1]));
    let bid = ["market", "offer", "--list", "tokens.txt", "--price", PRICE, "--currency", &currency, "--nonce", "1"];
    environment.write("bid.json", environment.ok(&bid).stdout);
    let sell = |token: &str| environment.run(&["market", "sell", "bid.json", "--token", token, "--dev-account", "1"]);
    environment.run(&["market", "sell", "bid.json", "--dev-account", "1"]).expect_error(2, &["a list of tokens", "--token"]);
    sell(&tokens[2]).expect_error(1, &["not for this token"]);
    sell(&tokens[1]).expect_code(0);
    sell(&tokens[0]).expect_error(1, &["filled or cancelled"]);

    let any = ["market", "offer", &tokens[0], "--any", "--price", PRICE, "--currency", &currency, "--nonce", "2"];
    environment.write("bid.json", environment.ok(&any).stdout);
    sell(&tokens[2]).expect_code(0);

    let elsewhere = tokens[0].replace("31337", "1");
    environment.write("tokens.txt", format!("{}\n{elsewhere}\n", tokens[0]));
    environment.run(&bid).expect_error(2, &["tokens.txt", "another collection"]);
    environment.write("tokens.txt", "a token\n");
    environment.run(&bid).expect_error(2, &["tokens.txt", "not a token reference"]);
}

#[test]
fn copies_of_licences_are_sold_on() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let (token, currency) = (environment.publish("tiny"), currency(&environment));
    let terms = format!("0x{}", "07".repeat(32));
    let offer = ["license", "offer", &token, "--terms", &terms, "--price", "0.1", "--transferable"];
    environment.write("offer.json", environment.ok(&offer).stdout);
    let list = ["market", "list", "--copy", "offer.json", "--price", "0.2", "--dev-account", "1"];
    environment.run(&list).expect_error(1, &["has no copy of this offer", "license buy"]);
    environment.ok(&["license", "buy", "offer.json", "--dev-account", "1"]);
    environment.ok(&[&list[..], &["--dry-run"]].concat()).expect_words(&["LicenseEditions at", "setApprovalForAll(address,bool)"]);
    environment.write("copy.json", environment.ok(&list).stdout);
    let buy = ["market", "buy", "copy.json", "--dev-account", "2"];
    environment.ok(&[&buy[..], &["--dry-run"]].concat()).expect_words(&["would buy the copy", "pays the contract 0.2 ETH"]);
    environment.ok(&buy).expect_words(&["erc1155", "for 0.2 ETH"]);
    environment.run(&buy).expect_error(1, &["ModelMarketNonceUsed"]);

    // And back, to a bid.
    let bid = ["market", "offer", "--copy", "offer.json", "--price", PRICE, "--currency", &currency];
    environment.write("bid.json", environment.ok(&bid).stdout);
    environment
        .run(&["market", "sell", "bid.json", "--dev-account", "3"])
        .expect_error(1, &["not that many copies", "ERC1155InsufficientBalance"]);
    environment.ok(&["market", "sell", "bid.json", "--dev-account", "2"]).expect_words(&["erc1155", CREATOR]);
    environment.ok(&["license", "redeem", "offer.json"]).expect_words(&["may use"]);

    let mut forged: Value = serde_json::from_str(&std::fs::read_to_string(environment.path("copy.json")).unwrap()).unwrap();
    forged["order"]["registry"] = json!(OTHER);
    environment.write("forged.json", forged.to_string());
    environment.run(&["market", "buy", "forged.json", "--dev-account", "2"]).expect_error(1, &["no copies of our licences"]);
    environment.run(&["market", "list", "--copy", "offer.json", "--price", "1", "--seaport"]).expect_error(2, &["--copy"]);
}

/// Init code of an account that lets the market move its tokens, signs everything, and takes no coins until it is sent one byte.
fn stubborn(registry: Address, market: Address) -> Bytes {
    let allow = setApprovalForAllCall { operator: market, approved: true }.abi_encode();
    // Without calldata it reverts while slot 0 is zero; one byte sets the slot; else it answers with ERC-1271's magic value.
    let runtime = alloy::primitives::hex!("36600e575f54600c575f5ffd5b005b36600114602457631626ba7e60e01b5f5260205ff35b60015f5500");
    let length = u8::try_from(allow.len()).unwrap();
    // codecopy(0, end, length); call(gas, registry, 0, 0, length, 0, 0); codecopy(0, end + length, runtime); return.
    let head = 5 + 8 + 21 + 3 + 9;
    let call = [&[0x5f, 0x5f, 0x60, length, 0x5f, 0x5f, 0x73][..], registry.as_slice(), &[0x5a, 0xf1, 0x50]].concat();
    let copy = |size: usize, from: usize| vec![0x60, u8::try_from(size).unwrap(), 0x60, u8::try_from(from).unwrap(), 0x5f, 0x39];
    let give = vec![0x60, u8::try_from(runtime.len()).unwrap(), 0x5f, 0xf3];
    let body = copy(allow.len(), 0).len() + call.len() + copy(runtime.len(), 0).len() + give.len();
    assert_eq!(head, body, "where the data begins");
    [copy(allow.len(), body), call, copy(runtime.len(), body + allow.len()), give, allow, runtime.to_vec()].concat().into()
}

#[test]
fn money_that_a_seller_does_not_take_waits() {
    let (environment, chain) = (TestEnvironment::new(), Elsewhere::start(31337));
    environment.model("tiny");
    let run = |args: &[&str]| environment.run(&[args, &["--rpc-url", &chain.url]].concat());
    run(&["deploy"]).expect_code(0);
    let publish = ["publish", "tiny", "--royalty", "5%", "--json"];
    let token = run(&publish).expect_code(0).json()["token"].as_str().unwrap().to_owned();
    let mut order = run(&["market", "list", &token, "--price", "1.000000000000000019"]).expect_code(0).json();
    let (registry, market) = (modelmark_chain::Contract::ModelRegistry.address(), modelmark_chain::Contract::ModelMarket.address());
    let hash = chain.ask("eth_sendTransaction", json!([{"from": CREATOR, "data": stubborn(registry, market)}]));
    let seller: Address = chain.ask("eth_getTransactionReceipt", json!([hash]))["contractAddress"].as_str().unwrap().parse().unwrap();
    let id: U256 = token.rsplit('/').next().unwrap().parse().unwrap();
    let give = transferFromCall { from: CREATOR.parse().unwrap(), to: seller, tokenId: id }.abi_encode();
    chain.ask("eth_sendTransaction", json!([{"from": CREATOR, "to": registry, "data": Bytes::from(give)}]));
    order["order"]["maker"] = json!(seller);
    environment.write("order.json", order.to_string());
    run(&["market", "buy", "order.json", "--dev-account", "1"]).expect_code(0);

    let withdraw = ["market", "withdraw", "--of", &seller.to_checksum(None)];
    run(&["market", "withdraw"]).expect_error(1, &["nothing waits for", CREATOR]);
    run(&[&withdraw[..], &["--to", OTHER]].concat()).expect_error(2, &["--to"]);
    run(&withdraw).expect_error(1, &["does not take the money", "ModelMarketRefused"]);

    // Once the account takes coins it gets the price less the royalty, to the wei, and nothing is left.
    let balance = |account: Address| chain.ask("eth_getBalance", json!([account, "latest"])).as_str().unwrap().parse::<U256>().unwrap();
    let owed = "950000000000000019";
    assert_eq!(balance(market), owed.parse::<U256>().unwrap());
    chain.ask("eth_sendTransaction", json!([{"from": OTHER, "to": seller, "data": "0x01"}]));
    run(&[&withdraw[..], &["--dry-run"]].concat()).expect_words(&["withdrawFor(address)", "would cost at most"]);
    let paid = run(&[&withdraw[..], &["--json"]].concat()).expect_code(0).json();
    assert_eq!((&paid["amount"], &paid["to"]), (&owed.into(), &seller.to_checksum(None).into()));
    assert_eq!((balance(seller), balance(market)), (owed.parse().unwrap(), U256::ZERO));
    run(&withdraw).expect_error(1, &["nothing waits for"]);
}
