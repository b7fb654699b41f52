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
        let shown = self.run(&["royalty", "show", token, "--json"]).expect_code(0).json();
        let transaction = json!({"from": CREATOR, "to": shown["earnings"]["receiver"], "value": "0xde0b6b3a7640000"});
        self.chain.ask("eth_sendTransaction", json!([transaction]));
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
