//! `modelmark royalty`.

use serde_json::json;

use crate::chains::Elsewhere;
use crate::environment::{CREATOR, OTHER, Outcome, TestEnvironment};

/// A chain in this process that the test can pay on, with the contracts.
struct Market {
    environment: TestEnvironment,
    chain: Elsewhere,
}

impl Market {
    fn new() -> Self {
        let market = Self { environment: TestEnvironment::new(), chain: Elsewhere::start(31337) };
        market.run(&["deploy"]).expect_code(0);
        market
    }

    fn run(&self, args: &[&str]) -> Outcome {
        self.environment.run(&[args, &["--rpc-url", &self.chain.url]].concat())
    }

    fn publish(&self, args: &[&str]) -> String {
        self.run(&[args, &["--royalty", "5%", "--json"]].concat()).expect_code(0).json()["token"].as_str().unwrap().to_owned()
    }

    /// Sends one coin to a token's receiver, as a market does that honours ERC-2981.
    fn pay(&self, token: &str) {
        self.pay_wei(token, 1_000_000_000_000_000_000);
    }

    fn pay_wei(&self, token: &str, amount: u128) {
        let shown = self.run(&["royalty", "show", token, "--json"]).expect_code(0).json();
        let transaction = json!({"from": CREATOR, "to": shown["earnings"]["receiver"], "value": format!("{amount:#x}")});
        self.chain.ask("eth_sendTransaction", json!([transaction]));
    }

    fn balance(&self, account: &str) -> u128 {
        let told = self.chain.ask("eth_getBalance", json!([account, "latest"]));
        u128::from_str_radix(told.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    }
}

#[test]
fn money_reaches_lineage_and_payees() {
    let market = Market::new();
    market.environment.model("base");
    market.environment.model("tune");
    let base = market.publish(&["publish", "base"]);
    let tune = market.publish(&["derive", "tune", "--from", &format!("{base},10%"), "--dev-account", "1"]);
    market.run(&["royalty", "show", &tune]).expect_words(&["5 % of each sale", "waiting   0 ETH", "(the creator)"]);
    market.run(&["royalty", "distribute", &tune]).expect_error(1, &["earned nothing"]);
    market.pay(&tune);
    market.run(&["royalty", "show", &tune]).expect_words(&["waiting   1 ETH"]);

    let third = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
    let (most, rest) = (format!("{OTHER}=60%"), format!("{third}=40%"));
    market.run(&["royalty", "payees", &tune, &most, &rest]).expect_error(1, &["LineageVaultNotCreator"]);
    market.run(&["royalty", "payees", &tune, &most, "--dev-account", "1"]).expect_error(2, &["60.00 %"]);
    market.run(&["royalty", "payees", &tune, &most, &rest, "--for-good", "--dev-account", "1"]).expect_code(0);
    market.run(&["royalty", "show", &tune]).expect_words(&[OTHER, third, "for good"]);

    market.run(&["royalty", "distribute", &tune, "--dev-account", "5", "--dry-run"]).expect_words(&["collect(", "distribute("]);
    market.run(&["royalty", "distribute", &tune, "--dev-account", "5"]).expect_code(0).expect_words(&["1 ETH split"]);
    // Half a percent for the keeper, a tenth of the rest for the base, and of what is left the parts.
    market.run(&["royalty", "show", &tune, "--account", OTHER]).expect_words(&["owed      0.5373 ETH"]);
    market.run(&["royalty", "show", &tune, "--account", third]).expect_words(&["owed      0.3582 ETH"]);
    market.run(&["royalty", "show", &base]).expect_words(&["to split  0.0995 ETH"]);
    market.run(&["royalty", "distribute", &base, "--dev-account", "5"]).expect_code(0);
    market.run(&["royalty", "show", &base, "--account", CREATOR]).expect_words(&["owed      0.0990025 ETH"]);

    market.run(&["royalty", "withdraw", "--dev-account", "2", "--to", OTHER]).expect_code(0).expect_words(&["0.3582 ETH to", OTHER]);
    market.run(&["royalty", "withdraw", "--dev-account", "2"]).expect_error(1, &["owes", "nothing", "royalty distribute"]);
}

#[test]
fn every_ancestor_gets_a_fixed_part() {
    let market = Market::new();
    for name in ["base", "middle", "tip"] {
        market.environment.model(name);
    }
    let base = market.publish(&["publish", "base"]);
    let middle = market.publish(&["derive", "middle", "--from", &format!("{base},10%"), "--dev-account", "1"]);
    let tip = market.publish(&["derive", "tip", "--from", &format!("{middle},20%"), "--dev-account", "2"]);
    let declare = |token: &str, account: &str| market.run(&["royalty", "stack", "declare", token, "--dev-account", account]);
    declare(&base, "0").expect_error(1, &["names no parents"]);
    market.run(&["royalty", "stack", "show", &tip]).expect_error(1, &["no stack", "stack declare"]);
    declare(&middle, "2").expect_error(1, &["only the token's creator", "LineageVaultNotCreator"]);
    market.run(&["royalty", "stack", "declare", &middle, "--dev-account", "1", "--dry-run"]).expect_words(&["declareStack(", "would cost"]);
    declare(&middle, "1").expect_code(0);
    declare(&middle, "1").expect_error(1, &["declared before", "LineageVaultAlreadyDeclared"]);
    // The middle's stack is a witness of the tip's, read from the log.
    declare(&tip, "2").expect_code(0);
    let shown = market.run(&["royalty", "stack", "show", &tip, "--json"]).expect_code(0).json();
    assert_eq!(shown["stack"].as_array().unwrap().len(), 2);
    market.run(&["royalty", "stack", "show", &tip]).expect_words(&["20 %", "10 %", &middle, "its alone", "passed on"]);

    let serve = ["royalty", "stack", "distribute", &tip, "--dev-account", "5"];
    market.run(&serve).expect_error(1, &["nothing is set aside", "royalty distribute"]);
    let pay = ["royalty", "pay", &tip, "1", "--dev-account", "4"];
    market.run(&[&pay[..], &["--dry-run"]].concat()).expect_words(&["pay(", "pays the contract 1 ETH"]);
    market.run(&pay).expect_code(0).expect_words(&["1 ETH paid"]);
    market.run(&["royalty", "distribute", &tip, "--dev-account", "5"]).expect_code(0);
    market.run(&[&serve[..], &["--ancestor", &tip]].concat()).expect_error(1, &["not in the stack"]);
    market.run(&[&serve[..], &["--ancestor", &middle, "--dry-run"]].concat()).expect_words(&["distributeStack(", "would cost"]);
    // Of 0.995 ETH without the keeper's reward, to the wei.
    market.run(&[&serve[..], &["--ancestor", &middle]].concat()).expect_code(0).expect_words(&["0.199 ETH for 1 ancestors"]);
    market.run(&serve).expect_code(0).expect_words(&["0.0995 ETH for 1 ancestors"]);
    market.run(&["royalty", "show", &middle]).expect_words(&["to split  0.199 ETH", "fixed part"]);
    market.run(&["royalty", "show", &base]).expect_words(&["to split  0.0995 ETH"]);
    let third = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
    market.run(&["royalty", "show", &tip, "--account", third]).expect_words(&["owed      0.6965 ETH"]);
}

#[test]
fn a_licence_pays_whom_its_offer_names() {
    let market = Market::new();
    market.environment.model("tiny");
    let token = market.publish(&["publish", "tiny"]);
    let terms = format!("0x{}", "07".repeat(32));
    let offer = ["license", "offer", &token, "--terms", &terms, "--price", "1", "--beneficiary", OTHER];
    market.environment.write("offer.json", market.run(&offer).expect_code(0).stdout);
    market.run(&["license", "buy", "offer.json", "--dev-account", "2"]).expect_code(0);
    market.run(&["royalty", "distribute", &token]).expect_error(1, &["earned nothing"]);
    let named = ["--beneficiary", OTHER];
    market.run(&[&["royalty", "show", &token][..], &named].concat()).expect_words(&["to split  1 ETH", OTHER]);
    market.run(&[&["royalty", "distribute", &token, "--dev-account", "5"][..], &named].concat()).expect_code(0);
    market.run(&["royalty", "show", &token, "--account", OTHER]).expect_words(&["owed      0.995 ETH"]);
    market.run(&["royalty", "withdraw", "--of", OTHER]).expect_error(1, &["no contract", "LineageVaultNoCode"]);
}

#[test]
fn what_a_contract_is_owed_is_sent_to_it() {
    let market = Market::new();
    market.environment.model("tiny");
    let token = market.publish(&["publish", "tiny"]);
    // A contract whose code is a single STOP: it takes coins and can ask for nothing itself.
    let hash = market.chain.ask("eth_sendTransaction", json!([{"from": CREATOR, "data": "0x60015ff3"}]));
    let receipt = market.chain.ask("eth_getTransactionReceipt", json!([hash]));
    let contract: alloy::primitives::Address = receipt["contractAddress"].as_str().unwrap().parse().unwrap();
    let contract = contract.to_checksum(None);
    let (small, rest) = (format!("{contract}=33.33%"), format!("{OTHER}=66.67%"));
    market.run(&["royalty", "payees", &token, &small, &rest]).expect_code(0);
    market.pay_wei(&token, 1_000_000_000_000_000_003);
    market.run(&["royalty", "distribute", &token, "--dev-account", "5"]).expect_code(0);

    // Of what the keeper leaves, 995000000000000003 wei, rounded down; the last payee has the rest.
    let owed = 331_633_500_000_000_000_u128;
    let withdraw = ["royalty", "withdraw", "--of", &contract, "--dev-account", "5"];
    market.run(&[&withdraw[..], &["--to", OTHER]].concat()).expect_error(2, &["--to"]);
    market.run(&[&withdraw[..], &["--dry-run"]].concat()).expect_words(&["withdrawFor(address,address)", "would cost at most"]);
    assert_eq!(market.balance(&contract), 0);
    let paid = market.run(&[&withdraw[..], &["--json"]].concat()).expect_code(0).json();
    assert_eq!((&paid["amount"], &paid["to"]), (&owed.to_string().into(), &contract.as_str().into()));
    assert_eq!(market.balance(&contract), owed);
    market.run(&withdraw).expect_error(1, &["owes", "nothing"]);
    // The rest is the other's, to a place of their choice.
    let place = "0x00000000000000000000000000000000000000AA";
    market.run(&["royalty", "withdraw", "--to", place, "--dev-account", "1"]).expect_code(0);
    assert_eq!(market.balance(place), 995_000_000_000_000_003 - owed);
}

#[test]
fn a_signed_withdrawal_is_submitted_by_anybody_once() {
    let market = Market::new();
    market.environment.model("tiny");
    let token = market.publish(&["publish", "tiny"]);
    market.pay(&token);
    market.run(&["royalty", "distribute", &token, "--dev-account", "5"]).expect_code(0);
    let place = "0x00000000000000000000000000000000000000AA";
    market.run(&["royalty", "withdraw", "--days", "3"]).expect_error(2, &["--sign"]);
    let word = market.run(&["royalty", "withdraw", "--to", place, "--sign", "--days", "1"]).expect_code(0).stdout;
    market.environment.write("word.json", &word);
    let submit = |file: &str, more: &[&str]| market.run(&[&["royalty", "submit", file, "--dev-account", "2"], more].concat());

    let signed: serde_json::Value = serde_json::from_str(&word).unwrap();
    for (field, value) in
        [("to", json!(OTHER)), ("currency", json!(OTHER)), ("deadline", json!(99_999_999_999_u64)), ("account", json!(OTHER))]
    {
        let mut forged = signed.clone();
        forged[field] = value;
        market.environment.write("forged.json", forged.to_string());
        submit("forged.json", &[]).expect_code(1);
    }
    let mut late = signed.clone();
    late["deadline"] = json!(1);
    market.environment.write("late.json", late.to_string());
    submit("late.json", &[]).expect_error(1, &["LineageVaultExpiredSignature"]);
    let mut elsewhere = signed.clone();
    elsewhere["vault"] = json!(OTHER);
    market.environment.write("elsewhere.json", elsewhere.to_string());
    submit("elsewhere.json", &[]).expect_error(1, &["signed for the vault", "--registry"]);
    market.environment.write("nonsense.json", "[]");
    submit("nonsense.json", &[]).expect_error(2, &["no account's word"]);
    assert_eq!(market.balance(place), 0);

    submit("word.json", &["--dry-run"]).expect_code(0).expect_words(&["withdraw(address,address,address,uint256,bytes)", "would cost"]);
    submit("word.json", &[]).expect_code(0).expect_words(&["0.995 ETH", place]);
    assert_eq!(market.balance(place), 995_000_000_000_000_000);
    submit("word.json", &[]).expect_error(1, &["waits for number", "nothing was sent"]);
}

#[test]
fn a_royalty_is_lowered_and_never_raised() {
    let market = Market::new();
    market.environment.model("tiny");
    let token = market.publish(&["publish", "tiny"]);
    let lower = |royalty: &str, more: &[&str]| market.run(&[&["royalty", "lower", &token, royalty], more].concat());
    lower("2%", &["--dev-account", "1"]).expect_error(1, &["only the creator"]);
    lower("2%", &["--dry-run"]).expect_code(0).expect_words(&["decreaseRoyalty(uint256,uint16)", "would cost at most"]);
    lower("2%", &[]).expect_code(0).expect_words(&["2 % of each sale", "5 % before"]);
    market.run(&["royalty", "show", &token]).expect_words(&["2 % of each sale"]);
    for higher in ["2%", "3%"] {
        lower(higher, &[]).expect_error(1, &["is not lower", "nothing was sent"]);
    }
    lower("much", &[]).expect_error(2, &["much"]);
    market.run(&["verify", "tiny", "--token", &token]).expect_code(0);
}
