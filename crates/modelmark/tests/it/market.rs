//! `modelmark market`.

use crate::chains::Elsewhere;
use crate::environment::{CREATOR, OTHER, TestEnvironment};
use crate::seaport;

#[test]
fn a_token_is_listed_bought_and_listed_again() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.ok(&["publish", "tiny", "--royalty", "5%", "--json"]).json()["token"].as_str().unwrap().to_owned();
    environment.ok(&["market", "list", &token, "--price", "1", "--dry-run"]).expect_words(&["setApprovalForAll(address,bool)"]);
    environment.write("order.json", environment.ok(&["market", "list", &token, "--price", "1"]).stdout);
    let buy = ["market", "buy", "order.json", "--dev-account", "1"];
    environment.ok(&[&buy[..], &["--dry-run"]].concat()).expect_words(&["pays the contract 1 ETH", "would cost"]);
    environment.ok(&buy).expect_words(&["for 1 ETH", OTHER]);
    assert_eq!(environment.ok(&["show", &token, "--json"]).json()["chain"]["owner"], OTHER.to_lowercase());
    // The royalty waits for the token's payees.
    environment.ok(&["royalty", "show", &token]).expect_words(&["waiting   0.05 ETH"]);
    environment.run(&buy).expect_error(1, &["ModelMarketNonceUsed"]);

    // The new owner sells it on, to one account only.
    let again = ["market", "list", &token, "--price", "0.5", "--for", CREATOR, "--dev-account", "1"];
    environment.write("order.json", environment.ok(&again).stdout);
    environment.run(&["market", "buy", "order.json", "--dev-account", "2"]).expect_error(1, &["ModelMarketNotTaker"]);
    let text = std::fs::read_to_string(environment.path("order.json")).unwrap();
    environment.write("forged.json", text.replace(&format!("{}", 500_000_000_000_000_000_u64), "1").replace("0x6f05b59d3b20000", "0x1"));
    environment.run(&["market", "buy", "forged.json"]).expect_error(1, &["ModelMarketInvalidSignature"]);
    environment.ok(&["market", "buy", "order.json"]);
}

#[test]
fn orders_are_cancelled_by_their_maker() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let list = |nonce: &str| environment.ok(&["market", "list", &token, "--price", "1", "--nonce", nonce]).stdout;
    environment.write("one.json", list("1"));
    environment.write("two.json", list("2"));
    environment.run(&["market", "cancel", "one.json", "--dev-account", "1"]).expect_error(2, &["the order is", CREATOR]);
    environment.ok(&["market", "cancel", "one.json"]).expect_words(&["the order is void"]);
    environment.run(&["market", "buy", "one.json", "--dev-account", "1"]).expect_error(1, &["ModelMarketNonceUsed"]);
    environment.ok(&["market", "cancel", "--all"]).expect_words(&["all orders are void"]);
    environment.run(&["market", "buy", "two.json", "--dev-account", "1"]).expect_error(1, &["ModelMarketOldCounter"]);
    environment.write("bad.json", "{}");
    environment.run(&["market", "buy", "bad.json"]).expect_error(2, &["bad.json", "no order"]);
    environment.run(&["market", "offer", &token, "--price", "5"]).expect_error(2, &["ERC-20", "--currency"]);
    let nothing = "0x0000000000000000000000000000000000000000";
    environment.run(&["market", "offer", &token, "--price", "5", "--currency", nothing]).expect_error(2, &["ERC-20", "--currency"]);
}

#[test]
fn a_listing_for_seaport_is_filled_by_seaport() {
    let (environment, chain) = (TestEnvironment::new(), Elsewhere::start(31337));
    environment.model("tiny");
    let run = |args: &[&str]| environment.run(&[args, &["--rpc-url", &chain.url]].concat());
    run(&["deploy"]).expect_code(0);
    let token = run(&["publish", "tiny", "--royalty", "5%", "--json"]).expect_code(0).json()["token"].as_str().unwrap().to_owned();
    let list = |seaport: &str| run(&["market", "list", &token, "--price", "1", seaport]);
    list("--seaport").expect_error(1, &["no Seaport 1.6 answers at 0x0000000000000068F116a894984e2DB1123eB395", "nothing was signed"]);

    let seaport = seaport::deploy(&chain);
    let place = format!("--seaport={seaport}");
    run(&["market", "list", &token, "--price", "1", &place, "--dry-run"]).expect_words(&["setApprovalForAll(address,bool)", "Seaport"]);
    run(&["market", "list", &token, "--price", "1", &place, "--for", OTHER]).expect_error(2, &["--for"]);
    let order = list(&place).expect_code(0).json();
    assert_eq!(order["protocol_address"], seaport.to_checksum(None));
    seaport::fill(&chain, seaport, &order, OTHER.parse().unwrap(), 1_000_000_000_000_000_000);
    assert_eq!(run(&["show", &token, "--json"]).expect_code(0).json()["chain"]["owner"], OTHER.to_lowercase());
    run(&["royalty", "show", &token]).expect_words(&["waiting   0.05 ETH"]);
}

#[test]
fn two_listings_of_one_second_are_both_filled() {
    let environment = TestEnvironment::new();
    environment.model("one");
    environment.model("two");
    let tokens = [environment.publish("one"), environment.publish("two")];
    let list = |token: &String| environment.ok(&["market", "list", token, "--price", "1", "--json"]).json();
    let [first, second] = [list(&tokens[0]), list(&tokens[1])];
    let nonce = |order: &serde_json::Value| order["order"]["nonce"].as_str().unwrap().parse::<u128>().unwrap();
    // Counted in seconds the numbers of two listings would be one.
    assert!(nonce(&first) > 1_000_000_000_000_000_000 && nonce(&first) < nonce(&second), "{first} {second}");
    for order in [first, second] {
        environment.write("order.json", order.to_string());
        environment.ok(&["market", "buy", "order.json", "--dev-account", "1"]);
    }
}

#[test]
fn what_orders_say_is_what_their_prices_count() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let mut order = environment.ok(&["market", "list", &token, "--price", "0.5", "--nonce", "7", "--json"]).json();
    let price = "500000000000000000";
    assert_eq!((&order["order"]["price"], &order["order"]["nonce"], &order["order"]["counter"]), (&price.into(), &"7".into(), &"0".into()));
    assert_eq!(order["priceUnit"], "wei");
    // Who changes the unit does not change the price.
    order["priceUnit"] = format!("units of {OTHER}").into();
    environment.write("order.json", order.to_string());
    environment.run(&["market", "buy", "order.json", "--dev-account", "1"]).expect_error(2, &["counts wei"]);
    // Orders of other programs have no unit, and numbers in hex.
    let order = order.as_object_mut().unwrap();
    order.remove("priceUnit");
    order["order"]["price"] = "0x6f05b59d3b20000".into();
    environment.write("order.json", serde_json::to_string(order).unwrap());
    environment.ok(&["market", "buy", "order.json", "--dev-account", "1"]).expect_words(&["for 0.5 ETH"]);

    let offer = ["license", "offer", &token, "--terms", &format!("0x{}", "07".repeat(32)), "--price", "0.5", "--dev-account", "1"];
    let offer = environment.ok(&offer).json();
    assert_eq!((&offer["offer"]["price"], &offer["priceUnit"]), (&price.into(), &"wei".into()));
    assert_eq!(offer["offer"]["terms"], format!("0x{}", "07".repeat(32)));
}

#[test]
fn prices_and_currencies_that_nobody_means_are_refused() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let list = |more: &[&str]| environment.run(&[&["market", "list", &token], more].concat());
    list(&["--price", "0"]).expect_error(2, &["gives it away", "nothing was signed", "--gift"]);
    list(&["--price", "0.0", "--dry-run"]).expect_error(2, &["gives it away"]);
    list(&["--price", "1", "--gift"]).expect_error(2, &["--price 0", "nothing was signed"]);
    // An account, and a contract that knows balances but is no ERC-20 token.
    let registry = modelmark_chain::Contract::ModelRegistry.address().to_checksum(None);
    for currency in [OTHER, &registry] {
        list(&["--price", "5", "--currency", currency]).expect_error(1, &["--currency", "no ERC-20 token answers", "nothing was signed"]);
        let offer = ["market", "offer", &token, "--price", "5", "--currency", currency];
        environment.run(&offer).expect_error(1, &["no ERC-20 token answers", "nothing was signed"]);
        let offer = ["license", "offer", &token, "--terms", &format!("0x{}", "07".repeat(32)), "--price", "5", "--currency", currency];
        environment.run(&offer).expect_error(1, &["no ERC-20 token answers", "nothing was signed"]);
    }
    let place = format!("--seaport={registry}");
    list(&["--price", "1", &place]).expect_error(1, &["no Seaport 1.6 answers at", &registry, "nothing was signed"]);
    list(&["--price", "1", "--seaport=there"]).expect_error(2, &["--seaport", "there"]);

    environment.write("gift.json", list(&["--price", "0", "--gift", "--for", OTHER]).expect_code(0).stdout);
    environment.ok(&["market", "buy", "gift.json", "--dev-account", "1"]).expect_words(&["for 0 ETH", OTHER]);
}

#[test]
fn only_the_owner_lists_a_token() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    for dry in [&["--dry-run"][..], &[]] {
        let list = ["market", "list", &token, "--price", "1", "--dev-account", "1"];
        environment.run(&[&list[..], dry].concat()).expect_error(1, &[CREATOR, OTHER, "nothing was signed"]);
    }
    let missing = format!("{}/7", token.rsplit_once('/').unwrap().0);
    environment.run(&["market", "list", &missing, "--price", "1"]).expect_error(1, &["there is no token"]);
}
